import { EVENT_LIMIT } from "../wire/sse.ts";

/** UTF-16 units, white space before them left out, looked at before a body is taken for something else. */
const HEAD_LIMIT = 4096;

/** What a body is; "lines": of JSON, one value each. */
export type BodyKind = "events" | "json" | "lines" | "other" | "unsure";

const FIELD = /^(data|event|id|retry|error)?:/;
const FIELD_BEGUN = /^(d|da|dat|data|e|er|err|erro|error|ev|eve|even|event|i|id|r|re|ret|retr|retry)?$/;
const JSON_LINES = /^application\/(x-)?(ndjson|jsonl|jsonlines|json-lines|stream\+json)\b/i;
const EVENT_STREAM = /^text\/event-stream/i;

/** Whether a media type is that of an event stream. */
export function isEventStream(contentType: string): boolean {
  return EVENT_STREAM.test(contentType);
}

/**
 * A body is what it looks like; its declared type decides only where its look does not. `head`: its beginning behind
 * white space. `bytes`: what came of it.
 */
export function bodyKind(head: string, contentType: string, bytes: number): BodyKind {
  // White space says nothing, and so much of it is not kept.
  if (head === "") return bytes > EVENT_LIMIT ? "events" : "unsure";
  if (head.startsWith("{") || head.startsWith("[")) return JSON_LINES.test(contentType) ? "lines" : "json";
  if (head.startsWith("<")) return "other";
  if (isEventStream(contentType) || FIELD.test(head)) return "events";
  return FIELD_BEGUN.test(head) ? "unsure" : "other";
}

/** Whether the first line could stand in an event stream at all. */
export function looksLikeEvents(head: string): boolean {
  return FIELD.test(head) || FIELD_BEGUN.test(head.split(/[\r\n]/, 1)[0] ?? "");
}

/** The beginning of a body, without the white space (and byte order mark) before it. */
export function createHead(): {
  add(bytes: Uint8Array): void;
  text(): string;
  isWhole(): boolean;
  firstLine(): string | null;
} {
  const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
  let head = "";
  const isWhole = (): boolean => head.length >= HEAD_LIMIT;
  return {
    add(bytes) {
      if (isWhole()) return;
      const more = utf8.decode(bytes, { stream: true });
      head = (head === "" ? more.trimStart() : head + more).slice(0, HEAD_LIMIT);
    },
    text: () => head,
    isWhole,
    /** `null` while it may go on. */
    firstLine() {
      const end = head.search(/[\r\n]/);
      return end >= 0 ? head.slice(0, end) : isWhole() ? head : null;
    },
  };
}
