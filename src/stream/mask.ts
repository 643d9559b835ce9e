/** What stands for a secret. */
export const MASK = "•••";

/** The text with every secret replaced; secrets come longest first, so that none hides in another. */
export function mask(text: string, secrets: readonly string[]): string {
  let masked = text;
  for (const secret of secrets) masked = masked.replaceAll(secret, MASK);
  return masked;
}

/** Headers as they may be shown: secrets replaced, cookies and credentials gone whole. */
export function maskHeaders(headers: Iterable<[string, string]>, secrets: readonly string[]): Record<string, string> {
  const shown: Record<string, string> = {};
  for (const [name, value] of headers) shown[name] = PRIVATE.has(name.toLowerCase()) ? MASK : mask(value, secrets);
  return shown;
}

const PRIVATE = new Set(["authorization", "proxy-authorization", "cookie", "set-cookie"]);

/** The beginning of a text whose end was cut off, without the beginning of a secret that the cut left at its end. */
export function maskHead(text: string, secrets: readonly string[]): string {
  const masked = mask(text, secrets);
  return masked.slice(0, masked.length - longestOf(secrets));
}

/** The end of what was received, at most `limit` UTF-16 units, without the rest of a secret cut in two at its start. */
export function maskTail(text: string, limit: number, secrets: readonly string[]): string {
  if (text.length <= limit) return mask(text, secrets);
  const longest = longestOf(secrets);
  return mask(text.slice(-(limit + longest)), secrets).slice(longest);
}

function longestOf(secrets: readonly string[]): number {
  return secrets.reduce((most, secret) => Math.max(most, secret.length), 0);
}
