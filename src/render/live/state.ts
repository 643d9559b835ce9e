import type { StartedEvent, WatchedEvent } from "../../metrics/watched.ts";
import { isComplete, type Ms } from "../../stream/event.ts";
import { flat } from "../../text/visible.ts";
import { createPane, type Pane, type PaneOptions } from "./pane.ts";
import { createRateRing } from "./rate-ring.ts";

/** A run as it stands at one instant. */
export type RunSnapshot = {
  now: Ms;
  /** How many streams there will be; `null` while nobody knows. */
  total: number | null;
  /** In the order in which they started. */
  running: readonly Pane[];
  /** The latest first, as many as any screen shows. */
  ended: readonly Pane[];
  /** Those asked for, then those that prompts named besides. */
  models: readonly string[];
  /** More than one prompt, or one several times: numbers tell the streams apart. */
  numbered: boolean;
  done: number;
  failed: number;
  /** Token events of the last second. */
  tokensPerSecond: number;
  /** Ms until all are done, at the rate of those that are; `null` when that says nothing. */
  left: number | null;
};

type LiveState = {
  on(event: WatchedEvent): void;
  snapshot(now: Ms, total: number | null): RunSnapshot;
};

/** More ended streams than this no screen shows. */
const KEPT = 100;
/** Prompts may each name a model of their own; beyond this many nobody reads columns. */
const MODELS = 64;

/** Every stream that runs and the last that ended; what a long run costs does not grow. */
export function createLiveState(models: readonly string[], options: PaneOptions): LiveState {
  const running = new Map<number, Pane>();
  const ended = new Map<number, Pane>();
  const known = new Set(models.map(flat));
  const rates = createRateRing(100, 12);
  let numbered = false;
  let done = 0;
  let failed = 0;
  /** Ms that the streams which ended took, together. */
  let spent = 0;

  function onStarted(started: StartedEvent): void {
    const { job } = started;
    const pane = createPane(started, options);
    running.set(job.stream, pane);
    if (known.size < MODELS) known.add(pane.model);
    numbered ||= job.promptIndex > 0 || job.repeat > 0;
  }

  function onStream({ stream, event }: Extract<WatchedEvent, { type: "stream" }>): void {
    const pane = running.get(stream);
    if (pane === undefined) return;
    pane.on(event);
    if (event.type === "delta") rates.add(event.at, event.events);
    if (event.type !== "ended") return;
    running.delete(stream);
    ended.set(stream, pane);
    const [oldest] = ended.keys();
    if (ended.size > KEPT && oldest !== undefined) ended.delete(oldest);
    done++;
    if (!isComplete(event)) failed++;
    spent += Math.max(0, event.at - pane.started);
  }

  /** As if every stream took as long as those that ended, and as many ran at once as now. */
  function leftAt(now: Ms, total: number | null): number | null {
    if (total === null || done === 0) return null;
    const each = spent / done;
    let work = Math.max(0, total - done - running.size) * each;
    for (const { started } of running.values()) work += Math.max(0, each - (now - started));
    return work === 0 ? null : work / Math.max(1, running.size);
  }

  return {
    on(event) {
      if (event.type === "started") onStarted(event);
      else if (event.type === "stream") onStream(event);
      else if (event.type === "record") ended.get(event.stream)?.record(event.record);
    },
    snapshot: (now, total) => ({
      now,
      total,
      running: [...running.values()],
      ended: [...ended.values()].toReversed(),
      models: [...known],
      numbered,
      done,
      failed,
      tokensPerSecond: rates.last(10, now).reduce((sum, count) => sum + count, 0),
      left: leftAt(now, total),
    }),
  };
}
