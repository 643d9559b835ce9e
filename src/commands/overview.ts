import { nearest } from "../config/nearest.ts";
import { UserError } from "../config/user-error.ts";
import type { Verb } from "./context.ts";
import { EXIT } from "./exit.ts";

/** `llmaas` without a verb: the short help, the version, or the verb that was meant. */
export function overview(verbs: readonly string[]): Verb {
  return {
    name: "llmaas",
    options: ["version", "lang", "color", "help"],
    async run({ args, version, out, messages }) {
      const [word] = args.positionals;
      if (word !== undefined) throw new UserError({ code: "unknown_verb", verb: word, nearest: nearest(word, verbs) });
      if (args.has("version")) {
        await out.write(`llmaas ${version} (Bun ${Bun.version})\n`);
        return EXIT.ok;
      }
      const { renderOverview } = await import("./help.ts");
      await out.write(await renderOverview(messages.lang));
      return EXIT.ok;
    },
  };
}
