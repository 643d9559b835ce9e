import type { Span } from "../metrics/concurrency.ts";
import { round } from "../metrics/distribution.ts";
import { createHistogram, percentilesOf, type Histogram } from "../metrics/histogram.ts";
import type { Progress } from "../metrics/progress.ts";
import type { LoadReport, StepReport } from "../metrics/report.ts";
import type { StreamState } from "../metrics/timeline.ts";
import { outcomeOf, type Outcome } from "../metrics/verdict.ts";
import type { RunWatcher } from "../metrics/watched.ts";
import { isComplete, type Ms, type StreamEvent } from "../stream/event.ts";
import type { Health } from "./health.ts";
import type { Meter } from "./meter.ts";

/** Seconds that are remembered, and over which the present rates are taken: answers are rarer than tokens. */
const REMEMBERED = 60;
const PRESENT = { events: 3, requests: 10 } as const;
const SECOND = 1000;

type ProgressOptions = {
  step: number;
  steps: number;
  /** When the first step began, and what the steps before this one came to. */
  runBegan: Ms;
  earlier: readonly StepReport[];
  load: LoadReport;
  span: Span;
  requests: number | null;
  duration: Ms | null;
  meter: Meter;
  health: Health;
};

type Second = { ttft: Histogram; gaps: Histogram; events: number; complete: number };

/** Says how a load stands: what came in the last minute, second by second. */
export function createProgress(options: ProgressOptions): RunWatcher & { at(now: Ms, done: boolean): Progress } {
  const { step, steps, runBegan, earlier, load, span, requests, duration, meter, health } = options;
  /** Streams without a token so far. */
  const silent = new Map<number, { state: Readonly<StreamState>; warmup: boolean }>();
  /** Of the whole step: a first token is known long before its stream ends. */
  const ttft = createHistogram();
  const seconds: Second[] = [];
  let begun: Ms | null = null;
  let current = 0;

  /** The second of now; those that nothing came in are there as well. */
  function second(now: Ms): Second {
    begun ??= now;
    const index = Math.max(current, Math.floor((now - begun) / SECOND));
    const missing = seconds.length === 0 ? 1 : Math.min(REMEMBERED, index - current);
    for (let i = 0; i < missing; i++) seconds.push(createSecond());
    while (seconds.length > REMEMBERED) seconds.shift();
    current = index;
    return seconds.at(-1) ?? createSecond();
  }

  function onEvent(stream: number, event: StreamEvent): void {
    if (event.type === "delta") {
      const here = second(event.at);
      here.events += event.events;
      const first = silent.get(stream);
      if (first === undefined || first.state.firstTokenFrom === null) return;
      silent.delete(stream);
      here.ttft.record(event.at - first.state.firstTokenFrom);
      if (!first.warmup) ttft.record(event.at - first.state.firstTokenFrom);
    } else if (event.type === "ended") {
      silent.delete(stream);
      const here = second(event.at);
      if (isComplete(event)) here.complete++;
    }
  }

  function shareAt(now: Ms): number | null {
    const opens = span.opens();
    if (opens === null) return 0;
    const byTime = duration === null ? null : (now - opens) / duration;
    const { started, ok, failed, unfinished } = meter.all.counts();
    const byNumber = requests === null ? null : (ok + failed + unfinished) / Math.max(requests, started);
    if (byTime === null && byNumber === null) return null;
    return Math.min(1, Math.max(0, byTime ?? 0, byNumber ?? 0));
  }

  function leftAt(now: Ms, share: number | null): Ms | null {
    const [opens, closes] = [span.opens(), span.closes()];
    // How long running streams still take nobody knows.
    if (closes !== null && now >= closes) return null;
    const byShare = opens === null || share === null || share === 0 ? null : ((now - opens) * (1 - share)) / share;
    if (closes === null) return byShare;
    // Where both end it, whichever comes first: the share is that of the first.
    return Math.min(closes - now, requests === null ? Infinity : (byShare ?? Infinity));
  }

  function phaseAt(now: Ms, done: boolean): Progress["phase"] {
    if (done) return "done";
    const opens = span.opens();
    if (opens === null || now < opens) return "warmup";
    return now >= (span.closes() ?? Infinity) ? "draining" : "measuring";
  }

  /** As if each step took as long as those up to this one, on average. */
  function runAt(now: Ms, share: number | null, left: Ms | null, phase: Progress["phase"]): Progress["run"] {
    const leftHere = left ?? (phase === "draining" ? 0 : phase === "warmup" ? duration : null);
    const each = leftHere === null ? null : (now - runBegan + leftHere) / (step + 1);
    return {
      share: share === null ? null : round((step + share) / steps),
      left_ms: leftHere === null || each === null ? null : Math.round(leftHere + each * (steps - step - 1)),
    };
  }

  function thresholdsAt(now: Ms): Progress["thresholds"] {
    return meter
      .thresholds(now)
      .map((state) => ({ ...state, earlier: earlier.map((one) => outcomeIn(one, state.text)) }));
  }

  return {
    on(event) {
      if (event.type === "started") {
        begun ??= event.due;
        silent.set(event.job.stream, event);
      } else if (event.type === "stream") onEvent(event.stream, event.event);
      else if (event.type === "gap") seconds.at(-1)?.gaps.record(event.ms);
    },
    at(now, done) {
      second(now);
      const counts = meter.all.counts();
      const observed = meter.concurrency(now);
      const share = done ? 1 : shareAt(now);
      const left = done ? 0 : leftAt(now, share);
      const phase = phaseAt(now, done);
      const rate = (of: (each: Second) => number, most: number): number | null => {
        const present = seconds.slice(-most - 1, -1);
        return present.length === 0 ? null : round(present.reduce((sum, each) => sum + of(each), 0) / present.length);
      };
      return {
        v: 1,
        type: "progress",
        step,
        steps,
        load,
        phase,
        elapsed_ms: round(now - (begun ?? now)),
        share: share === null ? null : round(share),
        left_ms: left === null ? null : Math.round(left),
        streams: {
          warmup: counts.warmup,
          started: counts.started,
          ended: counts.ok + counts.failed + counts.unfinished,
          ok: counts.ok,
          failed: counts.failed,
          requests,
        },
        concurrency: { asked: observed.asked, now: meter.running(), mean: observed.mean && round(observed.mean) },
        missed_starts: meter.missed(),
        requests_per_second: rate(({ complete }) => complete, PRESENT.requests),
        events_per_second: rate(({ events }) => events, PRESENT.events),
        ttft_ms: percentilesOf(ttft),
        gap_ms: meter.all.gaps(),
        errors: meter.all.errors(),
        client: health.report(observed),
        thresholds: thresholdsAt(now),
        run: runAt(now, share, left, phase),
        history: {
          ttft_ms: seconds.map(({ ttft }) => ttft.percentile(50)),
          gap_ms: seconds.map(({ gaps }) => gaps.percentile(99)),
          events: seconds.map(({ events }) => events),
        },
      };
    },
  };
}

/** What became of a threshold in a step: that of the result in which it fared worst. */
function outcomeIn({ results }: StepReport, text: string): Outcome {
  const found = results.flatMap(({ thresholds }) => thresholds.filter((one) => one.text === text)).map(outcomeOf);
  const worst = (["failed", "undecided", "unjudged"] as const).find((outcome) => found.some((one) => one === outcome));
  return worst ?? "passed";
}

function createSecond(): Second {
  return { ttft: createHistogram(), gaps: createHistogram(), events: 0, complete: 0 };
}
