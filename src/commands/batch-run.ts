import { createBreaker } from "../batch/breaker.ts";
import { createCoordinator, type Answered, type Coordinator } from "../batch/coordinator.ts";
import { bucketsOf, createAdaptiveConcurrency, createLimiter } from "../batch/limits.ts";
import { plusSpent, resultOf, type Spent } from "../batch/result.ts";
import type { AnswerSchema } from "../batch/schema.ts";
import type { Journal } from "../batch/journal.ts";
import { createTally, type BatchProgress, type Tally } from "../batch/tally.ts";
import { readSmall } from "../config/files.ts";
import type { Unsayable } from "../config/batch-problem.ts";
import { UserError } from "../config/user-error.ts";
import { load } from "../i18n/load.ts";
import { parametersOf } from "../run/jobs.ts";
import { plainPrompt, type Prompt } from "../run/prompts.ts";
import { now, startTimer } from "../stream/event.ts";
import { visible } from "../text/visible.ts";
import type { WorkerClient } from "../worker/client.ts";
import { badOption } from "./args.ts";
import { startAsking } from "./batch-asker.ts";
import { openBudget } from "./batch-budget.ts";
import { createBatchDisplay } from "./batch-display.ts";
import { openBatchFiles, type BatchFiles } from "./batch-files.ts";
import {
  addedHash,
  apiOf,
  createFit,
  createJobOf,
  kindOf,
  QUEUE_VARIABLE,
  queueUrl,
  readBatchOptions,
  reservedFor,
  usedBy,
} from "./batch-options.ts";
import { sayEnd, sayPlan, sayUnwritable, type Answering, type Batch, type Given } from "./batch-summary.ts";
import type { Verb } from "./context.ts";
import { askingLines, batching, connecting, everywhere, multiple, output, queueing, waiting } from "./options.ts";
import { OutputError } from "./output.ts";
import { asUserError } from "./output-file.ts";
import { asOutputError } from "./replace-file.ts";
import { liftRequestLimit } from "./own-process.ts";
import { createWaitWatch } from "./batch-waits.ts";
import { createUnsaidOf, paramsOf } from "./request-options.ts";
import { watchSignals } from "./signals.ts";
import { openTarget, readSettings, type Target } from "./target.ts";

/** `llmaas batch run`: a file of requests, each answered once, however often it is interrupted. */
export const batchRun: Verb = {
  meta: { name: "batch run" },
  args: {
    ...batching,
    concurrency: multiple.concurrency,
    "skip-invalid": multiple["skip-invalid"],
    ...queueing,
    ...askingLines,
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
    refuseSeveral("--param", params);
    const answer = await readSchema(options.schema);
    for (const { what, name, nearest } of answer?.schema.unchecked.slice(0, NAMED) ?? [])
      await context.err.warn(visible(words.unchecked(options.schema ?? "", what, name, nearest)));
    const asking = await askingOf(target, params, answer?.text ?? "");
    const url = options.dryRun ? null : queueUrl(context);
    if (url !== null && options.piped)
      throw new UserError({ code: "batch_piped", option: context.args.has("queue") ? "--queue" : QUEUE_VARIABLE });
    const many = url === null ? null : await import("./batch-queue.ts");
    const queue = url === null ? null : ((await many?.openBatchQueue(context, target, url)) ?? null);
    let files: BatchFiles | null = null;
    try {
      const unsaidOf = oneAnswer(asking.unsaidOf, target, params);
      const inputs = { ...asking, unsaidOf, streamed: true };
      files = await openBatchFiles(options, inputs, { context, messages, words, display });
      display.clear();
      const batch: Batch = {
        context,
        target,
        options,
        words,
        display,
        files,
        params,
        schema: answer?.schema ?? null,
        schemaText: answer?.text ?? null,
      };
      if (options.dryRun) return await sayPlan(batch);
      if (many !== null && queue !== null)
        return await answerAll(batch, (given) => many.startQueued(batch, given, queue));
      const worker = context.openWorker();
      try {
        return await answerAll(batch, async (given) => startHere(batch, given, worker));
      } finally {
        worker.close();
      }
    } finally {
      display.clear();
      // It is open since before the files were checked, and would keep the process.
      queue?.queue.close();
      await files?.close();
      await target.close();
    }
  },
};

/** Of several answers one would be kept, and all be paid for. */
function refuseSeveral(option: string, { n }: Record<string, unknown>): void {
  if (Number(n) <= 1 || Number.isNaN(Number(n))) return;
  const accepted = { kind: "like", example: "n=1" } as const;
  throw new UserError({ code: "bad_option", option, value: `n=${String(n)}`, accepted, meant: null });
}

/** Refuses the same of prompts that get it from the settings; bodies get nothing from these. */
function oneAnswer(unsaidOf: (prompt: Prompt) => Unsayable | null, target: Target, params: Batch["params"]) {
  const ofSettings = target.settings.params;
  return (prompt: Prompt): Unsayable | null => {
    if ("n" in ofSettings) refuseSeveral("defaults.params", parametersOf([ofSettings, params, prompt.params]));
    return unsaidOf(prompt);
  };
}

/** What the settings and the command line add to each request; what of that an API has no word for is refused. */
export async function askingOf(target: Target, params: Batch["params"], schema: string) {
  const { model } = target.settings;
  if (model.includes(",")) throw badOption("model", model, { kind: "like", example: "gemma3:4b" });
  const unsaidIn = await createUnsaidOf({ settings: target.settings, params, images: [] });
  return {
    added: Bun.hash.crc32(schema, addedHash(target, params)),
    addedToBody: schema === "" ? 0 : Bun.hash.crc32(schema),
    unsaidOf(prompt: Prompt): Unsayable | null {
      const unsaid = unsaidIn(prompt);
      // What no prompt could say is nothing of this one.
      const ours = unsaid === null ? null : unsaidIn(plainPrompt("-"));
      if (ours !== null && ours.what !== "limit") throw new UserError({ code: "unsaid", ...ours });
      return unsaid;
    },
  };
}

/** Ms in which, after a signal, what runs is ended. */
const SETTLE_MS = 300;

async function answerAll(batch: Batch, start: (given: Given) => Promise<Answering>): Promise<number> {
  const { context, words, display, files } = batch;
  const { journal, validated } = files;
  if (journal === null) throw new TypeError("results that are not open");
  const { count, done, failed } = validated;
  if (!context.args.has("quiet")) await context.err.write(`${words.plan(count, done, failed)}\n`);
  const tally = createTally(count, done + failed, now);
  const budget = await openBudget(batch);
  const signals = watchSignals();
  const spent = count > done + failed ? budget.reached(tally.progress()) : null;
  if (spent !== null) return sayEnd(batch, tally.progress(), { stopped: () => spent, remarks: () => [] }, signals);
  const spend = budget.spending(tally, (reason) => answering.stop(reason));
  const answering: Answering = await start({ journal, tally, spend });
  const progress = (): BatchProgress => {
    tally.running(answering.running());
    return tally.progress();
  };
  const shown = setInterval(() => display.progress(progress()), 200);
  void signals.first.then(() => answering.stop({ why: "interrupted" }));
  const finish = async (): Promise<void> => {
    await answering.done;
    await journal.durable();
    await files.finish(answering.stopped() === null);
  };
  try {
    // Who reads standard output may never take the rest: after a signal nothing waits for that.
    const late = batch.options.piped ? [signals.first.then(() => Bun.sleep(SETTLE_MS))] : [];
    await Promise.race([finish(), ...late]);
  } catch (error) {
    display.clear();
    const failure = asOutputError(error, batch.options.out);
    if (error === failure || !(failure instanceof OutputError)) throw error;
    return await sayUnwritable(batch, failure.code);
  } finally {
    clearInterval(shown);
    display.clear();
  }
  return sayEnd(batch, progress(), answering, signals);
}

/** Answers a batch on this machine. */
function startHere(batch: Batch, { journal, tally, spend }: Given, worker: WorkerClient): Answering {
  const { target, options, files } = batch;
  const { settings } = target;
  const limitsTokens = bucketsOf(options.rates).tokens !== null;
  /** By the number of the line, from 0. */
  const spent = new Map<number, Spent>();
  const coordinator: Coordinator = createCoordinator({
    requests: files.input.blocks(files.finished, files.validated.bad === 0),
    jobOf: createJobOf(target, batch.params, batch.schema),
    // Where nothing limits tokens nobody asks how many there will be.
    estimate: limitsTokens ? (request) => reservedFor(request, options.counts, settings) : () => 0,
    used: (record) => usedBy(record, options.counts),
    limiter: createLimiter(options.rates, now),
    concurrency: createAdaptiveConcurrency(settings.concurrency, now),
    breaker: createBreaker((request) => kindOf(request, settings)),
    retries: settings.retries,
    now,
    startTimer,
    random: Math.random,
    ...(batch.schema === null ? {} : { fit: createFit(batch.schema, options.schemaRetries, settings.api) }),
    onAnswer: createKeep(batch, journal, tally, spent),
    onSpent(record) {
      spent.set(record.prompt_index, plusSpent(spent.get(record.prompt_index), record, record.cost));
      spend(record);
    },
    ...createWaitWatch(batch, tally),
  });
  const run = startAsking(coordinator, worker, target);
  journal.broken.catch(() => run.interrupt("reader_gone"));
  return {
    done: run.done.then(({ broken }) => {
      if (broken !== null) throw broken;
    }),
    running: coordinator.running,
    stop(reason) {
      coordinator.stop(reason);
      if (reason.why === "interrupted") run.interrupt("signal");
    },
    stopped: coordinator.stopped,
    remarks: () => [],
  };
}

/** Writes each answer into the results. */
function createKeep({ target }: Batch, journal: Journal, tally: Tally, spent: Map<number, Spent>) {
  return (answered: Answered): Promise<void> => {
    const { request, record } = answered;
    const all = spent.get(record.prompt_index);
    spent.delete(record.prompt_index);
    const { line, failed, why } = resultOf({ answered, api: apiOf(request, target.settings.api), spent: all });
    const written = journal.add(line, request.key, request.hash, failed);
    tally.ended(why);
    return written;
  };
}

/** Words of a schema that are named. */
const NAMED = 10;

/** The schema that answers must fit, and its text; what checks them is loaded for it alone. */
async function readSchema(path: string | null): Promise<{ schema: AnswerSchema; text: string } | null> {
  if (path === null) return null;
  const [text, { createAnswerSchema }] = await Promise.all([
    readSmall(path).catch((error: unknown) => {
      throw asUserError(error, path, "value");
    }),
    import("../batch/schema.ts"),
  ]);
  return { schema: createAnswerSchema(path, text), text };
}
