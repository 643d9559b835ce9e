import { UserError } from "../config/user-error.ts";
import { createExemplars, type Exemplar } from "../metrics/exemplars.ts";
import { createLoadRecords, type LoadRecord } from "../metrics/load-record.ts";
import type { Progress } from "../metrics/progress.ts";
import { IN_RECORD } from "../metrics/content.ts";
import { createRecorder, type RecorderOptions } from "../metrics/recorder.ts";
import type { LoadReport, PartialReason, PlanReport, StepReport } from "../metrics/report.ts";
import type { Slo } from "../metrics/thresholds.ts";
import type { RunWatcher, WatchedEvent } from "../metrics/watched.ts";
import type { Stage } from "../run/broadcast.ts";
import type { Job } from "../run/event.ts";
import { createJobs, type JobOptions } from "../run/jobs.ts";
import { startRun } from "../run/run.ts";
import type { Shard } from "../run/shard.ts";
import type { Window } from "../run/window.ts";
import { now, type CancelReason, type Ms } from "../stream/event.ts";
import type { WorkerClient } from "../worker/client.ts";
import { createAtOnce } from "./at-once.ts";
import { createHealth, watchClient, type CpuClock } from "./health.ts";
import { createMeter } from "./meter.ts";
import { paceOf, windowOf, endless } from "./plan.ts";
import { createProgress } from "./progress.ts";
import { lengthOf, shareOfLoad, startsOf, type Sharding } from "./shard.ts";
import { toStep } from "./step-report.ts";

/** Ms between two looks at how things stand. */
const TICK = 250;

/** A measured load, ready to begin. */
export type Bench = {
  plan: PlanReport;
  slo: Slo;
  jobs: JobOptions;
  worker: WorkerClient;
  /** How records are made. */
  recording: Required<Pick<RecorderOptions, "stall" | "say" | "costOf" | "currency">>;
  /** Takes every record; what it throws ends the load. `null`: nobody wants them, nor the texts in them. */
  keep: ((record: LoadRecord) => void | Promise<void>) | null;
  /** Shows how things stand; what it throws ends the load. */
  show(progress: Progress): void | Promise<void>;
  /** It is the part of one of several machines. */
  sharding: Sharding | null;
  /** Settles when a signal comes. */
  stopped: Promise<void>;
  /** Of this machine and this process. */
  cores: number;
  cpuClock: CpuClock;
};

/** What was measured, and how it ended: all of it is reported, whatever ended it. */
export type Measured = End & { steps: StepReport[]; drawn: { streams: Exemplar[]; left: number } };

/** One step of it. */
type Step = {
  number: number;
  /** What is asked for in all, and of this program. */
  whole: LoadReport;
  load: LoadReport;
  /** Where it is one of several machines: which, and when the step begins. */
  mine: { shard: Shard; begin: Ms } | null;
  /** When the first step began, and what those before this one came to. */
  runBegan: Ms;
  earlier: readonly StepReport[];
  jobs: AsyncIterable<Job>;
  drawn: ReturnType<typeof createExemplars>;
};

/** Runs one step after the other, until all are done or something ends the run. */
export async function runSteps(bench: Bench): Promise<Measured> {
  const { plan, sharding } = bench;
  const { loads, seed } = plan;
  const begins = sharding === null ? [] : startsOf(plan, sharding);
  const drawn = createExemplars(seed);
  const source = createJobs(bench.jobs);
  const steps: StepReport[] = [];
  const runBegan = now();
  let end: End = { partial: null, cutAt: null, failure: null, died: false };
  for (const [number, whole] of loads.entries()) {
    const begin = begins[number];
    const mine = sharding === null || begin === undefined ? null : { shard: sharding, begin };
    const load = mine === null ? whole : shareOfLoad(whole, mine.shard);
    const made = await runStep(bench, {
      number,
      whole,
      load,
      mine,
      runBegan,
      earlier: [...steps],
      jobs: endless(source),
      drawn,
    });
    steps.push(made.report);
    ({ end } = made);
    if (end.partial !== null) break;
  }
  // Not waited for: a standard input that keeps silent would hold the result back.
  void source.return(undefined);
  return { ...end, steps, drawn: drawn.streams() };
}

async function runStep(bench: Bench, step: Step): Promise<{ report: StepReport; end: End }> {
  const { plan, worker } = bench;
  const window = windowOf(plan);
  const ending = createEnding();
  void bench.stopped.then(() => ending.end("signal"));
  const { meter, health, progress, warmedFrom, atOnce, watched } = createWatchers(bench, step, window, ending);
  const show = createShow(bench.show, ending.fail);
  const client = watchClient({ worker, span: window, health, clock: bench.cpuClock() });
  // A thread that still loads would make the first requests late.
  await client.hear();
  if (step.mine !== null) await waitFor(step.mine.begin, step.number, ending);

  const timer = setInterval(() => {
    client.look();
    show(progress.at(now(), false));
    if (plan.abort_on_fail && meter.isBroken()) ending.end("threshold");
  }, TICK);
  try {
    const run = startRun({
      ...paceOf(step.whole, plan.seed, step.mine),
      jobs: step.jobs,
      window,
      drain: plan.drain_ms,
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
  const { cutAt } = ending.state;
  const measured = { meter, health, span: window, requests: plan.requests, warmedFrom: warmedFrom(), cutAt, atOnce };
  return { report: toStep({ load: step.load, slo: bench.slo, ...measured }), end: ending.state };
}

/** Ms before the begin of a step at which everything is ready for it. */
const READY = 250;

/** Waits until a step is about to begin, or something ends it; throws where the first one should have begun already. */
async function waitFor(begin: Ms, number: number, ending: Ending): Promise<void> {
  const late = now() - begin;
  const at = new Date(begin).toISOString();
  if (number === 0 && late > 0) throw new UserError({ code: "start_passed", start: at, at, late });
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, Math.max(0, -late - READY));
  await Promise.race([promise, ending.first]);
  clearTimeout(timer);
}

/** Who is told of a step, and what is asked of them. */
function createWatchers(bench: Bench, step: Step, span: Window, ending: Ending) {
  const { plan, slo, jobs, recording, keep, cores } = bench;
  const { number, load, runBegan, earlier, drawn } = step;
  const { requests, duration_ms: duration } = plan;
  const asked = load.kind === "closed" ? load.concurrency : null;
  const ttftFrom = plan.retries > 0 ? ("first_attempt" as const) : ("last_attempt" as const);
  const measured = { span, requests, duration };
  const meter = createMeter({ ...measured, models: jobs.models, slo, asked, ttftFrom, parted: step.mine !== null });
  const atOnce = step.mine === null ? null : createAtOnce(step.mine.begin, lengthOf(plan));
  const health = createHealth({ cores });
  const progress = createProgress({
    ...measured,
    step: number,
    steps: plan.loads.length,
    runBegan,
    earlier,
    load,
    meter,
    health,
  });
  let warmedFrom: Ms | null = null;
  const warmth: RunWatcher = {
    on(event) {
      if (event.type === "started" && event.warmup) warmedFrom ??= event.due;
    },
  };
  const watchers = [warmth, meter, health, progress, createGiveUp(ending), drawn];
  if (atOnce !== null) watchers.push(atOnce);
  if (keep !== null) watchers.push(createKeeper(keep, ending));
  const options = { ...recording, keepText: keep === null ? 0 : IN_RECORD, ttftFrom, arrivals: asked === null };
  const stage: Stage<WatchedEvent<LoadRecord>> = (tell) => createRecorder(options, createLoadRecords(number, tell));
  return { meter, health, progress, warmedFrom: () => warmedFrom, atOnce, watched: { stage, watchers } };
}

/** Hands the records on, as long as they are taken. */
function createKeeper(keep: NonNullable<Bench["keep"]>, ending: Ending): RunWatcher<LoadRecord> {
  return {
    on(event) {
      if (event.type !== "record" || ending.state.failure !== null) return undefined;
      try {
        return keep(event.record)?.catch((error: unknown) => ending.fail(error));
      } catch (error) {
        return ending.fail(error);
      }
    },
  };
}

/** Shows how things stand, unless the reader still has to take what was shown before; an output that is gone ends it. */
function createShow(show: Bench["show"], onLost: (error: unknown) => void): Bench["show"] {
  let writing = false;
  return (state) => {
    if (writing) return;
    try {
      const settling = show(state);
      if (settling === undefined) return;
      writing = true;
      settling.catch(onLost).finally(() => (writing = false));
    } catch (error) {
      onLost(error);
    }
  };
}

/** How a load ended. `failure`: an output that takes no more, or prompts that cannot be read; all the same it is reported. */
type End = {
  partial: PartialReason | null;
  cutAt: Ms | null;
  failure: { error: unknown } | null;
  died: boolean;
};

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

/** What the streams under way are told of it. */
const INTERRUPTS: Readonly<Record<PartialReason, CancelReason>> = {
  signal: "signal",
  threshold: "abort",
  output: "reader_gone",
  prompts: "abort",
  refused: "abort",
  crash: "abort",
};

/** Statuses of a request that will not be answered however often it is sent: wrong key, no credit, no right, wrong name. */
const FINAL: ReadonlySet<number | null> = new Set([401, 402, 403, 404, 407]);
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
