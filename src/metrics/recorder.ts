import { settled, type Tell } from "../run/broadcast.ts";
import type { Job, RunEvent } from "../run/event.ts";
import type { Ms, NoticeCode, StreamEvent } from "../stream/event.ts";
import type { CostOf } from "./cost.ts";
import { createGrowingText } from "./growing-text.ts";
import { toRecord, type Say, type StreamRecord } from "./record.ts";
import { createTimeline, type TimelineOptions } from "./timeline.ts";
import { createToolCalls } from "./tools.ts";
import type { GapEvent, WatchedEvent } from "./watched.ts";

export type RecorderOptions = Pick<TimelineOptions, "stall"> &
  Partial<Pick<TimelineOptions, "ttftFrom" | "arrivals">> & {
    /** Keep the words as well as the figures; without, an answer takes memory for its gaps and tool calls alone. */
    keepText: boolean;
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
  const gap: GapEvent = { type: "gap", stream: 0, at: 0, ms: 0, events: 0, stalled: false };

  function tellGap(take: Take, stream: number, ms: Ms, { at, events }: Extract<StreamEvent, { type: "delta" }>) {
    gap.stream = stream;
    gap.at = at;
    gap.ms = ms;
    gap.events = events;
    gap.stalled = take.isStall(ms);
    return tell(gap);
  }

  function onStream(happened: Extract<RunEvent, { type: "stream" }>): void | Promise<void> {
    const { stream, event } = happened;
    const take = open.get(stream);
    const ms = take?.on(event) ?? null;
    const settling = tell(happened);
    if (take === undefined) return settling;
    if (ms !== null && event.type === "delta") {
      const more = tellGap(take, stream, ms, event);
      return more === undefined ? settling : settled(settling, more);
    }
    if (event.type !== "ended") return settling;
    open.delete(stream);
    const { state, warmup } = take;
    return settled(settling, tell({ type: "record", stream, record: take.record(event), state, warmup }));
  }

  return (event) => {
    switch (event.type) {
      case "started": {
        const take = createTake(event, options);
        open.set(event.job.stream, take);
        return tell({ ...event, state: take.state });
      }
      case "stream":
        return onStream(event);
      case "missed":
      case "finished":
        return tell(event);
    }
  };
}

type Start = { job: Job; due: Ms; warmup: boolean };

/** One stream under way: its timeline and, where they are kept, its words. */
function createTake({ job, due, warmup }: Start, options: RecorderOptions) {
  const { stall, ttftFrom = "last_attempt", arrivals = false, keepText, say } = options;
  const { costOf = () => null, currency = null } = options;
  const timeline = createTimeline({ due, stall, ttftFrom, arrivals });
  const tools = createToolCalls();
  const text = createGrowingText();
  const reasoning = createGrowingText();
  const notices: NoticeCode[] = [];

  function keep(event: Extract<StreamEvent, { type: "delta" }>): void {
    if (event.tools.length > 0) tools.add(event.tools);
    if (!keepText) return;
    if (event.text !== "") text.add(event.text);
    if (event.reasoning !== "") reasoning.add(event.reasoning);
  }

  return {
    warmup,
    state: timeline.state,
    isStall: timeline.isStall,
    /** The gap that the event ends. */
    on(event: StreamEvent): Ms | null {
      if (event.type === "notice") notices.push(event.code);
      else if (event.type === "delta") keep(event);
      return timeline.on(event);
    },
    record(ended: Extract<StreamEvent, { type: "ended" }>): StreamRecord {
      const content = { text: text.text(), reasoning: reasoning.text(), tools: tools.calls(), notices };
      return toRecord(job, ended, timeline.figures(ended), content, { say, costOf, currency });
    },
  };
}
