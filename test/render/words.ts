import { enSeveral } from "../../src/i18n/en/several.ts";
import { en as enMessages } from "../../src/i18n/en/messages.ts";
import { frSeveral } from "../../src/i18n/fr/several.ts";
import { fr as frMessages } from "../../src/i18n/fr/messages.ts";

/** All that is said of several streams, as the program puts it together. */
export const en = { ...enMessages, ...enSeveral };
export const fr = { ...frMessages, ...frSeveral };
