import { UserError } from "../config/user-error.ts";
import type { Verb } from "./context.ts";
import { EXIT } from "./exit.ts";
import { everywhere, output } from "./options.ts";

/** `llmaas version`: which program this is, and under whose licences its parts are. */
export const version: Verb = {
  meta: { name: "version" },
  args: { licenses: output.licenses, ...everywhere },
  async run({ args, out, title }) {
    const [extra] = args.positionals;
    if (extra !== undefined) throw new UserError({ code: "unexpected_argument", argument: extra, verb: "version" });
    await out.write(title);
    if (args.has("licenses"))
      await out.write(`\n${(await import("../../THIRD-PARTY.md", { with: { type: "text" } })).default}`);
    return EXIT.ok;
  },
};
