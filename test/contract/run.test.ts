import { afterEach, describe, expect, test } from "bun:test";
import type { Job, RunEvent, Watcher } from "../../src/run/event.ts";
import { startRun, type Run } from "../../src/run/run.ts";
import { startSimulator, type Simulator, type SimulatorOptions } from "../../src/simulator/server.ts";
import { createTokens, joinTokens } from "../../src/simulator/speech.ts";
import type { Failure } from "../../src/stream/event.ts";
import { createWorkerClient, type WorkerClient } from "../../src/worker/client.ts";
import { jobOf } from "./samples.ts";

const ENTRY = new URL("../../src/worker/entry.ts", import.meta.url);
const MODEL = "m";
const WORDS = "one two three four five";

/** Ms without a further write after which a server counts as held, and in which anything must have happened. */
const STILL = 700;
const BOUND = 20_000;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean();
});

function simulate(options: SimulatorOptions): Simulator {
  const simulator = startSimulator({ models: [{ id: MODEL, tokensPerSecond: 0, ttftMs: 0 }], ...options });
  cleanups.push(() => simulator.stop());
  return simulator;
}

function openWorker(): WorkerClient {
  const worker = createWorkerClient(() => new Worker(ENTRY));
  cleanups.push(() => worker.close());
  return worker;
}

type RunWishes = { streams?: number; concurrency?: number; watchers: readonly Watcher[] };

/** A run of the real thread against this simulator. */
function runAgainst({ url }: Simulator, { streams = 1, concurrency = streams, watchers }: RunWishes): Run {
  const jobs = Array.from({ length: streams }, (_, stream): Job => {
    const job = jobOf(stream, { model: MODEL });
    return { ...job, endpoint: url, request: { ...job.request, endpoint: url } };
  });
  const pace = { early: 0, next: (now: number) => now };
  return startRun({ jobs, concurrency, pace, failFast: false, worker: openWorker(), stage: (tell) => tell, watchers });
}

/** A watcher that takes everything at once and remembers it. */
function createWitness() {
  const events: RunEvent[] = [];
  let closed = 0;
  const ofStream = (stream: number) =>
    events.flatMap((event) => (event.type === "stream" && event.stream === stream ? [event.event] : []));
  return {
    on: (event: RunEvent): void => void events.push(event),
    close: (): void => void closed++,
    closed: () => closed,
    events,
    ofStream,
    text: (stream: number): string =>
      ofStream(stream)
        .map((event) => (event.type === "delta" ? event.text : ""))
        .join(""),
    /** The ends that came, by stream. */
    ends: () =>
      events.flatMap((event) =>
        event.type === "stream" && event.event.type === "ended"
          ? [[event.stream, event.event.verdict, event.event.failure]]
          : [],
      ),
  };
}

/** A watcher whose output takes nothing until `open` is called. */
function createStopped() {
  const gate = Promise.withResolvers<undefined>();
  let seen = 0;
  return {
    on: async (_event: RunEvent): Promise<void> => {
      seen++;
      await gate.promise;
    },
    open: (): void => gate.resolve(undefined),
    seen: () => seen,
  };
}

async function within<T>(promise: Promise<T>): Promise<T> {
  const late = Bun.sleep(BOUND).then(() => Promise.reject(new Error(`nothing came in ${BOUND} ms`)));
  late.catch(() => undefined);
  return Promise.race([promise, late]);
}

/** Settles when the value has been the same for a while. */
async function untilStill(value: () => number): Promise<number> {
  const until = performance.now() + BOUND;
  for (let last = value(); performance.now() < until;) {
    await Bun.sleep(STILL);
    if (value() === last && last > 0) return last;
    last = value();
  }
  throw new Error(`it still moves after ${BOUND} ms`);
}

describe("a slow Watcher", () => {
  const TOKENS = 400_000;

  test("holds reading, not memory, and loses nothing for the others", async () => {
    let token = 0;
    const simulator = simulate({
      control: { tokens: TOKENS, text: WORDS, rate: 0, ttft_ms: 0 },
      onWrite: (_, __, first) => (token = first),
    });
    const [before, slow, witness] = [createWitness(), createStopped(), createWitness()];
    const rss = process.memoryUsage.rss();
    const run = runAgainst(simulator, { watchers: [before, slow, witness] });
    const reached = await untilStill(() => token);
    expect(reached).toBeLessThan(TOKENS * 0.9);
    const told = slow.seen();
    expect(process.memoryUsage.rss() - rss).toBeLessThan(150 * 1024 * 1024);

    await Bun.sleep(STILL);
    expect([token, slow.seen()]).toEqual([reached, told]);

    slow.open();
    const { broken } = await within(run.done);
    expect(broken).toBeNull();
    for (const one of [before, witness]) {
      expect(one.ofStream(0).map(({ type }) => type)).toEqual([
        "sent",
        "opened",
        ...one
          .ofStream(0)
          .slice(2, -1)
          .map(() => "delta" as const),
        "ended",
      ]);
      expect(one.events.length).toBe(slow.seen());
      expect(one.ends()).toEqual([[0, "complete", null]]);
    }
    const text = witness.text(0);
    expect(text === joinTokens(createTokens(WORDS, TOKENS))).toBe(true);
    const counted = witness.ofStream(0).reduce((sum, event) => sum + (event.type === "delta" ? event.events : 0), 0);
    expect(counted).toBe(TOKENS);
    expect(before.text(0) === text).toBe(true);
    const last = witness.ofStream(0).at(-1);
    expect(last?.type === "ended" && last.backpressure).toBeGreaterThan(STILL);
  }, 60_000);

  test("holds every stream of the run, and none of them loses its order", async () => {
    const simulator = simulate({ control: { tokens: 2000, text: WORDS, rate: 0, ttft_ms: 0 } });
    const witness = createWitness();
    // Each event takes its own time, so that events settle in another order than they came.
    const slow: Watcher = { on: (event) => Bun.sleep(event.type === "stream" ? (event.stream * 7) % 5 : 0) };
    const { broken } = await within(runAgainst(simulator, { streams: 20, watchers: [slow, witness] }).done);
    expect(broken).toBeNull();
    for (let stream = 0; stream < 20; stream++) {
      const text = witness.text(stream);
      expect(text).toBe(joinTokens(createTokens(WORDS, 2000)));
      expect(witness.ofStream(stream).at(-1)?.type).toBe("ended");
    }
  }, 60_000);

  test("can be interrupted while it holds, and everybody gets the end", async () => {
    let token = 0;
    const simulator = simulate({
      control: { tokens: TOKENS, rate: 0, ttft_ms: 0 },
      onWrite: (_, __, first) => (token = first),
    });
    const [slow, witness] = [createStopped(), createWitness()];
    const run = runAgainst(simulator, { watchers: [slow, witness] });
    await untilStill(() => token);
    run.interrupt("signal");
    while (witness.ends().length === 0) await Bun.sleep(10);
    expect(witness.ends()).toEqual([[0, "cancelled", { kind: "cancelled", reason: "signal", message: "" }]]);
    slow.open();
    await within(run.done);
    expect(witness.closed()).toBe(1);
  }, 60_000);
});

describe("a Watcher that cannot take an event", () => {
  const broken = new Error("the reader is gone");
  const gone: Failure = { kind: "cancelled", reason: "reader_gone", message: "" };
  const isDelta = (event: RunEvent): boolean => event.type === "stream" && event.event.type === "delta";

  const ways: [string, () => void | Promise<void>][] = [
    [
      "by throwing",
      () => {
        throw broken;
      },
    ],
    ["by rejecting", () => Promise.reject(broken)],
    ["by rejecting later", () => Bun.sleep(20).then(() => Promise.reject(broken))],
  ];
  for (const [name, fail] of ways) {
    test(`${name}, ends the run as reader_gone, and the others get the end of every stream`, async () => {
      const simulator = simulate({ control: { rate: 20, ttft_ms: 0, tokens: 2000 } });
      const [before, after] = [createWitness(), createWitness()];
      const speaking = new Set<number>();
      let failed = false;
      let more = 0;
      const failing: Watcher = {
        on(event) {
          if (failed) more++;
          if (event.type !== "stream" || !isDelta(event)) return;
          // All three speak, and one of them for the second time.
          const again = speaking.has(event.stream);
          speaking.add(event.stream);
          if (failed || !again || speaking.size < 3) return;
          failed = true;
          return fail();
        },
      };
      const options = { streams: 6, concurrency: 3, watchers: [before, failing, after] };
      const outcome = await within(runAgainst(simulator, options).done);
      expect(outcome.broken).toBe(broken);
      expect(simulator.requests().length).toBe(3);
      for (const witness of [before, after]) {
        const ends = witness.ends().toSorted((a, b) => Number(a[0]) - Number(b[0]));
        expect(ends).toEqual([0, 1, 2].map((stream) => [stream, "cancelled", gone]));
        expect(witness.events.at(-1)).toEqual({ type: "finished" });
        expect(witness.closed()).toBe(1);
      }
      expect(after.events.length).toBe(before.events.length);
      if (name === "by throwing") expect(more).toBe(0);
    });
  }

  test("not even the first, ends the stream that was about to start", async () => {
    const simulator = simulate({ control: { rate: 20, ttft_ms: 0, tokens: 2000 } });
    const witness = createWitness();
    const failing: Watcher = {
      on() {
        throw broken;
      },
    };
    const outcome = await within(runAgainst(simulator, { streams: 3, watchers: [failing, witness] }).done);
    expect(outcome.broken).toBe(broken);
    expect(witness.ends()).toEqual([[0, "cancelled", gone]]);
  });

  test("is closed all the same, for what it has opened", async () => {
    const simulator = simulate({ control: { rate: 0, ttft_ms: 0, tokens: 5 } });
    let closed = 0;
    const failing: Watcher = {
      on: (event) => (isDelta(event) ? Promise.reject(broken) : undefined),
      close: () => void closed++,
    };
    await within(runAgainst(simulator, { watchers: [failing] }).done);
    expect(closed).toBe(1);
  });

  test("keeps its error although others fail after it", async () => {
    const simulator = simulate({ control: { rate: 20, ttft_ms: 0, tokens: 2000 } });
    const second = new Error("the second");
    const witness = createWitness();
    const fails = (error: Error): Watcher => ({ on: (event) => (isDelta(event) ? Promise.reject(error) : undefined) });
    const options = { streams: 2, watchers: [fails(broken), fails(second), witness] };
    const outcome = await within(runAgainst(simulator, options).done);
    expect(outcome.broken).toBe(broken);
    expect(witness.ends().length).toBe(2);
  });
});
