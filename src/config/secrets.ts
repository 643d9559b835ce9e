import { parseJson } from "../wire/bounds.ts";
import type { Loaded } from "./load.ts";
import type { Environment } from "./language.ts";

/** Shorter values are masked nowhere but in their header: they would mask ordinary text, and are no secrets. */
export const SHORTEST_SECRET = 4;
const PROXIES = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"];

const SECRET_NAME = /authorization|cookie|key|token|secret|password/i;
const CREDENTIALS = /^(?:basic|bearer|digest|token|negotiate|apikey)\s+(.+)$/i;

/** Whether a header's name speaks of a secret, or its value is written as credentials are. */
export function isSecretHeader(name: string, value: string): boolean {
  return SECRET_NAME.test(name) || /^(?:basic|bearer)\s/i.test(value);
}

/**
 * Every text that must not be shown, in each form a server may echo it in; longest first. All headers of a file are
 * secrets, and of the command line those that are given here.
 */
export function secretsOf(
  loaded: Loaded,
  env: Environment,
  secretHeaders: Readonly<Record<string, string>> = {},
): string[] {
  const secrets = new Set<string>();
  const add = (found: readonly string[]): void => {
    for (const secret of found)
      if (secret.length >= SHORTEST_SECRET) for (const form of forms(secret)) secrets.add(form);
  };
  if (loaded.key !== null) add([loaded.key.value]);
  for (const headers of [loaded.settings.headers, secretHeaders])
    for (const [name, value] of Object.entries(headers)) add(fromHeader(name, value));
  add(fromUrl(loaded.settings.endpoint));
  for (const name of PROXIES) for (const spelt of [name, name.toLowerCase()]) add(fromUrl(env[spelt] ?? ""));
  return [...secrets].toSorted((a, b) => b.length - a.length);
}

// The value, and the parts of it that are secrets by themselves.
function fromHeader(name: string, value: string): string[] {
  const trimmed = value.trim();
  const credentials = CREDENTIALS.exec(trimmed)?.[1];
  const cookies =
    name.toLowerCase() === "cookie" ? trimmed.split(/;\s*/).map((pair) => pair.replace(/^[^=]*=/, "")) : [];
  return [trimmed, ...(credentials ? [credentials] : []), ...cookies];
}

function fromUrl(text: string): string[] {
  if (text === "") return [];
  // A proxy is often given without its scheme, which URL would take the host for.
  const url = URL.parse(text.includes("://") ? text : `http://${text}`);
  if (!url) return [text];
  const found = url.search === "" ? [] : fromQuery(url.search);
  const { username, password } = url;
  if (username === "" && password === "") return found;
  const pair = `${decoded(username)}:${decoded(password)}`;
  const basic = new TextEncoder().encode(pair).toBase64();
  return [...found, username, password, decoded(username), decoded(password), `${username}:${password}`, pair, basic];
}

function fromQuery(search: string): string[] {
  const values = search
    .slice(1)
    .split("&")
    .map((pair) => pair.replace(/^[^=]*=/, ""));
  return [...values, ...values.map(decoded), ...new URLSearchParams(search).values()];
}

/**
 * As it is, as forms write its spaces, in hexadecimal, as JSON reads it where nobody escaped it, and in base64, alone or
 * behind other text. Escapes of JSON, HTML and URLs are undone where it is looked for.
 */
function forms(secret: string): string[] {
  const hex = new TextEncoder().encode(secret).toHex();
  const forms = [secret, secret.replaceAll(" ", "+"), hex, hex.toUpperCase()];
  return [...forms, ...misread(secret), ...base64Forms(secret)];
}

function misread(secret: string): string[] {
  const text = secret.includes("\\") ? parseJson(`"${secret}"`) : null;
  return typeof text === "string" && text.length >= SHORTEST_SECRET ? [text] : [];
}

/** Fewer characters of base64 could stand in any text. */
const SHORTEST_BASE64 = 5;

/** What base64 makes of it in either alphabet, wherever it begins in a group of three bytes: what is of it alone. */
function base64Forms(secret: string): string[] {
  const found: string[] = [];
  const add = (form: string): void => void found.push(form, form.replaceAll("+", "-").replaceAll("/", "_"));
  for (const before of ["", "\0", "\0\0"]) {
    const bytes = new TextEncoder().encode(before + secret);
    const whole = bytes.toBase64();
    const alone = whole.slice(Math.ceil((before.length * 4) / 3), Math.floor((bytes.length * 4) / 3));
    if (alone.length < SHORTEST_BASE64) continue;
    if (before === "") {
      add(whole);
      add(whole.replace(/=+$/, ""));
    }
    add(alone);
  }
  return found;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone % is no encoding: the text is its own meaning.
    return text;
  }
}
