import type { Read } from "../wire/api.ts";
import { createLineSplitter, LINE_LIMIT } from "../wire/sse.ts";
import type { Ms, StreamEvent } from "./event.ts";
import { maskNull, replaceRanges, type Mask } from "./mask.ts";

type Line = { text: string; offset: number; at: Ms; cut: boolean };

const DATA = /^data: ?/;
const EVENT = /^event: ?/;
/** Lines, and UTF-16 units of them, that wait at most. */
const MOST_WAITING = 64;
const WAITING_LIMIT = 4 * LINE_LIMIT;

/**
 * The raw lines of a body as `--debug` may show them. A `data:` line that ends with the beginning of a secret waits for
 * those after it: what is one text to a reader of the event is searched as one.
 */
export function createObservedLines(
  mask: Mask,
  read: Read,
  emit: (event: StreamEvent) => void,
): {
  push(bytes: Uint8Array, at: Ms): void;
  end(at: Ms): void;
  /** The body was one JSON document. */
  document(body: string, at: Ms): void;
} {
  let now: Ms = 0;
  let waiting: Line[] = [];
  /** Of the event that the line stands in. */
  let name = "";
  const splitter = createLineSplitter((text, offset, cut) => {
    // The cut may have left the beginning of a secret.
    take({ text: cut ? text.slice(0, mask.begins(text)) : text, offset, at: now, cut });
  });

  function take(line: Line): void {
    waiting.push(line);
    const size = waiting.reduce((sum, { text }) => sum + text.length, 0);
    const enough = waiting.length >= MOST_WAITING || size > WAITING_LIMIT;
    if (line.text === "" || line.cut || enough || !mayGoOn()) release();
  }

  /** Whether what waits ends with the beginning of a secret. */
  function mayGoOn(): boolean {
    const end = dataOf(waiting).slice(-mask.longest - MOST_WAITING);
    return mask.begins(end) < end.length;
  }

  function release(): void {
    const masked = maskTogether(waiting, mask);
    for (const [index, { text, offset, at, cut }] of waiting.entries()) {
      if (text === "" || EVENT.test(text)) name = text.replace(EVENT, "");
      const parsed =
        text.startsWith("data:") && !cut ? describe(text.slice("data:".length).trimStart(), name, read) : null;
      const line = masked[index] ?? mask(text);
      emit({ type: "line", at, line, offset, parsed: maskNull(parsed, mask) });
    }
    waiting = [];
  }

  return {
    push(bytes, at) {
      now = at;
      splitter.push(bytes);
    },
    end(at) {
      now = at;
      splitter.end();
      release();
    },
    document(body, at) {
      const text = body.slice(0, LINE_LIMIT);
      const cut = text.length < body.length;
      take({ text: cut ? text.slice(0, mask.begins(text)) : text, offset: 0, at, cut });
      release();
    },
  };
}

/** What the reader of an event makes of its `data:` lines. */
function dataOf(lines: readonly Line[]): string {
  return lines
    .filter(({ text }) => DATA.test(text))
    .map(({ text }) => text.replace(DATA, ""))
    .join("\n");
}

/** Several lines of one event without the secrets that stand in more than one of them; `undefined` for the others. */
function maskTogether(lines: readonly Line[], mask: Mask): (string | undefined)[] {
  if (lines.length < 2) return [];
  const ranges = mask.find(dataOf(lines));
  let start = 0;
  return lines.map(({ text }) => {
    const [prefix] = DATA.exec(text) ?? [];
    if (prefix === undefined) return undefined;
    const data = text.slice(prefix.length);
    const end = start + data.length;
    const inside = ranges
      .filter(({ from, to }) => from < end && to > start)
      .map(({ from, to }) => ({ from: Math.max(from, start) - start, to: Math.min(to, end) - start }));
    start = end + 1;
    return prefix + replaceRanges(data, inside);
  });
}

/** What one `data:` line held; `null` for a line that is only a part of its event. */
function describe(data: string, name: string, read: Read): string | null {
  if (data === "" || data === "[DONE]") return data;
  const brought = read(data, name);
  switch (brought.kind) {
    case "chunk":
    case "end":
      return JSON.stringify(brought.chunk);
    case "error":
      return JSON.stringify(brought.error);
    case "ignored":
      return brought.kind;
    default:
      return null;
  }
}
