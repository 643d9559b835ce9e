import { isFinal, type ProviderBatch } from "../batch/provider.ts";
import { UserError } from "../config/user-error.ts";
import { linesOf, widthOf } from "../text/row.ts";
import { table, withoutEmpty } from "../text/table.ts";
import { visible } from "../text/visible.ts";
import type { Verb } from "./context.ts";
import { queueUrl } from "./batch-options.ts";
import { commandFor, reaching, remarkUnsent, withProvider, type Session } from "./batch-provider.ts";
import { asEvent, remarkProblems, watchChosen, type Watched } from "./batch-watch.ts";
import { EXIT, worstOf } from "./exit.ts";
import { queueing, submitting } from "./options.ts";
import { terminalColumns } from "./terminal.ts";

/** `llmaas batch status ID|FILE`: how far the provider is; with `--queue`, how the batches there stand. */
export const batchStatus: Verb = {
  meta: { name: "batch status" },
  args: { wait: submitting.wait, queue: queueing.queue, "queue-timeout": queueing["queue-timeout"], ...reaching },
  words: "file",
  async run(context) {
    const { args } = context;
    const url = args.has("queue") || args.positionals.length === 0 ? queueUrl(context) : null;
    if (url !== null) return (await import("./queue-status.ts")).sayQueue(context, url);
    return withProvider(
      context,
      async (session) => {
        const { chosen, watched } = await watchChosen(session, "status", args.has("wait"));
        await showAll(session, watched);
        const isUnsent = await remarkUnsent(session, chosen);
        return worstOf([...watched.map(({ batch }) => codeOf(batch)), isUnsent ? EXIT.incomplete : EXIT.ok]);
      },
      (words) => words.goOnWait(commandFor(context, "status", context.args.positionals[0] ?? "", " --wait")),
    );
  },
};

/** `llmaas batch cancel ID|FILE`: ends batches that are not over. */
export const batchCancel: Verb = {
  meta: { name: "batch cancel" },
  args: reaching,
  words: "file",
  run: (context) =>
    withProvider(
      context,
      async (session) => {
        const { provider, words, say, tell } = session;
        const { chosen, watched } = await watchChosen(session, "cancel", false);
        for (const { id, batch } of watched) {
          if (batch !== null && isFinal(batch)) {
            await say(words.cancelTooLate(id, words.status(batch.status)));
            await tell(asEvent({ id, batch }));
            continue;
          }
          await tell(asEvent({ id, batch: await provider.cancel(id) }));
          await say(words.cancelled(id, commandFor(context, "fetch", chosen.word, " --out results.jsonl --wait")));
        }
        return EXIT.ok;
      },
      () => null,
    ),
};

/** `llmaas batch list`: the batches that the key may see. */
export const batchList: Verb = {
  meta: { name: "batch list" },
  args: reaching,
  run: (context) =>
    withProvider(
      context,
      async (session) => {
        const [extra] = context.args.positionals;
        if (extra !== undefined)
          throw new UserError({ code: "unexpected_argument", argument: extra, verb: "batch list" });
        const watched: Watched[] = [];
        for await (const batch of session.provider.batches()) watched.push({ id: batch.id, batch });
        if (watched.length === 0) await session.say(session.words.none);
        await showAll(session, watched);
        return EXIT.ok;
      },
      () => null,
    ),
};

/** A table on standard output, and what the provider found wrong. */
async function showAll(session: Session, watched: readonly Watched[]): Promise<void> {
  const { context, words, target, tell, draw } = session;
  const { args, out } = context;
  draw("");
  for (const one of watched) await tell(asEvent(one));
  if (args.has("json") || watched.length === 0) return;
  const { columns } = words;
  const { count } = target.messages;
  const rows = watched.map(({ id, batch }) => {
    const counts = batch?.request_counts;
    return [
      id,
      words.status(batch?.status ?? "not_yet"),
      counts ? words.counts(count(counts.completed), count(counts.total), counts.failed) : "",
      batch?.created_at ? new Date(batch.created_at * 1000).toISOString().slice(0, 16).replace("T", " ") : "",
      nameOf(batch),
    ].map(target.mask);
  });
  const heads = [columns.id, columns.status, columns.counts, columns.created, columns.name];
  await out.write(visible(linesOf(fitting([heads, ...rows], out.terminal ? terminalColumns() : Infinity))));
  for (const { batch } of watched) if (batch !== null) await remarkProblems(session, batch);
}

/** Columns that can be done without are left out where a terminal has no room for them, the last first. */
function fitting(rows: readonly string[][], columns: number): ReturnType<typeof table> {
  for (let count = rows[0]?.length ?? 0; ; count--) {
    const lines = table(withoutEmpty(rows.map((row) => row.slice(0, count))), "l", [2]);
    if (count <= NEEDED || lines.every((line) => widthOf(line) <= columns)) return lines;
  }
}

/** Columns without which a table says nothing: the id, how it stands, how far it is. */
const NEEDED = 3;

/** What its maker called it. */
function nameOf(batch: ProviderBatch | null): string {
  const { llmaas } = batch?.metadata ?? {};
  return typeof llmaas === "string" ? llmaas : "";
}

/** 0 while nothing is known to be wrong; 3 where some requests have no answer, 1 where none has. */
function codeOf(batch: ProviderBatch | null): number {
  if (batch === null || !isFinal(batch)) return EXIT.ok;
  const { completed = 0, failed = 0 } = batch.request_counts ?? {};
  if (batch.status === "failed" || (completed === 0 && (failed > 0 || batch.status !== "completed")))
    return EXIT.failed;
  return batch.status === "completed" && failed === 0 ? EXIT.ok : EXIT.incomplete;
}
