import { cpus } from "node:os";
import type { createDrawn } from "../metrics/drawn.ts";
import { createHealth } from "../metrics/health.ts";
import { createMeter } from "../metrics/meter.ts";
import { createProgress, type Progress } from "../metrics/progress.ts";
import { createRecorder, type RecorderOptions } from "../metrics/recorder.ts";
import { toStep } from "../metrics/step.ts";
import type { LoadReport, PartialReason, StepReport } from "../metrics/summary.ts";
import type { Job, Watcher } from "../run/event.ts";
import { createArrivals, createClosedLoop, spacingFor, type Pace } from "../run/pace.ts";
import { createRandom } from "../run/random.ts";
import { startRun, type Run } from "../run/run.ts";
import { createWindow } from "../run/window.ts";
import type { CancelReason, Ms } from "../stream/event.ts";
import type { BenchDisplay } from "./bench-display.ts";
import type { Bench } from "./bench-run.ts";
import type { SignalWatch } from "./signals.ts";

/** Ms between two looks at how things stand. */
const TICK = 250;

export type StepPlan = Pick<RecorderOptions, "say" | "costOf" | "currency"> & {
  step: number;
  load: LoadReport;
  jobs: AsyncIterable<Job>;
  drawn: ReturnType<typeof createDrawn>;
};

export type StepMade = { report: StepReport; partial: PartialReason | null; broken: unknown; died: boolean };

/** Runs one step. `hold` is given what ends it early. */
export async function runStep(
  bench: Bench,
  plan: StepPlan,
  display: BenchDisplay,
  signals: SignalWatch,
  hold: (interrupt: () => void) => void,
): Promise<StepMade> {
  const { worker, records, load, slo, models, target } = bench;
  const { step, load: kind, jobs, drawn } = plan;
  const { requests, duration, warmup, drain } = load;
  const window = createWindow({ warmup, requests, duration });
  const asked = kind.kind === "closed" ? kind.concurrency : null;
  const ttftFrom = load.retries > 0 ? ("first_attempt" as const) : ("last_attempt" as const);
  const meter = createMeter({ step, models, slo, span: window, requests, duration, asked, ttftFrom });
  const health = createHealth({ cores: cpus().length });
  const progress = createProgress({
    step,
    steps: load.loads.length,
    load: kind,
    span: window,
    requests,
    duration,
    meter,
    health,
  });
  let partial: PartialReason | null = null;
  let cutAt: Ms | null = null;
  let died = false;
  const lost: unknown[] = [];
  let run: Run | null = null;
  let warmedFrom: Ms | null = null;

  function end(why: PartialReason): void {
    if (partial !== null) return;
    partial = why;
    cutAt = now();
    run?.interrupt(INTERRUPTS[why]);
  }

  const show = createShow(display, (error) => {
    lost.push(error);
    end("output");
  });

  const recorder = createRecorder({
    stall: target.settings.stall,
    keepText: records !== null,
    ttftFrom,
    say: plan.say,
    ...(plan.costOf === undefined ? {} : { costOf: plan.costOf }),
    currency: plan.currency ?? null,
    onGap(stream, gap) {
      meter.gap(stream, gap);
      progress.gap(gap);
    },
    onRecord(record) {
      if (record.error?.kind === "worker_died") {
        died = true;
        // A dead thread fails every stream at once: without an end a loop would go on failing.
        end("crash");
      }
      const made = meter.add(record);
      drawn.add(made.record, made.instants);
      records?.add(made.record);
    },
  });
  const first: Watcher = {
    on(event) {
      if (event.type === "started" && event.warmup) warmedFrom ??= event.due;
    },
  };

  const measuring = (): boolean => now() >= (window.opens() ?? Infinity) && now() <= (window.closes() ?? Infinity);
  // A thread that still loads would make the first requests late.
  await worker.watch((lags) => {
    if (measuring()) health.lags(lags);
  });
  const clock = createCpuClock();
  const timer = setInterval(() => {
    const { used, wall } = clock();
    if (measuring()) health.cpu(used, wall);
    show(progress.at(now(), false));
    if (bench.plan.abort_on_fail && meter.isBroken()) end("threshold");
  }, TICK);

  run = startRun({
    jobs,
    concurrency: kind.kind === "closed" ? kind.concurrency : kind.max_in_flight,
    full: kind.kind === "closed" ? "wait" : "miss",
    pace: paceOf(kind, load.seed),
    window,
    drain,
    failFast: false,
    worker,
    watchers: [first, meter, health, progress, recorder],
  });
  hold(() => end("signal"));
  if (signals.code() !== null) end("signal");
  const { broken } = await run.done;
  clearInterval(timer);
  show(progress.at(now(), true));
  const report = toStep({ load: kind, meter, health, span: window, requests, warmedFrom, cutAt });
  return { report, partial, broken: broken ?? lost[0] ?? null, died };
}

const INTERRUPTS: Readonly<Record<PartialReason, CancelReason>> = {
  signal: "signal",
  threshold: "abort",
  output: "reader_gone",
  crash: "abort",
};

/** Shows how things stand, unless the reader still has to take what was shown before; an output that is gone ends it. */
function createShow({ progress }: BenchDisplay, onLost: (error: unknown) => void): (state: Progress) => void {
  let writing = false;
  return (state) => {
    if (writing) return;
    try {
      const settling = progress(state);
      if (settling === undefined) return;
      writing = true;
      settling.catch(onLost).finally(() => (writing = false));
    } catch (error) {
      onLost(error);
    }
  };
}

function paceOf(load: LoadReport, seed: number): Pace {
  if (load.kind === "closed") return createClosedLoop(spacingFor(load.concurrency));
  return createArrivals(load.rate, load.arrival, createRandom(seed));
}

/** CPU time of this process since the last call, and the time that passed, both in ms. */
function createCpuClock(): () => { used: Ms; wall: Ms } {
  let usage = process.cpuUsage();
  let at = performance.now();
  return () => {
    const { user, system } = process.cpuUsage(usage);
    const wall = performance.now() - at;
    usage = process.cpuUsage();
    at = performance.now();
    return { used: (user + system) / 1000, wall };
  };
}

function now(): Ms {
  return performance.timeOrigin + performance.now();
}
