import { nearest } from "../config/nearest.ts";
import { UserError } from "../config/user-error.ts";
import type { Verb } from "./context.ts";
import { EXIT } from "./exit.ts";
import { everywhere } from "./options.ts";
import { helpColumns } from "./terminal.ts";
import { createCommand } from "./typed-command.ts";

const verbs = {
  run: async () => (await import("./batch-run.ts")).batchRun,
  report: async () => (await import("./batch-report.ts")).batchReport,
  submit: async () => (await import("./batch-submit.ts")).batchSubmit,
  status: async () => (await import("./batch-status.ts")).batchStatus,
  fetch: async () => (await import("./batch-fetch.ts")).batchFetch,
  cancel: async () => (await import("./batch-status.ts")).batchCancel,
  list: async () => (await import("./batch-status.ts")).batchList,
  worker: async () => (await import("./batch-worker.ts")).batchWorker,
};

/** `llmaas batch VERB`: many requests, each answered once. */
export const batch: Verb = {
  meta: { name: "batch" },
  args: everywhere,
  verbs,
  async run({ args, messages, out, called, cwd }) {
    const [word] = args.positionals;
    if (word !== undefined) {
      const meant = nearest(word, Object.keys(verbs));
      throw new UserError({
        code: "unknown_verb",
        verb: `batch ${word}`,
        nearest: meant === null ? null : `batch ${meant}`,
      });
    }
    const { renderHelp } = await import("./help.ts");
    await out.write(await renderHelp(messages.lang, batch, createCommand(called, cwd, []), helpColumns(out)));
    return EXIT.ok;
  },
};
