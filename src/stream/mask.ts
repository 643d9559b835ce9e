import type { Failure } from "./event.ts";
import { beginningOfSecret, findSecrets, mayHold, type Range } from "./find-secrets.ts";

/** What stands for a secret. */
export const MASK = "•••";

/** Longest quotation of what a server sent, in UTF-16 units. */
export const QUOTE = 200;

/** Longest message of a server that is passed on, in UTF-16 units. */
const MESSAGE_LIMIT = 1000;

/** UTF-16 units of the end of a body that `--debug` shows when a stream failed. */
const TAIL_LIMIT = 4096;

const PRIVATE = new Set(["authorization", "proxy-authorization", "cookie", "set-cookie"]);

/** Secrets of fewer letters that are a part of the endpoint's host are words there, as "ollama" is in ollama.example. */
const WORD_LIMIT = 8;

/** A character of a secret, written as `\\u002b` or as `&amp;#x2b;`. */
const LONGEST_SPELLING = 12;

/** Replaces every secret in a text, however it is spelt there. */
export type Mask = ((text: string) => string) & {
  /** UTF-16 units of the longest spelling. */
  readonly longest: number;
  /** Whether a text may hold one: where it says no, neither it nor any part of it does. */
  mayHold(text: string): boolean;
  /** Where the secrets stand in a text. */
  find(text: string): readonly Range[];
  /** Where the end of a text begins to spell one; its length where it does not. */
  begins(text: string): number;
};

/** `mask` for one stream's secrets; `endpoint`: where they go. */
export function createMask(secrets: readonly string[], endpoint = ""): Mask {
  let longest = 0;
  let host = "";
  const words: string[] = [];
  for (const secret of secrets) {
    longest = Math.max(longest, LONGEST_SPELLING * secret.length);
    if (secret.length >= WORD_LIMIT) continue;
    host ||= URL.parse(endpoint)?.hostname ?? "";
    if (host.includes(secret)) words.push(secret);
  }
  const others = words.length === 0 ? secrets : secrets.filter((secret) => !words.includes(secret));

  function find(text: string): readonly Range[] {
    if (words.length === 0) return findSecrets(text, secrets);
    const hosts = findSecrets(text, [host]);
    const isOutside = ({ from, to }: Range): boolean => !hosts.some((place) => place.from <= from && to <= place.to);
    const found = [...findSecrets(text, others), ...findSecrets(text, words).filter(isOutside)];
    return found.toSorted((a, b) => a.from - b.from);
  }

  const begins = (text: string): number => beginningOfSecret(text, secrets);
  return Object.assign((text: string) => replaceRanges(text, find(text)), {
    longest,
    mayHold: (text: string) => mayHold(text, secrets),
    find,
    begins,
  });
}

/** The text with every secret replaced. */
export function mask(text: string, secrets: readonly string[]): string {
  return createMask(secrets)(text);
}

/** The text with MASK for each of the ranges, which come in order. */
export function replaceRanges(text: string, ranges: readonly Range[]): string {
  if (ranges.length === 0) return text;
  let masked = "";
  let done = 0;
  for (const { from, to } of ranges) {
    // One that lies in another is gone with it.
    if (to <= done) continue;
    masked += from < done ? "" : text.slice(done, from) + MASK;
    done = to;
  }
  return masked + text.slice(done);
}

/** Headers as they may be shown: secrets replaced, cookies and credentials gone whole. */
export function maskHeaders(headers: Iterable<[string, string]>, mask: Mask): Record<string, string> {
  const shown: Record<string, string> = {};
  for (const [name, value] of headers) shown[mask(name)] = valueOf(name, value, mask);
  return shown;
}

/** Names of headers that are remembered. */
const MOST_NAMES = 100;

/** `maskHeaders` for the responses of one endpoint: most of their headers are those of the response before. */
export function createHeaderMask(mask: Mask): (headers: Headers) => Record<string, string> {
  const known = new Map<string, { value: string; shownName: string; shown: string }>();
  return (headers) => {
    const all: Record<string, string> = {};
    headers.forEach((value, name) => {
      let last = known.get(name);
      if (last?.value !== value) {
        last = { value, shownName: mask(name), shown: valueOf(name, value, mask) };
        if (known.size < MOST_NAMES || known.has(name)) known.set(name, last);
      }
      all[last.shownName] = last.shown;
    });
    return all;
  };
}

function valueOf(name: string, value: string, mask: Mask): string {
  return PRIVATE.has(name.toLowerCase()) ? MASK : mask(value);
}

/** A failure as it may be shown: until then it is judged by what really came. */
export function maskFailure(failure: Failure, mask: Mask): Failure {
  const message = mask(failure.message);
  switch (failure.kind) {
    case "http":
    case "server_error":
      return { ...failure, message, code: maskNull(failure.code, mask) };
    case "not_a_stream":
      return { ...failure, message: quoteOf(message), contentType: mask(failure.contentType) };
    case "finish_reason":
      return { ...failure, message, reason: maskReason(failure.reason, mask) };
    case "filtered": {
      // The model's own words, of which only the beginning is quoted.
      const { message: said } = failure;
      return {
        ...failure,
        message: said.length < QUOTE ? message : maskHead(said, mask),
        reason: maskReason(failure.reason, mask),
      };
    }
    case "empty":
      return { ...failure, message, finishReason: failure.finishReason && maskReason(failure.finishReason, mask) };
    default:
      return { ...failure, message };
  }
}

/** `mask` for what may be missing. */
export function maskNull(text: string | null, mask: Mask): string | null {
  return text === null ? null : mask(text);
}

/** The beginning of a text whose end was cut off, without the beginning of a secret that the cut left at its end. */
export function maskHead(text: string, mask: Mask): string {
  return mask(text.slice(0, mask.begins(text)));
}

/** Keeps the end of what was received, without the rest of a secret cut in two at its start. */
export function createTail(mask: Mask): { push(bytes: Uint8Array): void; text(): string } {
  const keep = 4 * (TAIL_LIMIT + mask.longest);
  let kept: Buffer = Buffer.alloc(0);
  return {
    push(bytes) {
      kept = Buffer.concat([kept, bytes]).subarray(-keep);
    },
    text() {
      const text = new TextDecoder().decode(kept);
      if (text.length <= TAIL_LIMIT) return mask(text);
      return mask(text.slice(-(TAIL_LIMIT + mask.longest))).slice(mask.longest);
    },
  };
}

/** A message as it may be shown: whole, but for one that would fill the screen. */
export function clip(message: string): string {
  return message.length > MESSAGE_LIMIT ? `${message.slice(0, MESSAGE_LIMIT)}…` : message;
}

/** A finish reason as it may be shown: a word as a rule, and a quotation where it is none. */
export function maskReason(reason: string, mask: Mask): string {
  return mask(reason).slice(0, QUOTE);
}

/** What is quoted of a text: its first line with something in it, and of JSON in many lines all, as one. */
export function quoteOf(text: string): string {
  const body = text.trimStart();
  const line = /^[[{]/.test(body) ? body : (body.split(/[\r\n]/, 1)[0] ?? "");
  return line
    .slice(0, 16 * QUOTE)
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, QUOTE);
}
