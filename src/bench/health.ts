import type { Concurrency, Span } from "../metrics/concurrency.ts";
import { round } from "../metrics/distribution.ts";
import { createHistogram } from "../metrics/histogram.ts";
import type { ClientCheck, ClientCheckName, ClientReport } from "../metrics/report.ts";
import type { RunWatcher } from "../metrics/watched.ts";
import { now, type Failure, type Ms, type StreamEvent } from "../stream/event.ts";
import type { WorkerClient } from "../worker/client.ts";

/** What the client must keep for its figures to be the server's alone. */
const CLIENT_LIMITS = { worker_lag_p99_ms: 5, dispatch_delay_p99_ms: 10, cpu_per_thread: 0.8 } as const;

/** Ms of measured time in which the worker must have looked at its event loop. */
const SILENT_MS = 2000;

/** Threads that work while streams run: the one that shows, the one that reads, and the runtime's network thread. */
const THREADS = 3;

export type Health = RunWatcher & {
  /** Ms by which the worker's event loop was late, one value a look. */
  lags(values: readonly number[]): void;
  /** CPU time the process used in a stretch of time, both in ms. */
  cpu(used: Ms, wall: Ms): void;
  /** `observed`: who ran at once; only a closed loop asks for a number. */
  report(observed: Concurrency): ClientReport;
};

/**
 * Watches this program rather than the server. `cores`: of the machine; threads share them, so that on
 * two cores three busy threads have two thirds of one each.
 */
export function createHealth({ cores }: { cores: number }): Health {
  const lag = createHistogram();
  const delay = createHistogram();
  const due = new Map<number, Ms>();
  const measured = new Set<number>();
  const cpu = { used: 0, wall: 0 };
  let held = 0;
  let longestHold = 0;
  let refused = 0;

  function onEvent(stream: number, event: StreamEvent): void {
    if (event.type === "sent") {
      const wanted = due.get(stream);
      if (wanted !== undefined) delay.record(event.at - wanted);
      due.delete(stream);
    } else if (event.type === "ended") {
      noteFailure(stream, event.failure);
      due.delete(stream);
      if (!measured.delete(stream)) return;
      held += event.backpressure;
      longestHold = Math.max(longestHold, event.backpressure);
    }
  }

  /** The system gave this program no more connections: no fault of the server's. */
  function noteFailure(stream: number, failure: Failure | null): void {
    if (failure?.kind === "too_many_files" && measured.has(stream)) refused++;
  }

  function check(name: ClientCheckName, value: number | null, limit: number | null, passed: boolean): ClientCheck {
    return { name, value: value === null ? null : round(value), limit, passed };
  }

  function below(name: keyof typeof CLIENT_LIMITS, value: number | null, without = true): ClientCheck {
    const limit = CLIENT_LIMITS[name];
    return check(name, value, limit, value === null ? without : value < limit);
  }

  return {
    on(event) {
      if (event.type === "started" && !event.warmup) {
        due.set(event.job.stream, event.due);
        measured.add(event.job.stream);
      } else if (event.type === "stream") onEvent(event.stream, event.event);
    },
    lags(values) {
      for (const value of values) lag.record(value);
    },
    cpu(used, wall) {
      cpu.used += used;
      cpu.wall += wall;
    },
    report({ asked, mean, short }) {
      const threads = Math.min(THREADS, cores);
      const checks = [
        // A thread that had no time to look in all of it is not one that was never late.
        below("worker_lag_p99_ms", lag.percentile(99), cpu.wall < SILENT_MS),
        below("dispatch_delay_p99_ms", delay.percentile(99)),
        below("cpu_per_thread", cpu.wall > 0 ? cpu.used / cpu.wall / threads : null),
        check("concurrency", mean, asked, !short),
        check("held_ms", held, 0, held === 0),
        check("too_many_files", refused, 0, refused === 0),
      ];
      return { healthy: checks.every(({ passed }) => passed), longest_hold_ms: round(longestHold), checks };
    },
  };
}

/** Whether a stream could not be sent since this program had too many files and connections open. */
export function ranOutOfFiles({ checks }: ClientReport): boolean {
  return checks.some(({ name, passed }) => name === "too_many_files" && !passed);
}

/** CPU time of this process since the last call, and the time that passed, both in ms. */
export type CpuClock = () => () => { used: Ms; wall: Ms };

type Client = { worker: WorkerClient; span: Span; health: Health; clock: ReturnType<CpuClock> };

/** Tells the health of this program while measured time runs: how late its thread is, and what it takes of the processor. */
export function watchClient({ worker, span, health, clock }: Client): { hear(): Promise<void>; look(): void } {
  const hasOpened = (): boolean => now() >= (span.opens() ?? Infinity);
  const closes = (): Ms => span.closes() ?? Infinity;
  let heardAt = now();
  return {
    /** What comes late is of the time since the last one came. */
    hear: () =>
      worker.watch((lags) => {
        if (hasOpened() && heardAt <= closes()) health.lags(lags);
        heardAt = now();
      }),
    look() {
      const { used, wall } = clock();
      if (hasOpened() && now() <= closes()) health.cpu(used, wall);
    },
  };
}
