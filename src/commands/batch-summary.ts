import { ENOUGH } from "../batch/breaker.ts";
import { estimateOf } from "../batch/estimate.ts";
import { createCostOf } from "../metrics/tokens.ts";
import type { Stop } from "../batch/coordinator.ts";
import type { AnswerSchema } from "../batch/schema.ts";
import type { Journal } from "../batch/journal.ts";
import type { BatchProgress, Spent, Tally } from "../batch/tally.ts";
import { load, type BatchWords } from "../i18n/load.ts";
import { oneLine, sayFailure, sayProblem, shellWord } from "../i18n/say.ts";
import type { Json } from "../stream/event.ts";
import { visible, visibleJson } from "../text/visible.ts";
import { pathOf } from "../wire/apis.ts";
import { causesOf, type BatchDisplay } from "./batch-display.ts";
import type { BatchFiles } from "./batch-files.ts";
import { kindOf, type BatchOptions } from "./batch-options.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./exit.ts";
import type { SignalWatch } from "./signals.ts";
import type { Target } from "./target.ts";

/** What a batch works with, once its files are open. */
export type Batch = {
  context: Context;
  target: Target;
  options: BatchOptions;
  words: BatchWords;
  display: BatchDisplay;
  files: BatchFiles;
  params: Record<string, Json>;
  /** What answers must fit; `null`: anything. */
  schema: AnswerSchema | null;
  schemaText: string | null;
};

/** What those who answer a batch are given. */
export type Given = {
  journal: Journal;
  tally: Tally;
  /** Told of every answer, be it one that counts or not: it was paid for. */
  spend(spent: Spent): void;
};

/** Who answers a batch: this machine, or many. */
export type Answering = {
  /** Settles when all is answered, or it was stopped. */
  done: Promise<void>;
  running(): number;
  stop(reason: Stop): void;
  stopped(): Stop | null;
  /** What is to be said of it in the end, line by line. */
  remarks(): readonly string[];
};

/** The results cannot be written any more, as on a full disk: what stands there are whole lines. */
export async function sayUnwritable(batch: Batch, why: string): Promise<number> {
  const { context, target, options } = batch;
  const problem = { code: "file_unwritable", path: options.out, why } as const;
  const { what, todo } = sayProblem(await load(target.messages.lang, "problems"), problem, context.command);
  const isElsewhere = why === "ESTALE";
  await context.err.complain(isElsewhere ? `${what}\n${todo}` : what);
  await sayGoOn(batch, { isKept: !isElsewhere });
  return EXIT.failed;
}

/** The command that goes on where this one has ended. */
async function sayGoOn(
  { context, target, options, words, files }: Batch,
  { isKept = true, more = "" }: { isKept?: boolean; more?: string },
): Promise<void> {
  const file = options.template === null ? ` ${shellWord(options.input)}` : "";
  const command = context.command(`batch run${file}`);
  await context.err.write(
    `${visible(words.goOn(`${target.mask(command)}${more}`, isKept && files.finished.count().done > 0))}\n`,
  );
}

/** How the requests of the input stand; results of others may stand beside theirs. */
export function standingOf({ validated }: BatchFiles, { done, failed }: BatchProgress) {
  const ended = {
    done: validated.done + done,
    failed: validated.failed + Object.values(failed).reduce((sum, times) => sum + times, 0),
  };
  return { ...ended, open: Math.max(0, validated.count - ended.done - ended.failed) };
}

export async function sayEnd(
  batch: Batch,
  progress: BatchProgress,
  answering: Pick<Answering, "stopped" | "remarks">,
  signals: SignalWatch,
): Promise<number> {
  const stopped = answering.stopped();
  const { context, target, options, words, files } = batch;
  const { err, args } = context;
  const { messages } = target;
  const { done, failed, open } = standingOf(files, progress);
  const quiet = args.has("quiet");
  if (args.has("json")) await context.out.write(`${visibleJson({ v: 1, type: "batch", ...progress, open })}\n`);
  const say = (text: string): void => void err.write(`${err.fitted(visible(text))}\n`);
  if (stopped !== null) {
    for (const line of stopLines(stopped, batch)) say(line);
  }
  const causes = causesOf(progress.failed, messages);
  if (!quiet || failed > 0) say(`${failed + open > 0 ? "!" : "✓"} ${words.ended(done, failed, open)}`);
  if (causes.length > 0) say(`  ${words.failures(causes)}`);
  if (failed > 0 && !options.piped) say(words.why(context.command(`batch report ${shellWord(options.out)}`)));
  for (const remark of answering.remarks()) say(remark);
  const results = options.table ?? options.out;
  if (!quiet && !options.piped && done + failed > 0)
    say(words.results(results, messages.bytes(Bun.file(results).size)));
  if (options.piped && open > 0) say(words.notKept);
  if (files.input.hasChanged()) await err.warn(visible(words.inputChanged(files.input.path)));
  if (!options.piped && (open > 0 || failed > 0)) await sayGoOn(batch, { more: open === 0 ? " --retry-failed" : "" });
  const signal = signals.code();
  if (signal !== null) return signal;
  if (stopped !== null || open > 0 || (done === 0 && failed > 0)) return EXIT.failed;
  return failed > 0 ? EXIT.incomplete : EXIT.ok;
}

/** Why a batch was stopped. */
function stopLines(stopped: Stop, { target: { messages, about, settings }, words }: Batch): string[] {
  if (stopped.why === "refused")
    return stopped.kinds.flatMap(({ api, model, refusal: { of, said } }) => [
      words.refused(ENOUGH, of === "model" ? model : null, pathOf(api)),
      ...(said === "" ? [] : [said]),
    ]);
  const wait = stopped.why === "long_wait" ? messages.duration(stopped.ms) : "";
  const why = words.stopped[stopped.why](wait);
  if (stopped.why === "max_cost")
    return [why, words.spent(messages.cost(stopped.spent, settings.prices?.currency ?? null), "--max-cost")];
  if (stopped.why === "max_tokens")
    return [why, words.spent(words.progress.tokens(messages.count(stopped.spent)), "--max-tokens-total")];
  return "failure" in stopped ? [why, oneLine(sayFailure(messages, stopped.failure, about))] : [why];
}

/** Tokens that a server has counted, and none of them from a cache. */
const COUNTED = {
  tokens_source: "usage",
  token_events: 0,
  streamed_tokens: 0,
  cached_prompt_tokens: null,
  reasoning_tokens: null,
  reasoning_hidden: false,
  reasoning_apart: false,
} as const;

/** What the batch would take: nothing is sent. */
export async function sayPlan({ context, target, options, words, files }: Batch): Promise<number> {
  const { input, validated, finished } = files;
  const { settings, messages } = target;
  const sum = { prompt: 0, answer: 0 };
  const { prices } = settings;
  const costOf = createCostOf(prices);
  let cost: number | null = prices === null ? null : 0;
  for await (const request of input.requests(finished, validated.bad === 0)) {
    const { prompt, answer } = estimateOf(request.asked, settings);
    sum.answer += answer;
    sum.prompt += prompt;
    if (cost !== null)
      cost += costOf(kindOf(request, settings).model, { ...COUNTED, tokens: answer, prompt_tokens: prompt }) ?? 0;
  }
  const { rates, counts } = options;
  const tokens = counts === "output" ? sum.answer : sum.prompt + sum.answer;
  const left = validated.count - validated.done - validated.failed;
  const times = [
    rates.requestsPerMinute === null ? 0 : (left / rates.requestsPerMinute) * 60_000,
    rates.tokensPerMinute === null ? 0 : (tokens / rates.tokensPerMinute) * 60_000,
    rates.tokensPerHour === null ? 0 : (tokens / rates.tokensPerHour) * 3_600_000,
  ];
  const time = Math.max(...times);
  const say = words.estimate;
  const lines = [
    words.plan(validated.count, validated.done, validated.failed),
    say.tokens(messages.count(sum.prompt), messages.count(sum.answer)),
    time === 0 ? say.noTime : say.time(messages.duration(time)),
    cost === null ? say.noCost : say.cost(messages.cost(cost, prices?.currency ?? null)),
  ];
  if (context.args.has("json")) {
    const { changedLines: _none, ...found } = validated;
    const plan = { v: 1, type: "plan", ...found, tokens: sum, least_ms: time, cost };
    await context.out.write(`${visibleJson(plan)}\n`);
  } else await context.out.write(`${lines.join("\n")}\n`);
  return EXIT.ok;
}
