import type { Api } from "../wire/api.ts";
import type { CreateAssembler } from "../wire/apis.ts";
import { findJsonProblem } from "../wire/json-problem.ts";
import { createAnswer, type Answer } from "./answer.ts";
import type { Asked } from "./asked.ts";
import { classify } from "./classify.ts";
import { begin, type Connections, decompressed, type Fetch, refusalOf } from "./http.ts";
import type { Deadline } from "./deadline.ts";
import type { Failure, Ms, StartTimer, StreamEvent, StreamRequest } from "./event.ts";
import { addWork, beginWait, createIdle, endWait, takeWaited, type Idle, type Workload } from "./idle.ts";
import { maskHeaders } from "./mask.ts";
import { askedWait } from "./retry.ts";
import type { Route } from "./route.ts";

/** After a `finish_reason`, and after each token that still comes, how long we wait for usage and `[DONE]`. */
const SETTLE_MS = 2000;
/** Most UTF-16 units of one malformed event that are kept, for `--debug`. */
const SKIPPED_LIMIT = 64 * 1024;
/** UTF-16 units of the longest one whose problem is looked for: 8 MiB take half a second, in which nothing else is read. */
const LOCATED_LIMIT = 1024 * 1024;
/** Of so many of one read it is looked for: a read may bring thousands, and no timer fires before all are done with. */
const MOST_LOCATED = 32;

/** In so many ms the runtime (Bun 1.4) may still choose a connection for a request: one that was kept in the meantime. */
const CHOSEN_MS = 100;

type AttemptContext = {
  fetch: Fetch;
  request: StreamRequest;
  api: Api;
  /** Puts answers together, where that is asked for. */
  createAssembler: CreateAssembler | null;
  /** The request as the API, and this server, wants it. */
  asked: Asked;
  number: number;
  /** The one before went out on a stale connection: this one opens its own, and its clock runs already. */
  again: boolean;
  connections: Connections;
  deadline: Deadline;
  route: Route;
  workload: Workload;
  now: () => Ms;
  startTimer: StartTimer;
  /** Emits; a promise means that reading is held until it settles. `weight`: bytes of response it stands for. */
  deliver(event: StreamEvent, weight?: number): Promise<void> | undefined;
};

/** One HTTP exchange. `stopped` is why reading stopped before the body's own end. */
export type Attempted = {
  answer: Answer;
  stopped: Failure | null;
  at: Ms;
  /** Ms the server asked to wait before another attempt. */
  wait: number | null;
  /** The body of a refusal, as it was, to look for the parameter it names. */
  refusal: string;
  /** It went out on a connection that had been kept, which ended before any byte of an answer. */
  stale: boolean;
};

type Stopped = Pick<Attempted, "stopped"> & Partial<Pick<Attempted, "at" | "wait" | "refusal" | "stale">>;

/** Sends the request once and reads what comes. */
export async function attempt(context: AttemptContext): Promise<Attempted> {
  const { request, api, deadline, connections } = context;
  const { origin, mask } = context.route;
  const { several } = context.asked;
  const assembler = context.createAssembler?.(several) ?? null;
  const answer = createAnswer({ api, mask, observe: request.observe, several, assembler });
  const begun = context.now();
  const kept = !context.again && connections.take(origin);
  const mayBeKept = (): boolean =>
    kept || (!context.again && context.now() - begun < CHOSEN_MS && connections.take(origin));
  let end: Stopped;
  try {
    end = await exchange(context, answer);
  } catch (error) {
    const stopped = deadline.failure() ?? classify(error, mask);
    if (stopped === null) throw error;
    answer.lost();
    end = { stopped, stale: stopped.kind === "reset" && !answer.opened() && mayBeKept() };
  }
  const { stopped, at = context.now(), wait = null, refusal = "", stale = false } = end;
  return { answer, stopped, at, wait, refusal, stale };
}

async function exchange(context: AttemptContext, answer: Answer): Promise<Stopped> {
  const { fetch, request, deadline, now, deliver } = context;
  const { to, path, origin, mask, shown } = context.route;
  const headers = { ...context.api.headers(request.key), ...request.headers };
  const { text: body } = context.asked;
  const sentAt = now();
  if (!context.again) deadline.sent(sentAt);
  const idle = createIdle(context.workload, sentAt);
  const keepalive = !context.again;
  const { signal } = deadline;
  const responding = begin(fetch, to, { method: "POST", headers, body, signal, keepalive });
  const sent = request.observe
    ? { path, headers: maskHeaders(Object.entries(headers), mask), body: context.asked.body() }
    : null;
  const hold = deliver({ type: "sent", at: sentAt, attempt: context.number, request: sent });
  if (hold !== undefined) {
    // It may fail while we are held: the failure is met where it is awaited.
    responding.catch(() => undefined);
    await hold;
  }
  const response = decompressed(await responding);
  const openedAt = now();
  endWait(idle, openedAt);
  deadline.opened();
  const { status } = response;
  const held = deliver({ type: "opened", at: openedAt, status, headers: shown(response.headers) });
  if (held !== undefined) await held;
  answer.open(response);
  const keep = (): void => context.connections.give(origin, response.headers);
  if (!response.ok) return await refused(context, response, keep);
  // Awaited here: a promise that is returned takes two turns more.
  if (response.body !== null) return await readBody(context, response.body, answer, { keep, idle });
  keep();
  return { stopped: { kind: "no_content", status, message: "" } };
}

async function refused(
  { route, now, startTimer, deadline }: AttemptContext,
  response: Response,
  keep: () => void,
): Promise<Stopped> {
  // No token can come: what is read here has its own bound.
  deadline.rest();
  const { failure, body, toEnd } = await refusalOf(response, route.mask, startTimer);
  if (toEnd) keep();
  const wait = askedWait(response.headers, response.status, new Date(now()));
  const told = failure.kind === "http" ? { ...failure, wait } : failure;
  return { stopped: deadline.failure() ?? told, wait, refusal: body };
}

/** Reads a 2xx body to its end, or to the point after which nothing counts. */
async function readBody(
  context: AttemptContext,
  body: NonNullable<Response["body"]>,
  answer: Answer,
  means: { keep: () => void; idle: Idle },
): Promise<Stopped> {
  // Taken apart here: what an async function has of its own is at hand when it goes on, its parameters are not.
  const { deadline, deliver, now, startTimer } = context;
  const { push, state } = answer;
  const { keep, idle } = means;
  const reader = body.getReader();
  let stopSettling: (() => void) | undefined;
  const close = (): void => void reader.cancel().catch(() => undefined);
  const settle = (): void => {
    settled = true;
    close();
  };
  let at = now();
  let toEnd = false;
  let settled = false;
  /** Bytes for which no event stands yet: a large event comes in many reads. */
  let unweighed = 0;
  try {
    for (let told = state(); told !== "over"; told = state()) {
      if (told === "finishing") stopSettling ??= startTimer(settle, SETTLE_MS);
      const { value } = await reader.read();
      at = now();
      endWait(idle, at);
      toEnd = value === undefined;
      if (value === undefined) break;
      const events = push(value, at);
      if (hasSkipped(events)) await locate(events);
      unweighed += value.byteLength;
      const hold = deliverAll(deliver, events, unweighed, idle);
      if (events.length > 0) unweighed = 0;
      addWork(idle, now());
      if (stopSettling !== undefined && (hold !== undefined || events.at(-1)?.type === "delta")) {
        stopSettling();
        stopSettling = undefined;
      }
      if (hold !== undefined) {
        await hold;
        beginWait(idle, now());
      }
    }
    if (toEnd && !settled) keep();
  } finally {
    stopSettling?.();
    leave(reader, state() === "over" ? keep : null);
  }
  const aborted = deadline.failure();
  if (aborted !== null) return { stopped: aborted };
  const { events, failure } = answer.end(at);
  if (hasSkipped(events)) await locate(events);
  const held = deliverAll(deliver, events, 0, idle);
  if (held !== undefined) await held;
  return { stopped: failure, at };
}

type Reader = { closed: Promise<unknown>; cancel(): Promise<void> };

/** Tears down what is left of a body; of one that is over only after a look whether its end came behind its last event. */
function leave(reader: Reader, keep: (() => void) | null): void {
  const close = (): void => void reader.cancel().catch(() => undefined);
  if (keep === null) return close();
  let left = false;
  const end = (isWhole: boolean): void => {
    if (left) return;
    left = true;
    if (isWhole) keep();
    else close();
  };
  // Bun 1.4.5: a read makes a buffer of 64 KiB and more to be told that there is nothing for it.
  reader.closed.then(
    () => end(true),
    () => end(false),
  );
  setImmediate(end, false);
}

type Skipped = Extract<StreamEvent, { type: "skipped" }>;

function isSkipped(event: StreamEvent): event is Skipped {
  return event.type === "skipped";
}

function hasSkipped(events: readonly StreamEvent[]): boolean {
  for (const event of events) if (isSkipped(event)) return true;
  return false;
}

/** Says of each malformed event where it stops being JSON, which JSON.parse of Bun 1.4 does not. */
async function locate(events: readonly StreamEvent[]): Promise<void> {
  for (const [index, event] of events.filter(isSkipped).entries()) {
    const isLooked = index < MOST_LOCATED && event.data.length <= LOCATED_LIMIT;
    const problem = isLooked ? await findJsonProblem(event.data) : null;
    if (problem !== null) event.why += ` at position ${problem.offset}`;
    event.data = event.data.slice(0, SKIPPED_LIMIT);
  }
}

/** Emits the events of one read; the first stands for all its bytes. A promise only when reading must wait. */
function deliverAll(
  deliver: AttemptContext["deliver"],
  events: readonly StreamEvent[],
  weight: number,
  idle: Idle,
): Promise<void> | undefined {
  let hold: Promise<void> | undefined;
  let unweighed = weight;
  for (const event of events) {
    if (event.type === "delta") event.idle = takeWaited(idle);
    hold = deliver(event, unweighed) ?? hold;
    unweighed = 0;
  }
  return hold;
}
