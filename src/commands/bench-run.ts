import type { Load } from "../bench/plan.ts";
import { endless } from "../bench/prompt-source.ts";
import { oneLine, sayFailure } from "../i18n/say.ts";
import { createCostOf } from "../metrics/cost.ts";
import { createExemplars, type Exemplar } from "../metrics/exemplars.ts";
import { kneeOf } from "../metrics/knee.ts";
import { toVerdict } from "../metrics/step.ts";
import type { Say } from "../metrics/record.ts";
import type { PartialReason, PlanReport, StepReport, VerdictReport } from "../metrics/report.ts";
import type { Slo } from "../metrics/thresholds.ts";
import type { Json } from "../stream/event.ts";
import type { WorkerClient } from "../worker/client.ts";
import type { BenchDisplay } from "./bench-display.ts";
import { runStep, type StepPlan } from "./bench-step.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./exit.ts";
import { createJobs, type JobOptions } from "../run/jobs.ts";
import { isReaderGone } from "./output.ts";
import type { Records } from "./files.ts";
import type { Prompts } from "./prompts.ts";
import type { SignalWatch } from "./signals.ts";
import type { Target } from "./target.ts";

/** A measured load, ready to begin. */
export type Bench = {
  context: Context;
  target: Target;
  worker: WorkerClient;
  records: Records | null;
  load: Load;
  plan: PlanReport;
  slo: Slo;
  models: readonly string[];
  prompts: Prompts;
  params: Record<string, Json>;
  images: readonly string[];
  signals: SignalWatch;
};

export type Measured = {
  steps: StepReport[];
  partial: PartialReason | null;
  verdict: VerdictReport;
  knee: number | null;
  drawn: { streams: Exemplar[]; left: number };
  /** What ended the run for good: it is thrown again once everything that was measured is out. */
  failure: { error: unknown } | null;
};

/** Runs one step after the other, until all are done or something ends the run. */
export async function runSteps(bench: Bench, display: BenchDisplay): Promise<Measured> {
  const { load, target, signals } = bench;
  const drawn = createExemplars(load.seed);
  const steps: StepReport[] = [];
  let partial: PartialReason | null = null;
  let failure: Measured["failure"] = null;
  let died = false;
  const source = createJobs(jobOptions(bench));
  const say: Say = (failure) => oneLine(sayFailure(target.messages, failure, target.about));
  const { prices } = target.settings;
  const bill = { costOf: createCostOf(prices), currency: prices?.currency ?? null };

  for (const [step, each] of load.loads.entries()) {
    const plan: StepPlan = { step, load: each, jobs: endless(source), say, ...bill, drawn };
    const made = await runStep(bench, plan, display);
    steps.push(made.report);
    ({ partial, failure, died } = made);
    if (partial !== null) break;
  }
  // Not waited for: a standard input that keeps silent would hold the result back.
  void source.return(undefined);
  const verdict = toVerdict(steps);
  const code = died ? EXIT.bug : (signals.code() ?? exitCode(verdict, partial, failure?.error));
  return {
    steps,
    partial,
    verdict: { ...verdict, exit_code: code },
    knee: kneeOf(steps),
    drawn: drawn.streams(),
    failure,
  };
}

function jobOptions({ target, prompts: { prompts }, models, params, images }: Bench): JobOptions {
  const { settings, headers, secrets, endpoint: shownEndpoint, demo } = target;
  return {
    prompts,
    models,
    repeat: 1,
    settings,
    params,
    images,
    headers,
    secrets,
    shownEndpoint,
    demo: demo !== null,
    observe: false,
  };
}

/** 141 the reader went away, 2 prompts that cannot be read, 1 nothing completed or no output, 5 a threshold failed, else 0. */
function exitCode(
  { streams, thresholds }: Omit<VerdictReport, "exit_code">,
  partial: PartialReason | null,
  error: unknown,
): number {
  if (isReaderGone(error)) return EXIT.readerGone;
  if (partial === "prompts") return EXIT.usage;
  if (streams.ok === 0 || partial === "output") return EXIT.failed;
  // What has ended since may have mended it: it was broken all the same.
  return partial === "threshold" || thresholds.passed < thresholds.total ? EXIT.threshold : EXIT.ok;
}
