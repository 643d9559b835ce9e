import type { Body, Encoding, Header, Transfer } from "./body.ts";
import type { ApiKind } from "../wire/apis.ts";
import type { Piece, Speech, Spoken } from "./speech.ts";
import type { ApiEvent, Closing, Identity, Writer } from "./writer.ts";

/**
 * Bytes and when to write them, in ms since the request. `token`: first token event in them, or -1. `stamp`: the byte
 * at which the instant of the write is to stand.
 */
export type Step = { due: number; data: string | Uint8Array; token: number; stamp?: number };

/** What becomes of the connection: serves the next request, stays open in silence, or FIN or RST after `after` ms. */
export type Ending = { how: "keep" | "hang" } | { how: "close" | "reset"; after: number };

/** A whole reply: what is written and when, then what becomes of the connection. Pure, it knows no socket. */
export type Script = Generator<Step, Ending>;

/** When usage is told: in its own last chunk when asked or always (`null`: with `null` on the others), on every chunk, on the finish chunk, or never. */
export type UsageMode = "asked" | "always" | "null" | "every" | "on-finish" | "never";

/** What may be asked of a fault, as the API spells it; what is left out is the fault's own to choose. */
export type FaultParameters = {
  /** Token events before the fault (3). */
  at?: number | undefined;
  /** How long a fault lasts, or the time between its parts. */
  ms?: number | undefined;
  /** How many bytes a fault writes. */
  bytes?: number | undefined;
  /** At which byte of each event `split` cuts it. */
  offset?: number | undefined;
  status?: number | undefined;
  /** Value of `Retry-After`: seconds, or a date as text. */
  retry_after?: number | string | undefined;
  /** Seconds from now, told as `X-RateLimit-Reset-Requests`. */
  rate_limit_reset?: number | undefined;
  finish_reason?: string | undefined;
  /** Text of an error. */
  message?: string | undefined;
  /** Where a redirect points. */
  location?: string | undefined;
};

/** Everything that decides the bytes and the schedule of one reply. */
export type Plan = Spoken &
  FaultParameters & {
    api: ApiKind;
    identity: Identity;
    stream: boolean;
    /** The parameters of the request, by name. */
    names: ReadonlySet<string>;
    /** Name of the function to call, of the request's first tool. */
    tool: string;
    /** `max_tokens` cut the answer. */
    cut: boolean;
    promptTokens: number;
    /** Of those of the prompt; `null`: nobody says. */
    cachedTokens: number | null;
    usage: UsageMode;
    usageAsked: boolean;
    transfer: Transfer;
    at: number;
    /** Ms since the epoch. */
    now: number;
  };

/** What a writer of events must know. */
export type Told = { plan: Plan; speech: Speech };

/** How a faulty stream differs from a good one. */
export type Twist = {
  contentType?: string | null;
  headers?: readonly Header[];
  encoding?: Encoding;
  usage?: UsageMode;
  model?: string;
  transfer?: Transfer;
  /** Stands for the plan's `at`. */
  at?: number;
  /** Raw text before the first event. */
  lead?: string;
  frame?: (event: ApiEvent, ordinal: number) => string;
  speech?: (plan: Plan) => Speech;
  /** Another choice stands beside each token event's own. */
  withOther?: boolean;
  /** Raw text put before token event `e`. */
  before?: (stage: Stage, e: number) => string;
  /** Comes before token event `at`; an ending is the end of the stream, `null` lets it go on. */
  interrupt?: (stage: Stage, e: number) => Generator<Step, Ending | null>;
  /** The finish reason instead of the answer's own. */
  reason?: (plan: Plan) => string;
  /** Raw texts that replace those of the ordinary end. */
  closing?: (stage: Stage) => readonly string[];
  /** What follows the closing; by default the body ends. */
  after?: (stage: Stage) => Script;
  /** Cuts the bytes of one event into several writes. */
  slice?: (bytes: Uint8Array, plan: Plan) => readonly Uint8Array[];
  /** Ms between these writes. */
  sliceMs?: number;
};

/** A fault of a stream: what it does, in one sentence, and how. */
export type StreamFault = {
  description: string;
  twist: Twist;
  /** The APIs that can have it, unless all can. */
  apis?: readonly ApiKind[];
};

/** What a twist may use of the stream it twists. */
export type Stage = {
  plan: Plan;
  writer: Writer;
  body: Body;
  speech: Speech;
  /** How the stream ends, if nothing else becomes of it; asked once. */
  closing(): Closing;
  /** Wire text of one event. */
  event(event: ApiEvent): string;
  /** Wire text of a piece that is none of the answer's own. */
  extra(piece: Piece): string;
  /** Wire text of token event `e`. */
  tokenEvent(e: number): string;
  send(text: string | Uint8Array, token?: number): Generator<Step>;
  sendAll(events: readonly ApiEvent[]): Generator<Step>;
  /** Bytes of the connection, outside of the body's framing. */
  raw(data: string | Uint8Array): Step;
  /** Everything later is due `ms` later. */
  wait(ms: number): void;
};

/** A good stream. */
export const NO_TWIST: Twist = {};

export const KEEP: Ending = { how: "keep" };
export const CLOSE: Ending = { how: "close", after: 0 };
/** Ms between the last bytes and a cut: what a client has not read by then is lost with it, by the kernel or by its HTTP. */
export const BEFORE_CUT = 20;
/** FIN in the middle of a body. */
export const CUT: Ending = { how: "close", after: BEFORE_CUT };
export const HANG: Ending = { how: "hang" };
