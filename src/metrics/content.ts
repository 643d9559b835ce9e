import type { NoticeCode, StreamEvent, ToolDelta } from "../stream/event.ts";

/** One tool call put together; `invalid` when its arguments should be JSON and are none. */
export type ToolCall = { index: number; id: string | null; name: string; arguments: string; invalid: boolean };

/** What a stream said, apart from its figures; `omitted`: UTF-16 units of its text and its reasoning that were not kept. */
export type Content = { text: string; reasoning: string; omitted: number; tools: ToolCall[]; notices: NoticeCode[] };

/** Most UTF-16 units of a text that a record holds: three times what a million tokens are, and a bound where no end comes. */
export const IN_RECORD = 16 * 1024 * 1024;

/** Short pieces that are kept apart: in memory each takes ten times its letters. */
const APART = 64;
/** From so many UTF-16 units on, joining a piece to others saves nothing. */
const LONG = 1024;

/** Puts together what one stream says. `keepText`: most UTF-16 units that are kept of its text, and of its reasoning. */
export function createContent(keepText: number): { on(event: StreamEvent): void; content(): Content } {
  const text = createGrowingText(keepText);
  /** Made with the first of it: most answers have neither. */
  let reasoning: ReturnType<typeof createGrowingText> | null = null;
  let tools: ReturnType<typeof createToolCalls> | null = null;
  const notices: NoticeCode[] = [];
  return {
    on(event) {
      if (event.type === "notice") notices.push(event.code);
      if (event.type !== "delta") return;
      if (event.tools.length > 0) (tools ??= createToolCalls()).add(event.tools);
      if (keepText === 0) return;
      if (event.text !== "") text.add(event.text);
      if (event.reasoning !== "") (reasoning ??= createGrowingText(keepText)).add(event.reasoning);
    },
    content: () => ({
      text: text.text(),
      reasoning: reasoning?.text() ?? "",
      omitted: text.omitted() + (reasoning?.omitted() ?? 0),
      tools: tools?.calls() ?? [],
      notices,
    }),
  };
}

/**
 * A text that comes in pieces, many and small as a rule; it takes little more memory than its letters. What is beyond
 * `limit` is not kept.
 */
export function createGrowingText(limit = Infinity): {
  add(piece: string): void;
  text(): string;
  /** UTF-16 units that were not kept. */
  omitted(): number;
} {
  /** Made with the first piece: most answers have no reasoning, and a short one has few pieces. */
  let joined: string[] | null = null;
  let apart: string[] | null = null;
  let left = limit;
  let omitted = 0;

  function join(): void {
    if (apart !== null) (joined ??= []).push(apart.join(""));
    apart = null;
  }

  return {
    add(whole) {
      const piece = whole.length > left ? beginningOf(whole, left) : whole;
      left = piece.length < whole.length ? 0 : left - piece.length;
      omitted += whole.length - piece.length;
      if (piece === "") return;
      if (piece.length < LONG) {
        if ((apart ??= []).push(piece) === APART) join();
        return;
      }
      join();
      (joined ??= []).push(piece);
    },
    text: () => (joined?.join("") ?? "") + (apart?.join("") ?? ""),
    omitted: () => omitted,
  };
}

/** Up to so many UTF-16 units, and no half of a letter. */
function beginningOf(text: string, units: number): string {
  const isHalf = (text.charCodeAt(units - 1) & 0xfc00) === 0xd800;
  return text.slice(0, isHalf ? units - 1 : units);
}

/** Joins the fragments of tool calls by their index. */
function createToolCalls(): { add(deltas: readonly ToolDelta[]): void; calls(): ToolCall[] } {
  const calls = new Map<number, { id: string | null; name: string; custom: boolean; parts: string[] }>();
  return {
    add(deltas) {
      for (const delta of deltas) {
        const call = calls.get(delta.index) ?? { id: null, name: "", custom: delta.custom, parts: [] };
        calls.set(delta.index, call);
        call.id ??= delta.id;
        call.custom = delta.custom;
        call.name += delta.name ?? "";
        if (delta.arguments !== "") call.parts.push(delta.arguments);
      }
    },
    calls() {
      return [...calls].map(([index, { id, name, custom, parts }]) => {
        const text = parts.join("");
        return { index, id, name, arguments: text, invalid: !custom && !isJsonText(text === "" ? "{}" : text) };
      });
    },
  };
}

/** UTF-16 units up to which the parser's own way is the fastest, and costs nothing. */
const SHORT = 64 * 1024;

const SCALAR = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)/y;
const PLAIN = /[^"\\\u0000-\u001F]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

const [QUOTE, COMMA, COLON, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [34, 44, 58, 91, 93, 123, 125];

/** Whether a text is JSON. Of a large one nothing is built: 8 MiB of brackets would make four million lists. */
export function isJsonText(text: string): boolean {
  if (text.length > SHORT) return createReader(text).isJson();
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function createReader(text: string) {
  let at = 0;
  /** What closes what is open, the innermost last; a byte a level. */
  let open = new Uint8Array(1024);
  let depth = 0;

  function take(pattern: RegExp): boolean {
    pattern.lastIndex = at;
    const matches = pattern.test(text);
    if (matches) at = pattern.lastIndex;
    return matches;
  }

  function takeCode(code: number): boolean {
    if (text.charCodeAt(at) !== code) return false;
    at++;
    return true;
  }

  function takeBlank(): void {
    for (;;) {
      const code = text.charCodeAt(at);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return;
      at++;
    }
  }

  function takeMark(code: number): boolean {
    takeBlank();
    return takeCode(code);
  }

  function takeString(): boolean {
    if (!takeMark(QUOTE)) return false;
    do take(PLAIN);
    while (take(ESCAPE));
    return takeCode(QUOTE);
  }

  function takeKey(): boolean {
    return takeString() && takeMark(COLON);
  }

  /** `end`: what closes it. */
  function enter(end: number): void {
    if (depth === open.length) {
      const larger = new Uint8Array(2 * depth);
      larger.set(open);
      open = larger;
    }
    open[depth++] = end;
  }

  /** A value, or the beginning of one that holds others, as far as its first. */
  function takeBeginning(): boolean {
    for (;;) {
      if (takeMark(OPEN_LIST)) {
        enter(CLOSE_LIST);
        if (takeMark(CLOSE_LIST)) depth--;
        else continue;
        return true;
      }
      if (!takeMark(OPEN_OBJECT)) return takeString() || take(SCALAR);
      enter(CLOSE_OBJECT);
      if (takeMark(CLOSE_OBJECT)) {
        depth--;
        return true;
      }
      if (!takeKey()) return false;
    }
  }

  return {
    isJson(): boolean {
      if (!takeBeginning()) return false;
      while (depth > 0) {
        const end = open[depth - 1] ?? 0;
        if (takeMark(COMMA)) {
          if ((end === CLOSE_OBJECT && !takeKey()) || !takeBeginning()) return false;
        } else if (takeMark(end)) depth--;
        else return false;
      }
      takeBlank();
      return at === text.length;
    },
  };
}
