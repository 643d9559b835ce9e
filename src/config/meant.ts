import { parseText, type Kind } from "./kinds.ts";
import { nearest } from "./nearest.ts";
import { redactUrl } from "../wire/endpoint.ts";

/** How people write what the program writes otherwise; each is tried by itself and after those before it. */
const SPELLINGS: readonly ((text: string) => string)[] = [
  (text) => text.replace(/^[\s"'“”„«»‘’]+|[\s"'“”«»‘’]+$/gu, ""),
  (text) => text.toLowerCase(),
  (text) => text.replace(/(?<=\d),(?=\d)/, "."),
  (text) => text.replace(/(?<=\d)[\s_.,'’](?=\d{3}(?!\d))/gu, ""),
  (text) => text.replace(/\s*(?:milliseconds?|millisecondes?|msecs?)$/, "ms"),
  (text) => text.replace(/\s*(?:seconds?|secondes?|secs?)$/, "s"),
  (text) => text.replace(/\s*(?:minutes?|mins?|mn)$/, "m"),
  (text) => text.replace(/^(\d+)\s*(?:hours?|heures?|hrs?|h)$/, (_, hours: string) => `${60 * Number(hours)}m`),
  addressOf,
  (text) => text.replace(/^(\d+(?:\.\d+)?)\s*%$/, (_, percent: string) => String(Number(percent) / 100)),
  (text) => (YES.has(text) ? "true" : NO.has(text) ? "false" : text),
];

/** A host without its scheme, and one that is near, where servers speak plain http. */
const ADDRESS = /^(?:[a-z\d-]+(?:\.[a-z\d-]+)+|localhost|[a-z][\w-]*(?=:\d)|\[[\d:a-f]+\])(?::\d+)?(?:\/\S*)?$/i;
const LOCAL = /^(?:localhost|127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|\[|[^.:/]+:)/i;
/** A scheme misspelt, or with a sign too few behind it; and a port of this machine alone. */
const SCHEME = /^h?t{1,3}p(s?)(?::\/{0,3}|\/\/)(?=[^/\s])/i;
const PORT = /^:?(\d{2,5})(?=$|\/)/;

function addressOf(text: string): string {
  if (ADDRESS.test(text)) return `${LOCAL.test(text) ? "http" : "https"}://${text}`;
  if (SCHEME.test(text)) return text.replace(SCHEME, "http$1://");
  return text.replace(/^\/\/(?=\w)/, "https://").replace(PORT, "http://127.0.0.1:$1");
}

const YES = new Set(["yes", "oui", "on", "1"]);
const NO = new Set(["no", "non", "off", "0"]);

/** Longest text that is looked at. */
const MAX_LENGTH = 64;

/**
 * What somebody meant by a text that the kind does not accept, as it should have been written; `null`: nobody knows, or it
 * holds a secret and is not shown.
 */
export function meantBy(kind: Kind<unknown>, text: string): string | null {
  if (text.length > MAX_LENGTH) return null;
  for (const spelling of new Set(spellingsOf(text)))
    if (spelling !== "" && parseText(kind, spelling) !== undefined)
      return redactUrl(spelling) === spelling ? spelling : null;
  return kind.accepted.kind === "choice" ? nearest(text, kind.accepted.words) : null;
}

function spellingsOf(text: string): string[] {
  const alone = SPELLINGS.map((spell) => spell(text));
  let together = text;
  const cumulated = SPELLINGS.map((spell) => (together = spell(together)));
  return [...alone, ...cumulated].filter((spelling) => spelling !== text);
}

/** The same for a value of a JSON file, as JSON: `"0.8"` in quotes is meant as 0.8. */
export function meantInFile(kind: Kind<unknown>, value: unknown): string | null {
  if (typeof value !== "string") return null;
  const meant = parseText(kind, value) === undefined ? meantBy(kind, value) : value;
  return meant === null ? null : (JSON.stringify(kind.fromText(meant)) ?? null);
}
