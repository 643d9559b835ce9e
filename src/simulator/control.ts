import type { Transfer } from "./body.ts";
import { FAULT_NAMES, isFaultName, type FaultName } from "./faults.ts";
import type { FaultParameters, UsageMode } from "./script.ts";

const LONGEST_TIMER = 2 ** 31 - 1;
const MOST_TOKENS = 100_000_000;

type Range = { min: number; max: number; integer: boolean };

/** The numbers that may be asked for, and their bounds. */
export const RANGES = {
  at: { min: 0, max: MOST_TOKENS, integer: true },
  /** The fault is shown only to the first `times` requests with the same prompt. */
  times: { min: 1, max: 1_000_000, integer: true },
  ms: { min: 0, max: LONGEST_TIMER, integer: false },
  bytes: { min: 0, max: 2 ** 40, integer: true },
  offset: { min: 0, max: 2 ** 40, integer: true },
  status: { min: 300, max: 599, integer: true },
  rate_limit_reset: { min: -86_400, max: 86_400, integer: false },
  /** Tokens per second; 0 is as fast as the socket takes them. */
  rate: { min: 0, max: 1_000_000_000, integer: false },
  ttft_ms: { min: 0, max: LONGEST_TIMER, integer: false },
  jitter: { min: 0, max: 1, integer: false },
  /** Exactly this many tokens: the text is cut or repeated. */
  tokens: { min: 0, max: MOST_TOKENS, integer: true },
  tokens_per_event: { min: 1, max: 10_000, integer: true },
  reasoning_tokens: { min: 0, max: MOST_TOKENS, integer: true },
  /** Of the prompt's tokens, those said to come from a cache; at most all of them. */
  cached_tokens: { min: 0, max: MOST_TOKENS, integer: true },
  seed: { min: 0, max: 2 ** 32 - 1, integer: true },
} satisfies Record<string, Range>;

type NumberName = keyof typeof RANGES;

/** What one request (its JSON key `simulate`) or a whole server may ask of the simulator. */
export type Control = FaultParameters & {
  [name in Exclude<NumberName, keyof FaultParameters>]?: number | undefined;
} & {
  fault?: FaultName | "none" | undefined;
  usage?: UsageMode | undefined;
  text?: string | undefined;
  /** How the body's end is marked. */
  transfer?: Transfer | undefined;
  /** The text of each token event is the instant just before its write (of a stream without a fault). */
  stamp?: boolean | undefined;
};

const USAGES: readonly UsageMode[] = ["asked", "always", "null", "every", "on-finish", "never"];
const TRANSFERS: readonly Transfer[] = ["chunked", "close"];
const TEXTS = ["finish_reason", "message", "location", "text"] as const;
const OTHERS = ["fault", "retry_after", "usage", "transfer", "stamp"] as const;

/** Reads the `simulate` object of a request; a text says what is wrong with it and what is accepted. */
export function readControl(value: unknown): Control | string {
  if (value === undefined || value === null) return {};
  if (typeof value !== "object" || Array.isArray(value)) return "'simulate' must be an object.";
  const control: Control = {};
  for (const [key, given] of Object.entries(value)) {
    const problem = readOne(control, key, given);
    if (problem !== null) return `'simulate.${key}' ${problem}`;
  }
  return control;
}

function readOne(control: Control, key: string, value: unknown): string | null {
  if (isNumberName(key)) return readNumber(control, key, value);
  const text = TEXTS.find((name) => name === key);
  if (text !== undefined) {
    if (typeof value !== "string") return "must be a text.";
    if (text === "location" && !/^[\x21-\x7e]+$/.test(value)) return "must be a URL without spaces.";
    control[text] = value;
    return null;
  }
  switch (key) {
    case "fault":
      if (value !== "none" && !isFaultName(value)) return `must be one of: none, ${FAULT_NAMES.join(", ")}.`;
      control.fault = value;
      return null;
    case "retry_after":
      if (typeof value !== "string" && !(typeof value === "number" && value >= 0)) return "must be seconds or a date.";
      if (typeof value === "string" && !/^[\x20-\x7e]*$/.test(value)) return "must be seconds or a date.";
      control.retry_after = value;
      return null;
    case "usage":
      control.usage = USAGES.find((name) => name === value);
      return control.usage === undefined ? `must be one of: ${USAGES.join(", ")}.` : null;
    case "transfer":
      control.transfer = TRANSFERS.find((name) => name === value);
      return control.transfer === undefined ? `must be one of: ${TRANSFERS.join(", ")}.` : null;
    case "stamp":
      if (typeof value !== "boolean") return "must be true or false.";
      control.stamp = value;
      return null;
    default:
      return `is not known; known are: ${[...OTHERS, ...Object.keys(RANGES), ...TEXTS].join(", ")}.`;
  }
}

function readNumber(control: Control, key: NumberName, value: unknown): string | null {
  const { min, max, integer } = RANGES[key];
  const fits = typeof value === "number" && value >= min && value <= max && (!integer || Number.isInteger(value));
  if (!fits) return `must be a ${integer ? "whole " : ""}number from ${min} to ${max}.`;
  control[key] = value;
  return null;
}

function isNumberName(key: string): key is NumberName {
  return Object.hasOwn(RANGES, key);
}
