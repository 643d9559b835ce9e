import { createCoordinator, type Answered, type Coordinator, type Stop } from "../batch/coordinator.ts";
import { createAdaptiveConcurrency, createLimiter } from "../batch/limits.ts";
import { resultLine } from "../batch/result.ts";
import type { Journal } from "../batch/journal.ts";
import { createTally, type BatchProgress, type Tally } from "../batch/tally.ts";
import { UserError, type Unsayable } from "../config/user-error.ts";
import { load, type BatchWords } from "../i18n/load.ts";
import { oneLine, sayFailure, sayProblem, shellWord } from "../i18n/say.ts";
import { createRecorder } from "../metrics/recorder.ts";
import { createClosedLoop, spacingFor } from "../run/pace.ts";
import { plainPrompt, type Prompt } from "../run/prompts.ts";
import { startRun } from "../run/run.ts";
import { isComplete, now, startTimer } from "../stream/event.ts";
import { visible } from "../text/visible.ts";
import type { WorkerClient } from "../worker/client.ts";
import { createBatchDisplay, type BatchDisplay } from "./batch-display.ts";
import { openBatchFiles, type BatchFiles } from "./batch-files.ts";
import { addedHash, createJobOf, estimateOf, readBatchOptions, usedBy, type BatchOptions } from "./batch-options.ts";
import type { Context, Verb } from "./context.ts";
import { EXIT } from "./exit.ts";
import { asking, batching, connecting, everywhere, multiple, output, waiting } from "./options.ts";
import { codeOf } from "./output-file.ts";
import { liftRequestLimit } from "./own-process.ts";
import { createUnsaidOf, paramsOf } from "./request-options.ts";
import { watchSignals, type SignalWatch } from "./signals.ts";
import { openTarget, readSettings, recordingOf, type Target } from "./target.ts";

const { image: _image, stdin: _stdin, ...asked } = asking;

/** `llmaas batch run`: a file of requests, each answered once, however often it is interrupted. */
export const batchRun: Verb = {
  meta: { name: "batch run" },
  args: {
    ...batching,
    concurrency: multiple.concurrency,
    "skip-invalid": multiple["skip-invalid"],
    ...asked,
    ...connecting,
    ...waiting,
    quiet: output.quiet,
    json: output.json,
    ...everywhere,
  },
  words: "file",
  async run(context) {
    const options = readBatchOptions(context.args);
    const loaded = await readSettings(context);
    await liftRequestLimit(context, loaded.settings.concurrency);
    const target = await openTarget(context, loaded, "load");
    const { messages } = target;
    if (options.maxCost !== null && target.settings.prices === null)
      throw new UserError({ code: "no_prices", endpoint: target.endpoint });
    const words = await load(messages.lang, "batch");
    const display = createBatchDisplay(context, messages, words);
    const params = paramsOf(context.args.all("param"));
    let files: BatchFiles | null = null;
    try {
      files = await openBatchFiles(options, await askingOf(target, params), {
        context,
        messages,
        words,
        display,
      });
      display.clear();
      const batch: Batch = { context, target, options, words, display, files, params };
      if (options.dryRun) return await sayPlan(batch);
      const worker = context.openWorker();
      try {
        return await answerAll(batch, worker);
      } finally {
        worker.close();
      }
    } finally {
      display.close();
      await files?.close();
      await target.close();
    }
  },
};

/** What the settings and the command line add to each request; what of that an API has no word for is refused. */
async function askingOf(target: Target, params: Batch["params"]) {
  const unsaidIn = await createUnsaidOf({ settings: target.settings, params, images: [] });
  return {
    added: addedHash(target, params),
    addedToBody: 0,
    unsaidOf(prompt: Prompt): Unsayable | null {
      const unsaid = unsaidIn(prompt);
      // What no prompt could say is nothing of this one.
      const ours = unsaid === null ? null : unsaidIn(plainPrompt("-"));
      if (ours !== null && ours.what !== "limit") throw new UserError({ code: "unsaid", ...ours });
      return unsaid;
    },
  };
}

/** What a batch works with, once its files are open. */
type Batch = {
  context: Context;
  target: Target;
  options: BatchOptions;
  words: BatchWords;
  display: BatchDisplay;
  files: BatchFiles;
  params: ReturnType<typeof paramsOf>;
};

async function answerAll(batch: Batch, worker: WorkerClient): Promise<number> {
  const { context, target, options, words, display, files } = batch;
  const { journal, validated } = files;
  if (journal === null) throw new TypeError("results that are not open");
  const { settings } = target;
  const { count, done, failed } = validated;
  if (!context.args.has("quiet")) await context.err.write(`${words.plan(count, done, failed)}\n`);
  const tally = createTally(count, done + failed, now);
  const signals = watchSignals();

  const coordinator: Coordinator = createCoordinator({
    requests: files.input.requests(files.finished),
    jobOf: createJobOf(target, batch.params),
    estimate: (request) => estimateOf(request, options.counts, settings.maxTokens),
    used: (record) => usedBy(record, options.counts),
    limiter: createLimiter(options.rates, now),
    concurrency: createAdaptiveConcurrency(settings.concurrency, now),
    retries: settings.retries,
    now,
    startTimer,
    random: Math.random,
    onAnswer: createKeep(batch, journal, tally, (reason) => coordinator.stop(reason)),
    onRetry: () => tally.retried(),
  });
  const run = startRun({
    jobs: coordinator.jobs,
    concurrency: settings.concurrency,
    pace: createClosedLoop(spacingFor(settings.concurrency)),
    failFast: false,
    worker,
    stage: (tell) => createRecorder({ ...recordingOf(target), keepText: Infinity }, tell),
    watchers: [coordinator.watcher],
  });
  const shown = setInterval(() => {
    tally.running(coordinator.running());
    display.progress(tally.progress());
  }, 200);
  void signals.first.then(() => {
    coordinator.stop({ why: "interrupted" });
    run.interrupt("signal");
  });
  journal.broken.catch(() => run.interrupt("reader_gone"));
  try {
    const { broken } = await run.done;
    if (broken !== null) throw broken;
    await journal.durable();
    if (options.orderInput && coordinator.stopped() === null) await files.order();
  } catch (error) {
    display.close();
    if (!(error instanceof Error && "code" in error)) throw error;
    return await sayUnwritable(batch, codeOf(error));
  } finally {
    clearInterval(shown);
    display.close();
  }
  return sayEnd(batch, tally.progress(), coordinator.stopped(), signals);
}

/** Writes each answer into the results, and stops the batch when it has taken enough. */
function createKeep(
  { options, target }: Batch,
  journal: Journal,
  tally: Tally,
  stop: (reason: Stop) => void,
): (answered: Answered) => Promise<void> {
  return (answered) => {
    const { request, record } = answered;
    const api = request.asked.kind === "body" ? request.asked.api : target.settings.api;
    const good = isComplete(record);
    const line = resultLine({ answered, api, verdict: record.verdict, message: null });
    const written = journal.add(line, request.key, request.hash, !good);
    tally.ended(record, good ? null : (record.error?.status?.toString() ?? record.error?.kind ?? record.verdict));
    const { cost, tokens } = tally.progress();
    if (options.maxCost !== null && (cost ?? 0) >= options.maxCost) stop({ why: "max_cost" });
    if (options.maxTokens !== null && tokens.prompt + tokens.completion >= options.maxTokens)
      stop({ why: "max_tokens" });
    return written;
  };
}

/** The results cannot be written any more, as on a full disk: what stands there are whole lines. */
async function sayUnwritable(batch: Batch, why: string): Promise<number> {
  const { context, target, options } = batch;
  const problem = { code: "file_unwritable", path: options.out, why } as const;
  await context.err.complain(sayProblem(target.messages, problem, context.command).what);
  await sayGoOn(batch, "");
  return EXIT.failed;
}

/** The command that goes on where this one has ended. */
async function sayGoOn({ context, target, options, words }: Batch, more: string): Promise<void> {
  const command = context.command(`batch run ${shellWord(options.input)}`);
  await context.err.write(`${words.goOn(`${target.mask(command)}${more}`)}\n`);
}

async function sayEnd(
  batch: Batch,
  progress: BatchProgress,
  stopped: Stop | null,
  signals: SignalWatch,
): Promise<number> {
  const { context, target, options, words, files } = batch;
  const { err, args } = context;
  const { messages } = target;
  const { done, failed } = files.finished.count();
  const open = Math.max(0, files.validated.count - done - failed);
  const quiet = args.has("quiet");
  if (args.has("json")) await context.out.write(`${JSON.stringify({ v: 1, type: "batch", ...progress, open })}\n`);
  if (stopped !== null) {
    const wait = stopped.why === "long_wait" ? messages.duration(stopped.ms) : "";
    await err.write(`${words.stopped[stopped.why](wait)}\n`);
    if ("failure" in stopped)
      await err.write(`${visible(oneLine(sayFailure(messages, stopped.failure, target.about)))}\n`);
  }
  const kinds = Object.entries(progress.failed).map(([why, times]) => [why, messages.count(times)] as const);
  if (!quiet || failed > 0) await err.write(`${failed > 0 ? "!" : "✓"} ${words.ended(done, failed, open)}\n`);
  if (kinds.length > 0) await err.write(`  ${words.failures(kinds)}\n`);
  if (!quiet) await err.write(`${words.results(options.out, messages.bytes(Bun.file(options.out).size))}\n`);
  if (open > 0 || failed > 0) await sayGoOn(batch, open === 0 ? " --retry-failed" : "");
  const signal = signals.code();
  if (signal !== null) return signal;
  if (stopped !== null || (done === 0 && failed > 0)) return EXIT.failed;
  return failed > 0 ? EXIT.incomplete : EXIT.ok;
}

/** What the batch would take: nothing is sent. */
async function sayPlan({ context, target, options, words, files }: Batch): Promise<number> {
  const { input, validated, finished } = files;
  const { settings, messages } = target;
  const sum = { prompt: 0, answer: 0 };
  for await (const request of input.requests(finished)) {
    sum.answer += estimateOf(request, "output", settings.maxTokens);
    sum.prompt += estimateOf(request, "all", settings.maxTokens) - estimateOf(request, "output", settings.maxTokens);
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
  const { prices } = settings;
  const cost = prices === null ? null : (sum.prompt * prices.input + sum.answer * prices.output) / 1_000_000;
  const say = words.estimate;
  const lines = [
    words.plan(validated.count, validated.done, validated.failed),
    say.tokens(messages.count(sum.prompt), messages.count(sum.answer)),
    time === 0 ? say.noTime : say.time(messages.duration(time)),
    cost === null ? say.noCost : say.cost(messages.cost(cost, prices?.currency ?? null)),
  ];
  if (context.args.has("json")) {
    const plan = { v: 1, type: "plan", ...validated, tokens: sum, least_ms: time, cost };
    await context.out.write(`${JSON.stringify(plan)}\n`);
  } else await context.out.write(`${lines.join("\n")}\n`);
  return EXIT.ok;
}
