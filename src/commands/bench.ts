import type { Loaded } from "../config/load.ts";
import type { Settings } from "../config/settings.ts";
import { UserError } from "../config/user-error.ts";
import type { PlanReport, RunReport, StepReport } from "../metrics/report.ts";
import { parseSlo, type Slo } from "../metrics/thresholds.ts";
import type { Json } from "../stream/event.ts";
import { createWorkerClient, type WorkerClient } from "../worker/client.ts";
import type { Args } from "./args.ts";
import { openBenchDisplay, type BenchDisplay } from "./bench-display.ts";
import { runSteps, type Bench } from "./bench-run.ts";
import { liftRequestLimit } from "./own-process.ts";
import { DRAIN_MS, type Context, type Verb } from "./context.ts";
import { EXIT } from "./exit.ts";
import { readImages, modelsOf, paramsOf } from "./request-options.ts";
import { mostAtOnce, readLoad, type Load } from "./load.ts";
import { machineFacts } from "./machine.ts";
import { openRecords, type Records, openReports, type Reports } from "./files.ts";
import { readPromptSource } from "./supply.ts";
import { shownArguments } from "./shown-arguments.ts";
import { watchSignals } from "./signals.ts";
import { openTarget, readSettings } from "./target.ts";
import { asking, connecting, everywhere, judging, loading, measuring, output, waiting } from "./options.ts";

/** `llmaas bench`: a measured load, from the command line to the verdict. */
export const bench: Verb = {
  meta: { name: "bench" },
  args: {
    ...asking,
    ...loading,
    ...judging,
    ...connecting,
    ...waiting,
    ...measuring,
    quiet: output.quiet,
    json: output.json,
    report: output.report,
    records: output.records,
    append: output.append,
    force: output.force,
    ...everywhere,
    "help-numbers": output["help-numbers"],
  },
  async run(context) {
    if (context.args.has("help-numbers")) return explainNumbers(context);
    // Where more connections are needed than the runtime allows, the program starts again: nothing may be open yet.
    const load = readLoad(context.args);
    await liftRequestLimit(context, mostAtOnce(load));
    const worker = createWorkerClient(context.openWorker);
    try {
      return await benchWith(worker, context, load);
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

async function benchWith(worker: WorkerClient, context: Context, load: Load): Promise<number> {
  const { args } = context;
  const params = paramsOf(args.all("param"));
  const loaded = withLoad(await readSettings(context), load);
  const slo = sloOf(args, loaded);
  const target = await openTarget(context, loaded, "load");
  let records: Records | null = null;
  let reports: Reports | null = null;
  try {
    const images = await readImages(args.all("image"));
    const supply = await readPromptSource(context, target.messages, load);
    // From here on there are files that must not stay behind empty.
    const signals = watchSignals();
    reports = openReports(context);
    records = openRecords(context);
    const models = modelsOf(target.settings.model);
    const plan = planOf(
      load,
      longestAnswer(target.settings, params),
      [...slo.thresholds, ...slo.objectives].map(({ text }) => text),
      args.has("abort-on-fail"),
    );
    return await measure(
      { context, target, worker, records, load, plan, slo, models, supply, params, images, signals },
      reports,
    );
  } finally {
    records?.close();
    reports?.close();
    await target.close();
  }
}

/** Runs every step, shows the result and writes the reports: of an interrupted run too, marked partial. */
async function measure(run: Bench, reports: Reports): Promise<number> {
  const { context, target, models, plan, supply, signals } = run;
  const display = await openBenchDisplay(context, target.messages);
  const { endpoint, demo } = target;
  await display.plan({
    plan,
    endpoint,
    demo: demo !== null,
    models: supply.models(models),
    prompts: supply.count,
    bounded: supply.bounded,
  });
  const startedAt = new Date();
  // The terminal is left as it was, whatever ends the run.
  const measured = await runSteps(run, display).finally(display.close);
  const { steps, partial, verdict, knee, drawn, failure } = measured;
  const report: RunReport = {
    v: 1,
    type: "report",
    tool: { name: "llmaas", version: context.version, bun: Bun.version },
    machine: machineFacts(),
    endpoint,
    demo: demo !== null,
    arguments: shownArguments(context, target.secrets),
    started_at: startedAt.toISOString(),
    ended_at: new Date().toISOString(),
    partial,
    models: modelsIn(steps, models),
    plan,
    verdict,
    knee,
    steps,
  };
  // What was measured is kept and shown wherever that can still be done.
  const failures = failure === null ? [] : [failure.error];
  const note = (error: unknown): void => void failures.push(error);
  await reports.write({ report, ...drawn, messages: target.messages }).catch(note);
  await showResult(display, report).catch(note);
  const [first] = failures;
  if (first !== undefined) throw first;
  await supply.say();
  // The reader of stdout may never take the rest: after a signal it gets DRAIN_MS.
  const late = signals.first.then(() => Bun.sleep(DRAIN_MS));
  return Promise.race([context.out.drained(), late]).then(() => verdict.exit_code);
}

/** What is thrown at once is a rejection too. */
async function showResult(display: BenchDisplay, report: RunReport): Promise<void> {
  await display.result(report);
}

function withLoad(loaded: Loaded, { retries }: Load): Loaded {
  return { ...loaded, settings: { ...loaded.settings, retries } };
}

/** Those that were measured, in the order of their columns; a prompt may name another than was asked for. */
function modelsIn(steps: readonly StepReport[], asked: readonly string[]): string[] {
  const found = steps.flatMap(({ results }) => results.flatMap(({ model }) => model ?? []));
  return found.length === 0 ? [...asked] : [...new Set(found)];
}

/** What the request asks for in the end: a further parameter comes after the setting. */
function longestAnswer({ maxTokens, params: ofFile }: Settings, params: Record<string, Json>): number {
  const asked = { ...ofFile, ...params };
  const own = asked["max_completion_tokens"] ?? asked["max_tokens"];
  return typeof own === "number" && Number.isSafeInteger(own) && own > 0 ? own : maxTokens;
}

/** The thresholds of the command line, which replace those of the file. */
function sloOf(args: Args, { settings, origins }: Loaded): Slo {
  const given = args.all("slo");
  const { slo: origin } = origins;
  const slo = given.length > 0 ? parseSlo(given) : parseSlo(settings.slo, origin.kind === "file" ? origin.path : null);
  if (args.has("abort-on-fail") && slo.thresholds.length === 0) {
    const example = "--slo 'p95(ttft) < 1s'";
    throw new UserError({ code: "needs_option", option: "--abort-on-fail", needed: "--slo", example });
  }
  return slo;
}

function planOf(load: Load, maxTokens: number, slo: string[], abortOnFail: boolean): PlanReport {
  const { loads, requests, duration, drain, warmup, seed, promptTokens, retries } = load;
  return {
    loads,
    requests,
    duration_ms: duration,
    drain_ms: drain,
    warmup: warmup === null ? null : "streams" in warmup ? warmup : { length_ms: warmup.length },
    seed,
    prompt_tokens: promptTokens,
    max_tokens: maxTokens,
    retries,
    slo,
    abort_on_fail: abortOnFail,
  };
}
