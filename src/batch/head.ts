import * as v from "valibot";
import { keyOf, type Key } from "./finished.ts";
import { readJson } from "./json.ts";
import { isBlank, unmarked, type Line } from "./lines.ts";

/** What is read of a line of results: what it is known by, and how it ended. */
export type Head = { key: Key; request: number | null; verdict: string; failed: boolean };

const HEAD = Buffer.from('{"custom_id":"');
const BETWEEN = Buffer.from('","llmaas":{"request":"');
const VERDICT = Buffer.from('","verdict":"');
const QUOTE = 34;
const BACKSLASH = 92;
const CLOSING_BRACE = 125;

/** What a line of ours begins with; one that is written otherwise, or is read in `full`, is parsed. `null`: no whole line. */
export function headOf(line: Pick<Line, "bytes">, full: boolean): Head | null {
  const bytes = unmarked(line.bytes);
  let last = bytes.length - 1;
  // An editor may have written the line ends of its system.
  while (last >= 0 && isBlank(bytes.subarray(last, last + 1))) last--;
  if (bytes[last] !== CLOSING_BRACE) return null;
  return (full ? null : quickHead(bytes)) ?? parsedHead(bytes);
}

function quickHead(bytes: Buffer): Head | null {
  if (!startsWith(bytes, HEAD, 0)) return null;
  const from = HEAD.length;
  let to = from;
  while (to < bytes.length && bytes[to] !== QUOTE) if (bytes[to++] === BACKSLASH) return null;
  const hash = to + BETWEEN.length;
  const verdict = hash + 8 + VERDICT.length;
  if (!startsWith(bytes, BETWEEN, to) || !startsWith(bytes, VERDICT, hash + 8)) return null;
  const request = Number.parseInt(bytes.toString("latin1", hash, hash + 8), 16);
  const end = bytes.indexOf(QUOTE, verdict);
  const word = bytes.toString("latin1", verdict, end);
  return { key: keyOf(bytes.subarray(from, to)), request, verdict: word, failed: !isGood(word) };
}

/** Whether bytes have these at a place. */
export function startsWith(bytes: Buffer, prefix: Buffer, at: number): boolean {
  if (bytes.length < at + prefix.length) return false;
  return bytes.compare(prefix, 0, prefix.length, at, at + prefix.length) === 0;
}

/** What a line of results is known by, ours or a provider's. */
const result = v.pipe(
  v.looseObject({
    custom_id: v.string(),
    llmaas: v.optional(
      v.looseObject({
        request: v.optional(v.pipe(v.string(), v.regex(/^[0-9a-f]{8}$/))),
        verdict: v.optional(v.string()),
      }),
    ),
    response: v.nullish(v.looseObject({ status_code: v.optional(v.number()) })),
    error: v.nullish(v.unknown()),
  }),
  v.check((read) => hasEnded(read)),
);

/** A request has an id too, and none of these. */
export function hasEnded({ llmaas, response, error }: Told): boolean {
  return (llmaas ?? response ?? error) !== undefined;
}

function parsedHead(bytes: Buffer): Head | null {
  const read = readJson(result, bytes.toString());
  if (read === null) return null;
  const { custom_id: id, llmaas } = read;
  const verdict = verdictOf(read);
  const request = llmaas?.request === undefined ? null : Number.parseInt(llmaas.request, 16);
  return { key: keyOf(id), request, verdict, failed: !isGood(verdict) };
}

/** How a request ended; a result that a provider wrote does not say it in our words. */
export function verdictOf({ llmaas, response, error }: Told): string {
  return llmaas?.verdict ?? (response?.status_code === 200 && !error ? "complete" : "failed");
}

type Told = {
  llmaas?: { verdict?: string | undefined } | undefined;
  response?: { status_code?: number | undefined } | null | undefined;
  error?: unknown;
};

/** Verdicts of a request that is answered. */
export function isGood(verdict: string): boolean {
  return verdict === "complete" || verdict === "length";
}

/** Whether what is no whole line may be what a crash has left of the first: else these are no results. */
export function isTornHead({ bytes, ended, offset }: Line): boolean {
  if (offset > 0) return true;
  const isHead = bytes.subarray(0, HEAD.length).equals(ended ? HEAD : HEAD.subarray(0, bytes.length));
  // A request begins so, too.
  return isHead && readJson(v.unknown(), bytes.toString()) === null;
}
