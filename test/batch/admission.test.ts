import { describe, expect, test } from "bun:test";
import { createAdmission, type Asking } from "../../src/batch/admission.ts";
import { createChange } from "../../src/batch/change.ts";
import { keyOf } from "../../src/batch/finished.ts";
import type { BatchRequest } from "../../src/batch/input.ts";
import { createRetries } from "../../src/batch/retries.ts";
import { now, startTimer } from "../../src/stream/event.ts";

const requestOf = (line: number): BatchRequest => ({
  id: `id-${line}`,
  key: keyOf(`id-${line}`),
  hash: line,
  line,
  text: "",
  asked: { kind: "prompt", prompt: { text: "", messages: null, model: null, params: {} } },
});

type Options = {
  /** Lines that come together. */
  blocks: readonly (readonly number[])[];
  places?: number;
  take?: (tokens: number) => number | Promise<number>;
  isOpen?: (line: number) => boolean;
};

/** An admission whose requests stay in the hands of a server until they are put back. */
function open({ blocks, places = Infinity, take = () => 0, isOpen = () => false }: Options) {
  async function* requests(): AsyncGenerator<readonly BatchRequest[]> {
    for (const block of blocks) yield block.map(requestOf);
  }
  const change = createChange(startTimer);
  const again = createRetries<Asking>({ now, random: () => 0.5, onRetry: () => undefined });
  const running = new Set<number>();
  const told = { stopped: false, finished: 0 };
  const { next } = createAdmission({
    requests: requests(),
    estimate: ({ line }) => line,
    limiter: { take, settle: () => undefined, pause: () => undefined },
    breaker: { isOpen: ({ line }) => isOpen(line) },
    again,
    change,
    running,
    isFree: () => running.size < places,
    isStopped: () => told.stopped,
    finish: async () => void told.finished++,
  });
  /** The line of the next one, which is in the hands of the server then. */
  async function nextLine(): Promise<number | null> {
    const admitted = await next();
    if (admitted === null) return null;
    running.add(admitted.asked.request.line);
    return admitted.asked.request.line;
  }
  return {
    next: nextLine,
    isThere: () => !(next() instanceof Promise),
    again,
    stop() {
      told.stopped = true;
      change.wake();
    },
    end(line: number) {
      running.delete(line);
      change.wake();
    },
    finished: () => told.finished,
  };
}

/** Whether something has not settled after all that could have settled it. */
async function isWaiting(work: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void work.then(() => (settled = true));
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  return !settled;
}

async function allOf(admission: ReturnType<typeof open>): Promise<number[]> {
  const lines: number[] = [];
  for (let line = await admission.next(); line !== null; line = await admission.next()) {
    lines.push(line);
    admission.end(line);
  }
  return lines;
}

describe("the admission of requests", () => {
  test.each<[string, number[][]]>([
    ["one at a time", [[1], [2], [3]]],
    ["together", [[1, 2, 3]]],
    ["with nothing between them", [[], [1, 2], [], [], [3], []]],
    ["never", []],
    ["but none", [[], []]],
  ])("takes all in their order that come %s, and tells once that none is left", async (_, blocks) => {
    const admission = open({ blocks });
    expect(await allOf(admission)).toEqual(blocks.flat());
    expect(admission.finished()).toBe(1);
  });

  test("does not wait for what is here and may go", async () => {
    const admission = open({ blocks: [[1, 2, 3]] });
    expect(await admission.next()).toBe(1);
    expect(admission.isThere()).toBe(true);
  });

  test("leaves out what would be refused, in the middle and at the end of what came together", async () => {
    const admission = open({ blocks: [[1, 2, 3], [4], [5, 6]], isOpen: (line) => [2, 4, 6].includes(line) });
    expect(await allOf(admission)).toEqual([1, 3, 5]);
  });

  test("waits for a place, and takes as many as have become free", async () => {
    const admission = open({ blocks: [[1, 2, 3, 4]], places: 2 });
    expect([await admission.next(), await admission.next()]).toEqual([1, 2]);
    const third = admission.next();
    expect(await isWaiting(third)).toBe(true);
    admission.end(1);
    admission.end(2);
    expect([await third, await admission.next()]).toEqual([3, 4]);
  });

  test("misses no place, however soon it becomes free", async () => {
    for (let ticks = 0; ticks < 10; ticks++) {
      const admission = open({ blocks: [[1, 2, 3]], places: 1 });
      expect(await admission.next()).toBe(1);
      const later = async (line: number): Promise<void> => {
        for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
        admission.end(line);
      };
      const second = admission.next();
      await later(1);
      expect(await second).toBe(2);
      const third = admission.next();
      await later(2);
      expect(await third).toBe(3);
    }
  });

  test("takes of the limits once for each, whether they say it at once or later, and asks again after a wait", async () => {
    for (const later of [false, true]) {
      const asked: number[] = [];
      const take = (tokens: number): number | Promise<number> => {
        asked.push(tokens);
        const ms = asked.length === 2 ? 1 : 0;
        return later ? Promise.resolve(ms) : ms;
      };
      const admission = open({ blocks: [[1, 2, 3]], take });
      expect(await allOf(admission)).toEqual([1, 2, 3]);
      expect(asked).toEqual([1, 2, 2, 3]);
    }
  });

  test("what is to be asked again goes before what was not asked yet", async () => {
    const admission = open({ blocks: [[1, 2, 3]] });
    expect(await admission.next()).toBe(1);
    admission.end(1);
    admission.again.add({ request: requestOf(1), attempts: 1, misfits: 0, refused: 0, before: 0 }, null, 0);
    expect(await allOf(admission)).toEqual([1, 2, 3]);
  });

  test("while one may have to be asked again, nothing is over", async () => {
    const admission = open({ blocks: [[1]] });
    expect(await admission.next()).toBe(1);
    const second = admission.next();
    expect(await isWaiting(second)).toBe(true);
    expect(admission.finished()).toBe(0);
    admission.end(1);
    expect(await second).toBeNull();
    expect(admission.finished()).toBe(1);
  });

  test("a stop ends every wait, and is no end of all that was to be asked", async () => {
    for (const options of [{ blocks: [[1, 2]], places: 1 }, { blocks: [[1]] }, { blocks: [[1, 2]], take: forOne() }]) {
      const admission = open(options);
      expect(await admission.next()).toBe(1);
      const second = admission.next();
      expect(await isWaiting(second)).toBe(true);
      admission.stop();
      expect(await second).toBeNull();
      expect(await admission.next()).toBeNull();
      expect(admission.finished()).toBe(0);
    }
  });

  test("what cannot be read is thrown to whoever asks for it", async () => {
    async function* requests(): AsyncGenerator<readonly BatchRequest[]> {
      yield [requestOf(1)];
      throw new RangeError("no disk");
    }
    const change = createChange(startTimer);
    const { next } = createAdmission({
      requests: requests(),
      estimate: () => 0,
      limiter: { take: () => 0, settle: () => undefined, pause: () => undefined },
      again: createRetries<Asking>({ now, random: () => 0.5, onRetry: () => undefined }),
      change,
      running: { size: 0 },
      isFree: () => true,
      isStopped: () => false,
      finish: () => Promise.resolve(),
    });
    expect(await next()).toMatchObject({ asked: { request: { line: 1 } } });
    expect(await Promise.resolve(next()).catch((error: unknown) => error)).toBeInstanceOf(RangeError);
  });
});

/** Limits that let one request go, and then none for an hour. */
function forOne(): () => number {
  let taken = 0;
  return () => (taken++ === 0 ? 0 : 3_600_000);
}
