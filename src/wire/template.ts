import type { Around, Brought, Chunk, Read } from "./api.ts";
import type { Assembler } from "./assembler.ts";
import { parseJson } from "./bounds.ts";
import type { KnownForms } from "./known-forms.ts";

/** What ends a JSON string or stands for something else in it. */
const SPECIAL = /["\\\u0000-\u001F]/;
/**
 * A text that stands for the words while the rest of a chunk is learnt. No server can know it, so that none sends it; it is
 * made when it is needed first.
 */
let probe = "";
/**
 * Chunks of an answer that are only parsed before one is learnt for this answer alone: that costs as much as parsing 16 (two
 * parsings, a pattern), which a short one does not give back.
 */
const PARSED_FIRST = 16;
/** Chunks in a row that are learnt in vain before we leave it: each costs two more parsings. */
const PATIENCE = 8;
/** Most UTF-16 units beside the words: a pattern of more takes longer to make than it saves. */
const LONGEST_FORM = 4000;
/** A number that grows with each event and says nothing of the answer. */
const COUNTER = /"sequence_number": ?(?=\d{1,15}[,}])/;
const ZERO = 48;
const NINE = 57;

type BroughtChunk = Extract<Brought, { kind: "chunk" }>;

/** What stands before and after the words of a chunk, which are all that the next ones of it write into what it brought. */
type Form = Around & { counter: Counter | null; brought: BroughtChunk };

/**
 * A counter before or after the words: what stands on its two sides, and the whole chunk as a pattern, which is faster
 * than four comparisons (30 ns of 90).
 */
type Counter = { isFirst: boolean; before: string; after: string; pattern: RegExp };

/** Parses an event, and gives it to what puts the answer together. */
type Parse = (data: string, name: string, assembler: Assembler | null) => Brought;

/**
 * Reads the chunks of one body as `parse` does. Those of one answer differ in their words alone, and in a counter: what
 * stands before and after them is compared with an earlier chunk, which costs a third of parsing it (0.3 µs less a
 * token). The result is good until the next call. `forms`: known from other answers, which makes the second chunk known.
 */
export function createTemplate(
  parse: Parse,
  assembler: Assembler | null,
  forms: KnownForms,
): {
  read: Read;
  /** From now on chunks of that form may mean something else. */
  forget(): void;
} {
  let form: Form | null = null;
  let vain = 0;
  let parsed = 0;
  /** Whether what other answers taught is true of this one. */
  let isShared = true;

  function learn(data: string, name: string, brought: BroughtChunk): Form | null {
    const { chunk } = brought;
    if (brought.around !== undefined) return { ...brought.around, counter: null, brought };
    const around = isShared && !SPECIAL.test(chunk.content) ? forms.find(data, name, chunk.content) : null;
    if (around !== null) return { ...around, counter: null, brought: Object.assign(brought, { around }) };
    const isForAll = isShared && forms.isWorthLearning();
    if (parsed++ < PARSED_FIRST && !isForAll) return null;
    vain++;
    const learnt = formOf(data, name, brought, parse);
    // The pattern of a counter takes as long as a short answer.
    if (isForAll && learnt !== null && learnt.counter === null)
      forms.learn(learnt, name, chunk, probe, (text, called) => parse(text, called, null));
    return learnt;
  }

  return {
    read(data, name) {
      const words = form === null ? null : wordsIn(data, form);
      if (form !== null && words !== null && words !== "") {
        vain = 0;
        form.brought.chunk.content = words;
        return form.brought;
      }
      const brought = parse(data, name, assembler);
      // Where it says more, or says it elsewhere, another event of its form may, too.
      if (assembler !== null && !assembler.isPlain()) {
        form = null;
        return brought;
      }
      if (words !== null || vain >= PATIENCE || brought.kind !== "chunk" || !isLearnt(brought.chunk)) return brought;
      form = learn(data, name, brought);
      return brought;
    },
    forget() {
      form = null;
      isShared = false;
    },
  };
}

function isLearnt({ content, form }: Chunk): boolean {
  return content !== "" && form !== "whole";
}

/** The words in an event of this form: "" where they must be parsed; `null` for an event of another form. */
function wordsIn(data: string, { before, after, counter }: Form): string | null {
  return counter === null ? wordsBetween(data, before, after) : wordsBeside(data, before, after, counter);
}

/** The same of any text that has these at its ends; words with escapes are parsed by themselves. */
export function wordsBetween(text: string, before: string, after: string): string | null {
  if (text.length < before.length + after.length || !text.startsWith(before) || !text.endsWith(after)) return null;
  const words = text.slice(before.length, text.length - after.length);
  return SPECIAL.test(words) ? unescaped(words) : words;
}

/** The words that a part of a JSON string stands for; "" where it is none. */
function unescaped(part: string): string {
  if (part[part.search(SPECIAL)] !== "\\") return "";
  const words = parseJson(`"${part}"`);
  return typeof words === "string" ? words : "";
}

function wordsBeside(data: string, before: string, after: string, counter: Counter): string | null {
  const { isFirst, pattern } = counter;
  if (!pattern.test(data)) return surrounds(data, before, after, counter) ? "" : null;
  if (isFirst) {
    let from = counter.before.length;
    while (isDigit(data.charCodeAt(from))) from++;
    return data.slice(from + counter.after.length, data.length - after.length);
  }
  let to = data.length - counter.after.length;
  while (isDigit(data.charCodeAt(to - 1))) to--;
  return data.slice(before.length, to - counter.before.length);
}

/** Whether a chunk is of this form, whatever its words. */
function surrounds(data: string, before: string, after: string, counter: Counter): boolean {
  return counter.isFirst
    ? data.startsWith(counter.before) && data.includes(counter.after, counter.before.length) && data.endsWith(after)
    : data.startsWith(before) && data.includes(counter.before, before.length) && data.endsWith(counter.after);
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}

/** What surrounds the words of a chunk; `null` when other words in their place would not make the same chunk. */
function formOf(data: string, name: string, brought: BroughtChunk, parse: Parse): Form | null {
  const { chunk } = brought;
  const words = JSON.stringify(chunk.content);
  const start = data.indexOf(words);
  if (start < 0) return null;
  const first = data.slice(0, start + 1);
  const last = data.slice(start + words.length - 1);
  if (first.length + last.length > LONGEST_FORM) return null;
  probe ||= crypto.randomUUID();
  const expected = { ...chunk, content: probe };
  const probed = parse(first + probe + last, name, null);
  if (probed.kind !== "chunk" || !Bun.deepEquals(probed.chunk, expected)) return null;
  const around = { before: first, after: last };
  const counter = counterIn(first, last);
  return { ...around, counter, brought: counter === null ? Object.assign(brought, { around }) : brought };
}

function counterIn(first: string, last: string): Counter | null {
  const isFirst = COUNTER.test(first);
  const text = isFirst ? first : last;
  const found = COUNTER.exec(text);
  if (found === null) return null;
  const end = found.index + found[0].length;
  const before = text.slice(0, end);
  const after = text.slice(end).replace(/^\d+/, "");
  const counted = `${RegExp.escape(before)}(?:0|[1-9]\\d{0,14})${RegExp.escape(after)}`;
  const [start, rest] = isFirst ? [counted, RegExp.escape(last)] : [RegExp.escape(first), counted];
  return { isFirst, before, after, pattern: new RegExp(`^${start}[^"\\\\\\u0000-\\u001F]+${rest}$`) };
}
