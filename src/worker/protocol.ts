/**
 * All that crosses between the program and the thread that owns the network and the clock.
 *
 * The rule of conversation. Outside says "start" with an id of its own; inside answers with the events of that stream,
 * in order, the last of which is "ended": exactly one for each start, also after a "cancel", and when the thread dies
 * the outside makes it. Each read of a body makes at most one event of words; events go together that come within POST_MS.
 * Outside acknowledges events once everything that listens has settled, never on receipt, and only while the last
 * message said "wanted": half of the credit was used. Inside keeps at most CREDIT_MESSAGES events, or events standing for
 * CREDIT_BYTES of response, unacknowledged: beyond that it reads no body further, so the server feels our pace over TCP.
 * A cancel frees a stream that waits for an acknowledgement. After "watch" inside says at once that it is there, and
 * then twice a second how late its timers were: what comes between the network and the clock. "bye" asks the thread to
 * stop; it answers "bye" when nothing of it is left to deliver.
 * Only plain data crosses: an Error would lose its class, its code and its cause. It crosses as JSON, and what is said in
 * one turn of an event loop goes together: Bun 1.4.5 takes 12 µs to clone the events of a short answer, and 4.6 so.
 */

import type { ApiKind, CancelReason, StreamEvent, StreamRequest } from "../stream/event.ts";

export const CREDIT_MESSAGES = 1000;
export const CREDIT_BYTES = 4 * 1024 * 1024;

/** Ms for which an event may wait for others to go with; its stamp was taken before. */
export const POST_MS = 16;

/** Ms between two looks at the event loop, and between two "health" messages. */
export const LOOK_MS = 10;
export const HEALTH_MS = 500;

/** Chosen outside, unique for the life of the thread. */
export type StreamId = number;

export type ToWorker =
  /** This API will be spoken: it is loaded before the first request asks for it. */
  | { type: "speak"; api: ApiKind }
  /** `request`: `null` where it is that of the start before. `own`: in its place, in the form of its own API. */
  | { type: "start"; id: StreamId; request: StreamRequest | null; own?: string }
  | { type: "cancel"; id: StreamId; why: CancelReason }
  | { type: "ack"; count: number }
  | { type: "watch" }
  | { type: "bye" };

export type FromWorker =
  | { type: "events"; events: readonly { id: StreamId; event: StreamEvent }[]; wanted: boolean }
  /** Ms by which each look at the event loop came late. */
  | { type: "health"; lags: readonly number[] }
  /** The thread is about to die of a bug; `detail` is the stack. */
  | { type: "crashed"; detail: string }
  | { type: "bye" };

/**
 * What the thread says, as text. What is JSON already, as the bodies of answers are, stands behind it, a line each: within
 * it they would be escaped and unescaped, which takes 3 µs of a short answer.
 */
export function writeFromWorker(message: FromWorker): string {
  let behind = "";
  if (message.type === "events") {
    for (const { event } of message.events) {
      if (event.type !== "ended" || event.body === undefined) continue;
      behind += `\n${event.body}`;
      event.body = "";
    }
  }
  return JSON.stringify(message) + behind;
}

/** The same on the other side. */
export function readFromWorker(text: string): FromWorker {
  const { first, next } = linesOf(text);
  const message: FromWorker = JSON.parse(first);
  if (message.type !== "events" || next === null) return message;
  for (const { event } of message.events) if (event.type === "ended" && event.body !== undefined) event.body = next();
  return message;
}

/** What is said to the thread, likewise: what stands behind are requests in the form of their own API. */
export function writeToWorker(messages: readonly ToWorker[]): string {
  let behind = "";
  for (const message of messages) {
    if (message.type !== "start" || message.own === undefined) continue;
    behind += `\n${message.own}`;
    message.own = "";
  }
  return JSON.stringify(messages) + behind;
}

/** The same on the other side. */
export function readToWorker(text: string): readonly ToWorker[] {
  const { first, next } = linesOf(text);
  const messages: readonly ToWorker[] = JSON.parse(first);
  if (next === null) return messages;
  for (const message of messages) if (message.type === "start" && message.own !== undefined) message.own = next();
  return messages;
}

/** The first line, and where there are more, what takes these one after the other. */
function linesOf(text: string): { first: string; next: (() => string) | null } {
  let end = text.indexOf("\n");
  if (end < 0) return { first: text, next: null };
  const next = (): string => {
    const from = end + 1;
    const to = text.indexOf("\n", from);
    end = to < 0 ? text.length : to;
    return text.slice(from, end);
  };
  return { first: text.slice(0, end), next };
}
