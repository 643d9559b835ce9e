import { createArrivalError } from "../metrics/arrival-error.ts";
import { createConcurrency } from "../metrics/concurrency.ts";
import { createHealth } from "../metrics/health.ts";
import { createRecorder } from "../metrics/recorder.ts";
import type { SelftestLoad } from "../metrics/selftest.ts";
import { createClosedLoop, spacingFor } from "../run/pace.ts";
import { startRun } from "../run/run.ts";
import { createWindow } from "../run/window.ts";
import { READ_AT, readStamps } from "../simulator/stamp.ts";
import { createWorkerClient } from "../worker/client.ts";
import { createCpuClock } from "./cpu-clock.ts";
import type { Context } from "./context.ts";
import { startSimulatorProcess } from "./other-process.ts";
import { occupyThread } from "./selftest-busy.ts";
import { loadJobs, type Load } from "./selftest-plan.ts";

/** Where loads are run. */
export type Lab = {
  context: Context;
  cores: number;
  /** Settles when a signal comes: nothing is waited for any more. */
  stopped: Promise<void>;
};

/** Ms from which a gap is a stall; nothing of it is shown. */
const STALL = 1000;

/**
 * One load on the path that every command takes, against a server in another process. Server and worker are new for each
 * load: both set their clocks when they start, and what the system corrects afterwards would part them. `null`: a signal
 * came.
 */
export async function runLoad({ context, cores, stopped }: Lab, load: Load): Promise<SelftestLoad | null> {
  const { streams, rate, tokens, window, busy } = load;
  const other = await startSimulatorProcess(context, []);
  const worker = createWorkerClient(context.openWorker);
  let release = (): void => undefined;
  try {
    const errors = createArrivalError({ tokens, stampsIn: rate > 0 ? readStamps : () => [], readAt });
    const concurrency = createConcurrency(streams);
    const health = createHealth({ cores });
    const recorder = createRecorder({
      stall: STALL,
      keepText: false,
      say: ({ kind }) => kind,
      onGap: errors.gap,
      onRecord: errors.record,
    });
    worker.watch(health.lags);
    const clock = createCpuClock();
    const run = startRun({
      jobs: loadJobs(other.url, load),
      concurrency: streams,
      pace: createClosedLoop(spacingFor(streams)),
      window: createWindow(window),
      failFast: false,
      worker,
      watchers: [errors, concurrency, health, recorder],
    });
    if (busy) release = occupyThread();
    const ended = await Promise.race([run.done, stopped]);
    if (ended === undefined) return null;
    if (ended.broken !== null) throw ended.broken;
    const { used, wall } = clock();
    health.cpu(used, wall);
    const client = health.report(concurrency.observed());
    return { concurrency: streams, tokens_per_second: rate, tokens_per_stream: tokens, ...errors.figures(), client };
  } finally {
    release();
    worker.close();
    await other.stop();
  }
}

function readAt(headers: Readonly<Record<string, string>>): number | null {
  const said = headers[READ_AT];
  return said === undefined ? null : Number(said);
}
