/** Puts together what an answer would have been in one piece, from the events of its stream. */

import { BOUNDS } from "./bounds.ts";
import { isFields, type Fields } from "./fields.ts";
import type { ToolDelta } from "./tool-calls.ts";

/** What the body says where no event said it. `created`: seconds since the epoch. */
export type Unsaid = { model: string; created: number };

/** Masks what is no word of the model. `mayHold`: whether a text may hold a secret at all, which is asked at once. */
type Masking = ((text: string) => string) & { mayHold(text: string): boolean };

/** Follows one answer. Each event that is parsed is taken, then what of it is new is said. */
export type Assembler = {
  /** An event, and what it is called. */
  take(event: Fields, name: string): void;
  /** The last event held words and nothing else, and they belong where those before them stood. */
  isPlain(): boolean;
  /** What of it was not said before. */
  said(content: string, refusal: string, calls: readonly ToolDelta[]): void;
  /** Words of an event that was not parsed: it is like the last one. */
  words(text: string): void;
  /** It has become more than is kept. */
  isFull(): boolean;
  /** The body of the answer, as JSON. */
  json(unsaid: Unsaid, mask: Masking): string;
};

/** Parts of a value take at least so much memory, in UTF-16 units. */
const OVERHEAD = 16;

/** Weighs what is kept of one answer. */
type Scales = {
  add(value: unknown): void;
  /** The same of a text. */
  addText(text: string): void;
  isFull(): boolean;
};

/** Nothing is kept yet. */
export function createScales(): Scales {
  let weight = 0;
  return {
    add(value) {
      weight += weigh(value);
    },
    addText(text) {
      weight += OVERHEAD + text.length;
    },
    isFull: () => weight > BOUNDS.body,
  };
}

function weigh(value: unknown): number {
  if (typeof value === "string") return OVERHEAD + value.length;
  if (typeof value !== "object" || value === null) return OVERHEAD;
  let sum = OVERHEAD;
  for (const inside of Object.values(value)) sum += OVERHEAD + weigh(inside);
  return sum;
}

/** A key that no server means: what is written under it is everybody's. */
const PROTOTYPE = "__proto__";

/** Keeps the last that was said under a name; what says nothing undoes nothing. Returns whether that is new. */
export function keepLast(into: Fields, name: string, value: unknown): boolean {
  const before = into[name];
  if (name === PROTOTYPE || value === before || (before !== undefined && saysNothing(value))) return false;
  if (typeof value === "object" && typeof before === "object" && Bun.deepEquals(value, before)) return false;
  into[name] = value;
  return true;
}

/** The same of what is said once: who answers, and when. */
export function keepFirst(into: Fields, name: string, value: unknown): boolean {
  return saysNothing(into[name]) && keepLast(into, name, value);
}

function saysNothing(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.keys(value).length === 0;
  return value === null || value === undefined || value === "";
}

/** Keeps counts, under their own names: one that is no 0 is undone by another such alone. */
export function keepCounts(before: unknown, after: unknown): unknown {
  if (!isFields(before) || !isFields(after)) return after || before === undefined || before === null ? after : before;
  const merged = { ...before };
  for (const [name, count] of Object.entries(after))
    if (name !== PROTOTYPE) merged[name] = keepCounts(merged[name], count);
  return merged;
}

/** Fields whose texts come in pieces; any other comes whole. */
const IN_PIECES = new Set([
  "content",
  "text",
  "reasoning_content",
  "reasoning",
  "reasoning_text",
  "thinking",
  "summary",
  "transcript",
  "data",
]);

/** Adds what a delta says to what was said under that name. `isWhole`: it may begin with what came before. */
export function addDelta(into: Fields, name: string, value: unknown, isWhole: boolean): void {
  if (name === PROTOTYPE) return;
  const before = into[name];
  if (typeof before === "string" && typeof value === "string" && IN_PIECES.has(name))
    into[name] = isWhole && value.startsWith(before) ? value : before + value;
  else if (Array.isArray(value) && Array.isArray(before) && !isWhole) addEntries(before, value);
  else if (isFields(before) && isFields(value))
    for (const [key, inside] of Object.entries(value)) addDelta(before, key, inside, isWhole);
  else keepLast(into, name, isFields(value) ? { ...value } : value);
}

/** Most parts of a list that may grow at the same time. */
const GROWING = 64;

/** Lists of parts: one with the number of an earlier one, or that goes on with the words of the last, is more of that. */
function addEntries(all: unknown[], more: readonly unknown[]): void {
  for (const entry of more) {
    const known = isFields(entry) ? grownBy(entry, all) : undefined;
    if (known === undefined || !isFields(entry)) all.push(entry);
    else for (const [key, inside] of Object.entries(entry)) addDelta(known, key, inside, false);
  }
}

const OF_WORDS = /^text$|thinking|reasoning/;

function grownBy(entry: Fields, all: readonly unknown[]): Fields | undefined {
  const { index, type } = entry;
  if (typeof index !== "number") {
    const last = all.at(-1);
    const goesOn = isFields(last) && last["type"] === type && typeof type === "string" && OF_WORDS.test(type);
    return goesOn && saysNothing(last["signature"]) ? last : undefined;
  }
  const same = (one: unknown): one is Fields =>
    isFields(one) && one["index"] === index && (one["type"] ?? type) === (type ?? one["type"]);
  return all.slice(-GROWING).findLast(same);
}

/** Lists that come in pieces, kept as text: as objects their entries would take ten times its memory. */
export function createLists(scales: Scales): {
  /** The entries of every list in it; what is no list is kept as it came last. */
  add(lists: Fields): void;
  isEmpty(): boolean;
  json(): string;
} {
  const texts = new Map<string, string>();
  const others: Fields = {};

  return {
    add(lists) {
      for (const [name, list] of Object.entries(lists)) {
        if (!Array.isArray(list)) {
          if (keepLast(others, name, list)) scales.add(list);
          continue;
        }
        const entries = JSON.stringify(list).slice(1, -1);
        scales.add(entries);
        const before = texts.get(name) ?? "";
        texts.set(name, before === "" || entries === "" ? before + entries : `${before},${entries}`);
      }
    },
    isEmpty: () => texts.size === 0 && Object.keys(others).length === 0,
    json() {
      const rest = Object.entries(others).filter(([name]) => !texts.has(name));
      const written = [
        ...[...texts].map(([name, entries]) => `${JSON.stringify(name)}:[${entries}]`),
        ...rest.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`),
      ];
      return `{${written.join(",")}}`;
    },
  };
}

/** Fields in which the model speaks itself. */
const WORDS = new Set([...IN_PIECES, "refusal", "arguments", "input", "code", "logprobs"]);

/** What a body says as JSON, with every secret masked that is no word of the model. */
export function writeMasked(value: unknown, mask: Masking): string {
  const text = JSON.stringify(value);
  return mask.mayHold(text) ? JSON.stringify(maskFields(value, mask)) : text;
}

/** Itself, where there is none. */
function maskFields(value: unknown, mask: Masking): unknown {
  if (typeof value === "string") return mask(value);
  if (Array.isArray(value)) {
    const shown = value.map((inside: unknown) => maskFields(inside, mask));
    return shown.some((inside, at) => inside !== value[at]) ? shown : value;
  }
  if (!isFields(value)) return value;
  let masked: Fields | null = null;
  for (const name in value) {
    const inside = value[name];
    const shown = WORDS.has(name) && !isParts(inside) ? inside : maskFields(inside, mask);
    const called = mask(name);
    if (shown === inside && called === name) continue;
    masked ??= { ...value };
    if (called !== name) delete masked[name];
    masked[called] = shown;
  }
  return masked ?? value;
}

/** Whether a field of words holds parts that have words in them. */
function isParts(value: unknown): boolean {
  return Array.isArray(value) && value.every((part) => isFields(part) && typeof part["type"] === "string");
}
