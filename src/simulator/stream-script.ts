import { createBody, rateLimits, responseHead } from "./body.ts";
import type { ApiKind } from "../wire/apis.ts";
import { createChunks } from "./chunks.ts";
import { createMessages } from "./messages.ts";
import { createResponses } from "./responses.ts";
import {
  CLOSE,
  KEEP,
  NO_TWIST,
  type Ending,
  type Plan,
  type Script,
  type Stage,
  type Step,
  type Told,
  type Twist,
} from "./script.ts";
import { createSpeech, type Speech } from "./speech.ts";
import { READ_AT, STAMP } from "./stamp.ts";
import type { ApiEvent, Writer } from "./writer.ts";

const WRITERS: Readonly<Record<ApiKind, (told: Told) => Writer>> = {
  chat: (told) => createChunks(told, "chat"),
  responses: createResponses,
  messages: createMessages,
  completions: (told) => createChunks(told, "completions"),
};

/** The streamed answer of a plan, with the twist of a fault or none. */
export function* streamScript(plan: Plan, twist: Twist): Script {
  const { stage, advance } = createStage(plan, twist);
  const { speech } = stage;
  const at = Math.min(twist.at ?? plan.at, speech.count);
  yield stage.raw(streamHead(stage.plan, twist));
  const first = speech.begins(0);
  yield* stage.send(twist.lead ?? "");
  yield* stage.sendAll([...stage.writer.opening(), ...(first === null ? [] : stage.writer.begin(first))]);
  for (let e = 0; e < speech.count; e++) {
    advance(speech.due(e));
    const section = e > 0 ? speech.begins(e) : null;
    if (section !== null) yield* stage.sendAll(stage.writer.begin(section));
    if (e === speech.steady?.from && twist === NO_TWIST) {
      yield* mayBurst(plan) ? burst(stage, e, speech.steady.period) : paced(stage, e);
      break;
    }
    const ending = e === at && twist.interrupt ? yield* twist.interrupt(stage, e) : null;
    if (ending !== null) return ending;
    if (twist.before) yield* stage.send(twist.before(stage, e));
    yield* stage.send(stage.tokenEvent(e), e);
  }
  advance(speech.due(speech.count));
  const ending = at === speech.count && twist.interrupt ? yield* twist.interrupt(stage, at) : null;
  if (ending !== null) return ending;
  const closing = twist.closing ?? ordinaryClosing;
  for (const text of closing(stage)) yield* stage.send(text);
  if (twist.after) return yield* twist.after(stage);
  return yield* endOfBody(stage);
}

/** The body ends as it should, and the connection with it if that is its only mark. */
export function* endOfBody(stage: Stage): Script {
  const end = stage.body.end();
  if (end.length > 0) yield stage.raw(end);
  return stage.plan.transfer === "chunked" ? KEEP : CLOSE;
}

/** Writes nothing more. */
export function* endWith(ending: Ending): Script {
  yield* [];
  return ending;
}

/** All that ends a stream: the part that is open, the finish reason, usage where it has its own event, the mark. */
export function ordinaryClosing(stage: Stage): string[] {
  const { part, reason, usage, mark } = stage.closing();
  return [...part, reason, usage, mark].flatMap((event) => (event === null ? [] : stage.event(event)));
}

function createStage(asked: Plan, twist: Twist): { stage: Stage; advance(due: number): void } {
  const model = twist.model ?? asked.identity.model;
  const plan: Plan = {
    ...asked,
    usage: twist.usage ?? asked.usage,
    transfer: twist.transfer ?? asked.transfer,
    identity: { ...asked.identity, model },
  };
  const body = createBody(plan.transfer, twist.encoding ?? null);
  const speech = twist.speech ? twist.speech(plan) : createSpeech(plan);
  const writer = WRITERS[plan.api]({ plan, speech });
  let clock = 0;
  let shift = 0;
  let ordinal = 0;

  function* send(text: string | Uint8Array, token = -1): Generator<Step> {
    if (text.length === 0) return;
    if (!twist.slice) return yield { due: clock, data: body.part(text), token };
    for (const piece of twist.slice(Buffer.from(text), plan)) {
      yield { due: clock, data: body.part(piece), token };
      clock += plan.ms ?? twist.sliceMs ?? 0;
    }
  }

  function event(one: ApiEvent): string {
    return twist.frame ? twist.frame(one, ordinal++) : encodeEvent(one.data, one.name);
  }

  const token = twist.withOther ? (writer.tokenOfTwo ?? writer.token) : writer.token;
  const finishReason = finishReasonOf(plan, speech, twist);
  const stage: Stage = {
    plan,
    writer,
    body,
    speech,
    closing: () => writer.closing(finishReason),
    event,
    extra: (piece) => event(writer.extra(piece)),
    tokenEvent: (e) => event(token(e, speech.piece(e))),
    send,
    *sendAll(events) {
      for (const one of events) yield* send(event(one));
    },
    raw: (data) => ({ due: clock, data, token: -1 }),
    wait(ms) {
      clock += ms;
      shift += ms;
    },
  };
  return { stage, advance: (due) => void (clock = Math.max(clock, due + shift)) };
}

/** Why an answer ends, in the words of chat completions unless it is told in others. */
export function finishReasonOf(plan: Plan, speech: Speech, twist: Twist): string {
  return twist.reason?.(plan) ?? plan.finish_reason ?? speech.finishReason ?? (plan.cut ? "length" : "stop");
}

/** Bytes of one write when nothing is paced: about what one read of a client brings. */
const BLOCK = 256 * 1024;

/** Whether events of this plan may share a write: nothing is paced, and they do not differ but by their text. */
function mayBurst(plan: Plan): boolean {
  return plan.rate === 0 && !plan.stamp && plan.usage !== "every" && plan.usage !== "null";
}

/**
 * Token events from `from` to the end in blocks of many events. A repeating text is encoded once and the same
 * bytes are written again and again, with other numbers in them where events are numbered: no other way keeps a client
 * of a million tokens per second waiting.
 */
function* burst(stage: Stage, from: number, period: number): Generator<Step> {
  const { count } = stage.speech;
  const size = partOf(stage, from).length;
  const events = period * Math.ceil(BLOCK / (period * size));
  let e = from;
  if (count - from >= 2 * events) {
    let block = createBlock(stage, from, events);
    for (; count - e >= events; e += events) {
      if (!block.renumber(e)) block = createBlock(stage, e, events);
      yield { ...stage.raw(block.bytes), token: e };
    }
  }
  const share = Math.ceil(BLOCK / size);
  for (; e < count; e += share) {
    yield { ...stage.raw(partsOf(stage, e, Math.min(e + share, count)).join("")), token: e };
  }
}

type Block = {
  bytes: Uint8Array;
  /** Makes it one that begins with event `e`; false when its numbers would not fit in their places. */
  renumber(e: number): boolean;
};

const NUMBER = '"sequence_number":';
const ZERO = 48;

/** Token events as one piece of bytes. */
function createBlock(stage: Stage, from: number, events: number): Block {
  const { numberOf } = stage.writer;
  const parts = partsOf(stage, from, from + events);
  const bytes = Buffer.from(parts.join(""));
  if (numberOf === null) return { bytes, renumber: () => true };
  const digits = (number: number): number => String(number).length;
  const width = digits(numberOf(from));
  const places: number[] = [];
  let offset = 0;
  for (const part of parts) {
    // Before it stand ASCII characters alone.
    places.push(offset + part.indexOf(NUMBER) + NUMBER.length + width);
    offset += Buffer.byteLength(part);
  }
  const isEven = digits(numberOf(from + events - 1)) === width;

  function renumber(e: number): boolean {
    if (e === from) return true;
    const first = numberOf === null ? 0 : numberOf(e);
    const last = numberOf === null ? 0 : numberOf(e + events - 1);
    if (!isEven || digits(first) !== width || digits(last) !== width) return false;
    for (let i = 0; i < events; i++) {
      let at = places[i] ?? 0;
      for (let left = first + i; left > 0; left = Math.floor(left / 10)) bytes[--at] = ZERO + (left % 10);
    }
    return true;
  }

  return { bytes, renumber };
}

/**
 * Events encoded together: with 1000 streams in turn, 2.7 µs an event instead of 5.6 (Bun 1.4.5). The first are few: streams
 * that begin together would make each other late by a quarter of a ms each.
 */
const RUN = { first: 2, most: 64 } as const;

/** Token events from `from` to the end, each its own step at its own time. */
function* paced(stage: Stage, from: number): Generator<Step> {
  const { count, due } = stage.speech;
  let size: number = RUN.first;
  for (let start = from; start < count; start += size, size = Math.min(RUN.most, 2 * size)) {
    const parts = partsOf(stage, start, Math.min(start + size, count));
    const run = Buffer.from(parts.join(""));
    const { buffer, byteOffset } = run;
    const ascii = run.length === parts.reduce((sum, part) => sum + part.length, 0);
    let offset = 0;
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i] ?? "";
      const length = ascii ? part.length : Buffer.byteLength(part);
      const data = new Uint8Array(buffer, byteOffset + offset, length);
      const place = stage.plan.stamp ? { stamp: part.indexOf(STAMP) } : {};
      yield { due: due(start + i), data, token: start + i, ...place };
      offset += length;
    }
  }
}

function partsOf(stage: Stage, from: number, to: number): string[] {
  const parts: string[] = [];
  for (let e = from; e < to; e++) parts.push(partOf(stage, e));
  return parts;
}

/** Without content encoding, a part of a body made of text is text. */
function partOf(stage: Stage, e: number): string {
  return String(stage.body.part(stage.tokenEvent(e)));
}

/** Headers of an event stream. */
export function streamHead(plan: Plan, twist: Twist): string {
  const type = twist.contentType === undefined ? "text/event-stream; charset=utf-8" : twist.contentType;
  return responseHead(200, [
    ...(type === null ? [] : [["Content-Type", type] as const]),
    ["Cache-Control", "no-cache"],
    ...rateLimits(plan.identity.created),
    ...(twist.encoding === undefined ? [] : [["Content-Encoding", twist.encoding] as const]),
    ...(plan.stamp ? [[READ_AT, plan.now.toFixed(3)] as const] : []),
    ...(twist.headers ?? []),
    plan.transfer === "chunked" ? ["Transfer-Encoding", "chunked"] : ["Connection", "close"],
  ]);
}

/** One event in the wire format; each line of `data` becomes a `data:` line. */
export function encodeEvent(data: string, name = ""): string {
  const head = name === "" ? "" : `event: ${name}\n`;
  const lines = data.includes("\n") ? data.replaceAll("\n", "\ndata: ") : data;
  return `${head}data: ${lines}\n\n`;
}
