/**
 * Secrets that sing when they get out: each run of the program carries them, and each of its outputs is searched for
 * every form of them. They hold characters that a URL or JSON must write otherwise.
 */
export const CANARIES = {
  key: "canary-key-c0ffee",
  header: 'canary header "quoted" c1',
  user: "canary@user/c2",
  password: "canary:pass word%c3",
  query: "canary&query=c4/é",
  proxyUser: "canary@proxy-user/c5",
  proxyPassword: "canary proxy?pass c6",
} as const;

export type Canary = keyof typeof CANARIES;

const KEYS: readonly Canary[] = ["key", "header", "user", "password", "query", "proxyUser", "proxyPassword"];

/** The endpoint with a user name, a password and a query value that are secrets. */
export function withCanaries(endpoint: string): string {
  const url = new URL(endpoint);
  const userinfo = `${encodeURIComponent(CANARIES.user)}:${encodeURIComponent(CANARIES.password)}`;
  return `${url.protocol}//${userinfo}@${url.host}${url.pathname}?api-key=${encodeURIComponent(CANARIES.query)}`;
}

/** The URL of a proxy with credentials that are secrets. */
export function proxyWithCanaries(port: number): string {
  const userinfo = `${encodeURIComponent(CANARIES.proxyUser)}:${encodeURIComponent(CANARIES.proxyPassword)}`;
  return `http://${userinfo}@127.0.0.1:${port}`;
}

const everyCharacter = (plain: string, spell: (code: number) => string): string =>
  [...plain].map((character) => spell(character.codePointAt(0) ?? 0)).join("");

/** Every form in which a canary could be shown: plain, in JSON, in HTML, percent-encoded, in a form, in base64. */
export function formsOf(canary: Canary): string[] {
  const plain = CANARIES[canary];
  const encoded = encodeURIComponent(plain);
  const form = new URLSearchParams({ a: plain }).toString().slice(2);
  const lower = (text: string): string => text.replace(/%../g, (code) => code.toLowerCase());
  const json = JSON.stringify(plain).slice(1, -1);
  const forms = [
    plain,
    json,
    json.replaceAll("/", "\\/").replaceAll("@", "\\u0040"),
    JSON.stringify(json).slice(1, -1),
    everyCharacter(plain, (code) => `\\u${code.toString(16).padStart(4, "0")}`),
    Bun.escapeHTML(plain),
    everyCharacter(plain, (code) => `&#${code};`),
    everyCharacter(plain, (code) => `&#x${code.toString(16)};`),
    encoded,
    lower(encoded),
    form,
    lower(form),
    Buffer.from(plain).toString("base64"),
    Buffer.from(plain).toString("base64url"),
    Buffer.from(`user:${plain}`).toString("base64"),
  ];
  if (canary === "password") forms.push(btoa(`${CANARIES.user}:${plain}`));
  if (canary === "proxyPassword") forms.push(btoa(`${CANARIES.proxyUser}:${plain}`));
  return [...new Set(forms)];
}

/** The canaries that stand in a text, whole or for two thirds, but for those that may. */
export function canariesIn(text: string, allowed: readonly Canary[] = []): string[] {
  return KEYS.filter((canary) => !allowed.includes(canary)).flatMap((canary) =>
    formsOf(canary)
      .flatMap((form) => [form.slice(0, most(form)), form.slice(-most(form))])
      .filter((part) => text.includes(part))
      .map((part) => `${canary} as ${part}`),
  );
}

function most(form: string): number {
  return Math.ceil((2 * form.length) / 3);
}
