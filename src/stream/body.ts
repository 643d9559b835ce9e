import { EVENT_LIMIT } from "../wire/sse.ts";
import type { Answer } from "./answer.ts";
import type { Ms, StreamEvent } from "./event.ts";
import type { Failure } from "./failure.ts";
import { mask, maskHead } from "./mask.ts";
import { firstLine } from "./quote.ts";

/** Bytes looked at before a body that still says nothing is taken for something else. */
const HEAD_LIMIT = 4096;

type BodyKind = "events" | "json" | "other" | "unsure";

const FIELD = /^(data|event|id|retry)?:/;
const FIELD_BEGUN = /^(d|da|dat|data|e|ev|eve|even|event|i|id|r|re|ret|retr|retry)?$/;

export type Body = {
  push(bytes: Uint8Array, at: Ms, held: number): StreamEvent[];
  /** A clean end, or an end that we chose. `failure`: the body was no answer at all. */
  end(at: Ms): { events: StreamEvent[]; failure: Failure | null };
  state(): ReturnType<Answer["state"]>;
};

/** Tells an event stream from JSON and from the rest by its first bytes, and feeds the answer with it. */
export function createBody(
  { status, contentType }: { status: number; contentType: string },
  answer: Answer,
  secrets: readonly string[],
): Body {
  const declared = contentType.toLowerCase().startsWith("text/event-stream");
  const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
  /** What no decoder has seen yet: all of a JSON document, or what came while the body was "unsure". */
  const unread: Uint8Array[] = [];
  let kind: BodyKind = "unsure";
  let head = "";
  let bytes = 0;

  function look(chunk: Uint8Array): void {
    head = (head + utf8.decode(chunk, { stream: true })).slice(0, HEAD_LIMIT);
  }

  function tooLong(): boolean {
    return kind === "json" && bytes > EVENT_LIMIT;
  }

  function endJson(at: Ms): { events: StreamEvent[]; failure: Failure | null } {
    if (tooLong()) return { events: [], failure: { kind: "oversize", limit: EVENT_LIMIT, message: "" } };
    const events = answer.json(new TextDecoder().decode(Buffer.concat(unread)), at);
    const { tokens, finishReason, error } = answer.facts();
    if (tokens === 0 && finishReason === null && error === null) return { events: [], failure: notAStream() };
    if (error === null) events.push({ type: "notice", at, code: "not_streamed", detail: "" });
    return { events, failure: null };
  }

  function notAStream(): Failure {
    const shown = head.length < HEAD_LIMIT ? mask(head, secrets) : maskHead(head, secrets);
    return { kind: "not_a_stream", contentType: mask(contentType, secrets), message: firstLine(shown) };
  }

  return {
    push(chunk, at, held) {
      bytes += chunk.byteLength;
      if (head.length < HEAD_LIMIT) look(chunk);
      if (kind === "events") return answer.push(chunk, at, held);
      if (kind === "other") return [];
      unread.push(chunk);
      if (kind === "unsure") kind = kindOf(head, declared);
      if (kind !== "events") return [];
      const events = answer.push(Buffer.concat(unread.splice(0)), at, held);
      return declared
        ? events
        : [{ type: "notice", at, code: "content_type", detail: mask(contentType, secrets) }, ...events];
    },
    end(at) {
      if (bytes === 0) return { events: [], failure: { kind: "no_content", status, message: "" } };
      if (kind === "json") return endJson(at);
      if (kind === "other" || (kind === "unsure" && !declared && head.trim() !== ""))
        return { events: [], failure: notAStream() };
      const events = answer.state() === "over" ? [] : answer.end(at);
      const facts = answer.facts();
      const silent = facts.events === 0 && facts.malformed === 0 && !facts.done && facts.error === null;
      return { events, failure: silent && !looksLikeEvents(head) ? notAStream() : null };
    },
    state() {
      if (kind === "other") return head.length >= HEAD_LIMIT || /[\r\n]/.test(beginning(head)) ? "over" : "open";
      return tooLong() ? "over" : answer.state();
    },
  };
}

/** A body is what it looks like; its declared type decides only where its look does not. */
function kindOf(head: string, declared: boolean): BodyKind {
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
