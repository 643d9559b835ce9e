import { startTimer, type Ms } from "../../stream/event.ts";
import { createChange } from "../change.ts";
import { keyOf, type Key } from "../finished.ts";
import type { BatchRequest } from "../input.ts";
import { createRecentRate } from "../recent-rate.ts";
import { parseRequest } from "../request.ts";
import type { Answer, Held, Queue, RunNotice } from "./queue.ts";
import { createBoard } from "./board.ts";
import { createSharedLimits, type SharedLimits } from "./shared-limits.ts";

type ServiceOptions = {
  queue: Queue;
  /** Of this worker; no other has it. */
  name: string;
  /** Of this program. */
  version: string;
  /** Where it sends requests, and nowhere else. */
  endpoint: string;
  /** Whom the limits of that endpoint are for. */
  account: string;
  concurrency: number;
  /** Requests in the hands of the server. */
  running(): number;
  /** Why nothing is asked for a while; `null`: it is. */
  waits(): string | null;
  /** What may run has changed. */
  onChange(): void;
  /** A batch is for another endpoint. */
  onRefused(run: RunNotice): void;
  /** Settles when requests of a batch can be asked. */
  prepare(run: RunNotice): Promise<void>;
  now: () => Ms;
};

/** What a worker says of the end of a request. */
type Told = Omit<Answer, "kind" | "id" | "hash" | "given">;

/** What a worker has to do with the engine. */
export type Service = Pick<SharedLimits, "limiter" | "limitsTokens" | "adaptive"> & {
  /** Requests of all batches that are for its endpoint, until it drains; who asks anew takes the place of who asked before. */
  requests(): AsyncGenerator<readonly BatchRequest[]>;
  /** How often a request was handed out before. */
  given(request: BatchRequest): number;
  /** What its batch says of it. */
  runOf(request: BatchRequest): RunNotice | null;
  /** Settles when the answer is in the engine. */
  reply(request: BatchRequest, told: Told): Promise<void>;
  /** Gives back all that it has, unanswered. */
  giveBack(): Promise<void>;
  /** Ends the batches that it serves: no other worker would fare better. */
  halt(why: string, said: string): Promise<void>;
  /** Takes no more. */
  drain(): void;
  isDraining(): boolean;
  state(): ServiceState;
  /** Rejects when the engine is gone. */
  broken: Promise<never>;
  close(): Promise<void>;
};

/** How a worker stands. */
type ServiceState = {
  served: readonly RunNotice[];
  workers: number;
  done: number;
  failed: number;
  running: number;
  per_second: number | null;
};

/** A request that this worker has, and where it came from. */
type Taken = { run: string; held: Held };

/** Ms between two looks at what there is to do and what may run. */
const TICK = 300;
const TICKS_PER_NOTICE = 3;
/** Ms of work that are read ahead. */
const AHEAD = 100;
/** Ms that a read waits for the first request. */
const READ = 1000;

/** Takes work from the engine, says that it still has it, and brings the answers. */
export function createService(options: ServiceOptions): Service {
  const { queue, name, version, endpoint, concurrency, now } = options;
  const me = { worker: name, version };
  /** By the key of each request, which those that are asked again share with the first. */
  const taken = new Map<Key, Taken>();
  const { promise: broken, reject: breakDown } = Promise.withResolvers<never>();
  broken.catch(() => undefined);
  /** There is a place again, or something to put there. */
  const freed = createChange(startTimer);
  const meter = createMeter(now);
  const board = createBoard(options);
  let draining = false;
  let closed = false;
  /** Which of those who were given requests is the last. */
  let turn = 0;
  let ready: BatchRequest[] = [];
  let taking: Promise<void> | null = null;

  const limits = createSharedLimits({
    ...options,
    served: board.served,
    colleagues: board.colleagues,
    holding: () => taken.size,
    onChange() {
      options.onChange();
      freed.wake();
    },
    onError: breakDown,
  });
  const reading = createReading(queue, name);

  async function renew(): Promise<void> {
    const byRun = Map.groupBy(taken.values(), ({ run }) => run);
    for (const [run, all] of byRun)
      await queue.renew(
        run,
        name,
        all.map(({ held }) => held.entry),
      );
  }

  async function tick(): Promise<void> {
    let renewedAt = now();
    for (let count = 0; !closed; count++) {
      const told = { name, endpoint, concurrency, running: options.running(), waits: options.waits(), ...meter.read() };
      const state = draining ? "draining" : "working";
      await board.look(count % TICKS_PER_NOTICE === 0 ? { ...told, state } : null);
      await limits.adapt();
      if (taken.size > 0 && now() - renewedAt >= board.lease() / 3 - TICK) {
        renewedAt = now();
        await renew();
      }
      await Bun.sleep(TICK);
    }
  }

  function toRequest({ run, held }: Taken): BatchRequest[] {
    const { id, hash, line, text } = held;
    const parsed = parseRequest(text, line, "jsonl");
    if ("why" in parsed) return [];
    const key = keyOf(id);
    taken.set(key, { run, held });
    return [{ id, key, hash, line, asked: parsed.asked, text }];
  }

  async function take(): Promise<void> {
    const names = board.served().map((run) => run.name);
    const free = limits.adaptive.limit() - Math.max(options.running(), taken.size);
    if (names.length === 0 || free < 1) return freed.wait(TICK);
    // Where answers are quick, what the next moment will free is read with it: a read for each request costs more than that.
    const soon = Math.floor(((meter.read().per_second ?? 0) * AHEAD) / 1000);
    const found = await reading.next(names, free + soon, taken);
    ready.push(...found.flatMap(toRequest));
  }

  async function* requests(): AsyncGenerator<readonly BatchRequest[]> {
    const mine = ++turn;
    while (!draining && mine === turn) {
      const request = ready.shift();
      if (request !== undefined) yield [request];
      else {
        taking = take();
        await taking;
      }
    }
  }

  function takenOf(request: BatchRequest): Taken {
    const found = taken.get(request.key);
    if (found === undefined) throw new TypeError("a request that this worker does not have");
    return found;
  }

  tick().catch(breakDown);

  return {
    requests,
    given: (request) => takenOf(request).held.given,
    runOf: (request) => board.run(taken.get(request.key)?.run ?? ""),
    async reply(request, told) {
      const { run, held } = takenOf(request);
      const { id, hash, given } = held;
      await queue.reply(run, held.entry, { kind: "answer", id, hash, given, ...told }, me);
      taken.delete(request.key);
      freed.wake();
      meter.count(told.failed);
    },
    async giveBack() {
      turn++;
      freed.wake();
      // What is being read is given back, too.
      await taking;
      ready = [];
      const giving = [...taken].map(async ([key, { run, held }]) => {
        const { id, hash, given } = held;
        await queue.reply(run, held.entry, { kind: "back", id, hash, given }, me);
        taken.delete(key);
      });
      await Promise.all(giving);
    },
    async halt(why, said) {
      for (const run of board.served()) {
        board.leave(run);
        await queue.reply(run.name, null, { kind: "halt", begun: run.begun, worker: name, why, said }, me);
      }
    },
    limiter: limits.limiter,
    limitsTokens: limits.limitsTokens,
    adaptive: limits.adaptive,
    drain() {
      draining = true;
      options.onChange();
      freed.wake();
    },
    isDraining: () => draining,
    state: () => ({
      served: board.served(),
      workers: board.colleagues().length,
      running: options.running(),
      ...meter.read(),
    }),
    broken,
    async close() {
      closed = true;
      draining = true;
      freed.wake();
      await queue.leave(name);
    },
  };
}

/** Reads requests; what the engine handed out while it was lost did not arrive, and is asked for once more. */
function createReading(queue: Queue, name: string) {
  let losses = 0;
  let turn = 0;
  return {
    async next(runs: readonly string[], count: number, known: ReadonlyMap<Key, Taken>): Promise<Taken[]> {
      const again = queue.losses() !== losses;
      losses = queue.losses();
      // A place for each batch; where there are more batches than places, one after the other.
      const chosen = Array.from(
        { length: Math.min(runs.length, count) },
        (_, at) => runs[(turn + at) % runs.length] ?? "",
      );
      turn += chosen.length;
      const found = await queue.take(chosen, name, Math.floor(count / chosen.length), READ, again);
      const all = [...found].flatMap(([run, entries]) => entries.map((held) => ({ run, held })));
      if (!again) return all;
      const had = new Set([...known.values()].map(({ run, held }) => `${run} ${held.entry}`));
      return all.filter(({ run, held }) => !had.has(`${run} ${held.entry}`));
    },
  };
}

/** Ms over which a rate is a recent one. */
const LATELY = 10_000;

/** Counts answers. */
function createMeter(now: () => Ms) {
  let [done, failed] = [0, 0];
  const rate = createRecentRate(LATELY, now);
  return {
    count(isFailed: boolean): void {
      done++;
      if (isFailed) failed++;
      rate.count();
    },
    read: (): { done: number; failed: number; per_second: number | null } => ({
      done,
      failed,
      per_second: rate.perSecond(),
    }),
  };
}
