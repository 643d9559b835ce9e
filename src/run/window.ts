import type { Ms } from "../stream/event.ts";

/** What comes before the measured time: so many streams, or so many ms. */
type Warmup = { streams: number } | { length: Ms } | null;

export type WindowOptions = {
  warmup: Warmup;
  /** Measured streams; `null` when only time ends the window. */
  requests: number | null;
  /** Ms in which measured streams may start; `null` when only their number ends the window. */
  duration: Ms | null;
};

/** Which streams are measured, and until when streams start. */
export type Window = {
  /** What a stream that is due then is to be. */
  at(due: Ms): "warmup" | "measured" | "closed";
  /** What is measured, or its warm-up, begins here and not with its first stream: of an arrival rate, and of a shard. */
  begin(at: Ms): void;
  /** A stream was started, due then. */
  started(due: Ms): void;
  /** A stream was due then, and found no place. */
  missed(due: Ms): void;
  /** When the measured time begins; `null` until that is known. */
  opens(): Ms | null;
  /** When it ends by time alone; `null` until that is known, and where only a number ends it. */
  closes(): Ms | null;
};

/** The window of one load: warm-up hands its places over without a pause, so that the loop never stands still. */
export function createWindow({ warmup, requests, duration }: WindowOptions): Window {
  let begun: Ms | null = null;
  let opened: Ms | null = null;
  let warmed = 0;
  let measured = 0;

  function isWarm(due: Ms): boolean {
    if (warmup === null) return true;
    if ("streams" in warmup) return warmed >= warmup.streams;
    return due >= (begun ?? due) + warmup.length;
  }

  function opens(): Ms | null {
    if (opened !== null || warmup === null || "streams" in warmup || begun === null) return opened;
    return begun + warmup.length;
  }

  function closes(): Ms | null {
    const open = opens();
    return open === null || duration === null ? null : open + duration;
  }

  function at(due: Ms): "warmup" | "measured" | "closed" {
    if (!isWarm(due)) return "warmup";
    if (requests !== null && measured >= requests) return "closed";
    const end = closes();
    return end !== null && due >= end ? "closed" : "measured";
  }

  /** What a stream is, due then; the first that is measured opens the window. */
  function take(due: Ms): "warmup" | "measured" | "closed" {
    begun ??= due;
    const part = at(due);
    // A warm-up by time ends on its own, whether or not a stream is due then.
    if (part === "measured") opened ??= warmup !== null && "length" in warmup ? begun + warmup.length : due;
    return part;
  }

  return {
    at,
    begin(now) {
      begun = now;
      if (warmup === null) opened = now;
    },
    started(due) {
      if (take(due) === "warmup") warmed++;
      else measured++;
    },
    missed: (due) => void take(due),
    opens,
    closes,
  };
}

/** The window of a run that measures everything it is given. */
export function createOpenWindow(): Window {
  return createWindow({ warmup: null, requests: null, duration: null });
}
