import { heapStats } from "bun:jsc";
import { describe, expect, test } from "bun:test";
import type { WatchedEvent } from "../../src/metrics/watched.ts";
import type { RunEvent } from "../../src/run/event.ts";
import { createRandom } from "../../src/run/random.ts";
import type { StreamEvent } from "../../src/stream/event.ts";
import {
  delta,
  ended,
  eventful,
  hostile,
  HOSTILE_ANSWER,
  jobOf,
  OBEYED,
  opened,
  SAMPLES,
  sent,
  speaking,
  told,
} from "./samples.ts";
import { createStage, recordFor, REFUSAL, turn, type Create, type Stage, type Write } from "./stage.ts";

/** What a case must know of the Watcher it tries. */
export type Traits = {
  /** The answer of a stream as it stands in what was written; `null` for one that shows no answers. */
  answer: ((writes: readonly Write[], stream: number) => string) | null;
  /** An answer that lacks its last newline is given one. */
  endsLines?: boolean;
  /** Control sequences it writes to a terminal itself. */
  own?: RegExp;
  /** Cases that do not concern it, each with the reason. */
  skips?: Partial<Record<CaseName, string>>;
  /** Cases it is known to fail, each with what is wrong. */
  fails?: Partial<Record<CaseName, string>>;
};

type Watched = Traits & { create: Create };

export type CaseName = keyof typeof CASES;

/** Cases without a meaning for a Watcher that shows no answers. */
const ABOUT_ANSWERS: readonly CaseName[] = [
  "keeps the answer of a stream clear of streams nobody started",
  "writes the exact answer to a pipe, whatever it holds",
];

/** Streams of the memory case, and bytes of heap they may leave behind: an entry of a map for each is twice as much. */
const MANY = 100_000;
const LEFT = 1024 * 1024;

/** Ms in which something that should happen soon must have. */
const SOON = 5000;

const reasonFor = (title: string, reasons: Partial<Record<CaseName, string>> = {}): string | undefined =>
  Object.entries(reasons).find(([name]) => name === title)?.[1];

/** The cases every Watcher passes. */
export function describeWatcher(name: string, create: Create, traits: Traits): void {
  describe(`${name}, as a Watcher,`, () => {
    for (const [title, run] of Object.entries(CASES)) {
      const silent = traits.answer === null && ABOUT_ANSWERS.some((name) => name === title);
      const skipped = silent ? "it shows no answers" : reasonFor(title, traits.skips);
      const failing = reasonFor(title, traits.fails);
      if (skipped !== undefined) test.skip(`${title} (skipped: ${skipped})`, () => undefined);
      else if (failing !== undefined) test.failing(`${title} (known: ${failing})`, () => run({ ...traits, create }));
      else test(title, () => run({ ...traits, create }));
    }
  });
}

const CASES = {
  async "takes every kind of event in any legal order"({ create }: Watched) {
    for (let seed = 1; seed <= 300; seed++) {
      const stage = createStage(create, { terminal: seed % 2 === 0 });
      await stage.play([...anyStream(seed), { type: "finished" }]);
      await stage.watcher.close?.();
      expect(stage.records.length).toBe(1);
    }
  },

  async "takes a stream without tokens, without headers, and without a request"({
    create,
    answer,
    endsLines,
  }: Watched) {
    const failure = { kind: "ended_early", message: "" } as const;
    for (const events of [
      [sent(), opened(), ended("failed", { failure })],
      [sent(), ended("failed", { failure })],
      [ended("cancelled", { failure: { kind: "cancelled", reason: "signal", message: "" } })],
    ]) {
      const stage = createStage(create);
      await stage.play(told(0, events));
      expect(stage.records).toMatchObject([{ tokens: 0, text: "" }]);
      if (answer !== null) expect(answer(stage.sinks.writes, 0)).toBe(shown("", endsLines));
    }
  },

  async "adds nothing to the answer for an empty delta"({ create, answer, endsLines }: Watched) {
    const stage = createStage(create);
    await stage.play(speaking(0, ["", "a", "", "", "b\n", ""]));
    expect(stage.records[0]?.text).toBe("ab\n");
    if (answer !== null) expect(answer(stage.sinks.writes, 0)).toBe(shown("ab\n", endsLines));
  },

  async "keeps the answers of interleaved streams apart"({ create, answer, endsLines }: Watched) {
    const texts = Array.from({ length: 20 }, (_, n) => `stream ${n} says: ${"né 👩‍👧 ".repeat(n + 1)}${n}`);
    const streams = texts.map((text, n) => speaking(n, text.split(/(?<=\s)/)));
    const stage = createStage(create);
    await stage.play(interleaved(streams));
    for (const [n, text] of texts.entries()) {
      expect(stage.records.find(({ stream }) => stream === n)?.text).toBe(text);
      if (answer !== null) expect(answer(stage.sinks.writes, n)).toBe(shown(text, endsLines));
    }
  },

  async "is not harmed by events that come after the last, or of a stream nobody started"({ create }: Watched) {
    const stage = createStage(create);
    await stage.play(speaking(0, ["first"]));
    const late = Object.values(SAMPLES)
      .flat()
      .filter(({ type }) => type !== "ended");
    for (const stream of [0, 999]) await stage.play(late.map((event) => ({ type: "stream", stream, event })));
    await stage.play([{ type: "stream", stream: 998, event: ended() }]);
    await stage.play([...speaking(1, ["second"]), { type: "finished" }]);
    expect(stage.records.map(({ stream, text }) => [stream, text])).toEqual([
      [0, "first"],
      [1, "second"],
    ]);
  },

  async "keeps the answer of a stream clear of streams nobody started"({ create, answer, endsLines }: Watched) {
    const stage = createStage(create);
    const strays = (text: string): RunEvent => ({ type: "stream", stream: 999, event: delta(text) });
    await stage.play(speaking(0, ["a", "b"]).flatMap((event) => [strays("X"), event]));
    expect(answer?.(stage.sinks.writes, 0)).toBe(shown("ab", endsLines));
  },

  async "writes nothing to a terminal that it would obey or hide"({ create, own }: Watched) {
    const stage = createStage(create, { terminal: true });
    await stage.play([...hostile(), { type: "finished" }]);
    await stage.watcher.close?.();
    const foreign = stage.sinks.text().replaceAll(own ?? /$^/g, "");
    expect(foreign).not.toBe("");
    expect([...foreign.matchAll(OBEYED)].map(([mark]) => mark.codePointAt(0)?.toString(16))).toEqual([]);
  },

  async "writes the exact answer to a pipe, whatever it holds"({ create, answer, endsLines }: Watched) {
    const stage = createStage(create);
    await stage.play(hostile());
    expect(answer?.(stage.sinks.writes, 0)).toBe(shown(HOSTILE_ANSWER, endsLines));
  },

  async "settles an event only when the sink has taken what was written for it"({ create }: Watched) {
    const stage = createStage(create, { mood: "holds" });
    let waited = 0;
    for (const event of [...eventful(), { type: "finished" } satisfies RunEvent]) {
      const before = stage.sinks.writes.length;
      const settling = stage.tell(event);
      if (stage.sinks.writes.length === before) continue;
      expect(settling).toBeInstanceOf(Promise);
      await holdsUntilTaken(stage, Promise.resolve(settling));
      waited++;
    }
    expect(waited).toBeGreaterThan(0);
  },

  async "keeps its order when the sinks take their time and events do not wait"({ create }: Watched) {
    const events: RunEvent[] = [...eventful(), { type: "finished" }];
    const quick = createStage(create);
    await quick.play(events);
    const slow = createStage(create, { mood: "delays" });
    await Promise.all(events.map((event) => slow.tell(event)));
    expect(slow.sinks.writes).toEqual(quick.sinks.writes);
  },

  "rejects once, with the sink's own error, when a sink rejects": (watched: Watched) => isRefused(watched, "rejects"),

  "fails once, with the sink's own error, when a sink throws": (watched: Watched) => isRefused(watched, "throws"),

  async "writes nothing after it was closed"({ create }: Watched) {
    const stage = createStage(create, { terminal: true });
    await stage.play([...eventful(), { type: "finished" }]);
    await stage.watcher.close?.();
    const before = stage.sinks.writes.length;
    expect(before).toBeGreaterThan(0);
    await Bun.sleep(200);
    expect(stage.sinks.writes.length).toBe(before);
  },

  async "can be closed although it was told nothing"({ create }: Watched) {
    const stage = createStage(create);
    await stage.watcher.close?.();
    expect(stage.sinks.text("out").trim()).toBe("");
  },

  async "keeps nothing of streams that have ended"({ create }: Watched) {
    const taken = { write: (): void => undefined, terminal: false, color: false };
    const watcher = create({ out: taken, err: taken });
    const told = watched(speaking(0, ["some words"]));
    const play = async (from: number, to: number): Promise<void> => {
      for (let n = from; n < to; n++) {
        for (const event of told) void watcher.on(ofStream(n, event));
        if (n % 500 === 0) await turn();
      }
      await turn();
    };
    await play(0, 2000);
    const before = heap();
    await play(2000, MANY);
    // The collector takes its time on a busy machine; what is really kept stays kept.
    for (let tries = 0; tries < 30 && heap() - before >= LEFT; tries++) await Bun.sleep(100);
    expect(heap() - before).toBeLessThan(LEFT);
    // Used once more, so that what it holds could not be collected before.
    await play(MANY, MANY + 1);
    await watcher.close?.();
  },
};

/** For each event that makes it write: what happens when the sink refuses just that. */
async function isRefused({ create }: Watched, how: "rejects" | "throws"): Promise<void> {
  const unhandled: unknown[] = [];
  const onUnhandled = (error: unknown): void => void unhandled.push(error);
  process.on("unhandledRejection", onUnhandled);
  const events: RunEvent[] = [...eventful(), { type: "finished" }];
  let refused = 0;
  for (const [i, event] of events.entries()) {
    const stage = createStage(create);
    await stage.play(events.slice(0, i));
    const before = stage.sinks.writes.length;
    stage.sinks.become(how);
    const outcome = await inTime((async () => stage.tell(event))()).catch((error: unknown) => error);
    if (stage.sinks.writes.length === before) continue;
    expect(outcome).toBe(REFUSAL);
    refused++;
  }
  await turn();
  process.off("unhandledRejection", onUnhandled);
  expect(refused).toBeGreaterThan(0);
  expect(unhandled).toEqual([]);
}

/** Takes what is held, one after the other, and expects the event not to settle before the last. */
async function holdsUntilTaken({ sinks }: Stage, settling: Promise<void>): Promise<void> {
  let settled = false;
  const done = settling.then(() => (settled = true));
  for (await turn(); sinks.held() > 0; await turn()) {
    expect(settled).toBe(false);
    sinks.release();
  }
  await inTime(done);
}

/** A random stream, as legal as any: attempts, then what a body brings, then one end. */
function anyStream(seed: number): RunEvent[] {
  const random = createRandom(seed);
  const any = <T>(list: readonly T[]): T => {
    const found = list[Math.floor(random() * list.length)];
    if (found === undefined) throw new Error("nothing to choose from");
    return found;
  };
  const events: StreamEvent[] = [];
  const attempts = Math.floor(random() * 3);
  for (let attempt = 1; attempt <= attempts; attempt++) {
    events.push({ ...any(SAMPLES.sent), attempt });
    const last = attempt === attempts;
    if (random() < 0.8) events.push(any(SAMPLES.opened));
    if (events.at(-1)?.type === "opened")
      for (let n = Math.floor(random() * 12); n > 0; n--)
        events.push(
          any<StreamEvent>(
            any(
              [SAMPLES.skipped, SAMPLES.notice, SAMPLES.line, last ? SAMPLES.delta : []].filter(
                (list) => list.length > 0,
              ),
            ),
          ),
        );
    if (!last) events.push({ ...any(SAMPLES.retrying), attempt: attempt + 1 });
  }
  return told(0, [...events, any(SAMPLES.ended)], jobOf(0));
}

/** All events, each stream's in order, the streams in turns of varying length. */
function* interleaved(streams: readonly RunEvent[][]): Generator<RunEvent> {
  const random = createRandom(7);
  const left = streams.map((events) => [...events]);
  while (left.some((events) => events.length > 0))
    for (const events of left) yield* events.splice(0, Math.floor(random() * 4));
}

const shown = (answer: string, endsLines = false): string =>
  endsLines && answer !== "" && !answer.endsWith("\n") ? `${answer}\n` : answer;

/** What a watcher is told of these events. */
function watched(events: readonly RunEvent[]): WatchedEvent[] {
  const told: WatchedEvent[] = [];
  const tell = recordFor((event) => void told.push({ ...event }));
  for (const event of events) void tell(event);
  return told;
}

/** The same of another stream. */
function ofStream(stream: number, event: WatchedEvent): WatchedEvent {
  switch (event.type) {
    case "started":
      return { ...event, job: { ...event.job, stream } };
    case "record":
      return { ...event, stream, record: { ...event.record, stream } };
    case "stream":
    case "gap":
      return { ...event, stream };
    case "missed":
    case "finished":
      return event;
  }
}

async function inTime<T>(promise: Promise<T>): Promise<T> {
  const late = Bun.sleep(SOON).then(() => Promise.reject(new Error("nothing settled")));
  late.catch(() => undefined);
  return Promise.race([promise, late]);
}

/** Bytes of heap in use, when all that can be collected was. */
function heap(): number {
  Bun.gc(true);
  Bun.gc(true);
  return heapStats().heapSize;
}
