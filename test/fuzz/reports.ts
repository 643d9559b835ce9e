import { expect } from "bun:test";
import fc from "fast-check";
import { compareRuns } from "../../src/compare/compare.ts";
import type { Run } from "../../src/compare/run-notes.ts";
import { parseFailIf } from "../../src/compare/fail-if.ts";
import { load } from "../../src/i18n/load.ts";
import { differences, verdictLine } from "../../src/render/differences.ts";
import { readReport } from "../../src/report/json.ts";
import { visibleJson } from "../../src/text/visible.ts";
import type { Json } from "../../src/wire/request.ts";
import { run } from "../report/comparisons.ts";
import { define } from "./property.ts";
import { sentencesOf } from "./sentences.ts";

const BASE = JSON.stringify(run({ streams: 12 }, 1));
const OTHER = readReport(JSON.stringify(run({ streams: 12, ttft: 450 }, 2)), "b.json");
const EXIT = { ok: 0, nothing: 1, failed: 5, undecided: 6 };
const GATES = ["p95(ttft) +10%", "error_rate +1%", "goodput -5%", "mean(tokens_per_second) -1%"].map(parseFailIf);
const WORDS = await Promise.all((["en", "fr"] as const).map((lang) => load(lang, "compare")));

const share = fc.double({ min: 0, max: 0.999, noNaN: true });
const numbers = fc.oneof(
  fc.constantFrom(0, 1, 2, -1, 0.5, 1e-9, 1e9, 1e308, 2 ** 53),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const texts = fc.oneof(
  fc.constantFrom("", "x", "\u001B[2J", "\u202Ex", "2026-11-22T10:00:00.000Z", "p95(ttft) < 1s", "closed", "m"),
  fc.string(),
);
const others = fc.constantFrom<Json>(null, true, false, [], {}, "x", 1);
/** Which way to go at each level, and what to put where it ends: as a rule of the kind that stood there, or nothing. */
const change = fc.record({
  path: fc.array(share, { minLength: 1, maxLength: 9 }),
  number: numbers,
  text: texts,
  other: fc.option(others, { nil: undefined }),
  fitting: fc.constantFrom(true, true, true, false),
});
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

function replacement(before: Json | undefined, { number, text, other, fitting }: Change): Json | undefined {
  if (!fitting) return other;
  if (typeof before === "number") return number;
  if (typeof before === "string") return text;
  if (typeof before === "boolean") return !before;
  return before === null ? number : other;
}

/** Puts another value, or none, at one place of a document. */
function apply(document: Json, change: Change): void {
  let at = document;
  for (const [level, where] of change.path.entries()) {
    if (typeof at !== "object" || at === null) return;
    const keys = Object.keys(at);
    const key = keys[Math.floor(where * keys.length)];
    if (key === undefined) return;
    const fields: { [key: string]: Json } | Json[] = at;
    const inside: Json | undefined = Array.isArray(fields) ? fields[Number(key)] : fields[key];
    const last = level === change.path.length - 1 || typeof inside !== "object" || inside === null;
    if (!last) {
      at = inside;
      continue;
    }
    const value = replacement(inside, change);
    if (Array.isArray(fields)) fields.splice(Number(key), 1, ...(value === undefined ? [] : [value]));
    else if (value === undefined) delete fields[key];
    else fields[key] = value;
    return;
  }
}

/** `null` where the two are not to be compared, which is said. */
function compare(one: Run, two: Run, strict: boolean): ReturnType<typeof compareRuns> | null {
  try {
    return compareRuns([one], [two], { failIf: GATES, strict, ifDisturbed: "undecided", exit: EXIT });
  } catch (error) {
    sentencesOf(error);
    return null;
  }
}

export const reportsProperty = define(
  "reports",
  "a report that somebody changed is compared, in words and numbers, or refused in a sentence",
  150,
  fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), fc.boolean(), (changes, strict) => {
    const document: Json = JSON.parse(BASE);
    for (const changed of changes) apply(document, changed);
    let report: ReturnType<typeof readReport>;
    try {
      report = readReport(JSON.stringify(document), "a.json");
    } catch (error) {
      sentencesOf(error);
      return;
    }
    const [a, b] = [
      { path: "a.json", report },
      { path: "b.json", report: OTHER },
    ];
    for (const [one, two] of [
      [a, b],
      [b, a],
    ] as const) {
      const compared = compare(one, two, strict);
      if (compared === null) continue;
      expect(Object.values(EXIT)).toContain(compared.exit_code);
      for (const words of WORDS) {
        const text = differences(compared, words, false) + verdictLine(compared, words, false);
        expect(text).not.toMatch(/NaN|undefined|\[object|\u001B/);
      }
      expect(JSON.parse(visibleJson(compared))).toEqual(JSON.parse(JSON.stringify(compared)));
    }
  }),
);
