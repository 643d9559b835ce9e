import { errorOfText } from "../wire/errors.ts";
import { createJsonEnd } from "../wire/bounds.ts";
import { mergeServer, serverInHeaders, type ServerFigures } from "../wire/server-figures.ts";
import { EVENT_LIMIT } from "../wire/sse.ts";
import type { Failure, Ms, StreamEvent } from "./event.ts";
import { createFold, stateOf, type FoldOptions, type Said, type State } from "./fold.ts";
import { oversize, type Facts } from "./judge.ts";
import { createTail, maskHead, quoteOf } from "./mask.ts";
import type { BelievedUsage } from "./usage.ts";

type End = { events: StreamEvent[]; failure: Failure | null };

export type Answer = {
  /** What came before the body. */
  open(response: Pick<Response, "status" | "headers">): void;
  opened(): boolean;
  /** The events of one read, all stamped `at`. */
  push(bytes: Uint8Array, at: Ms): StreamEvent[];
  /** A clean end, or an end that we chose. `failure`: the body was no answer at all. */
  end(at: Ms): End;
  /** The body broke off: what came of its last line is all there is. */
  lost(): void;
  state(): State;
  facts(): Facts;
  /** The server's token counts, so far as they can be believed. */
  usage(): BelievedUsage;
  response(): Said;
  /** What the server says of its own work. */
  server(): ServerFigures | null;
  /** What the answer would have been in one piece, as JSON; `null` where nothing puts it together. `model`: that was asked. */
  body(model: string, at: Ms): string | null;
  /** The last bytes received, masked, when lines are observed. */
  tail(): string;
};

/**
 * Turns a body into events: the only place where bytes become tokens. Its first bytes tell an event stream from JSON
 * and from the rest.
 */
export function createAnswer(options: FoldOptions): Answer {
  const { mask, observe, assembler = null } = options;
  const fold = createFold(options);
  const { facts, push: foldIn } = fold;
  const head: Head = { utf8: null, text: "", last: null };
  /** Whether a document goes on after its end: most answers are none. */
  let goesOn: ReturnType<typeof createJsonEnd> | null = null;
  /** What no decoder has seen yet: all of a JSON document, or what came while the body was "unsure". */
  const unread: Uint8Array[] = [];
  const tail = observe ? createTail(mask) : null;
  let status = 0;
  let contentType = "";
  let inHeaders: ServerFigures | null = null;
  let kind: BodyKind = "unsure";
  let bytes = 0;

  function tooLong(): boolean {
    return kind === "json" && bytes > EVENT_LIMIT;
  }

  /** From the first bytes that tell. */
  function look(): BodyKind {
    if (unread.length === 1 && beginsWithData(unread[0])) return "events";
    const looks = bodyKind(textOf(head), contentType, bytes);
    return looks === "json" && unread.some((goesOn ??= createJsonEnd())) ? "lines" : looks;
  }

  function endJson(at: Ms): End {
    if (tooLong()) return { events: [], failure: oversize("event") };
    const body = new TextDecoder().decode(Buffer.concat(unread));
    const events = fold.json(body, at);
    const { tokens, finishReason, error, excess } = facts;
    if (excess !== null) return { events, failure: null };
    if (tokens === 0 && finishReason === null && error === null) return { events, failure: noAnswer(body) };
    if (error === null) events.push({ type: "notice", at, code: "not_streamed", detail: "" });
    return { events, failure: null };
  }

  /** Whatever a server says in JSON where an answer should be, it is its own words. */
  function noAnswer(body: string): Failure | null {
    const error = errorOfText(body);
    if (error === null || error.message === "") return notAStream();
    fold.fail(error, body);
    return null;
  }

  function notAStream(): Failure {
    const text = (kind === "lines" ? firstLineOf(head) : null) ?? textOf(head);
    const shown = isWholeHead(head) ? maskHead(text, mask) : mask(text);
    return { kind: "not_a_stream", contentType: mask(contentType), message: quoteOf(shown) };
  }

  return {
    open({ status: told, headers }) {
      status = told;
      contentType = headers.get("content-type") ?? "";
      inHeaders = serverInHeaders(headers);
    },
    opened: () => status > 0,
    push(chunk, at) {
      bytes += chunk.byteLength;
      tail?.push(chunk);
      // Nobody asks how an answer began that said something.
      if (facts.events === 0) addToHead(head, chunk);
      if (kind === "events") return foldIn(chunk, at);
      if (kind === "other" || kind === "lines") return [];
      unread.push(chunk);
      if (kind === "unsure") kind = look();
      else if (goesOn?.(chunk) === true) kind = "lines";
      if (kind !== "events") return [];
      const events = foldIn(unread.length === 1 ? chunk : Buffer.concat(unread), at);
      unread.length = 0;
      if (isEventStream(contentType)) return events;
      return [{ type: "notice", at, code: "content_type", detail: mask(contentType) }, ...events];
    },
    end(at) {
      if (bytes === 0) return { events: [], failure: { kind: "no_content", status, message: "" } };
      if (kind === "json") return endJson(at);
      if (kind === "lines") return { events: [], failure: noAnswer(firstLineOf(head) ?? textOf(head)) };
      if (kind === "other" || (kind === "unsure" && !isEventStream(contentType) && textOf(head) !== ""))
        return { events: [], failure: notAStream() };
      const { malformed } = facts;
      const events = stateOf(facts) === "over" ? [] : fold.end(at);
      facts.cutOff = facts.malformed > malformed;
      const silent = facts.events === 0 && facts.malformed === 0 && !facts.done && facts.error === null;
      return { events, failure: silent && !looksLikeEvents(textOf(head)) ? notAStream() : null };
    },
    lost: () => kind === "events" && fold.lost(),
    state() {
      if (kind === "events") return stateOf(facts);
      if (kind === "other" || kind === "lines") return firstLineOf(head) === null ? "open" : "over";
      return tooLong() ? "over" : stateOf(facts);
    },
    facts: () => facts,
    usage: () => fold.usage(bytes),
    response: fold.response,
    server() {
      const said = fold.server();
      return said === null ? inHeaders : mergeServer(inHeaders, said);
    },
    body: (model, at) => assembler?.json({ model, created: Math.floor(at / 1000) }, mask) ?? null,
    tail: () => tail?.text() ?? "",
  };
}

/** UTF-16 units, white space before them left out, looked at before a body is taken for something else. */
const HEAD_LIMIT = 4096;

/** What a body is; "lines": of JSON, one value each. */
type BodyKind = "events" | "json" | "lines" | "other" | "unsure";

const FIELD = /^(data|event|id|retry|error)?:/;
const FIELD_BEGUN = /^(d|da|dat|data|e|er|err|erro|error|ev|eve|even|event|i|id|r|re|ret|retr|retry)?$/;
const JSON_LINES = /^application\/(x-)?(ndjson|jsonl|jsonlines|json-lines|stream\+json)\b/i;
const EVENT_STREAM = /^text\/event-stream/i;

/** Whether it is an event stream for certain: most answers are, and nothing of them is decoded to be told. */
function beginsWithData(bytes: Uint8Array | undefined): boolean {
  if (bytes?.[0] !== 100) return false;
  return bytes[1] === 97 && bytes[2] === 116 && bytes[3] === 97 && bytes[4] === 58;
}

/** Whether a media type is that of an event stream. */
function isEventStream(contentType: string): boolean {
  return EVENT_STREAM.test(contentType);
}

/**
 * A body is what it looks like; its declared type decides only where its look does not. `head`: its beginning behind
 * white space. `bytes`: what came of it.
 */
function bodyKind(head: string, contentType: string, bytes: number): BodyKind {
  // White space says nothing, and so much of it is not kept.
  if (head === "") return bytes > EVENT_LIMIT ? "events" : "unsure";
  if (head.startsWith("{") || head.startsWith("[")) return JSON_LINES.test(contentType) ? "lines" : "json";
  if (head.startsWith("<")) return "other";
  if (isEventStream(contentType) || FIELD.test(head)) return "events";
  return FIELD_BEGUN.test(head) ? "unsure" : "other";
}

/** Whether the first line could stand in an event stream at all. */
function looksLikeEvents(head: string): boolean {
  return FIELD.test(head) || FIELD_BEGUN.test(head.split(/[\r\n]/, 1)[0] ?? "");
}

/**
 * The beginning of a body, without the white space (and byte order mark) before it. `last`: what came last and nobody asked
 * about yet; of most answers nobody ever does.
 */
type Head = { utf8: TextDecoder | null; text: string; last: Uint8Array | null };

function addToHead(head: Head, bytes: Uint8Array): void {
  if (head.last === null || !isWholeHead(head)) head.last = bytes;
}

function textOf(head: Head): string {
  if (head.last === null || head.text.length >= HEAD_LIMIT) return head.text;
  head.utf8 ??= new TextDecoder("utf-8", { ignoreBOM: true });
  const more = head.utf8.decode(head.last, { stream: true });
  head.last = null;
  return (head.text = (head.text === "" ? more.trimStart() : head.text + more).slice(0, HEAD_LIMIT));
}

function isWholeHead(head: Head): boolean {
  return textOf(head).length >= HEAD_LIMIT;
}

/** `null` while it may go on. */
function firstLineOf(head: Head): string | null {
  const text = textOf(head);
  const end = text.search(/[\r\n]/);
  return end >= 0 ? text.slice(0, end) : isWholeHead(head) ? text : null;
}
