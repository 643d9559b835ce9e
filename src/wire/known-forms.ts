import type { Around, Brought, Chunk } from "./api.ts";
import { parseJson } from "./bounds.ts";
import { isFields, type Fields } from "./fields.ts";

/** Shapes of one kind that are kept. */
const MOST = 8;
/** Chunks that are parsed before one is learnt for the answers to come: a single answer does not bring so many. */
const PARSED_FIRST = 32;
/** Shapes that are learnt for nothing, since no later answer had one, before short answers are left alone. */
const PATIENCE = 8;
/** UTF-16 units of the longest event that is known as a whole. */
const LONGEST_REPEAT = 1000;
/** Longest number whose digits say all of it. */
const MOST_DIGITS = 15;
/** Values that differ from answer to answer: who it is, and when it was made. */
const HOLES = /"(?:item_)?id": ?"(?=[^"\\\u0000-\u001F]*")|"created(?:_at)?": ?(?=\d{1,15}[,}])/g;
/** What no JSON string has in it as it is, or where it says something else. */
const SPECIAL = /["\\\u0000-\u001F]/;
const QUOTE = '"';
const ZERO = 48;
const NINE = 57;
/** A time that stands for any other. */
const OTHER_TIME = 80_808;

/** What may stand at the end of a text. */
type Hole = "text" | "number" | "words" | "end";

/** What chunks of many answers have in common: texts, and what follows each of them. */
type Parts = readonly { text: string; hole: Hole }[];

/** Parses an event. */
type Parse = (data: string, name: string) => Brought;

/** Shapes of one kind; the oldest makes room for another. */
function createShelf<Shape>() {
  const shapes: Shape[] = [];
  let parsed = 0;
  let fruitless = 0;

  return {
    shapes,
    /** An answer had one of them. */
    used(): void {
      fruitless = 0;
    },
    /** Another chunk was parsed: whether the next answers are to know its shape. */
    isWorthLearning: () => parsed++ >= PARSED_FIRST && fruitless < PATIENCE,
    learn(shape: Shape | null): void {
      fruitless++;
      if (shape === null) return;
      if (shapes.length === MOST) shapes.shift();
      shapes.push(shape);
    },
  };
}

/** The forms that chunks of an API had in earlier answers, whoever sent them. */
export type KnownForms = {
  /** What stands around the words of a chunk whose form is known; `words`: as they were parsed. */
  find(data: string, name: string, words: string): Around | null;
  /** Another chunk was parsed: whether the next answers are to know its form. */
  isWorthLearning(): boolean;
  /** Keeps a form, if it is that of other answers too. */
  learn(form: Around, name: string, chunk: Chunk, probe: string, parse: Parse): void;
};

/** No answer was read yet. */
export function createKnownForms(): KnownForms {
  const shelf = createShelf<{ name: string; parts: Parts }>();
  return {
    find(data, name, words) {
      for (const shape of shelf.shapes) {
        const around = shape.name === name ? aroundIn(data, words, shape.parts) : null;
        if (around === null) continue;
        shelf.used();
        return around;
      }
      return null;
    },
    isWorthLearning: shelf.isWorthLearning,
    learn(form, name, chunk, probe, parse) {
      const parts = [...partsOf(form.before, "words"), ...partsOf(form.after, "end")];
      const brought = parse(filled(parts, probe), name);
      const expected = { ...chunk, content: probe, id: chunk.id === null ? null : idOf(probe) };
      const isProved = brought.kind === "chunk" && Bun.deepEquals(brought.chunk, expected);
      shelf.learn(isProved ? { name, parts } : null);
    },
  };
}

function partsOf(text: string, last: Hole): Parts {
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
function endOfHole(data: string, from: number, hole: Exclude<Hole, "end">): number {
  if (hole !== "number") {
    const end = data.indexOf(QUOTE, from);
    return SPECIAL.test(data.slice(from, Math.max(from, end))) ? -1 : end;
  }
  let end = from;
  while (isDigit(data.charCodeAt(end))) end++;
  const isNumber = end === from + 1 || (end > from && data.charCodeAt(from) !== ZERO);
  return isNumber && end <= from + MOST_DIGITS ? end : -1;
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}

/**
 * An event of such parts, with another id, another time and other words: it must make the same chunk but for them. No server
 * can know the probe, so that what comes out again came from its place, and from nowhere else.
 */
function filled(parts: Parts, probe: string): string {
  const values = { text: idOf(probe), number: OTHER_TIME, words: probe, end: "" };
  return parts.map(({ text, hole }) => text + values[hole]).join("");
}

function idOf(probe: string): string {
  return `id-${probe}`;
}

/** What stands around the words in a chunk that was parsed and is of this shape. */
function aroundIn(data: string, words: string, parts: Parts): Around | null {
  let at = 0;
  let wordsFrom = 0;
  for (const { text, hole } of parts) {
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

/** An event, and what it brought. Both are good until the next event. `delta`: that in which its words stand, if it has any. */
type Repeat = { parts: Parts; event: Fields; delta: Fields | null; chunk: Chunk };

/** Events that differ from answer to answer in who answers and in words alone, of an API whose events need no other. */
type Repeats = {
  find(data: string): { event: Fields; brought: BroughtChunk } | null;
  /** An event was parsed; it is kept if it is that of other answers too. */
  learn(data: string, brought: Brought, parse: (data: string) => Brought): void;
};

type BroughtChunk = Extract<Brought, { kind: "chunk" }>;

/** No answer was read yet. */
export function createRepeats(): Repeats {
  const shelf = createShelf<Repeat>();
  let probe = "";
  return {
    find(data) {
      if (data.length > LONGEST_REPEAT) return null;
      for (const repeat of shelf.shapes) {
        const brought = broughtAgain(data, repeat);
        if (brought === null) continue;
        shelf.used();
        return { event: repeat.event, brought };
      }
      return null;
    },
    learn(data, brought, parse) {
      if (data.length > LONGEST_REPEAT || brought.kind !== "chunk" || !isPlain(brought.chunk)) return;
      if (!shelf.isWorthLearning()) return;
      probe ||= crypto.randomUUID();
      shelf.learn(repeatOf(data, brought.chunk, probe, parse));
    },
  };
}

/** Whether a chunk says no more than who answers, a piece of the words, and why it ended. */
function isPlain({ reasoning, refusal, tools, usage, server, error, otherChoices, form }: Chunk): boolean {
  if (reasoning !== "" || refusal !== "" || tools.length > 0 || otherChoices) return false;
  return usage === null && server === null && error === null && form === "delta";
}

/** `null` where another id, another time and other words, each in its place, would make another event. */
function repeatOf(data: string, chunk: Chunk, probe: string, parse: (data: string) => Brought): Repeat | null {
  const written = JSON.stringify(chunk.content);
  const wordsFrom = chunk.content === "" ? -1 : data.indexOf(written) + 1;
  if (wordsFrom === 0) return null;
  const parts =
    wordsFrom < 0
      ? partsOf(data, "end")
      : [...partsOf(data.slice(0, wordsFrom), "words"), ...partsOf(data.slice(wordsFrom + written.length - 2), "end")];
  const event = parseJson(data);
  const delta = deltaIn(event);
  if (!isFields(event) || delta === null) return null;
  const has = (hole: Hole): boolean => parts.some((part) => part.hole === hole);
  if (has("text")) event["id"] = idOf(probe);
  if (has("number")) event["created"] = OTHER_TIME;
  if (has("words")) delta["content"] = probe;
  const probed = filled(parts, probe);
  const brought = parse(probed);
  const expected = { ...chunk, content: has("words") ? probe : "", id: has("text") ? idOf(probe) : chunk.id };
  if (!Bun.deepEquals(parseJson(probed), event) || brought.kind !== "chunk") return null;
  if (!Bun.deepEquals(brought.chunk, expected)) return null;
  return { parts, event, delta: has("words") ? delta : null, chunk: brought.chunk };
}

/** The delta of the one choice of an event in which are no lists and objects that grow where an answer is put together. */
function deltaIn(event: unknown): Fields | null {
  const choices = isFields(event) ? event["choices"] : null;
  const choice: unknown = Array.isArray(choices) && choices.length === 1 ? choices[0] : null;
  if (!isFields(choice)) return null;
  const { delta, ...others } = choice;
  return isFields(delta) && [...Object.values(others), ...Object.values(delta)].every(isScalar) ? delta : null;
}

function isScalar(value: unknown): boolean {
  return typeof value !== "object" || value === null;
}

/** What the data brings if it is of this shape: then the event is that of the data. */
function broughtAgain(data: string, { parts, event, delta, chunk }: Repeat): BroughtChunk | null {
  let at = 0;
  let id: string | null = null;
  let created: number | null = null;
  let words = "";
  let wordsFrom = 0;
  for (const { text, hole } of parts) {
    if (!data.startsWith(text, at)) return null;
    at += text.length;
    if (hole === "end") continue;
    const end = endOfHole(data, at, hole);
    if (end < 0) return null;
    if (hole === "number") created = Number(data.slice(at, end));
    else if (hole === "text") id = data.slice(at, end);
    else {
      words = data.slice(at, end);
      wordsFrom = at;
    }
    at = end;
  }
  if (at !== data.length || (delta !== null && words === "")) return null;
  if (id !== null) event["id"] = chunk.id = id;
  if (created !== null) event["created"] = created;
  if (delta === null) return { kind: "chunk", chunk };
  delta["content"] = words;
  // The next words of this answer are written into it.
  const around = { before: data.slice(0, wordsFrom), after: data.slice(wordsFrom + words.length) };
  return { kind: "chunk", chunk: { ...chunk, content: words }, around };
}
