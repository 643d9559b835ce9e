import { createParser, type EventSourceParser } from "eventsource-parser";
import { BOUNDS } from "./bounds.ts";

/** Most UTF-16 units one event may hold; a longer one ends the stream instead of filling the memory. */
export const EVENT_LIMIT = BOUNDS.event;

/** Names of events, and words in the place of data, that say nothing but that the connection lives. */
const ALIVE = /^\W*(ping|pong|heartbeat|keep[-_ ]?alive|processing|waiting|queued)\W*$/i;

/** Whether an event that is no JSON is a sign of life: a comment in the place of data, or a word that servers use for it. */
export function isHeartbeat(data: string, name: string): boolean {
  return data.startsWith(":") || ALIVE.test(name) || (data.length < 40 && ALIVE.test(data));
}

type DecoderHandlers = {
  /** One event: its data, and its `event:` name or "". `before`: what stands before the data in a read of its own, else "". */
  onEvent(data: string, name: string, before?: string): void;
  /** The text of a read that begins and ends where events do; `true` where it is taken, and no event of it is told. */
  onWhole?(text: string): boolean;
  /** A line that is no field of the format: its first LINE_KEPT UTF-16 units. */
  onLine?(line: string): void;
  /** An event is larger than EVENT_LIMIT: nothing further is delivered. */
  onOversize(): void;
};

/** Most UTF-16 units that are kept of a line that is no field. */
const LINE_KEPT = 4096;

/**
 * Lines that are no field, after which the parser is given no more of them: it makes an error with a stack of each, 2 to
 * 10 µs, and a read of such lines would hold up all other streams for a second. So much is given to it at once, and more
 * (UNSUSPECTED) before there was any: a line that is cut costs as much as reading it.
 */
const STRANGE_LIMIT = 2000;
const SLICE = 32 * 1024;
const UNSUSPECTED = 8 * SLICE;

const KNOWN_FIELD = /^\uFEFF?(?:(?:data|event|id|retry)?:|(?:data|event|id|retry)$)/;
const NAMES = ["data", "event", "id", "retry"];
const LINE_END = /[\r\n]/;
const LF = 10;
const CR = 13;

/** Whether a line may go on to be a field. */
function isNameBegun(line: string): boolean {
  return NAMES.some((name) => name.startsWith(line));
}

/** Push decoder of Server-Sent Events: any split of the same bytes gives the same events. */
export function createSseDecoder(handlers: DecoderHandlers): {
  push(bytes: Uint8Array): void;
  /** A clean end: delivers an event that lacks only its blank line. */
  end(): void;
  /** What came of the last line, if it is no field: "" otherwise. */
  unfinished(): string;
} {
  const { onEvent, onWhole, onLine, onOversize } = handlers;
  /** Of characters that reads cut in two; a short answer that comes in one read needs none. */
  let utf8: TextDecoder | null = null;
  let oversize = false;
  /** The beginning of the line that the last read has cut in two: where it is no field, the parser drops it unseen. */
  let begun = "";
  let strange = 0;
  let ended = false;
  /** What came so far ends with a blank line: the parser, and the decoder of UTF-8, wait for nothing more. */
  let rests = true;
  /** Something came: the beginning, where alone a BOM may stand, is over. */
  let started = false;
  /** For what does not look as most events do: of most answers that is nothing. */
  let parser: EventSourceParser | null = null;

  function beginParser(): EventSourceParser {
    const made = createParser({
      // The parser counts the field's name too; what is left of the excess is told by the data itself.
      maxBufferSize: EVENT_LIMIT + DATA.length,
      onEvent({ data, event }) {
        if (oversize) return;
        if (data.length > EVENT_LIMIT) tooLarge();
        else onEvent(data, event ?? "");
      },
      onError(error) {
        if (error.type === "max-buffer-size-exceeded") tooLarge();
        if (error.type !== "unknown-field" || error.line === undefined) return;
        // The end may have cut the name of a field.
        if (ended && isNameBegun(error.line)) return;
        strange++;
        onLine?.(error.line.slice(0, LINE_KEPT));
      },
    });
    if (started) made.feed("\n");
    return made;
  }

  function tooLarge(): void {
    if (oversize) return;
    oversize = true;
    onOversize();
  }

  /** Follows the lines that reads have cut; what comes in one read costs nothing here. */
  function joinLines(text: string): void {
    if (begun !== "") {
      const end = LINE_END.exec(text)?.index ?? -1;
      // What may still become a name the parser keeps, and tells itself.
      const isTold = isNameBegun(begun);
      begun += text.slice(0, Math.min(end < 0 ? text.length : end, LINE_KEPT - begun.length));
      if (end < 0) return;
      if (!isTold && !KNOWN_FIELD.test(begun)) onLine?.(begun);
      begun = "";
    }
    const last = text.charCodeAt(text.length - 1);
    if (last === LF || last === CR || text === "") return;
    const start = Math.max(text.lastIndexOf("\n"), text.lastIndexOf("\r")) + 1;
    begun = text.slice(start, start + LINE_KEPT);
  }

  function feed(text: string): void {
    parser ??= beginParser();
    started = true;
    for (let at = 0, size = 0; at < text.length && !oversize; at += size) {
      size = strange === 0 ? UNSUSPECTED : SLICE;
      const slice = text.length > size ? text.slice(at, at + size) : text;
      joinLines(slice);
      parser.feed(strange > STRANGE_LIMIT ? withoutStrange(slice) : slice);
    }
  }

  return {
    push(bytes) {
      if (oversize) return;
      const whole = rests && endsWithBlankLine(bytes);
      let text = whole ? UTF8.decode(bytes) : (utf8 ??= createUtf8()).decode(bytes, { stream: true });
      if (whole) {
        if (onWhole?.(text) === true) return;
        const taken = takeEvents(text, onEvent);
        started ||= taken > 0;
        if (taken === text.length) return;
        text = text.slice(taken);
      }
      feed(text);
      rests = text.endsWith("\n\n");
    },
    end() {
      ended = true;
      if (!oversize) feed(`${utf8?.decode() ?? ""}\n\n`);
    },
    unfinished: () => (KNOWN_FIELD.test(begun) || isNameBegun(begun) ? "" : begun),
  };
}

/** For reads that bring whole characters, and so of all streams: one that is used all the time stays in the cache. */
const UTF8 = createUtf8();
const DATA = "data: ";
const EVENT = "event: ";

/** The parser takes off the one BOM the format allows; a TextDecoder would take off a second. */
function createUtf8(): TextDecoder {
  return new TextDecoder("utf-8", { ignoreBOM: true });
}

function endsWithBlankLine(bytes: Uint8Array): boolean {
  const { length } = bytes;
  return length <= EVENT_LIMIT && bytes[length - 1] === LF && bytes[length - 2] === LF;
}

/**
 * Takes the events at the beginning of a text that begins and ends where events do, so long as they look as most: a line of
 * data, with or without a name before it. The parser, whose state is far away in memory, is asked for what follows: returns
 * where that begins.
 */
function takeEvents(text: string, take: DecoderHandlers["onEvent"]): number {
  if (text.includes("\r")) return 0;
  let at = 0;
  while (at < text.length) {
    const isNamed = !text.startsWith(DATA, at);
    if (isNamed && !text.startsWith(EVENT, at)) return at;
    const from = isNamed ? text.indexOf("\n", at) + 1 : at;
    if (isNamed && !text.startsWith(DATA, from)) return at;
    const end = text.indexOf("\n", from);
    if (text.charCodeAt(end + 1) !== LF) return at;
    const name = isNamed ? text.slice(at + EVENT.length, from - 1) : "";
    const isAlone = at === 0 && end + 2 === text.length;
    take(text.slice(from + DATA.length, end), name, isAlone ? text.slice(0, from + DATA.length) : "");
    at = end + 2;
  }
  return at;
}

const ENDED_LINE = /([^\r\n]*)(?:\r\n|\n|\r(?!$))/g;
const KEPT_FIELD = /^(?:(?:data|event|id|retry)?:|error:(?! ?(?:null)?$)|(?:data|event|id|retry)?$)/;

/** A text without the whole lines in it that are no field; its first and its last may be parts of others. */
function withoutStrange(text: string): string {
  const start = LINE_END.exec(text)?.index ?? text.length;
  return (
    text.slice(0, start) +
    text.slice(start).replace(ENDED_LINE, (line, field: string) => (KEPT_FIELD.test(field) ? line : ""))
  );
}

/** Most bytes of one line that `--debug` shows; the rest of the line is dropped. */
export const LINE_LIMIT = 64 * 1024;

/** Cuts a body into its raw lines, each with its byte offset, for `--debug` alone. `cut`: its end was dropped. */
export function createLineSplitter(onLine: (line: string, offset: number, cut: boolean) => void): {
  push(bytes: Uint8Array): void;
  end(): void;
} {
  const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
  let kept: Uint8Array[] = [];
  let keptBytes = 0;
  let lineBytes = 0;
  let offset = 0;
  let afterCr = false;

  function add(part: Uint8Array): void {
    lineBytes += part.length;
    const room = part.slice(0, LINE_LIMIT - keptBytes);
    keptBytes += room.length;
    if (room.length > 0) kept.push(room);
  }

  function finish(terminatorBytes: number): void {
    onLine(utf8.decode(Buffer.concat(kept)), offset, keptBytes < lineBytes);
    offset += lineBytes + terminatorBytes;
    kept = [];
    keptBytes = lineBytes = 0;
  }

  return {
    push(bytes) {
      let start = 0;
      for (let i = 0; i < bytes.length; i++) {
        const code = bytes[i];
        if (code === LF && afterCr) {
          offset += 1;
          start = i + 1;
        } else if (code === LF || code === CR) {
          add(bytes.subarray(start, i));
          finish(1);
          start = i + 1;
        }
        afterCr = code === CR;
      }
      add(bytes.subarray(start));
    },
    end() {
      if (lineBytes > 0) finish(0);
    },
  };
}
