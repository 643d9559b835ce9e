import type { Job, RunEvent, Watcher } from "../run/event.ts";
import type { NoticeCode, StreamEvent } from "../stream/event.ts";
import type { CostOf } from "./cost.ts";
import { createGrowingText } from "./growing-text.ts";
import { toRecord, type Say, type StreamRecord } from "./record.ts";
import { createTimeline, type TimelineOptions } from "./timeline.ts";
import { createToolCalls } from "./tools.ts";

export type RecorderOptions = {
  /** Ms from which a gap is a stall. */
  stall: number;
  ttftFrom?: TimelineOptions["ttftFrom"];
  /** Called with each gap of a stream, in ms. */
  onGap?: (stream: number, gap: number) => void;
  /** Keep the words as well as the figures; without, an answer takes memory for its gaps and tool calls alone. */
  keepText: boolean;
  say: Say;
  /** Without it no stream has a cost. */
  costOf?: CostOf;
  /** Of the prices. */
  currency?: string | null;
  /** Called once a stream, with its record; what it returns is awaited. */
  onRecord(record: StreamRecord): void | Promise<void>;
};

/** The guest that measures: one timeline a stream, one record at its end. */
export function createRecorder(options: RecorderOptions): Watcher {
  const {
    stall,
    ttftFrom = "last_attempt",
    onGap,
    keepText,
    say,
    costOf = () => null,
    currency = null,
    onRecord,
  } = options;
  const open = new Map<number, ReturnType<typeof createTake>>();

  function onStream(stream: number, event: StreamEvent): void | Promise<void> {
    const take = open.get(stream);
    if (take === undefined) return;
    take.on(event);
    if (event.type !== "ended") return;
    open.delete(stream);
    return onRecord(take.record(event));
  }

  function createTake(job: Job) {
    const timeline = createTimeline({
      stall,
      ttftFrom,
      ...(onGap === undefined ? {} : { onGap: (gap: number) => onGap(job.stream, gap) }),
    });
    const tools = createToolCalls();
    const text = createGrowingText();
    const reasoning = createGrowingText();
    const notices: NoticeCode[] = [];
    return {
      on(event: StreamEvent): void {
        timeline.on(event);
        if (event.type === "notice") notices.push(event.code);
        if (event.type !== "delta") return;
        if (event.tools.length > 0) tools.add(event.tools);
        if (!keepText) return;
        if (event.text !== "") text.add(event.text);
        if (event.reasoning !== "") reasoning.add(event.reasoning);
      },
      record(ended: Extract<StreamEvent, { type: "ended" }>): StreamRecord {
        const content = { text: text.text(), reasoning: reasoning.text(), tools: tools.calls(), notices };
        return toRecord(job, ended, timeline.figures(ended), content, { say, costOf, currency });
      },
    };
  }

  return {
    on(event: RunEvent) {
      switch (event.type) {
        case "started":
          open.set(event.job.stream, createTake(event.job));
          return;
        case "stream":
          return onStream(event.stream, event.event);
        case "missed":
        case "finished":
          return;
      }
    },
  };
}
