import { oneLine, sayFailure } from "../i18n/messages.ts";
import { createCostOf } from "../metrics/cost.ts";
import { createDrawn } from "../metrics/drawn.ts";
import { kneeOf } from "../metrics/knee.ts";
import { toVerdict } from "../metrics/step.ts";
import type { Say } from "../metrics/record.ts";
import type { DrawnStream } from "../metrics/drawn.ts";
import type { PartialReason, PlanReport, StepReport, VerdictReport } from "../metrics/summary.ts";
import type { Slo } from "../metrics/thresholds.ts";
import type { Json } from "../stream/event.ts";
import type { WorkerClient } from "../worker/client.ts";
import type { BenchDisplay } from "./bench-display.ts";
import { runStep, type StepPlan } from "./bench-step.ts";
import type { Door } from "./door.ts";
import { EXIT } from "./exit.ts";
import type { Load } from "./load.ts";
import { createJobs, type JobOptions } from "../run/jobs.ts";
import type { Job } from "../run/event.ts";
import type { Records } from "./records.ts";
import { watchSignals, type SignalWatch } from "./signals.ts";
import type { Supply } from "./supply.ts";
import type { Target } from "./target.ts";

/** A measured load, ready to begin. */
export type Bench = {
  door: Door;
  target: Target;
  worker: WorkerClient;
  records: Records | null;
  load: Load;
  plan: PlanReport;
  slo: Slo;
  models: readonly string[];
  supply: Supply;
  params: Record<string, Json>;
  images: readonly string[];
};

export type Measured = {
  steps: StepReport[];
  partial: PartialReason | null;
  verdict: VerdictReport;
  knee: number | null;
  drawn: { streams: DrawnStream[]; left: number };
  signals: SignalWatch;
  /** What a guest threw: an output that takes no more. */
  broken: unknown;
};

/** Runs one step after the other, until all are done or something ends the run. */
export async function runSteps(bench: Bench, display: BenchDisplay): Promise<Measured> {
  const { load, target } = bench;
  const drawn = createDrawn(load.seed);
  const steps: StepReport[] = [];
  const state = { partial: null as PartialReason | null, broken: null as unknown, died: false, interrupt: () => {} };
  const signals = watchSignals(() => state.interrupt());
  const source = createJobs(jobOptions(bench));
  const say: Say = (failure) => oneLine(sayFailure(target.messages, failure, target.about));
  const { prices } = target.settings;
  const bill = { costOf: createCostOf(prices), currency: prices?.currency ?? null };

  for (const [step, each] of load.loads.entries()) {
    const plan: StepPlan = { step, load: each, jobs: endless(source), say, ...bill, drawn };
    const made = await runStep(bench, plan, display, signals, (interrupt) => (state.interrupt = interrupt));
    steps.push(made.report);
    state.partial = made.partial;
    state.broken = made.broken;
    state.died ||= made.died;
    if (made.partial !== null || made.broken !== null) break;
  }
  // Not waited for: a standard input that keeps silent would hold the result back.
  void source.return(undefined);
  const verdict = toVerdict(steps);
  const code = exitCode(verdict, signals.code(), state.died);
  return {
    steps,
    partial: state.partial,
    verdict: { ...verdict, exit_code: code },
    knee: kneeOf(steps),
    drawn: drawn.streams(),
    signals,
    broken: state.broken,
  };
}

/** The jobs of one step: its end must not end the source, which the next step goes on with. */
function endless(source: AsyncGenerator<Job>): AsyncIterable<Job> {
  return { [Symbol.asyncIterator]: () => ({ next: () => source.next() }) };
}

function jobOptions({ target, supply, models, params, images }: Bench): JobOptions {
  const { settings, headers, secrets, endpoint: shownEndpoint, demo } = target;
  return {
    prompts: supply.prompts,
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

/** 70 a bug, the signal's own, 1 nothing completed, 5 a threshold failed, else 0. */
function exitCode({ streams, thresholds }: Omit<VerdictReport, "exit_code">, signal: number | null, died: boolean) {
  if (died) return EXIT.bug;
  if (signal !== null) return signal;
  if (streams.ok === 0) return EXIT.failed;
  return thresholds.passed < thresholds.total ? EXIT.threshold : EXIT.ok;
}
