import { settled, type Tell } from "../run/broadcast.ts";
import type { Job, RunEvent } from "../run/event.ts";
import type { Ms, StreamEvent, DeltaEvent, EndedEvent } from "../stream/event.ts";
import { createContent } from "./content.ts";
import type { CostOf } from "./tokens.ts";
import { toRecord, type Say, type StreamRecord } from "./record.ts";
import { createTimeline, type TimelineOptions } from "./timeline.ts";
import type { GapEvent, WatchedEvent } from "./watched.ts";

export type RecorderOptions = Pick<TimelineOptions, "stall"> &
  Partial<Pick<TimelineOptions, "ttftFrom" | "arrivals">> & {
    /** Most UTF-16 units of its text, and of its reasoning, that are kept; with 0 it takes memory for gaps and tool calls. */
    keepText: number;
    say: Say;
    /** Without it no stream has a cost. */
    costOf?: CostOf;
    /** Of the prices. */
    currency?: string | null;
  };

type Take = ReturnType<typeof createTake>;

/** The stage that measures, once for all watchers: it adds to the events of a run its gaps and its records. */
export function createRecorder(options: RecorderOptions, tell: Tell<WatchedEvent>): Tell<RunEvent> {
  const open = new Map<number, Take>();
  /** Events that some watcher has not taken yet. */
  let untaken = 0;
  const gap: GapEvent = { type: "gap", stream: 0, at: 0, ms: 0, events: 0, stalled: false };

  function hand(event: WatchedEvent): void | Promise<void> {
    const settling = tell(event);
    if (settling === undefined) return;
    untaken++;
    const onTaken = (): void => void untaken--;
    settling.then(onTaken, onTaken);
    return settling;
  }

  function handGap(take: Take, stream: number, ms: Ms, { at, events }: DeltaEvent) {
    gap.stream = stream;
    gap.at = at;
    gap.ms = ms;
    gap.events = events;
    gap.stalled = take.isStall(ms);
    return hand(gap);
  }

  function onStream(happened: Extract<RunEvent, { type: "stream" }>): void | Promise<void> {
    const { stream, event } = happened;
    const take = open.get(stream);
    const ms = take?.on(event) ?? null;
    const settling = hand(happened);
    if (take === undefined) return settling;
    if (ms !== null && event.type === "delta") {
      const more = handGap(take, stream, ms, event);
      return more === undefined ? settling : settled(settling, more);
    }
    if (event.type !== "ended") return settling;
    open.delete(stream);
    const { state, warmup } = take;
    return settled(settling, hand({ type: "record", stream, record: take.record(event), state, warmup }));
  }

  return (event) => {
    switch (event.type) {
      case "started": {
        const take = createTake(event, options);
        open.set(event.job.stream, take);
        return hand({ ...event, state: take.state, isBlocked: () => untaken > 0 });
      }
      case "stream":
        return onStream(event);
      case "missed":
      case "finished":
        return hand(event);
    }
  };
}

type Start = { job: Job; due: Ms; warmup: boolean };

/** One stream under way: its timeline and, where they are kept, its words. */
function createTake({ job, due, warmup }: Start, options: RecorderOptions) {
  const { stall, ttftFrom = "last_attempt", arrivals = false, keepText, say } = options;
  const { costOf = () => null, currency = null } = options;
  const timeline = createTimeline({ due, stall, ttftFrom, arrivals });
  const content = createContent(keepText);

  return {
    warmup,
    state: timeline.state,
    isStall: timeline.isStall,
    /** The gap that the event ends. */
    on(event: StreamEvent): Ms | null {
      content.on(event);
      return timeline.on(event);
    },
    record(ended: EndedEvent): StreamRecord {
      return toRecord(job, ended, timeline.figures(ended), content.content(), { say, costOf, currency });
    },
  };
}
