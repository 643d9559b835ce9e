import { expect } from "bun:test";
import fc from "fast-check";
import { loadSettings, type Loaded } from "../../src/config/load.ts";
import { fields, rows } from "../../src/config/settings.ts";
import type { Json } from "../../src/wire/request.ts";
import { spell } from "./json-spelling.ts";
import { define } from "./property.ts";
import { sentencesOf } from "./sentences.ts";

/** What stands where a secret may, and must be in no sentence; each is long enough to be one by its looks. */
const CANARIES = ["sk-c4nary0123456789abcdef", "Zq7Xw2Vu9Ts4Rp1On6Ml3Kj8", "c4nary%2Fpass%2Bword%3Dlong"];
const canary = fc.constantFrom(...CANARIES);
const junk: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(
    null,
    true,
    false,
    0,
    1,
    -1,
    0.5,
    2.5,
    1e9,
    1e308,
    "",
    "off",
    "30s",
    "500ms",
    "2m",
    "1h",
    "fr",
    "show",
    "auto",
  ),
  fc.constantFrom<Json>([], {}, [null], { a: {} }, ["p95(ttft) < 1s"], ["ttft"], {
    currency: "EUR",
    input: 1,
    output: 2,
  }),
  fc.constantFrom(
    "http://127.0.0.1:9/v1",
    "https://one.example/v1/",
    "ftp://x",
    "one.example",
    "http://[::1",
    "https://é.example/v1",
  ),
  fc.constantFrom("__proto__", "constructor", "\u0000", "\u001B[2J", "x".repeat(300), "‮"),
  fc.string(),
  fc.double(),
  fc.jsonValue({ maxDepth: 2 }).map((value): Json => JSON.parse(JSON.stringify(value))),
);
const secret: fc.Arbitrary<[string, Json]> = canary.chain((text) =>
  fc.constantFrom<[string, Json]>(
    ["api.token", text],
    ["api.headers", { "x-auth": text }],
    ["api.headers", { "x-auth": [text] }],
    ["api.headers", { "bad name": text }],
    ["api.token", `${text} ${text}`],
    ["api.endpoint", `https://user:${text}@one.example/v1`],
    ["api.endpoint", `ftp://${text}@one.example/v1?key=${text}`],
    ["api.tokn", text],
    ["api", text],
    ["api.api_key", text],
  ),
);
const known = fc.constantFrom(...fields.map((field) => rows[field].key));
const unknown = fc.constantFrom(
  "defaults.Model",
  "defaults.max-tokens",
  "token",
  "api.key",
  "modle",
  "$schema",
  "",
  "api.__proto__",
  "a.b.c",
);
const entry: fc.Arbitrary<[string, Json]> = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(known, junk) },
  { weight: 3, arbitrary: known.chain((key) => fc.tuple(fc.constant(key), accepted(key))) },
  fc.tuple(unknown, junk),
);
/** One character of the text put in, taken out or replaced. */
const slip = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  put: fc.constantFrom(..."{}[]\",:'/\\\n\t#x0".split(""), "", "//", "/*", "\uFEFF", "\u0000", "’"),
  over: fc.nat(2),
});

/** A value of this setting's default, or of the example of what it takes. */
function accepted(key: string): fc.Arbitrary<Json> {
  const row = Object.values(rows).find((row) => row.key === key);
  const value: Json = JSON.parse(JSON.stringify(row?.default ?? null));
  return fc.constantFrom<Json>(value, "10s", 1, true, "x", { "x-a": "b" });
}

function nested(entries: readonly [string, Json][]): Json {
  const content: { [name: string]: Json } = {};
  for (const [path, value] of entries) {
    const [first = "", ...rest] = path.split(".");
    const key = rest.join(".");
    const section = content[first];
    if (rest.length === 0) content[first] = value;
    else if (typeof section === "object" && section !== null && !Array.isArray(section)) section[key] = value;
    else content[first] = { [key]: value };
  }
  return content;
}

type Told = { loaded: Loaded | null; sentences: string[] };

/** What the program makes of this file: settings, or what it says in each language. */
async function read(text: string, found: boolean): Promise<Told> {
  const path = found ? "/project/config.json" : "/home/me/.config/llmaas/config.json";
  const readFile = async (asked: string): Promise<string> => {
    if (asked === path) return text;
    throw Object.assign(new Error(asked), { code: "ENOENT" });
  };
  try {
    return { loaded: await loadSettings({ env: { HOME: "/home/me" }, cwd: "/project", readFile }), sentences: [] };
  } catch (error) {
    return { loaded: null, sentences: sentencesOf(error) };
  }
}

function expectSound({ settings }: Loaded): void {
  const { temperature, topP, maxTokens, concurrency, retries } = settings;
  for (const wait of [
    settings.timeoutOpen,
    settings.timeoutFirstToken,
    settings.timeoutIdle,
    settings.timeoutTotal,
    settings.stall,
    settings.maxWait,
  ])
    expect(Number.isInteger(wait) && wait >= 0 && wait <= 86_400_000).toBe(true);
  expect(temperature === null || (temperature >= 0 && temperature <= 2)).toBe(true);
  expect(topP === null || (topP >= 0 && topP <= 1)).toBe(true);
  expect(maxTokens === null || (Number.isSafeInteger(maxTokens) && maxTokens >= 1)).toBe(true);
  expect(Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= 65_535).toBe(true);
  expect(Number.isInteger(retries) && retries >= 0 && retries <= 100).toBe(true);
  expect(settings.endpoint).toMatch(/^https?:\/\/\S+$/);
  expect(["fr", "en"]).toContain(settings.lang);
  expect(settings.model.trim()).not.toBe("");
  for (const [name, value] of Object.entries(settings.headers)) new Headers().set(name, value);
}

/** As much of a secret as is known by its length alone where a line end or a quote has cut it in two. */
const PIECES = CANARIES.flatMap((text) => Array.from({ length: text.length - 15 }, (_, at) => text.slice(at, at + 16)));

function expectNoCanary(sentences: readonly string[]): void {
  for (const sentence of sentences)
    for (const piece of PIECES) if (sentence.includes(piece)) throw new Error(`a secret is shown: ${sentence}`);
}

export const settingsProperty = define(
  "settings",
  "a settings file is taken as it is written, or refused in a sentence without its secrets",
  1500,
  fc.asyncProperty(
    fc.array(entry, { maxLength: 5 }),
    fc.option(secret, { nil: null }),
    fc.nat(1_000_000),
    fc.option(slip, { nil: null }),
    fc.boolean(),
    async (entries, hidden, style, slipped, found) => {
      const content = nested(hidden === null ? entries : [...entries, hidden]);
      const right = spell(content, style);
      const told = await read(right, found);
      expectNoCanary(told.sentences);
      if (told.loaded !== null) {
        expectSound(told.loaded);
        const plain = await read(spell(content, 0), found);
        expect(plain.loaded?.settings).toEqual(told.loaded.settings);
      }
      if (slipped === null) return;
      const at = Math.round(slipped.at * right.length);
      const wrong = await read(right.slice(0, at) + slipped.put + right.slice(at + slipped.over), found);
      expectNoCanary(wrong.sentences);
      if (wrong.loaded !== null) expectSound(wrong.loaded);
    },
  ),
);
