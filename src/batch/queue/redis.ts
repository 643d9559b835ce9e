import * as v from "valibot";
import { entriesOf, isAfter, pairsOf, streamsOf, textsOf } from "./entries.ts";
import { createEngineLimits, type Run } from "./engine-limits.ts";
import { isHeld, jsonOf, replyArgs, requestArgs, toArrived, toHeld } from "./format.ts";
import { createLink, type Link } from "./link.ts";
import { departure, runNotice, workerNotice, type Noticed, type Queue } from "./queue.ts";
import { BOARD, GROUP, OWN, RENEW, REPLY, RETAKE, SUBMIT } from "./scripts.ts";

/** Ms after which a worker that says nothing is forgotten, and a batch. */
const WORKER_AGE = 10_000;
const DEPARTURE_AGE = 3_600_000;
const RUN_AGE = 7 * 24 * 3_600_000;
/** Entries that one command names: a script holds up everybody. */
const MANY = 100;
/** Ms after which a batch that is not there is looked for again. */
const GONE = 300;

const RUNS = "llmaas:runs";
const WORKERS = "llmaas:workers";
const DEPARTURES = "llmaas:departures";

/** Names of the keys of a batch; the braces keep them together where keys are spread over machines. */
const requestsOf = (run: string): string => `llmaas:{${run}}:req`;
const repliesOf = (run: string): string => `llmaas:{${run}}:res`;
const ownerOf = (run: string): string => `llmaas:{${run}}:run`;

type LinkOptions = Parameters<typeof createLink>[0];

/** Redis or Valkey, from version 7: streams with consumer groups and a few short scripts. */
export function createRedisQueue(options: LinkOptions): Queue {
  const link = createLink(options);
  // A read that blocks holds up all that comes after it on its connection.
  const blocking = createLink({ ...options, onChange: () => undefined });

  function run(script: string, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    return link.send("EVAL", [script, String(keys.length), ...keys, ...args.map(String)]);
  }

  async function tell<T extends object>(
    board: string,
    schema: v.GenericSchema<unknown, T>,
    notice: { name: string; text: string },
    age: number,
  ): Promise<{ known: boolean; all: Noticed<T>[] }> {
    const [known, ...found] = textsOf(await run(BOARD, [board], [notice.name, notice.text, age]));
    const all: Noticed<T>[] = [];
    for (let at = 0; at + 2 < found.length; at += 3) {
      const read = v.safeParse(schema, jsonOf(found[at + 2] ?? ""));
      if (read.success) all.push({ ...read.output, age: Number(found[at + 1]) });
    }
    return { known: known === "1", all };
  }

  return {
    ...createEngineLimits(run),
    ...createWorkerSide(run, blocking),
    async tellRun(notice) {
      return tell(RUNS, runNotice, { name: notice.name, text: JSON.stringify(notice) }, RUN_AGE);
    },
    runs: async () => (await tell(RUNS, runNotice, NOBODY, RUN_AGE)).all,
    tellWorker: async (notice) =>
      (await tell(WORKERS, workerNotice, { name: notice.name, text: JSON.stringify(notice) }, WORKER_AGE)).all,
    workers: async () => (await tell(WORKERS, workerNotice, NOBODY, WORKER_AGE)).all,
    leave: async (worker) => void (await run(BOARD, [WORKERS], [worker, "", WORKER_AGE])),
    async depart(told) {
      await tell(DEPARTURES, departure, { name: told.name, text: JSON.stringify(told) }, DEPARTURE_AGE);
    },
    departures: async () => (await tell(DEPARTURES, departure, NOBODY, DEPARTURE_AGE)).all,
    async standing(name) {
      const [length, answers] = await Promise.all([
        link.send("XLEN", [requestsOf(name)]),
        link.send("XLEN", [repliesOf(name)]),
      ]);
      const pending = await unlessGone(() => link.send("XPENDING", [requestsOf(name), GROUP]));
      const each = Array.isArray(pending) && Array.isArray(pending[3]) ? pending[3].map(textsOf) : [];
      const running = new Map(each.map(([worker = "", count]) => [worker, Number(count)]));
      const taken = [...running.values()].reduce((sum, count) => sum + count, 0);
      return { waiting: Math.max(0, Number(length) - taken), answers: Number(answers), running };
    },
    own: async (name, owner, ms) => Number(await run(OWN, [ownerOf(name)], [owner, ms])),
    disown: async (name) => void (await link.send("DEL", [ownerOf(name)])),
    async evicts() {
      // Where reading settings is not allowed nobody knows.
      const found = await link.send("CONFIG", ["GET", "maxmemory-policy"]).catch(() => null);
      const [policy] = found !== null && typeof found === "object" ? Object.values(found) : [];
      return typeof policy === "string" && policy !== "noeviction" ? policy : null;
    },
    ...createFeederSide(run, link, blocking),
    losses: () => blocking.losses(),
    close() {
      link.close();
      blocking.close();
    },
  };
}

const NOBODY = { name: "", text: "" };

type FeederSide = Pick<
  Queue,
  "submit" | "held" | "replies" | "acknowledge" | "idle" | "retake" | "drop" | "last" | "forget"
>;

function createFeederSide(run: Run, link: Link, blocking: Link): FeederSide {
  return {
    async submit(name, requests) {
      try {
        await run(SUBMIT, [requestsOf(name)], requests.flatMap(requestArgs));
        return true;
      } catch (error) {
        if (error instanceof Error && error.message.includes("OOM")) return false;
        throw error;
      }
    },
    async held(name) {
      const key = requestsOf(name);
      const groups = await unlessGone(() => link.send("XINFO", ["GROUPS", key]));
      const group = (Array.isArray(groups) ? groups : []).map((each) => new Map(pairsOf(each)));
      const handedOut = group.find((each) => each.get("name") === GROUP)?.get("last-delivered-id") ?? "0-0";
      const all = await pages(async (from) =>
        entriesOf(await link.send("XRANGE", [key, from, "+", "COUNT", String(MANY)])).map(toHeld),
      );
      const taken = await pages(async (from) => {
        const part = await unlessGone(() => link.send("XPENDING", [key, GROUP, from, "+", String(MANY)]));
        return (Array.isArray(part) ? part : []).map((each) => ({ entry: textsOf(each)[0] ?? "" }));
      });
      const withWorkers = new Set(taken.map(({ entry }) => entry));
      return all.filter(({ entry }) => isAfter(entry, handedOut) || withWorkers.has(entry));
    },
    async replies(name, cursor, ms) {
      const block = ms > 0 ? ["BLOCK", String(ms)] : [];
      const through = ms > 0 ? blocking : link;
      const found = await through.send("XREAD", ["COUNT", "500", ...block, "STREAMS", repliesOf(name), cursor]);
      return streamsOf(found).flatMap(([, entries]) => entries.map(toArrived));
    },
    async acknowledge(name, entries) {
      for (const part of partsOf(entries)) await link.send("XDEL", [repliesOf(name), ...part]);
    },
    async idle(name, lease) {
      const key = requestsOf(name);
      const found = await unlessGone(() =>
        link.send("XPENDING", [key, GROUP, "IDLE", String(Math.round(lease)), "-", "+", String(MANY)]),
      );
      return Array.isArray(found) ? found.map((each) => textsOf(each)[0] ?? "") : [];
    },
    retake: async (name, entry, as, lease) =>
      Number((await unlessGone(() => run(RETAKE, [requestsOf(name)], [entry, as, Math.round(lease)]))) ?? 0) === 1,
    async drop(name, entries) {
      for (const part of partsOf(entries)) {
        await link.send("XACK", [requestsOf(name), GROUP, ...part]);
        await link.send("XDEL", [requestsOf(name), ...part]);
      }
    },
    async last(name) {
      const found = await unlessGone(() => link.send("XINFO", ["STREAM", requestsOf(name)]));
      return new Map(pairsOf(found)).get("last-generated-id") ?? "0-0";
    },
    async forget(name) {
      await link.send("DEL", [requestsOf(name), repliesOf(name), ownerOf(name)]);
      await run(BOARD, [RUNS], [name, "", RUN_AGE]);
    },
  };
}

function createWorkerSide(run: Run, blocking: Link): Pick<Queue, "take" | "reply" | "renew"> {
  return {
    async take(names, worker, count, ms, again) {
      const how = ["GROUP", GROUP, worker, "COUNT", String(count), ...(again ? [] : ["BLOCK", String(ms)])];
      for (let keys = names.map(requestsOf); keys.length > 0;) {
        try {
          const found = await blocking.send("XREADGROUP", [
            ...how,
            "STREAMS",
            ...keys,
            ...keys.map(() => (again ? "0" : ">")),
          ]);
          const byKey = new Map(streamsOf(found));
          return new Map(names.map((name) => [name, (byKey.get(requestsOf(name)) ?? []).filter(isHeld).map(toHeld)]));
        } catch (error) {
          if (!isGone(error)) throw error;
          // One batch that is over, or has nothing there yet, keeps nobody from the others.
          const { message } = error;
          keys = keys.filter((key) => !message.includes(`'${key}'`) && message.startsWith("NOGROUP"));
        }
      }
      await Bun.sleep(Math.min(ms, GONE));
      return new Map();
    },
    reply: createReply(run),
    async renew(name, worker, entries) {
      for (const part of partsOf(entries)) await unlessGone(() => run(RENEW, [requestsOf(name)], [worker, ...part]));
    },
  };
}

/** What is said in one turn goes to the engine in one step: a step costs it more than what is said there. */
function createReply(run: Run): Queue["reply"] {
  type Batch = { args: string[]; sent: Promise<void> };
  const gathering = new Map<string, Batch>();

  function begin(name: string): Batch {
    const args: string[] = [];
    const sent = new Promise<void>((resolve) => setImmediate(resolve)).then(async () => {
      if (gathering.get(name) === batch) gathering.delete(name);
      await run(REPLY, [requestsOf(name), repliesOf(name)], args);
    });
    const batch = { args, sent };
    gathering.set(name, batch);
    return batch;
  }

  return (name, entry, reply, by) => {
    const batch = gathering.get(name) ?? begin(name);
    batch.args.push(entry ?? "", ...replyArgs(reply, by));
    if (batch.args.length >= 3 * MANY) gathering.delete(name);
    return batch.sent;
  };
}

/** The group is gone where an engine lost its memory, or the batch is over: nothing is there. */
async function unlessGone(ask: () => Promise<unknown>): Promise<unknown> {
  try {
    return await ask();
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

function isGone(error: unknown): error is Error {
  return error instanceof Error && /NOGROUP|UNBLOCKED|no such key/.test(error.message);
}

/** All of a list that the engine gives in parts. */
async function pages<T extends { entry: string }>(read: (from: string) => Promise<T[]>): Promise<T[]> {
  const all: T[] = [];
  for (let from = "-"; ;) {
    const part = await read(from);
    all.push(...part);
    if (part.length < MANY) return all;
    from = `(${part.at(-1)?.entry}`;
  }
}

function* partsOf(entries: readonly string[]): Generator<readonly string[]> {
  for (let at = 0; at < entries.length; at += MANY) yield entries.slice(at, at + MANY);
}
