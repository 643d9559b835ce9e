import type { RunEvent, Watcher } from "../run/event.ts";
import type { Ms } from "../stream/event.ts";
import type { StreamRecord } from "./record.ts";
import type { StreamState } from "./timeline.ts";

/**
 * The time between two reads of one stream that brought tokens, where we were reading all the while; told right after
 * the read that ends it. One object tells every gap of a run: whoever keeps something of it copies it.
 */
export type GapEvent = {
  type: "gap";
  stream: number;
  /** When it ended. */
  at: Ms;
  ms: Ms;
  /** Token events of the read that ended it. */
  events: number;
  /** It was so long that it counts as a stall. */
  stalled: boolean;
};

/** Told right after the "ended" of its stream; `state` is final. */
export type RecordEvent<R extends StreamRecord = StreamRecord> = {
  type: "record";
  stream: number;
  record: R;
  state: Readonly<StreamState>;
  warmup: boolean;
};

type Started = Extract<RunEvent, { type: "started" }>;

/** A stream that starts. Its `state` goes on changing: at each event it is that after the event. */
export type StartedEvent = Started & {
  state: Readonly<StreamState>;
  /** Some watcher has not taken yet what it was told: that nothing comes may be our own doing. */
  isBlocked(): boolean;
};

/** What a watcher is told: what happens in the run, and what the recorder has measured of it. */
export type WatchedEvent<R extends StreamRecord = StreamRecord> =
  StartedEvent | Exclude<RunEvent, Started> | GapEvent | RecordEvent<R>;

/** Whoever shows or counts a run. */
export type RunWatcher<R extends StreamRecord = StreamRecord> = Watcher<WatchedEvent<R>>;
