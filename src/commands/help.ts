import type { Lang } from "../i18n/messages.ts";
import type { Verb } from "./door.ts";
export async function renderHelp(_lang: Lang, _verb: Verb): Promise<string> {
  return "help\n";
}
