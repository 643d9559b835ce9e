import { EVENT_LIMIT } from "../wire/sse.ts";
import type { Failure, Ms, StreamEvent } from "./event.ts";
import { createFold, type FoldOptions, type Said, type State } from "./fold.ts";
import type { Facts } from "./judge.ts";
import { createTail, firstLine, maskHead } from "./mask.ts";

/** Bytes looked at before a body that still says nothing is taken for something else. */
const HEAD_LIMIT = 4096;

const FIELD = /^(data|event|id|retry)?:/;
const FIELD_BEGUN = /^(d|da|dat|data|e|ev|eve|even|event|i|id|r|re|ret|retr|retry)?$/;

type End = { events: StreamEvent[]; failure: Failure | null };

export type Answer = {
  /** What came before the body. */
  open(response: { status: number; contentType: string }): void;
  /** The events of one read, all stamped `at`. */
  push(bytes: Uint8Array, at: Ms): StreamEvent[];
  /** A clean end, or an end that we chose. `failure`: the body was no answer at all. */
  end(at: Ms): End;
  state(): State;
  facts(): Facts;
  response(): Said;
  /** The last bytes received, masked, when lines are observed. */
  tail(): string;
};

/**
 * Turns a body into events: the only place where bytes become tokens. Its first bytes tell an event stream from JSON
 * and from the rest.
 */
export function createAnswer(options: FoldOptions): Answer {
  const { mask } = options;
  const fold = createFold(options);
  const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
  /** What no decoder has seen yet: all of a JSON document, or what came while the body was "unsure". */
  const unread: Uint8Array[] = [];
  const tail = createTail(mask);
  let status = 0;
  let contentType = "";
  let declared = false;
  let kind: "events" | "json" | "other" | "unsure" = "unsure";
  let head = "";
  let bytes = 0;

  function tooLong(): boolean {
    return kind === "json" && bytes > EVENT_LIMIT;
  }

  function endJson(at: Ms): End {
    if (tooLong()) return { events: [], failure: { kind: "oversize", limit: EVENT_LIMIT, message: "" } };
    const events = fold.json(new TextDecoder().decode(Buffer.concat(unread)), at);
    const { tokens, finishReason, error } = fold.facts;
    if (tokens === 0 && finishReason === null && error === null) return { events: [], failure: notAStream() };
    if (error === null) events.push({ type: "notice", at, code: "not_streamed", detail: "" });
    return { events, failure: null };
  }

  function notAStream(): Failure {
    const shown = head.length < HEAD_LIMIT ? mask(head) : maskHead(head, mask);
    return { kind: "not_a_stream", contentType: mask(contentType), message: firstLine(shown) };
  }

  return {
    open(response) {
      ({ status, contentType } = response);
      declared = contentType.toLowerCase().startsWith("text/event-stream");
    },
    push(chunk, at) {
      bytes += chunk.byteLength;
      if (options.observe) tail.push(chunk);
      if (head.length < HEAD_LIMIT) head = (head + utf8.decode(chunk, { stream: true })).slice(0, HEAD_LIMIT);
      if (kind === "events") return fold.push(chunk, at);
      if (kind === "other") return [];
      unread.push(chunk);
      if (kind === "unsure") kind = kindOf(head, declared);
      if (kind !== "events") return [];
      const events = fold.push(Buffer.concat(unread.splice(0)), at);
      return declared ? events : [{ type: "notice", at, code: "content_type", detail: mask(contentType) }, ...events];
    },
    end(at) {
      if (bytes === 0) return { events: [], failure: { kind: "no_content", status, message: "" } };
      if (kind === "json") return endJson(at);
      if (kind === "other" || (kind === "unsure" && !declared && head.trim() !== ""))
        return { events: [], failure: notAStream() };
      const events = fold.state() === "over" ? [] : fold.end(at);
      const { facts } = fold;
      const silent = facts.events === 0 && facts.malformed === 0 && !facts.done && facts.error === null;
      return { events, failure: silent && !looksLikeEvents(head) ? notAStream() : null };
    },
    state() {
      if (kind === "other") return head.length >= HEAD_LIMIT || /[\r\n]/.test(beginning(head)) ? "over" : "open";
      return tooLong() ? "over" : fold.state();
    },
    facts: () => fold.facts,
    response: fold.response,
    tail: tail.text,
  };
}

/** A body is what it looks like; its declared type decides only where its look does not. */
function kindOf(head: string, declared: boolean): "events" | "json" | "other" | "unsure" {
  const start = beginning(head);
  if (start === "") return head.length >= HEAD_LIMIT ? "events" : "unsure";
  if (start.startsWith("{") || start.startsWith("[")) return "json";
  if (start.startsWith("<")) return "other";
  if (declared || FIELD.test(start)) return "events";
  return FIELD_BEGUN.test(start) ? "unsure" : "other";
}

/** Whether the first line could stand in an event stream at all. */
function looksLikeEvents(head: string): boolean {
  const start = beginning(head);
  return FIELD.test(start) || FIELD_BEGUN.test(firstLine(start));
}

function beginning(head: string): string {
  return head.replace(/^\uFEFF/, "").trimStart();
}
