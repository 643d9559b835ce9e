import * as v from "valibot";
import type { Ms } from "../../stream/event.ts";
import { prices } from "../../config/kinds.ts";
import type { Refusal } from "../breaker.ts";
import type { Rates } from "../limits.ts";

/** A request on its way to a worker: a line of the Batch API, whatever stood in the input. */
type QueuedRequest = {
  id: string;
  hash: number;
  line: number;
  /** How often it was handed out before, to workers that died or to an engine that forgot. */
  given: number;
  text: string;
};

/** A request as the engine holds it; `entry`: what the engine calls it. */
export type Held = QueuedRequest & { entry: string };

/** What a worker says of a request. */
export type Answer = {
  kind: "answer";
  id: string;
  hash: number;
  given: number;
  /** The line of results. */
  line: string;
  failed: boolean;
  /** What went wrong, as the tally counts it; `null` where nothing did. */
  why: string | null;
  prompt: number;
  tokens: number;
  /** `null`: nobody knows. */
  cost: number | null;
  currency: string | null;
  /** What it says of all requests like it that it was refused. */
  refusal?: Refusal | undefined;
};

/** A request comes back unanswered. */
type GivenBack = { kind: "back"; id: string; hash: number; given: number };

/** No worker would fare better: this run of the batch is to end. `why` and `said` as the worker that met it says it. */
export type Halted = { kind: "halt"; begun: number; worker: string; why: string; said: string };

/** Who says something, for those who can read nothing else of it. */
export type Author = { worker: string; version: string };

/** What a worker of another version, or somebody else, has said; what is `null` it does not say. */
export type Unreadable = {
  kind: "unreadable";
  id: string | null;
  given: number | null;
  worker: string | null;
  version: string | null;
};

/** What a worker tells the batch. */
export type Reply = Answer | GivenBack | Halted;
export type Arrived = (Reply | Unreadable) & { entry: string };

/** What a batch tells the workers and those who ask how it stands. Nothing secret is in it. */
export const runNotice = v.object({
  name: v.string(),
  /** Where its requests may be sent, and nowhere else. */
  endpoint: v.string(),
  state: v.picklist(["running", "stopped"]),
  /** Names this run of it: a batch that was stopped may be run again. */
  begun: v.number(),
  /** After so many ms without a sign from its worker a request is given to another one. */
  lease: v.number(),
  rates: v.object({
    requestsPerMinute: v.nullable(v.number()),
    tokensPerMinute: v.nullable(v.number()),
    tokensPerHour: v.nullable(v.number()),
  }),
  counts: v.picklist(["all", "output"]),
  /** What the tokens cost, for all workers. */
  prices: v.nullable(prices().schema()),
  /** Most requests of all workers together; `null`: as many as they have places. */
  concurrency: v.nullable(v.number()),
  /** What answers must fit. */
  schema: v.nullable(v.object({ path: v.string(), text: v.string(), retries: v.number() })),
  host: v.string(),
  total: v.number(),
  done: v.number(),
  failed: v.number(),
  per_second: v.nullable(v.number()),
});
export type RunNotice = v.InferOutput<typeof runNotice>;

/** What a worker tells the others. */
export const workerNotice = v.object({
  name: v.string(),
  endpoint: v.string(),
  concurrency: v.number(),
  running: v.number(),
  done: v.number(),
  failed: v.number(),
  per_second: v.nullable(v.number()),
  /** Batches that it takes no work of, for they are for another endpoint. */
  refused: v.array(v.string()),
  state: v.picklist(["working", "draining"]),
  /** Why it asks nothing for a while. */
  waits: v.optional(v.nullable(v.string()), null),
  /** When it began, by its own clock. */
  since: v.number(),
});
export type WorkerNotice = v.InferOutput<typeof workerNotice>;

/** What a worker says that leaves, for it cannot go on; `said`: why, and what to do. */
export const departure = v.object({ name: v.string(), endpoint: v.string(), said: v.string() });
export type Departure = v.InferOutput<typeof departure>;

/** A notice and how long ago it was given. */
export type Noticed<T> = T & { age: Ms };

/** How many requests wait for a worker, and how many each has. */
export type Standing = { waiting: number; answers: number; running: ReadonlyMap<string, number> };

/** What holds back all who ask one endpoint: how many requests at once, and for how long none. */
export type Restraint = { limit: number; pause: Ms };

/** The place where many machines meet. Whatever it is, each of these may be done twice without harm. */
export type Queue = {
  /** Tells everybody; whether the batch was known before. */
  tellRun(notice: RunNotice): Promise<{ known: boolean }>;
  runs(): Promise<Noticed<RunNotice>[]>;
  /** Tells everybody, and returns what every worker told lately. */
  tellWorker(notice: WorkerNotice): Promise<Noticed<WorkerNotice>[]>;
  workers(): Promise<Noticed<WorkerNotice>[]>;
  leave(worker: string): Promise<void>;
  /** Tells everybody who looks within the hour. */
  depart(departure: Departure): Promise<void>;
  departures(): Promise<Noticed<Departure>[]>;
  standing(run: string): Promise<Standing>;
  /** Makes `owner` the one that feeds a batch, for so many ms; else the ms that another one has it for. */
  own(run: string, owner: string, ms: Ms): Promise<Ms>;
  disown(run: string): Promise<void>;
  /** What the engine warns of, by its own name for it; `null` for nothing. */
  evicts(): Promise<string | null>;

  /** Adds requests, in the order of their entries; one that is there already is not added again. `false`: it is full. */
  submit(run: string, requests: readonly Held[]): Promise<boolean>;
  /** Those that wait for a worker or are with one: what lies beside, as after two power cuts, nobody would ever be given. */
  held(run: string): Promise<Held[]>;
  /** Replies after `cursor`; waits up to `ms` for the first of them. */
  replies(run: string, cursor: string, ms: Ms): Promise<Arrived[]>;
  acknowledge(run: string, entries: readonly string[]): Promise<void>;
  /** Entries that no worker gave a sign of for `lease` ms. */
  idle(run: string, lease: Ms): Promise<string[]>;
  /** Puts an idle entry to the end under a new name; `true` where it still was idle. */
  retake(run: string, entry: string, as: string, lease: Ms): Promise<boolean>;
  drop(run: string, entries: readonly string[]): Promise<void>;
  /** The last entry that was ever added; "0-0" where none was. */
  last(run: string): Promise<string>;
  /** Forgets a batch that is done. */
  forget(run: string): Promise<void>;

  /** Takes up to `count` requests of each of these batches for a worker; waits up to `ms` for the first. `again`: those it has. */
  take(runs: readonly string[], worker: string, count: number, ms: Ms, again: boolean): Promise<Map<string, Held[]>>;
  reply(run: string, entry: string | null, reply: Reply, by: Author): Promise<void>;
  /** The worker still has these. */
  renew(run: string, worker: string, entries: readonly string[]): Promise<void>;

  /** See `Limiter`. `account`: whom the limits are for. */
  takeLimit(account: string, rates: Rates, tokens: number): Promise<Ms>;
  settleLimit(account: string, tokens: number): Promise<void>;
  pauseLimit(account: string, ms: Ms): Promise<void>;
  /** Successes of a worker with no place free, or an overload, and what all may run at once then. */
  adapt(
    account: string,
    seen: { successes: number; overloaded: boolean; latency: Ms; places: number },
  ): Promise<Restraint>;
  /** How often the engine was lost to who takes work: what it handed out then may not have arrived. */
  losses(): number;
  close(): void;
};

/** The engine does not answer any more. */
export class QueueGone extends Error {}
