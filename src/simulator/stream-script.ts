import { createBody, rateLimits, responseHead } from "./body.ts";
import { createChunks, usageJson } from "./chunks.ts";
import {
  CLOSE,
  KEEP,
  NO_TWIST,
  type Ending,
  type Plan,
  type Script,
  type Stage,
  type Step,
  type Twist,
} from "./script.ts";
import { createSpeech } from "./speech.ts";
import { READ_AT, STAMP } from "./stamp.ts";

/** The streamed answer of a plan, with the twist of a fault or none. */
export function* streamScript(plan: Plan, twist: Twist): Script {
  const { stage, advance } = createStage(plan, twist);
  const { speech } = stage;
  const at = Math.min(twist.at ?? plan.at, speech.count);
  yield stage.raw(streamHead(stage.plan, twist));
  yield* stage.send((twist.lead ?? "") + stage.event(withUsage(stage.plan, stage.chunks.role(), speech.counts(0))));
  for (let e = 0; e < speech.count; e++) {
    advance(speech.due(e));
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

/** Finish chunk, usage when due, `[DONE]`. */
export function ordinaryClosing(stage: Stage): string[] {
  return [...finishAndUsage(stage, stage.finishReason), stage.event("[DONE]")];
}

/** Finish chunk with this reason, then usage when due. */
export function finishAndUsage(stage: Stage, reason: string): string[] {
  const { plan, chunks, speech } = stage;
  const usage = `,"usage":${usageJson({ prompt: plan.promptTokens, ...speech.counts(speech.count) })}`;
  const onFinish = plan.usage === "on-finish" || plan.usage === "every";
  const finish = stage.event(chunks.finish(reason, onFinish ? usage : ""));
  const own = plan.usage === "always" || plan.usage === "null" || (plan.usage === "asked" && plan.usageAsked);
  return own ? [finish, stage.event(chunks.choices("[]", usage))] : [finish];
}

/** A chunk with the usage so far, or with `null`, when the plan wants that on every chunk. */
function withUsage(plan: Plan, chunk: string, counts: { content: number; reasoning: number }): string {
  if (plan.usage !== "every" && plan.usage !== "null") return chunk;
  const usage = plan.usage === "null" ? "null" : usageJson({ prompt: plan.promptTokens, ...counts });
  return `${chunk.slice(0, -1)},"usage":${usage}}`;
}

function createStage(asked: Plan, twist: Twist): { stage: Stage; advance(due: number): void } {
  const model = twist.model ?? asked.identity.model;
  const plan: Plan = {
    ...asked,
    usage: twist.usage ?? asked.usage,
    transfer: twist.transfer ?? asked.transfer,
    identity: { ...asked.identity, model },
  };
  const chunks = createChunks(plan.identity);
  const body = createBody(plan.transfer, twist.encoding ?? null);
  const speech = twist.speech ? twist.speech(plan) : createSpeech(plan);
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

  function event(data: string): string {
    return twist.frame ? twist.frame(data, ordinal++) : encodeEvent(data);
  }

  function tokenEvent(e: number): string {
    const delta = speech.delta(e);
    const data = twist.chunk ? twist.chunk(chunks, delta, e) : chunks.delta(delta);
    return event(plan.usage === "every" || plan.usage === "null" ? withUsage(plan, data, speech.counts(e + 1)) : data);
  }

  const stage: Stage = {
    plan,
    chunks,
    body,
    speech,
    finishReason: plan.finish_reason ?? speech.finishReason ?? (plan.cut ? "length" : "stop"),
    event,
    tokenEvent,
    send,
    raw: (data) => ({ due: clock, data, token: -1 }),
    wait(ms) {
      clock += ms;
      shift += ms;
    },
  };
  return { stage, advance: (due) => void (clock = Math.max(clock, due + shift)) };
}

/** Bytes of one write when nothing is paced: about what one read of a client brings. */
const BLOCK = 256 * 1024;

/** Whether events of this plan may share a write: nothing is paced, and they do not differ but by their text. */
function mayBurst(plan: Plan): boolean {
  return plan.rate === 0 && !plan.stamp && plan.usage !== "every" && plan.usage !== "null";
}

/**
 * Token events from `from` to the end in blocks of many events. A repeating text is encoded once and the same
 * bytes are written again and again: no other way keeps a client of a million tokens per second waiting.
 */
function* burst(stage: Stage, from: number, period: number): Generator<Step> {
  const { count } = stage.speech;
  const events = period * Math.ceil(BLOCK / (period * partOf(stage, from).length));
  let e = from;
  if (count - from >= 2 * events) {
    const block = Buffer.from(partsOf(stage, from, from + events));
    for (; count - e >= events; e += events) yield { ...stage.raw(block), token: e };
  }
  const share = Math.ceil(BLOCK / partOf(stage, from).length);
  for (; e < count; e += share) {
    yield { ...stage.raw(partsOf(stage, e, Math.min(e + share, count))), token: e };
  }
}

/**
 * Events encoded together: with 1000 streams in turn, 2.7 µs an event instead of 5.6 (Bun 1.4.5). The first are few: streams
 * that begin together would make each other late by a quarter of a ms each.
 */
const RUN = { first: 2, most: 64 } as const;

/** Token events from `from` to the end, each its own step at its own time. */
function* paced(stage: Stage, from: number): Generator<Step> {
  const { count, due } = stage.speech;
  const place = stage.plan.stamp ? { stamp: partOf(stage, from).indexOf(STAMP) } : {};
  let size: number = RUN.first;
  for (let start = from; start < count; start += size, size = Math.min(RUN.most, 2 * size)) {
    const parts: string[] = [];
    for (let e = start; e < Math.min(start + size, count); e++) parts.push(partOf(stage, e));
    const run = Buffer.from(parts.join(""));
    const { buffer, byteOffset } = run;
    const ascii = run.length === parts.reduce((sum, part) => sum + part.length, 0);
    let offset = 0;
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i] ?? "";
      const length = ascii ? part.length : Buffer.byteLength(part);
      const data = new Uint8Array(buffer, byteOffset + offset, length);
      yield { due: due(start + i), data, token: start + i, ...place };
      offset += length;
    }
  }
}

function partsOf(stage: Stage, from: number, to: number): string {
  let parts = "";
  for (let e = from; e < to; e++) parts += partOf(stage, e);
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
