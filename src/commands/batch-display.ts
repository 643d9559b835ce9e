import type { BatchProgress } from "../batch/tally.ts";
import type { BatchWords, Messages } from "../i18n/load.ts";
import { cellsOf, cut } from "../text/width.ts";
import { visible, visibleJson } from "../text/visible.ts";
import type { Context } from "./context.ts";
import { canRedraw, terminalColumns } from "./terminal.ts";

/** How a batch is watched: one line that is drawn anew on a terminal, a line now and then elsewhere, or JSON lines. */
export type BatchDisplay = {
  checking(path: string, share: number): void;
  reading(path: string, share: number): void;
  progress(progress: BatchProgress): void;
  /** Takes the line off the terminal before something else is said. */
  clear(): void;
  close(): void;
};

/** Ms between two lines on a terminal, as JSON, and in a file. */
const EVERY = { terminal: 200, json: 1000, file: 30_000 } as const;

/** Shows a batch on standard error, or with `--json` on standard output. */
export function createBatchDisplay(
  { args, env, out, err }: Pick<Context, "args" | "env" | "out" | "err">,
  messages: Messages,
  words: BatchWords,
): BatchDisplay {
  const json = args.has("json");
  const live = canRedraw(err.terminal, env) && !args.has("quiet");
  const every = json ? EVERY.json : live ? EVERY.terminal : EVERY.file;
  let shownAt = performance.now();
  let drawn = false;

  function show(event: object, line: () => string, now: boolean): void {
    if (args.has("quiet") && !json) return;
    const at = performance.now();
    if (!now && at - shownAt < every) return;
    shownAt = at;
    if (json) void out.write(`${visibleJson(event)}\n`);
    else if (!live) void err.write(`${visible(line())}\n`);
    else {
      drawn = true;
      void err.draw(`\r${cut(visible(line()), terminalColumns() - 1)}\u001B[K`);
    }
  }

  function clear(): void {
    if (!drawn) return;
    drawn = false;
    void err.draw("\r\u001B[K");
  }

  return {
    checking: (path, share) =>
      show({ v: 1, type: "checking", path, share }, () => words.checking(path, messages.percent(share)), false),
    reading: (path, share) =>
      show({ v: 1, type: "reading", path, share }, () => words.reading(path, messages.percent(share)), false),
    progress: (progress) =>
      show(
        { v: 1, type: "progress", ...progress },
        () => lineOf(progress, messages, words, live ? terminalColumns() - 1 : Infinity),
        false,
      ),
    clear,
    close: clear,
  };
}

/** All that is known of a batch, in one line; on a narrow one what matters least is left out. */
function lineOf(progress: BatchProgress, messages: Messages, { progress: say }: BatchWords, columns: number): string {
  const { total, before, done, running, tokens, cost, expected_cost: expected } = progress;
  const failed = Object.values(progress.failed).reduce((sum, count) => sum + count, 0);
  const money = (amount: number): string => messages.cost(amount, progress.currency);
  /** `rank`: the highest goes first. */
  const parts: readonly { rank: number; text: string | null }[] = [
    { rank: 0, text: say.done(messages.count(before + done + failed), messages.count(total)) },
    { rank: 1, text: failed > 0 ? say.failed(messages.count(failed)) : null },
    { rank: 4, text: say.running(messages.count(running)) },
    { rank: 5, text: progress.workers === null ? null : say.workers(progress.workers) },
    { rank: 6, text: progress.per_second === null ? null : say.rate(messages.amount(progress.per_second)) },
    { rank: 2, text: progress.left_ms === null ? null : say.left(messages.duration(progress.left_ms)) },
    { rank: 7, text: say.tokens(messages.count(tokens.prompt + tokens.completion)) },
    { rank: 3, text: cost === null ? null : say.cost(money(cost), expected === null ? null : money(expected)) },
  ];
  const within = (rank: number): string =>
    parts.flatMap((part) => (part.text === null || part.rank > rank ? [] : [part.text])).join(" · ");
  let rank = parts.length;
  while (rank > 0 && cellsOf(within(rank)) > columns) rank--;
  return within(rank);
}
