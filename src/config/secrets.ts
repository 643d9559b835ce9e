import type { Loaded } from "./load.ts";
import type { Environment } from "./language.ts";

// Shorter values would mask ordinary text.
const SHORTEST = 4;
const PROXIES = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"];

/** Every text that must not be shown, in each form a server may echo it in; longest first. */
export function secretsOf(
  loaded: Loaded,
  env: Environment,
  extraHeaders: Readonly<Record<string, string>> = {},
): string[] {
  const headers = [...Object.entries(loaded.settings.headers), ...Object.entries(extraHeaders)];
  const proxies = PROXIES.flatMap((name) => [env[name], env[name.toLowerCase()]]);
  const found = [
    ...headers.flatMap(([name, value]) => fromHeader(name, value)),
    ...fromUrl(loaded.settings.endpoint),
    ...proxies.flatMap((proxy) => fromUrl(proxy ?? "")),
  ];
  const key = loaded.key ? forms(loaded.key.value) : [];
  const secrets = new Set([...key, ...found.flatMap(forms).filter((secret) => secret.length >= SHORTEST)]);
  return [...secrets].toSorted((a, b) => b.length - a.length);
}

// The value, and the parts of it that are secrets by themselves.
function fromHeader(name: string, value: string): string[] {
  const trimmed = value.trim();
  const credentials = /^(?:basic|bearer|digest|token|negotiate|apikey)\s+(.+)$/i.exec(trimmed)?.[1];
  const cookies =
    name.toLowerCase() === "cookie" ? trimmed.split(/;\s*/).map((pair) => pair.replace(/^[^=]*=/, "")) : [];
  return [trimmed, ...(credentials ? [credentials] : []), ...cookies];
}

function fromUrl(text: string): string[] {
  if (text === "") return [];
  // A proxy is often given without its scheme, which URL would take the host for.
  const url = URL.parse(text.includes("://") ? text : `http://${text}`);
  if (!url) return [text];
  const queries = url.search
    .slice(1)
    .split("&")
    .map((pair) => pair.replace(/^[^=]*=/, ""));
  const found = [...queries, ...queries.map(decoded), ...new URLSearchParams(url.search).values()];
  const { username, password } = url;
  if (username === "" && password === "") return found;
  const pair = `${decoded(username)}:${decoded(password)}`;
  const basic = new TextEncoder().encode(pair).toBase64();
  return [...found, username, password, decoded(username), decoded(password), `${username}:${password}`, pair, basic];
}

// As it is, inside JSON, and percent-encoded as in a path and as in a form, in either case.
function forms(secret: string): string[] {
  if (secret === "") return [];
  const encoded = encodeURIComponent(secret.toWellFormed());
  const form = new URLSearchParams({ secret }).toString().slice("secret=".length);
  const lower = (text: string): string => text.replace(/%../g, (code) => code.toLowerCase());
  return [secret, JSON.stringify(secret).slice(1, -1), encoded, lower(encoded), form, lower(form)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone % is no encoding: the text is its own meaning.
    return text;
  }
}
