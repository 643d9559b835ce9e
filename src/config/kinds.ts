import * as v from "valibot";
import type { Accepted } from "./user-error.ts";

type JsonSchema = Readonly<Record<string, unknown>>;

/** A kind of value: how it stands in the file, in a text (environment, command line) and in the JSON Schema. */
export type Kind<T> = {
  /** Made when it is asked for: one prompt needs a quarter of them, and all take 1 ms at start. */
  readonly schema: () => v.GenericSchema<unknown, T>;
  /** What a text stands for in the file's terms; `undefined` when it stands for nothing. */
  readonly fromText: (text: string) => unknown;
  readonly accepted: Accepted;
  readonly json: () => JsonSchema;
  /** The value as it would be written in the file, where that differs. */
  readonly toFile?: (value: unknown) => unknown;
};

type Bounds = { readonly min: number; readonly max?: number };

/** One day in ms: far below 2³¹, beyond which `setTimeout` fires at once. */
const MAX_DURATION = 86_400_000;

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, "": 1000 };
const DURATION = /^(\d+(?:\.\d+)?|\.\d+)\s*(ms|s|m|)$/;
const NUMBER = /^-?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const HEADER_NAME = /^[!#$%&'*+.^_`|~\w-]+$/;
// What fetch takes as a header value: printable, without line breaks.
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Milliseconds of `500ms`, `10s`, `2m` or a bare number of seconds, up to one day; `null` for anything else. */
export function parseDuration(text: string): number | null {
  const match = DURATION.exec(text.trim());
  const factor = UNITS[match?.[2] ?? "?"];
  if (!match || factor === undefined) return null;
  const duration = Math.round(Number(match[1]) * factor);
  // A positive wish below half a millisecond must not turn into 0, which is "off".
  if (duration > MAX_DURATION || (duration === 0 && Number(match[1]) > 0)) return null;
  return duration;
}

/** A decimal number, or `null` for anything that is not entirely one. */
export function parseNumber(text: string): number | null {
  const trimmed = text.trim();
  const value = NUMBER.test(trimmed) ? Number(trimmed) : NaN;
  return Number.isFinite(value) ? value : null;
}

/** The value a text stands for, checked; `undefined` when the kind does not accept it. */
export function parseText<T>(kind: Kind<T>, text: string): T | undefined {
  const result = v.safeParse(kind.schema(), kind.fromText(text));
  return result.success ? result.output : undefined;
}

/** Any text but the empty one. */
export function text(): Kind<string> {
  return {
    schema: () => v.pipe(v.string(), v.trim(), v.minLength(1)),
    fromText: (given) => given,
    accepted: { kind: "like", example: '"…"' },
    json: () => ({ type: "string", minLength: 1 }),
  };
}

/** A list of texts; on a command line each is an option of its own. */
export function texts(): Kind<string[]> {
  return {
    schema: () => v.array(v.pipe(v.string(), v.trim(), v.minLength(1))),
    fromText: readJson,
    accepted: { kind: "like", example: '["…", "…"]' },
    json: () => ({ type: "array", items: { type: "string", minLength: 1 } }),
  };
}

/** Text taken exactly as it is, the empty one included. */
export function anyText(): Kind<string> {
  const accepted = { kind: "like", example: '"…"' } as const;
  return { schema: () => v.string(), fromText: (given) => given, accepted, json: () => ({ type: "string" }) };
}

/** A text that `read` recognises and turns into its normal form. */
export function readable(read: (given: string) => string | null, example: string, json: JsonSchema): Kind<string> {
  return {
    schema: () => v.pipe(v.string(), v.transform(read), v.string()),
    fromText: (given) => given,
    accepted: { kind: "like", example },
    json: () => ({ type: "string", ...json }),
  };
}

/** A number, decimals allowed. */
export function decimal({ min, max = Number.MAX_VALUE }: Bounds): Kind<number> {
  const bounded = max < Number.MAX_VALUE;
  return {
    schema: () => v.pipe(v.number(), v.finite(), v.minValue(min), v.maxValue(max)),
    fromText: (given) => parseNumber(given) ?? undefined,
    accepted: { kind: "number", min, max: bounded ? max : null },
    json: () => ({ type: "number", minimum: min, ...(bounded ? { maximum: max } : {}) }),
  };
}

/** A whole number. */
export function integer({ min, max = Number.MAX_SAFE_INTEGER }: Bounds): Kind<number> {
  const bounded = max < Number.MAX_SAFE_INTEGER;
  return {
    schema: () => v.pipe(v.number(), v.safeInteger(), v.minValue(min), v.maxValue(max)),
    fromText: (given) => (/^\d+$/.test(given.trim()) ? Number(given) : undefined),
    accepted: { kind: "integer", min, max: bounded ? max : null },
    json: () => ({ type: "integer", minimum: min, ...(bounded ? { maximum: max } : {}) }),
  };
}

/** The same, or `null`, which the command line calls `off`. */
export function orOff(kind: Kind<number>): Kind<number | null> {
  return {
    schema: () => v.nullable(kind.schema()),
    fromText: (given) => (given.trim() === "off" ? null : kind.fromText(given)),
    accepted: "min" in kind.accepted ? { ...kind.accepted, off: true } : kind.accepted,
    json: () => ({ ...kind.json(), type: [kind.json()["type"], "null"] }),
  };
}

/** A duration, in ms once read. */
export function duration(): Kind<number> {
  const schema = () =>
    v.pipe(
      v.union([v.string(), v.number()]),
      v.transform((given) => parseDuration(String(given))),
      v.number(),
    );
  const json = () => ({
    anyOf: [
      { type: "number", minimum: 0, maximum: MAX_DURATION / 1000 },
      { type: "string", pattern: "^([0-9]+(\\.[0-9]+)?|\\.[0-9]+)\\s*(ms|s|m)?$" },
    ],
  });
  return { schema, fromText: (given) => given, accepted: { kind: "duration" }, json, toFile: seconds };
}

// A whole number of seconds, as the seed's file has it, or else milliseconds with their unit.
function seconds(ms: unknown): unknown {
  return typeof ms !== "number" ? ms : ms % 1000 === 0 ? ms / 1000 : `${ms}ms`;
}

/** One word of a list. */
export function choice<const T extends string>(words: readonly T[]): Kind<T> {
  return {
    schema: () => v.picklist(words),
    fromText: (given) => given,
    accepted: { kind: "choice", words },
    json: () => ({ enum: words }),
  };
}

/** Yes or no. */
export function yesNo(): Kind<boolean> {
  return {
    schema: () => v.boolean(),
    fromText: (given) => (given === "true" ? true : given === "false" ? false : undefined),
    accepted: { kind: "choice", words: ["true", "false"] },
    json: () => ({ type: "boolean" }),
  };
}

/** Header lines by name; names come out in lower case. */
export function headerLines(): Kind<Record<string, string>> {
  const schema = () =>
    v.pipe(
      plainObject(),
      v.transform((fields) => Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value])),
      v.array(v.tuple([v.pipe(v.string(), v.regex(HEADER_NAME)), v.pipe(v.string(), v.regex(HEADER_VALUE))])),
      v.transform((lines) => Object.fromEntries(lines)),
    );
  const json = () => ({
    type: "object",
    propertyNames: { pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$" },
    additionalProperties: { type: "string" },
  });
  return { schema, fromText: readJson, accepted: { kind: "like", example: '{"x-name": "…"}' }, json };
}

/** Any JSON object. */
export function fields(): Kind<Record<string, unknown>> {
  const accepted = { kind: "like", example: '{"name": …}' } as const;
  return { schema: () => plainObject(), fromText: readJson, accepted, json: () => ({ type: "object" }) };
}

/** `true` for a JSON object, which neither an array nor `null` is. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// v.record() would drop `__proto__` silently; here it is refused, so that it can be said.
function plainObject() {
  return v.custom<Record<string, unknown>>((value) => isObject(value) && !Object.hasOwn(value, "__proto__"));
}

function readJson(given: string): unknown {
  try {
    return JSON.parse(given);
  } catch {
    return undefined;
  }
}

/** Price of a million tokens; `cached_input` is that of `input`, and `reasoning` that of `output`, when it is not given. */
type Rate = { input: number; cached_input?: number | undefined; output: number; reasoning?: number | undefined };

/** What tokens cost, in one currency; a model's own rate comes before the general one. */
export type Prices = Rate & { currency: string; models?: Record<string, Rate> | undefined };

/** Published by Cloud Temple for LLMaaS, in euros. */
export const LLMAAS_PRICES: Prices = { currency: "EUR", input: 1.8, output: 8, reasoning: 8 };

const PRICES =
  '{"currency": "EUR", "input": 0, "cached_input": 0, "output": 0, "reasoning": 0, "models": {"NAME": {"input": 0, "output": 0}}}';
const CURRENCY = /^[A-Z]{3}$/;
/** Far above any price, and low enough for a sum to stay exact. */
const MAX_PRICE = 1_000_000;

/** Prices as the file has them; nothing is left out or added, so that they are shown as they were written. */
export function prices(): Kind<Prices | null> {
  const schema = () => {
    const price = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(MAX_PRICE));
    const rate = { input: price, cached_input: v.optional(price), output: price, reasoning: v.optional(price) };
    const models = v.pipe(plainObject(), v.record(v.pipe(v.string(), v.minLength(1)), v.strictObject(rate)));
    const currency = v.pipe(v.string(), v.regex(CURRENCY));
    return v.pipe(plainObject(), v.strictObject({ currency, ...rate, models: v.optional(models) }));
  };
  return { schema, fromText: readJson, accepted: { kind: "like", example: PRICES }, json: pricesSchema };
}

function pricesSchema() {
  const price = { type: "number", minimum: 0, maximum: MAX_PRICE };
  const rate = { input: price, cached_input: price, output: price, reasoning: price };
  const model = { type: "object", properties: rate, required: ["input", "output"], additionalProperties: false };
  return {
    type: "object",
    properties: {
      currency: { type: "string", pattern: CURRENCY.source },
      ...rate,
      models: { type: "object", propertyNames: { minLength: 1 }, additionalProperties: model },
    },
    required: ["currency", "input", "output"],
    additionalProperties: false,
  };
}
