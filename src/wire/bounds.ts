const EVENT_LIMIT = 8 * 1024 * 1024;

/**
 * Most of what an answer may bring, each beyond what any honest one holds. By event: UTF-16 units, levels and values of
 * its JSON. By answer: tool calls, the UTF-16 units of their arguments and of a refusal, which are kept whole, and of its
 * body, where that is put together, and its bytes: with what is said beside it, it is one line of a file.
 */
export const BOUNDS = {
  event: EVENT_LIMIT,
  depth: 1000,
  values: 1_000_000,
  tool_calls: 1000,
  arguments: EVENT_LIMIT,
  refusal: EVENT_LIMIT,
  body: 6 * EVENT_LIMIT,
} as const;

/** Which of the bounds was passed. */
export type Excess = keyof typeof BOUNDS;

/** A shorter text holds neither so many levels nor so many calls: most events are not looked at. */
const SHORT = 2 * Math.min(BOUNDS.depth, BOUNDS.tool_calls);

const TOOL_CALLS = '"tool_calls"';
const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN_LIST = 91;
const BACKSLASH = 92;
const CLOSE_LIST = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/**
 * Whether a JSON text holds more than is read. It is looked at letter by letter, 2 ns each, and before it is parsed: 8 MiB
 * of empty objects would take 200 MB, nested ones a stack. Of a text that is no JSON it says nothing of use.
 */
export function excessOf(json: string): Excess | null {
  if (json.length <= SHORT) return null;
  /** By level, elements so far of a list of tool calls; -1 for anything else. */
  const calls = new Int32Array(BOUNDS.depth + 1);
  let depth = 0;
  let values = 1;
  let textFrom = 0;
  let isToolCalls = false;
  for (let at = 0; at < json.length; at++) {
    switch (json.charCodeAt(at)) {
      case QUOTE:
        textFrom = at;
        at = endOfText(json, at + 1);
        break;
      case COLON:
        isToolCalls = json.startsWith(TOOL_CALLS, textFrom);
        break;
      case OPEN_LIST:
      case OPEN_OBJECT:
        if (++depth > BOUNDS.depth) return "depth";
        if (++values > BOUNDS.values) return "values";
        calls[depth] = isToolCalls ? 1 : -1;
        isToolCalls = false;
        break;
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        if (depth > 0) depth--;
        break;
      case COMMA: {
        if (++values > BOUNDS.values) return "values";
        const count = calls[depth] ?? -1;
        if (count > 0 && (calls[depth] = count + 1) > BOUNDS.tool_calls) return "tool_calls";
      }
    }
  }
  return null;
}

/** Where the text that was opened before `from` closes. */
function endOfText(json: string, from: number): number {
  for (let at = json.indexOf('"', from); at >= 0; at = json.indexOf('"', at + 1)) {
    let slashes = 0;
    while (json.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return at;
  }
  return json.length;
}

/** A value of JSON; `undefined` for a text that is none, or that holds more than is read. */
export function parseJson(text: string): unknown {
  if (excessOf(text) !== null) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Follows JSON code by code, of its text or of its bytes: whether what came so far is one value that is closed. */
export function createJsonScanner(): { take(code: number): void; isClosed(): boolean } {
  let depth = 0;
  let inText = false;
  let escaped = false;
  let closed = false;

  return {
    take(code) {
      if (inText) {
        if (escaped) escaped = false;
        else if (code === BACKSLASH) escaped = true;
        else if (code === QUOTE) inText = false;
        closed = !inText && depth === 0;
      } else if (code === QUOTE) {
        inText = true;
        closed = false;
      } else if (code === OPEN_OBJECT || code === OPEN_LIST) {
        depth++;
        closed = false;
      } else if (code === CLOSE_OBJECT || code === CLOSE_LIST) {
        depth--;
        closed = depth === 0;
      }
    },
    isClosed: () => closed,
  };
}

const SPACE = 0x20;

/**
 * Tells whether bytes that begin with a JSON object or list go on after its end: lines of JSON are no JSON document.
 * Returns `true` from the read on in which something else than white space follows.
 */
export function createJsonEnd(): (bytes: Uint8Array) => boolean {
  const scanner = createJsonScanner();
  let followed = false;

  return (bytes) => {
    for (const byte of bytes) {
      if (followed) break;
      if (!scanner.isClosed()) scanner.take(byte);
      else followed = byte > SPACE;
    }
    return followed;
  };
}
