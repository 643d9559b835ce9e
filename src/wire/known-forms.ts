import type { Around, Brought, Chunk } from "./api.ts";

/** Forms that are kept; one that no answer had for the longest time makes room. */
const MOST = 8;
/** Chunks that answers bring before one of a short answer is learnt. */
const PARSED_FIRST = 16;
/** Forms that are learnt for nothing, since no later answer had one, before short answers are left alone. */
const PATIENCE = 8;
/** Longest number whose digits say all of it. */
const MOST_DIGITS = 15;
/** Values that differ from answer to answer: who it is, and when it was made. */
const HOLES = /"(?:item_)?id": ?"(?=[^"\\\u0000-\u001F]*")|"created(?:_at)?": ?(?=\d{1,15}[,}])/g;
const QUOTE = '"';
const ZERO = 48;
const NINE = 57;

/** What may stand at the end of a text. */
type Hole = "text" | "number" | "words" | "end";

/** What chunks of many answers have in common: texts, and what follows each of them. `name`: of their events. */
type Shape = { name: string; parts: readonly { text: string; hole: Hole }[] };

/** The forms that chunks of an API had in earlier answers, whoever sent them. */
export type KnownForms = {
  /** What stands around the words of a chunk whose form is known; `words`: as they were parsed. */
  find(data: string, name: string, words: string): Around | null;
  /** Another chunk was parsed: whether the next answers are to know its form. */
  isWorthLearning(): boolean;
  /** Keeps a form, if it is that of other answers too. */
  learn(form: Around, name: string, chunk: Chunk, probe: string, parse: Parse): void;
};

/** Parses an event. */
type Parse = (data: string, name: string) => Brought;

/** No answer was read yet. */
export function createKnownForms(): KnownForms {
  const shapes: Shape[] = [];
  let parsed = 0;
  let fruitless = 0;

  return {
    find(data, name, words) {
      for (const [index, shape] of shapes.entries()) {
        const around = aroundIn(data, name, words, shape);
        if (around === null) continue;
        fruitless = 0;
        if (index > 0) shapes.unshift(...shapes.splice(index, 1));
        return around;
      }
      return null;
    },
    isWorthLearning: () => parsed++ >= PARSED_FIRST && fruitless < PATIENCE,
    learn(form, name, chunk, probe, parse) {
      fruitless++;
      const shape = { name, parts: [...partsOf(form.before, "words"), ...partsOf(form.after, "end")] };
      if (!isProved(shape, chunk, probe, parse)) return;
      shapes.unshift(shape);
      if (shapes.length > MOST) shapes.pop();
    },
  };
}

function partsOf(text: string, last: Hole): Shape["parts"] {
  const parts: { text: string; hole: Hole }[] = [];
  let from = 0;
  for (const { 0: found, index } of text.matchAll(HOLES)) {
    const hole = found.endsWith(QUOTE) ? "text" : "number";
    parts.push({ text: text.slice(from, index + found.length), hole });
    from = endOfHole(text, index + found.length, hole);
  }
  return [...parts, { text: text.slice(from), hole: last }];
}

/** Where the value ends that begins there; -1 where none does. */
function endOfHole(data: string, from: number, hole: "text" | "number"): number {
  if (hole === "text") {
    const end = data.indexOf(QUOTE, from);
    return data.slice(from, Math.max(from, end)).includes("\\") ? -1 : end;
  }
  let end = from;
  while (isDigit(data.charCodeAt(end))) end++;
  return end === from || end > from + MOST_DIGITS ? -1 : end;
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}

/**
 * Whether other words, another id and another time in these places make the same chunk but for them. The probes stand for
 * all others: no server can know them, so that what comes out again came from its place, and from nowhere else.
 */
function isProved({ name, parts }: Shape, chunk: Chunk, probe: string, parse: Parse): boolean {
  const id = `id-${probe}`;
  const filled = { text: id, number: "80808", words: probe, end: "" };
  const brought = parse(parts.map(({ text, hole }) => text + filled[hole]).join(""), name);
  const expected = { ...chunk, content: probe, id: chunk.id === null ? null : id };
  return brought.kind === "chunk" && Bun.deepEquals(brought.chunk, expected);
}

/** What stands around the words in a chunk that was parsed and is of this shape. */
function aroundIn(data: string, name: string, words: string, shape: Shape): Around | null {
  if (name !== shape.name) return null;
  let at = 0;
  let wordsFrom = 0;
  for (const { text, hole } of shape.parts) {
    if (!data.startsWith(text, at)) return null;
    at += text.length;
    if (hole === "end") continue;
    if (hole === "words") {
      wordsFrom = at;
      at = data.startsWith(words, at) ? at + words.length : -1;
    } else at = endOfHole(data, at, hole);
    if (at < 0) return null;
  }
  if (at !== data.length) return null;
  return { before: data.slice(0, wordsFrom), after: data.slice(wordsFrom + words.length) };
}
