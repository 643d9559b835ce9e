import { parseApiError, parseChunk, type Chunk, type Parsed, type ToolDelta } from "../wire/chat.ts";
import { createChunkReader } from "../wire/chunk-template.ts";
import { createSseDecoder, EVENT_LIMIT } from "../wire/sse.ts";
import type { Failure, Ms, StreamEvent } from "./event.ts";
import { createFacts, type Facts } from "./judge.ts";
import { clip, createTail, firstLine, maskHead, maskNull, QUOTE, type Mask } from "./mask.ts";
import { createObservedLines } from "./observed-lines.ts";

/** Bytes looked at before a body that still says nothing is taken for something else. */
const HEAD_LIMIT = 4096;

const NO_TOOLS: readonly ToolDelta[] = [];

const FIELD = /^(data|event|id|retry)?:/;
const FIELD_BEGUN = /^(d|da|dat|data|e|ev|eve|even|event|i|id|r|re|ret|retr|retry)?$/;

type Options = { mask: Mask; observe: boolean };
type Said = { id: string | null; model: string | null; backend: string | null } | null;
type End = { events: StreamEvent[]; failure: Failure | null };

/** "open": more may come. "finishing": only usage and `[DONE]` may. "over": nothing that counts can come. */
type State = "open" | "finishing" | "over";

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
export function createAnswer(options: Options): Answer {
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

/** Folds the events of a body into ours, one read at a time. */
function createFold({ mask, observe }: Options) {
  const facts = createFacts();
  let response: Said = null;
  let othersNoticed = false;

  // What the read at hand has brought so far.
  let events: StreamEvent[] = [];
  let at: Ms = 0;
  const words = { text: createWords(), reasoning: createWords(), refusal: createWords() };
  let tools: readonly ToolDelta[] = NO_TOOLS;
  let tokens = 0;

  const decoder = createSseDecoder({
    onEvent: take,
    onOversize: () => {
      facts.oversize = true;
    },
  });
  const readChunk = createChunkReader();
  const lines = observe ? createObservedLines(mask, (event) => events.push(event)) : null;

  function take(data: string, name: string): void {
    if (facts.done || facts.error !== null || data === "") return;
    if (data === "[DONE]" || data.trim() === "[DONE]") {
      facts.done = true;
      return;
    }
    if (name !== "error" || facts.finishReason !== null) return takeParsed(readChunk(data), data);
    const error = parseApiError(data);
    if (error !== null) fail(error);
    else facts.error = { message: mask(data).slice(0, QUOTE), type: null, code: null, param: null };
  }

  function takeParsed(parsed: Parsed, data: string): void {
    if (parsed.kind === "chunk") {
      takeChunk(parsed.chunk);
    } else if (parsed.kind === "error") {
      facts.events++;
      if (facts.finishReason === null) fail(parsed.error);
    } else {
      skip(data, parsed.why);
    }
  }

  function takeChunk(chunk: Chunk): void {
    facts.events++;
    if (chunk.usage !== null) facts.usage = chunk.usage;
    if (response === null || (response.model === null && chunk.model !== null)) {
      response = {
        id: maskNull(chunk.id, mask),
        model: maskNull(chunk.model, mask),
        backend: maskNull(chunk.backend, mask),
      };
    } else if (response.backend === null && chunk.backend !== null) {
      response.backend = mask(chunk.backend);
    }
    if (chunk.otherChoices && !othersNoticed) {
      othersNoticed = true;
      events.push({ type: "notice", at, code: "other_choices", detail: "" });
    }
    if (chunk.content !== "" || chunk.reasoning !== "" || chunk.refusal !== "" || chunk.tools.length > 0)
      addToken(chunk);
    facts.finishReason ??= chunk.finishReason;
  }

  function addToken(chunk: Chunk): void {
    facts.tokens++;
    tokens++;
    words.text.add(chunk.content);
    words.reasoning.add(chunk.reasoning);
    words.refusal.add(chunk.refusal);
    if (chunk.tools.length > 0) tools = tools.length === 0 ? chunk.tools : [...tools, ...chunk.tools];
  }

  function fail(error: NonNullable<Facts["error"]>): void {
    facts.error = { ...error, message: clip(mask(error.message)) };
  }

  function skip(data: string, why: string): void {
    facts.malformed++;
    const shown = mask(data);
    if (facts.malformed === 1) facts.firstMalformed = shown.slice(0, QUOTE);
    events.push({ type: "skipped", at, data: shown, why: mask(why) });
  }

  function flush(): StreamEvent[] {
    if (tokens > 0) {
      const [text, reasoning, refusal] = [words.text.take(), words.reasoning.take(), words.refusal.take()];
      facts.visible ||= text !== "";
      facts.tools ||= tools.length > 0;
      if (refusal !== "") facts.refusal += refusal;
      events.push({ type: "delta", at, text, reasoning, refusal, tools, events: tokens, backpressure: 0 });
      tools = NO_TOOLS;
      tokens = 0;
    }
    const flushed = events;
    events = [];
    return flushed;
  }

  return {
    facts,
    response: () => response,
    push(bytes: Uint8Array, readAt: Ms): StreamEvent[] {
      at = readAt;
      lines?.push(bytes, at);
      decoder.push(bytes);
      return flush();
    },
    end(endedAt: Ms): StreamEvent[] {
      at = endedAt;
      lines?.end(at);
      decoder.end();
      return flush();
    },
    /** The body was one JSON document and not a stream. */
    json(body: string, readAt: Ms): StreamEvent[] {
      at = readAt;
      lines?.document(body, at);
      takeParsed(parseChunk(body), body);
      facts.done ||= facts.error === null && (facts.tokens > 0 || facts.finishReason !== null);
      return flush();
    },
    state(): State {
      if (facts.done || facts.error !== null || facts.oversize) return "over";
      return facts.finishReason === null ? "open" : "finishing";
    },
  };
}

/** Collects the text of one read. A surrogate pair may come as two escapes in two events: its first half waits for the second. */
function createWords() {
  let words = "";
  return {
    add(text: string): void {
      words += text;
    },
    take(): string {
      const half = (words.charCodeAt(words.length - 1) & 0xfc00) === 0xd800;
      const taken = half ? words.slice(0, -1) : words;
      words = half ? words.slice(-1) : "";
      return taken;
    },
  };
}
