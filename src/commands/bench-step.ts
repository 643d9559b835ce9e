import { cpus } from "node:os";
import { UserError } from "../config/user-error.ts";
import type { createExemplars } from "../metrics/exemplars.ts";
import { createHealth, type Health } from "../metrics/health.ts";
import { createMeter } from "../metrics/meter.ts";
import { createProgress, type Progress } from "../metrics/progress.ts";
import { createRecorder, type RecorderOptions } from "../metrics/recorder.ts";
import type { StreamRecord } from "../metrics/record.ts";
import { toStep } from "../metrics/step.ts";
import type { LoadReport, PartialReason, StepReport } from "../metrics/summary.ts";
import type { Job, Watcher } from "../run/event.ts";
import { createArrivals, createClosedLoop, spacingFor, type Pace } from "../run/pace.ts";
import { createRandom } from "../run/random.ts";
import { startRun, type Run } from "../run/run.ts";
import { createWindow, type Window } from "../run/window.ts";
import type { CancelReason, Ms } from "../stream/event.ts";
import type { WorkerClient } from "../worker/client.ts";
import type { BenchDisplay } from "./bench-display.ts";
import type { Bench } from "./bench-run.ts";
import { createCpuClock } from "./machine.ts";

/** Ms between two looks at how things stand. */
const TICK = 250;

export type StepPlan = Pick<RecorderOptions, "say" | "costOf" | "currency"> & {
  step: number;
  load: LoadReport;
  jobs: AsyncIterable<Job>;
  drawn: ReturnType<typeof createExemplars>;
};

/** How a step ended. `failure`: an output that takes no more, or prompts that cannot be read; all the same it is reported. */
type End = { partial: PartialReason | null; cutAt: Ms | null; failure: { error: unknown } | null; died: boolean };

export type StepMade = End & { report: StepReport };

/** Runs one step. `hold` is given what ends it early. */
export async function runStep(
  bench: Bench,
  plan: StepPlan,
  display: BenchDisplay,
  hold: (interrupt: () => void) => void,
): Promise<StepMade> {
  const { worker, load, signals } = bench;
  const window = createWindow(load);
  let run: Run | null = null;
  const ending = createEnding((why) => run?.interrupt(INTERRUPTS[why]));
  const guests = createGuests(bench, plan, window, ending);
  const { meter, health, progress } = guests;
  const show = createShow(display, ending.fail);
  const client = watchClient(worker, window, health);
  // A thread that still loads would make the first requests late.
  await client.hear();

  const timer = setInterval(() => {
    client.look();
    show(progress.at(now(), false));
    if (bench.plan.abort_on_fail && meter.isBroken()) ending.end("threshold");
  }, TICK);
  try {
    run = startRun({
      ...paceOf(plan.load, load.seed),
      jobs: plan.jobs,
      window,
      drain: load.drain,
      failFast: false,
      worker,
      watchers: guests.all,
    });
    hold(() => ending.end("signal"));
    if (signals.code() !== null) ending.end("signal");
    const { broken } = await run.done;
    if (broken !== null) ending.fail(broken);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    ending.fail(error, "prompts");
  } finally {
    clearInterval(timer);
  }
  // The thread tells what it has not told yet: a short run may have none of it.
  await client.hear();
  show(progress.at(now(), true));
  const report = toStep({
    load: plan.load,
    meter,
    health,
    span: window,
    requests: load.requests,
    warmedFrom: guests.warmedFrom(),
    cutAt: ending.state.cutAt,
  });
  return { report, ...ending.state };
}

/** Tells the health of this program while the window is open: how late its thread is, and what it takes of the processor. */
function watchClient(worker: WorkerClient, window: Window, health: Health): { hear(): Promise<void>; look(): void } {
  const clock = createCpuClock();
  let heardAt = now();
  const opens = (): Ms => window.opens() ?? Infinity;
  const closes = (): Ms => window.closes() ?? Infinity;
  return {
    /** What comes late is of the time since the last one came. */
    hear: () =>
      worker.watch((lags) => {
        if (now() >= opens() && heardAt <= closes()) health.lags(lags);
        heardAt = now();
      }),
    look() {
      const { used, wall } = clock();
      if (now() >= opens() && now() <= closes()) health.cpu(used, wall);
    },
  };
}

/** Why a step ended before its plan did: the first reason counts. */
type Ending = {
  state: End;
  end(why: PartialReason): void;
  /** What was thrown is thrown again once everything that was measured is out. */
  fail(error: unknown, why?: PartialReason): void;
};

function createEnding(interrupt: (why: PartialReason) => void): Ending {
  const state: End = { partial: null, cutAt: null, failure: null, died: false };
  function end(why: PartialReason): void {
    state.died ||= why === "crash";
    if (state.partial !== null) return;
    state.partial = why;
    state.cutAt = now();
    interrupt(why);
  }
  return {
    state,
    end,
    fail(error, why = "output") {
      state.failure ??= { error };
      end(why);
    },
  };
}

const INTERRUPTS: Readonly<Record<PartialReason, CancelReason>> = {
  signal: "signal",
  threshold: "abort",
  output: "reader_gone",
  prompts: "abort",
  refused: "abort",
  crash: "abort",
};

/** Statuses of a request that will not be answered however often it is sent: wrong key, no right, wrong name. */
const FINAL: ReadonlySet<number | null> = new Set([401, 403, 404]);
/** When more streams than these have ended, and all of them so, a load would only go on knocking. */
const REFUSALS = 30;

/** Calls `end` when nothing but such refusals came. */
function createRefusals(end: () => void): (record: StreamRecord) => void {
  let refused = 0;
  let answered = false;
  return ({ http_status: status }) => {
    answered ||= !FINAL.has(status);
    if (!answered && ++refused > REFUSALS) end();
  };
}

/** Who listens to a step, in the order in which they are told. */
function createGuests({ load, slo, models, target, records }: Bench, plan: StepPlan, window: Window, ending: Ending) {
  const { step, load: kind, drawn } = plan;
  const { requests, duration } = load;
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
  const noteRefusal = createRefusals(() => ending.end("refused"));
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
      // A dead thread fails every stream at once: without an end a loop would go on failing.
      if (record.error?.kind === "worker_died") ending.end("crash");
      noteRefusal(record);
      const made = meter.add(record);
      drawn.add(made.record, made.instants);
      if (ending.state.failure !== null) return;
      try {
        records?.add(made.record);
      } catch (error) {
        // Thrown on, it would end the recorder, and streams that are cut by it would be counted nowhere.
        ending.fail(error);
      }
    },
  });
  let warmedFrom: Ms | null = null;
  const first: Watcher = {
    on(event) {
      if (event.type === "started" && event.warmup) warmedFrom ??= event.due;
    },
  };
  return { meter, health, progress, warmedFrom: () => warmedFrom, all: [first, meter, health, progress, recorder] };
}

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

/** When streams are due, how many run at most, and what becomes of one that finds no place. */
function paceOf(load: LoadReport, seed: number): { pace: Pace; concurrency: number; full: "wait" | "miss" } {
  if (load.kind === "closed") {
    const { concurrency } = load;
    return { pace: createClosedLoop(spacingFor(concurrency)), concurrency, full: "wait" };
  }
  const { rate, arrival, max_in_flight: concurrency } = load;
  return { pace: createArrivals(rate, arrival, createRandom(seed)), concurrency, full: "miss" };
}

function now(): Ms {
  return performance.timeOrigin + performance.now();
}
