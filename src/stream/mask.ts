/** What stands for a secret. */
export const MASK = "•••";

/** Longest quotation of what a server sent, in UTF-16 units. */
export const QUOTE = 200;

/** Longest message of a server that is passed on, in UTF-16 units. */
const MESSAGE_LIMIT = 1000;

/** UTF-16 units of the end of a body that `--debug` shows when a stream failed. */
const TAIL_LIMIT = 4096;

const PRIVATE = new Set(["authorization", "proxy-authorization", "cookie", "set-cookie"]);

/** Replaces every secret in a text; `longest` of them in UTF-16 units. */
export type Mask = ((text: string) => string) & { readonly longest: number };

/** The text with every secret replaced; secrets come longest first, so that none hides in another. */
export function mask(text: string, secrets: readonly string[]): string {
  let masked = text;
  for (const secret of secrets) masked = masked.replaceAll(secret, MASK);
  return masked;
}

/** `mask` for one stream's secrets. */
export function createMask(secrets: readonly string[]): Mask {
  const longest = secrets.reduce((most, secret) => Math.max(most, secret.length), 0);
  return Object.assign((text: string) => mask(text, secrets), { longest });
}

/** Headers as they may be shown: secrets replaced, cookies and credentials gone whole. */
export function maskHeaders(headers: Iterable<[string, string]>, mask: Mask): Record<string, string> {
  const shown: Record<string, string> = {};
  for (const [name, value] of headers) shown[name] = PRIVATE.has(name.toLowerCase()) ? MASK : mask(value);
  return shown;
}

/** The beginning of a text whose end was cut off, without the beginning of a secret that the cut left at its end. */
export function maskHead(text: string, mask: Mask): string {
  const masked = mask(text);
  return masked.slice(0, masked.length - mask.longest);
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

/** The first line with something in it, for quotation. */
export function firstLine(text: string): string {
  return (text.trimStart().split(/[\r\n]/, 1)[0] ?? "").slice(0, QUOTE);
}
