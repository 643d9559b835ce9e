import { createRecorder } from "../../src/metrics/recorder.ts";
import type { StreamRecord } from "../../src/metrics/record.ts";
import type { RunWatcher, WatchedEvent } from "../../src/metrics/watched.ts";
import type { Sink } from "../../src/render/sink.ts";
import type { Tell } from "../../src/run/broadcast.ts";
import type { RunEvent } from "../../src/run/event.ts";

export type Create = (sinks: { out: Sink; err: Sink }) => RunWatcher;

export type Write = { to: "out" | "err"; text: string };

/**
 * How the sinks take what is written: at once; when they are told to; each in its own time; or not at all, by a promise
 * that rejects or by throwing.
 */
export type Mood = "takes" | "holds" | "delays" | "rejects" | "throws";

export const REFUSAL = new Error("the reader is gone");

/** Two sinks that keep the order in which they were written to, whatever their mood. */
export function createSinks(mood: Mood, terminal: boolean) {
  const writes: Write[] = [];
  const held: (() => void)[] = [];
  let now = mood;

  function take(): void | Promise<void> {
    switch (now) {
      case "takes":
        return;
      case "holds":
        return new Promise((resolve) => held.push(resolve));
      case "delays":
        // stdout is the slow one, and no two writes take equally long.
        return Bun.sleep(writes.at(-1)?.to === "out" ? 5 - (writes.length % 5) : writes.length % 3);
      case "rejects":
        return Promise.reject(REFUSAL);
      case "throws":
        throw REFUSAL;
    }
  }

  const sink = (to: Write["to"]): Sink => ({
    write(text) {
      if (text === "") return;
      writes.push({ to, text });
      return take();
    },
    terminal,
    color: false,
  });

  return {
    out: sink("out"),
    err: sink("err"),
    writes,
    text: (to?: Write["to"]): string =>
      writes
        .filter((write) => to === undefined || write.to === to)
        .map(({ text }) => text)
        .join(""),
    held: (): number => held.length,
    /** Takes one of what is held, the last first: nobody may rely on the order. */
    release: (): void => held.pop()?.(),
    become(mood: Mood): void {
      now = mood;
    },
  };
}

/** Measures, as in a run, for whoever is told. */
export function recordFor(tell: Tell<WatchedEvent>): Tell<RunEvent> {
  return createRecorder({ stall: 1000, keepText: Infinity, say: ({ kind, message }) => `${kind}: ${message}` }, tell);
}

/** A Watcher between two sinks and, as in a run, a recorder before it. */
export function createStage(create: Create, { mood = "takes" as Mood, terminal = false } = {}) {
  const sinks = createSinks(mood, terminal);
  const watcher = create(sinks);
  const records: StreamRecord[] = [];
  const tell = recordFor((event) => {
    if (event.type === "record") records.push(event.record);
    return watcher.on(event);
  });
  return {
    sinks,
    watcher,
    records,
    tell,
    async play(events: Iterable<RunEvent>): Promise<void> {
      for (const event of events) await tell(event);
    },
  };
}

export type Stage = ReturnType<typeof createStage>;

/** Lets everything run that is ready to. */
export async function turn(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
}
