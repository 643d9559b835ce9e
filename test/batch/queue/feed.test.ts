import { expect, test } from "bun:test";
import { createFinished, keyOf } from "../../../src/batch/finished.ts";
import { plainPrompt } from "../../../src/run/prompts.ts";
import type { BatchRequest } from "../../../src/batch/input.ts";
import { createFeed } from "../../../src/batch/queue/feed.ts";
import type { Arrived, Held, Queue } from "../../../src/batch/queue/queue.ts";
import { NOTICE } from "./notice.ts";

/** An engine whose workers answer every 25 ms as many requests as they are `quick`, and the most that it held at once. */
function createEngine(quick: number) {
  let held: Held[] = [];
  let most = 0;
  let entry = 0;
  let clock = 0;
  const nothing = async (): Promise<void> => undefined;
  const answer = ({ id, hash, given }: Held): Arrived => ({
    kind: "answer",
    id,
    hash,
    given,
    failed: false,
    why: null,
    prompt: 1,
    tokens: 1,
    cost: null,
    currency: null,
    line: `{"custom_id":"${id}"}`,
    entry: `${++entry}-0`,
  });
  const queue: Queue = {
    tellRun: async () => ({ known: true }),
    runs: async () => [],
    tellWorker: async () => [],
    workers: async () => [],
    leave: nothing,
    depart: nothing,
    departures: async () => [],
    standing: async () => ({ waiting: 0, answers: 0, running: new Map() }),
    own: async () => 0,
    disown: nothing,
    evicts: async () => null,
    async submit(_, requests) {
      held.push(...requests);
      most = Math.max(most, held.length);
      return true;
    },
    held: async () => [],
    async replies() {
      clock += 25;
      const answered = held.slice(0, quick);
      held = held.slice(quick);
      if (answered.length === 0) await Bun.sleep(5);
      return answered.map(answer);
    },
    acknowledge: nothing,
    idle: async () => [],
    retake: async () => false,
    drop: nothing,
    last: async () => "0-0",
    forget: nothing,
    take: async () => new Map(),
    reply: nothing,
    renew: nothing,
    takeLimit: async () => 0,
    settleLimit: nothing,
    pauseLimit: nothing,
    adapt: async () => ({ limit: 1, pause: 0 }),
    losses: () => 0,
    close: () => undefined,
  };
  return { queue, most: () => most, now: () => clock };
}

/** Feeds so many requests of so many characters; the ids that were answered, and the most that the engine held at once. */
async function feedAll(count: number, length: number, quick: number) {
  const text = "x".repeat(length);
  async function* requests(): AsyncGenerator<BatchRequest> {
    for (let line = 1; line <= count; line++) {
      const id = `r${line}`;
      yield { id, key: keyOf(id), hash: line, line, asked: { kind: "prompt", prompt: plainPrompt("hi") }, text };
    }
  }
  const engine = createEngine(quick);
  const answered: string[] = [];
  const finished = createFinished();
  const feed = createFeed({
    queue: engine.queue,
    notice: () => NOTICE,
    owner: "me",
    requests: requests(),
    finished,
    textOf: (request) => request.text,
    kindOf: () => ({ api: "chat", model: "m" }),
    onAnswer(request) {
      answered.push(request.id);
      finished.add(request.key, request.hash, false);
    },
    onDeadly: () => undefined,
    onUnreadable: () => undefined,
    onHalt: () => undefined,
    durable: () => Promise.resolve(),
    onWorkers: () => undefined,
    onWaiting: () => undefined,
    now: engine.now,
  });
  await feed.done;
  return { answered, most: engine.most() };
}

const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => `r${index + 1}`);

test.each([
  ["short ones that are answered at once: more than a hundred, at most five hundred", 3000, 100, 1000, 101, 500],
  ["slow ones: a hundred", 300, 100, 10, 100, 100],
  ["long ones, however quick: a hundred", 1500, 50_000, 1000, 100, 100],
])("a bound of requests is in the engine, of %s", async (_, count, length, quick, least, bound) => {
  const { answered, most } = await feedAll(count, length, quick);
  expect(answered.toSorted()).toEqual(ids(count).toSorted());
  expect(most).toBeGreaterThanOrEqual(least);
  expect(most).toBeLessThanOrEqual(bound);
});
