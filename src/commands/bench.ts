import { ranOutOfFiles } from "../bench/health.ts";
import { mostAtOnce, planOf, type Load, overAndOver } from "../bench/plan.ts";
import { shardReport, type Sharding } from "../bench/shard.ts";
import { toVerdict } from "../bench/step-report.ts";
import { runSteps, type Bench } from "../bench/steps.ts";
import type { Loaded } from "../config/load.ts";
import { UserError } from "../config/user-error.ts";
import { load, type Messages } from "../i18n/load.ts";
import { kneeOf } from "../metrics/knee.ts";
import type { RunReport, StepReport } from "../metrics/report.ts";
import type { ClockReport } from "../metrics/shard-report.ts";
import { createSyntheticPrompts } from "../run/prompts.ts";
import { turnsOf } from "../run/shard.ts";
import { now } from "../stream/event.ts";
import { MASK, type Mask } from "../stream/mask.ts";
import { redactUrl } from "../wire/endpoint.ts";
import type { WorkerClient } from "../worker/client.ts";
import { answerAsked, ifDisturbedOf, readLoad, sloOf } from "./bench-options.ts";
import { openBenchDisplay, type BenchDisplay } from "./bench-display.ts";
import { DRAIN_MS, type Context, type Verb } from "./context.ts";
import { EXIT } from "./exit.ts";
import { loadExitCode } from "./load-exit.ts";
import { createCpuClock, machineFacts } from "./machine.ts";
import { asking, comparing, connecting, everywhere, judging, loading, measuring, output, waiting } from "./options.ts";
import { liftRequestLimit } from "./own-process.ts";
import { listed, readPrompts, saySkipped, type Prompts } from "./prompts.ts";
import { openRecords, type Records } from "./records.ts";
import { openOutcome, type Outcome } from "./bench-outcome.ts";
import { sayFiles } from "./reports.ts";
import { checkSayable, modelsOf, paramsOf, readImages, type UnsaidOf } from "./request-options.ts";
import { checkFiles } from "./output-file.ts";
import { watchSignals, type SignalWatch } from "./signals.ts";
import { jobOptions, openTarget, readSettings, recordingOf, type Target } from "./target.ts";

/** `llmaas bench`: a measured load, from the command line to the verdict. */
export const bench: Verb = {
  meta: { name: "bench" },
  args: {
    ...asking,
    ...loading,
    slo: judging.slo,
    "if-disturbed": { ...judging["if-disturbed"], needs: ["slo", "fail-if"] },
    "abort-on-fail": judging["abort-on-fail"],
    baseline: comparing.baseline,
    "fail-if": { ...comparing["fail-if"], needs: ["baseline"] },
    strict: comparing.strict,
    ...connecting,
    ...waiting,
    ...measuring,
    quiet: output.quiet,
    json: output.json,
    report: output.report,
    records: output.records,
    append: output.append,
    force: output.force,
    "no-keep": output["no-keep"],
    ci: output.ci,
    ...everywhere,
    "help-numbers": output["help-numbers"],
  },
  async run(context) {
    if (context.args.has("help-numbers")) return explainNumbers(context);
    // Where more connections are needed than the runtime allows, the program starts again: nothing may be open yet.
    const load = readLoad(context.args);
    const sharding = await shardingOf(context, load);
    await liftRequestLimit(context, mostAtOnce(load));
    const worker = context.openWorker();
    try {
      return await benchWith(worker, context, sharding === null ? load : seeded(load, context, sharding), sharding);
    } finally {
      worker.close();
    }
  },
};

async function explainNumbers({ out, messages }: Context): Promise<number> {
  const { renderNumbers } = await import("../render/bench/figures.ts");
  await out.write(await renderNumbers(messages.lang));
  return EXIT.ok;
}

/** What of the load is this machine's; the reader of it is loaded only where there are several. */
async function shardingOf({ args }: Context, load: Load): Promise<Sharding | null> {
  if (!args.has("shard")) return null;
  return (await import("./shard.ts")).readSharding(args, load, now());
}

/** All shards have one seed, without being told: that of their start. */
function seeded(load: Load, { args }: Context, { start }: Sharding): Load {
  return args.has("seed") ? load : { ...load, seed: Bun.hash.crc32(String(start)) };
}

async function benchWith(
  worker: WorkerClient,
  context: Context,
  load: Load,
  sharding: Sharding | null,
): Promise<number> {
  const { args } = context;
  const params = paramsOf(args.all("param"));
  const loaded = withLoad(await readSettings(context), load);
  worker.speak(loaded.settings.api);
  const slo = sloOf(args, loaded);
  const target = await openTarget(context, loaded, "load");
  let records: Records | null = null;
  let outcome: Outcome | null = null;
  let code: number;
  try {
    checkFiles(context, loaded);
    const images = await readImages(args.all("image"));
    const unsaidOf = await checkSayable({ settings: target.settings, params, images }, args.has("prompts"));
    const prompts = await readPromptsOf(context, target.messages, load, unsaidOf);
    // From here on there are files that must not stay behind.
    const signals = watchSignals();
    outcome = await openOutcome(context, {
      messages: target.messages,
      stopped: signals.first,
      asked: { loads: load.loads, demo: target.demo !== null, endpoint: target.endpoint },
    });
    records = openRecords(context);
    const plan = planOf(load, {
      ...answerAsked(target.settings, params),
      slo: [...slo.thresholds, ...slo.objectives].map(({ text }) => text),
      abort_on_fail: args.has("abort-on-fail"),
      if_disturbed: ifDisturbedOf(args),
    });
    const models = modelsOf(target.settings.model);
    const mine = sharding === null ? prompts.prompts : turnsOf(prompts.prompts, sharding);
    const jobs = jobOptions(target, { prompts: mine, models, repeat: 1, params, images, observe: false });
    const bench = { plan, slo, jobs, sharding, worker, recording: recordingOf(target), keep: records?.add ?? null };
    code = await measure({ context, target, bench, prompts, signals, records, outcome });
  } finally {
    await target.close();
    await outcome?.close();
    await records?.close();
  }
  if (!args.has("quiet") && !args.has("json")) await sayFiles(context, target.messages, await outcome.kept());
  return code;
}

/** What a load needs, but for what is known only when it begins. */
type Measuring = {
  context: Context;
  target: Target;
  bench: Omit<Bench, "show" | "stopped" | "cores" | "cpuClock">;
  prompts: Prompts;
  signals: SignalWatch;
  records: Records | null;
  outcome: Outcome;
};

/** Runs every step, shows the result and writes the reports: of an interrupted run too, marked partial. */
async function measure({ context, target, bench, prompts, signals, records, outcome }: Measuring): Promise<number> {
  const display = await openBenchDisplay(context, target.messages);
  const { endpoint, demo } = target;
  const { plan } = bench;
  const { models } = bench.jobs;
  await display.plan({
    plan,
    endpoint,
    api: target.settings.api,
    demo: demo !== null,
    models: prompts.models(models),
    prompts: prompts.count(1),
    bounded: prompts.bounded,
  });
  const clock = await sayShard(context, target.messages, bench.sharding, signals);
  const startedAt = new Date();
  const machine = machineFacts();
  const here = { cores: machine.cores, cpuClock: createCpuClock, stopped: signals.first };
  // The terminal is left as it was, whatever ends the run.
  const measured = await runSteps({ ...bench, ...here, show: display.progress }).finally(display.close);
  const { steps, partial, failure, drawn } = measured;
  const verdict = toVerdict(steps);
  const exit_code = loadExitCode(measured, verdict, {
    signalled: signals.code(),
    ifDisturbed: plan.if_disturbed ?? "undecided",
  });
  const report = outcome.judge({
    v: 1,
    type: "report",
    tool: { name: "llmaas", version: context.version, bun: Bun.version },
    machine,
    endpoint,
    api: target.settings.api,
    demo: demo !== null,
    arguments: shownArguments(context, target.mask),
    started_at: startedAt.toISOString(),
    ended_at: new Date().toISOString(),
    partial,
    models: modelsIn(steps, models),
    plan,
    verdict: { ...verdict, exit_code },
    knee: kneeOf(steps),
    ...shardReport(bench.sharding, models, clock),
    steps,
  });
  // What was measured is kept and shown wherever that can still be done.
  const failures = failure === null ? [] : [failure.error];
  const note = (error: unknown): void => void failures.push(error);
  await outcome.write({ report, ...drawn, messages: target.messages }).catch(note);
  await showResult(display, report).catch(note);
  await outcome.say(report).catch(note);
  const [first] = failures;
  if (first !== undefined) throw first;
  await saySkipped(context, target.messages, prompts);
  if (steps.some(({ client }) => ranOutOfFiles(client))) await context.err.warn(target.messages.warning.tooManyFiles);
  // The readers of stdout and of records may never take the rest: after a signal they get DRAIN_MS.
  const late = signals.first.then(() => Bun.sleep(DRAIN_MS));
  const drained = Promise.all([context.out.drained(), records?.drained()]);
  return Promise.race([drained, late]).then(() => report.verdict.exit_code);
}

/** Which part of the load this is, when it begins, and how far the clock is off; returns the last. */
async function sayShard(
  context: Context,
  messages: Messages,
  sharding: Sharding | null,
  signals: SignalWatch,
): Promise<ClockReport | null> {
  if (sharding === null) return null;
  const { args, err } = context;
  if (!args.has("quiet") && !args.has("json")) {
    const { shard } = await load(messages.lang, "bench");
    const { index, of, start } = sharding;
    const wait = messages.duration(start - now());
    await err.write(`${err.fitted(shard.begins(index, of, new Date(start).toISOString(), wait))}\n\n`);
  }
  const { clockOf } = await import("./shard.ts");
  return Promise.race([clockOf(context, messages, sharding), signals.first.then(() => null)]);
}

/** What is thrown at once is a rejection too. */
async function showResult(display: BenchDisplay, report: RunReport): Promise<void> {
  await display.result(report);
}

/** The prompts of the user, over and over, or synthetic ones. */
async function readPromptsOf(context: Context, messages: Messages, load: Load, unsaidOf: UnsaidOf): Promise<Prompts> {
  const { args } = context;
  const { prompt_tokens: tokens, seed } = load;
  if (tokens === null) {
    const given = await readPrompts(context, messages, unsaidOf);
    return { ...given, prompts: overAndOver(given.prompts) };
  }
  const other = args.has("prompts") ? "--prompts" : args.has("stdin") ? "--stdin" : args.positionals[0];
  if (other !== undefined) throw new UserError({ code: "own_prompts", maker: "--prompt-tokens", other });
  return { ...listed([]), prompts: createSyntheticPrompts(tokens, seed), count: () => null };
}

function withLoad(loaded: Loaded, { retries }: Load): Loaded {
  return { ...loaded, settings: { ...loaded.settings, retries } };
}

/** Those that were measured, in the order of their columns; a prompt may name another than was asked for. */
function modelsIn(steps: readonly StepReport[], asked: readonly string[]): string[] {
  const found = steps.flatMap(({ results }) => results.flatMap(({ model }) => model ?? []));
  return found.length === 0 ? [...asked] : [...new Set(found)];
}

/** The command line as a report may show it: of headers the name, of an endpoint the place, and no secret in the rest. */
function shownArguments({ argv, args }: Pick<Context, "argv" | "args">, mask: Mask): string[] {
  const endpoint = args.one("endpoint");
  const shown = new Map([
    // A file that holds a value may be named.
    ...[...args.all("header"), ...args.all("header-secret")].map(
      (header) => [header, header.replace(/^([^:=]*):.*/s, `$1: ${MASK}`)] as const,
    ),
    ...(endpoint === undefined ? [] : [[endpoint, redactUrl(endpoint)] as const]),
  ]);
  return argv.map((argument) => {
    // Short values are no secrets in other texts, and so not masked there: here they are known for what they are.
    const value = shown
      .keys()
      .find((value) => argument === value || (argument.startsWith("-") && argument.endsWith(value)));
    const known = value === undefined ? argument : argument.slice(0, argument.length - value.length) + shown.get(value);
    return mask(known);
  });
}
