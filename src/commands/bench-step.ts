import { cpus } from "node:os";
import { paceOf, windowOf } from "../bench/plan.ts";
import { UserError } from "../config/user-error.ts";
import type { createExemplars } from "../metrics/exemplars.ts";
import { createHealth, type Health } from "../metrics/health.ts";
import { createLoadRecords, type LoadRecord } from "../metrics/load-record.ts";
import { createMeter } from "../metrics/meter.ts";
import { createProgress, type Progress } from "../metrics/progress.ts";
import { createRecorder, type RecorderOptions } from "../metrics/recorder.ts";
import { toStep } from "../metrics/step.ts";
import type { LoadReport, PartialReason, StepReport } from "../metrics/report.ts";
import type { RunWatcher, WatchedEvent } from "../metrics/watched.ts";
import type { Stage } from "../run/broadcast.ts";
import type { Job } from "../run/event.ts";
import { startRun } from "../run/run.ts";
import type { Window } from "../run/window.ts";
import { now, type CancelReason, type Ms } from "../stream/event.ts";
import type { WorkerClient } from "../worker/client.ts";
import type { BenchDisplay } from "./bench-display.ts";
import type { Bench } from "./bench-run.ts";
import type { Records } from "./files.ts";
import { createCpuClock } from "./machine.ts";

/** Ms between two looks at how things stand. */
const TICK = 250;

export type StepPlan = Required<Pick<RecorderOptions, "say" | "costOf" | "currency">> & {
  step: number;
  load: LoadReport;
  jobs: AsyncIterable<Job>;
  drawn: ReturnType<typeof createExemplars>;
};

/** How a step ended. `failure`: an output that takes no more, or prompts that cannot be read; all the same it is reported. */
type End = { partial: PartialReason | null; cutAt: Ms | null; failure: { error: unknown } | null; died: boolean };

export type StepMade = End & { report: StepReport };

/** Runs one step. */
export async function runStep(bench: Bench, plan: StepPlan, display: BenchDisplay): Promise<StepMade> {
  const { worker, load, signals } = bench;
  const window = windowOf(load);
  const ending = createEnding();
  void signals.first.then(() => ending.end("signal"));
  const { meter, health, progress, warmedFrom, watched } = createWatchers(bench, plan, window, ending);
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
    const run = startRun({
      ...paceOf(plan.load, load.seed),
      jobs: plan.jobs,
      window,
      drain: load.drain_ms,
      failFast: false,
      worker,
      ...watched,
    });
    void ending.first.then((why) => run.interrupt(INTERRUPTS[why]));
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
    warmedFrom: warmedFrom(),
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
  first: Promise<PartialReason>;
  end(why: PartialReason): void;
  /** What was thrown is thrown again once everything that was measured is out. */
  fail(error: unknown, why?: PartialReason): void;
};

function createEnding(): Ending {
  const { promise: first, resolve } = Promise.withResolvers<PartialReason>();
  const state: End = { partial: null, cutAt: null, failure: null, died: false };
  function end(why: PartialReason): void {
    state.died ||= why === "crash";
    if (state.partial !== null) return;
    state.partial = why;
    state.cutAt = now();
    resolve(why);
  }
  return {
    state,
    first,
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

/** Ends a step that has no more to say: nothing but refusals came, or the thread is dead. */
function createGiveUp({ end }: Ending): RunWatcher {
  let refused = 0;
  let answered = false;
  return {
    on(event) {
      if (event.type !== "record") return;
      const { http_status: status, error } = event.record;
      // A dead thread fails every stream at once: without an end a loop would go on failing.
      if (error?.kind === "worker_died") end("crash");
      answered ||= !FINAL.has(status);
      if (!answered && ++refused > REFUSALS) end("refused");
    },
  };
}

/** Writes the records, as long as they are taken. */
function createRecordWriter(records: Records, ending: Ending): RunWatcher {
  return {
    on(event) {
      if (event.type !== "record" || ending.state.failure !== null) return;
      try {
        records.add(event.record);
      } catch (error) {
        ending.fail(error);
      }
    },
  };
}

/** Who is told of a step, and what is asked of them. */
function createWatchers({ load, slo, models, target, records }: Bench, plan: StepPlan, window: Window, ending: Ending) {
  const { step, load: kind, drawn, say, costOf, currency } = plan;
  const { requests, duration_ms: duration } = load;
  const asked = kind.kind === "closed" ? kind.concurrency : null;
  const ttftFrom = load.retries > 0 ? ("first_attempt" as const) : ("last_attempt" as const);
  const measured = { span: window, requests, duration };
  const meter = createMeter({ ...measured, models, slo, asked, ttftFrom });
  const health = createHealth({ cores: cpus().length });
  const progress = createProgress({ ...measured, step, steps: load.loads.length, load: kind, meter, health });
  const { stall } = target.settings;
  const recording = { stall, keepText: records !== null, ttftFrom, arrivals: asked === null, say, costOf, currency };
  let warmedFrom: Ms | null = null;
  const warmth: RunWatcher = {
    on(event) {
      if (event.type === "started" && event.warmup) warmedFrom ??= event.due;
    },
  };
  const watchers = [warmth, meter, health, progress, createGiveUp(ending), drawn];
  if (records !== null) watchers.push(createRecordWriter(records, ending));
  const stage: Stage<WatchedEvent<LoadRecord>> = (tell) => createRecorder(recording, createLoadRecords(step, tell));
  return { meter, health, progress, warmedFrom: () => warmedFrom, watched: { stage, watchers } };
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
