import type { BatchProgress } from "../batch/tally.ts";
import type { BatchWords, Messages } from "../i18n/load.ts";
import { cellsOf } from "../text/width.ts";
import { visible, visibleJson } from "../text/visible.ts";
import type { Context } from "./context.ts";
import { createDrawnLine } from "./drawn-line.ts";
import { canRedraw, terminalColumns } from "./terminal.ts";

/** How a batch is watched: one line that is drawn anew on a terminal, a line now and then elsewhere, or JSON lines. */
export type BatchDisplay = {
  checking(path: string, share: number): void;
  reading(path: string, share: number): void;
  progress(progress: BatchProgress): void;
  /** Takes the line off the terminal before something else is said. */
  clear(): void;
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
  const { draw, clear } = createDrawnLine(err);

  function show(event: object, line: () => string): void {
    if (args.has("quiet") && !json) return;
    const at = performance.now();
    if (at - shownAt < every) return;
    shownAt = at;
    if (json) void out.write(`${visibleJson(event)}\n`);
    else if (!live) void err.write(`${visible(line())}\n`);
    else draw(line());
  }

  return {
    checking: (path, share) =>
      show({ v: 1, type: "checking", path, share }, () => words.checking(path, messages.percent(share))),
    reading: (path, share) =>
      show({ v: 1, type: "reading", path, share }, () => words.reading(path, messages.percent(share))),
    progress: (progress) =>
      show({ v: 1, type: "progress", ...progress }, () =>
        progressLine(progress, messages, words, live ? terminalColumns() - 1 : Infinity),
      ),
    clear,
  };
}

/** All that is known of a batch, in one line; on a narrow one what matters least is left out. */
export function progressLine(progress: BatchProgress, messages: Messages, words: BatchWords, columns: number): string {
  const { total, before, done, running, workers, tokens, cost, expected_cost: expected } = progress;
  const { per_second: rate, left_ms: left } = progress;
  const { progress: say } = words;
  const failed = Object.values(progress.failed).reduce((sum, count) => sum + count, 0);
  const money = (amount: number): string => messages.cost(amount, progress.currency);
  /** What matters most first; the place in the line, and what stands there from then on. */
  const texts: readonly (readonly [place: number, text: string | false])[] = [
    [0, say.done(messages.count(before + done + failed), messages.count(total))],
    [1, failed > 0 && say.failed(messages.count(failed), [])],
    [5, left !== null && say.left(messages.duration(left))],
    [7, cost !== null && say.cost(money(cost), null)],
    [2, say.running(messages.count(running))],
    [7, cost !== null && expected !== null && say.cost(money(cost), money(expected))],
    [3, workers !== null && say.workers(workers)],
    [1, failed > 0 && say.failed(messages.count(failed), causesOf(progress.failed, messages))],
    [4, rate !== null && say.rate(messages.amount(rate))],
    [6, say.tokens(messages.count(tokens.prompt + tokens.completion))],
  ];
  const join = (parts: readonly string[]): string => parts.filter((part) => part !== "").join(" · ");
  let parts: readonly string[] = Array.from({ length: 8 }, () => "");
  for (const [place, text] of texts) {
    if (text === false) continue;
    const more = parts.with(place, text);
    if (place === 0 || cellsOf(join(more)) <= columns) parts = more;
  }
  return join(parts);
}

/** Why requests failed, and how often, most of them first. */
export function causesOf(
  failed: BatchProgress["failed"],
  messages: Messages,
): (readonly [why: string, times: string])[] {
  return Object.entries(failed)
    .toSorted(([, one], [, two]) => two - one)
    .map(([why, times]) => [/^\d{3}$/.test(why) ? `HTTP ${why}` : why, messages.count(times)]);
}
