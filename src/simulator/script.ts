import { encodeEvent } from "../wire/sse-encode.ts";
import type { Encoding } from "./encoding.ts";
import { createBody, type Body, type Transfer } from "./body.ts";
import { createChunks, usageJson, type Chunks, type Identity } from "./chunks.ts";
import { streamHead } from "./head.ts";
import { createSpeech, type Speech } from "./speech.ts";
import type { Tokens } from "./tokens.ts";
import { burst, mayBurst, paced } from "./blocks.ts";

/**
 * Bytes and when to write them, in ms since the request. `token`: first token event in them, or -1. `stamp`: the byte
 * at which the instant of the write is to stand.
 */
export type Step = { due: number; data: string | Uint8Array; token: number; stamp?: number };

/** What becomes of the connection: serves the next request, FIN, RST after `after` ms, or stays open in silence. */
export type Ending = { how: "keep" | "close" | "hang" } | { how: "reset"; after: number };

/** A whole reply: what is written and when, then what becomes of the connection. Pure, it knows no socket. */
export type Script = Generator<Step, Ending>;

/** When usage is told: in its own last chunk when asked or always (`null`: with `null` on the others), on every chunk, on the finish chunk, or never. */
export type UsageMode = "asked" | "always" | "null" | "every" | "on-finish" | "never";

/** Everything that decides the bytes and the schedule of one reply. */
export type Plan = {
  identity: Identity;
  stream: boolean;
  answer: Tokens;
  reasoning: Tokens;
  /** The parameters of the request, by name. */
  names: ReadonlySet<string>;
  /** Name of the function to call, of the request's first tool. */
  tool: string;
  /** `max_tokens` cut the answer. */
  cut: boolean;
  promptTokens: number;
  usage: UsageMode;
  usageAsked: boolean;
  /** Tokens per second; 0 is as fast as the socket takes them. */
  rate: number;
  ttft: number;
  /** Share of a gap, 0 to 1, by which a token may be early or late. */
  jitter: number;
  tokensPerEvent: number;
  seed: number;
  transfer: Transfer;
  /** The text of each token event is the instant of its write. */
  stamp: boolean;
  /** Token events before the fault. */
  at: number;
  /** Parameters of faults; `undefined` where the fault's own default holds. */
  ms: number | undefined;
  bytes: number | undefined;
  offset: number | undefined;
  status: number | undefined;
  retryAfter: string | undefined;
  /** Seconds from now. */
  rateLimitReset: number | undefined;
  finishReason: string | undefined;
  message: string | undefined;
  location: string | undefined;
  /** Ms since the epoch. */
  now: number;
};

/** How a faulty stream differs from a good one. */
export type Twist = {
  contentType?: string | null;
  headers?: readonly (readonly [string, string])[];
  encoding?: Encoding;
  usage?: UsageMode;
  model?: string;
  transfer?: Transfer;
  /** Stands for the plan's `at`. */
  at?: number;
  /** Raw text before the first event. */
  lead?: string;
  frame?: (data: string, ordinal: number) => string;
  speech?: (plan: Plan) => Speech;
  /** Chunk of token event `e`, from its delta. */
  chunk?: (chunks: Chunks, delta: string, e: number) => string;
  /** Raw text put before token event `e`. */
  before?: (stage: Stage, e: number) => string;
  /** Comes before token event `at`; an ending is the end of the stream, `null` lets it go on. */
  interrupt?: (stage: Stage, e: number) => Generator<Step, Ending | null>;
  /** Raw texts that replace the finish chunk, usage and `[DONE]`. */
  closing?: (stage: Stage) => readonly string[];
  /** What follows the closing; by default the body ends. */
  after?: (stage: Stage) => Script;
  /** Cuts the bytes of one event into several writes. */
  slice?: (bytes: Uint8Array, plan: Plan) => readonly Uint8Array[];
  /** Ms between these writes. */
  sliceMs?: number;
};

/** What a twist may use of the stream it twists. */
export type Stage = {
  plan: Plan;
  chunks: Chunks;
  body: Body;
  speech: Speech;
  finishReason: string;
  /** Wire text of one event with this data. */
  event(data: string): string;
  /** Wire text of token event `e`. */
  tokenEvent(e: number): string;
  send(text: string | Uint8Array, token?: number): Generator<Step>;
  /** Bytes of the connection, outside of the body's framing. */
  raw(data: string | Uint8Array): Step;
  /** Everything later is due `ms` later. */
  wait(ms: number): void;
};

/** A good stream. */
export const NO_TWIST: Twist = {};

export const KEEP: Ending = { how: "keep" };
export const CLOSE: Ending = { how: "close" };
export const HANG: Ending = { how: "hang" };

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
    finishReason: plan.finishReason ?? speech.finishReason ?? (plan.cut ? "length" : "stop"),
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
