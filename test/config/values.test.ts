import { describe, expect, test } from "bun:test";
import { isLoopback, normalizeEndpoint, originOf, redactUrl, splitEndpoint } from "../../src/wire/endpoint.ts";
import { languageOf, preferredLanguage } from "../../src/config/language.ts";
import { nearest } from "../../src/config/nearest.ts";
import { parseDuration, parseNumber, parseText } from "../../src/config/kinds.ts";
import { fields, flagName, rows } from "../../src/config/settings.ts";

describe("a duration", () => {
  test.each([
    ["500ms", 500],
    ["10s", 10_000],
    ["2m", 120_000],
    ["30", 30_000],
    ["0", 0],
    ["0ms", 0],
    ["0.5s", 500],
    [".5", 500],
    [" 1.5 m ", 90_000],
    ["1440m", 86_400_000],
  ])("%p is %p ms", (text, ms) => expect(parseDuration(text)).toBe(ms));

  test.each([
    "",
    "ms",
    "-1",
    "1h",
    "10 s 5",
    "1e3",
    "Infinity",
    "NaN",
    "1441m",
    "2147483648ms",
    "0.1ms",
    "10S",
    "0x10",
    "1,5s",
  ])("%p is refused", (text) => expect(parseDuration(text)).toBeNull());
});

describe("a number", () => {
  test.each([
    ["1", 1],
    ["-0.5", -0.5],
    [".5", 0.5],
    ["1.", 1],
    ["2e3", 2000],
    [" 7 ", 7],
  ] as const)("%p is %p", (text, value) => expect(parseNumber(text)).toBe(value));
  test.each(["", " ", "1x", "0x10", "1,5", "Infinity", "NaN", "1e999", "--1", "1 2"])("%p is refused", (text) =>
    expect(parseNumber(text)).toBeNull(),
  );
  test("bounds belong to what they bound", () => {
    const { temperature, topP, maxTokens, retries, concurrency } = rows;
    for (const text of ["0", "2", "0.8"]) expect(parseText(temperature.kind, text)).toBe(Number(text));
    for (const text of ["-0.1", "2.01", "warm"]) expect(parseText(temperature.kind, text)).toBeUndefined();
    expect([parseText(topP.kind, "1"), parseText(topP.kind, "1.1")]).toEqual([1, undefined]);
    expect([parseText(maxTokens.kind, "1"), parseText(maxTokens.kind, "0")]).toEqual([1, undefined]);
    expect([parseText(maxTokens.kind, "1.5"), parseText(maxTokens.kind, "9".repeat(30))]).toEqual([
      undefined,
      undefined,
    ]);
    expect([parseText(retries.kind, "100"), parseText(retries.kind, "101")]).toEqual([100, undefined]);
    expect([parseText(concurrency.kind, "65535"), parseText(concurrency.kind, "0")]).toEqual([65_535, undefined]);
  });
});

describe("an endpoint", () => {
  test.each([
    ["https://host/v1", "https://host/v1"],
    ["https://host/v1/", "https://host/v1"],
    ["https://host/v1//", "https://host/v1"],
    ["https://host/v1/chat/completions/", "https://host/v1/chat/completions"],
    ["https://host", "https://host"],
    ["https://host/", "https://host"],
    [" HTTPS://Host:443/v1 ", "https://host/v1"],
    ["http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1"],
    ["https://u:p%40@host/v1/?a=b#c", "https://u:p%40@host/v1?a=b"],
  ])("%p is understood as %p", (text, endpoint) => expect(normalizeEndpoint(text)).toBe(endpoint));

  test.each([
    ["https://host/v1", "https://host/v1", null],
    ["https://host/v1/chat/completions", "https://host/v1", "chat"],
    ["https://host/v1/responses", "https://host/v1", "responses"],
    ["https://host/v1/messages", "https://host/v1", "messages"],
    ["https://host/v1/completions?a=b", "https://host/v1?a=b", "completions"],
    ["https://host/v1//messages", "https://host/v1", "messages"],
    ["https://host/messages", "https://host", "messages"],
    ["https://host/v1/mymessages", "https://host/v1/mymessages", null],
    ["https://host/v1?to=/v1/messages", "https://host/v1?to=/v1/messages", null],
  ] as const)("%p is %p and speaks %p", (url, endpoint, api) => expect(splitEndpoint(url)).toEqual({ endpoint, api }));

  test.each(["", "host/v1", "localhost:8000/v1", "ftp://host", "file:///etc/passwd", "https://", "http://u:p/w@host"])(
    "%p is refused",
    (text) => expect(normalizeEndpoint(text)).toBeNull(),
  );

  test("is the same place when scheme, host and port are", () => {
    expect(originOf("https://Host:443/a?k=v")).toBe(originOf("https://u:p@host/b"));
    expect(originOf("https://host:8443/v1")).not.toBe(originOf("https://host/v1"));
    expect(originOf("http://host/v1")).not.toBe(originOf("https://host/v1"));
  });

  test.each([
    "http://127.0.0.1/v1",
    "http://127.1:9/v1",
    "http://127.255.0.3",
    "http://[::1]:80",
    "http://localhost:1",
  ])("%p stays on this machine", (endpoint) => expect(isLoopback(endpoint)).toBe(true));
  test.each([
    "http://127.0.0.1.evil.example",
    "http://localhost.evil.example",
    "http://evil.example/127.0.0.1",
    "http://127.0.0.1@evil.example",
    "http://128.0.0.1",
    "http://0.0.0.0",
    "http://[::2]",
  ])("%p does not", (endpoint) => expect(isLoopback(endpoint)).toBe(false));

  test.each([
    ["https://user:pass@host/v1?key=abc&x=1", "https://•••@host/v1?key=•••&x=•••"],
    ["http://u:p/w@host", "http://•••@host"],
    ["u:p@host", "•••@host"],
    ["https://host/v1", "https://host/v1"],
    ['redis://:p@ss/w "rd#1?x=y@host:6379/2', "redis://•••@host:6379/2"],
  ])("%p is shown as %p", (text, shown) => expect(redactUrl(text)).toBe(shown));
});

describe("the nearest word", () => {
  const verbs = ["stream", "bench", "compare", "simulate", "models", "config"];
  const models = ["granite3.3:2b", "granite3.3:8b", "gemma3:4b", "qwen3:8b", "cogito:3b"];
  test.each([
    ["strem", verbs, "stream"],
    ["straem", verbs, "stream"],
    ["STREAM", verbs, "stream"],
    ["confg", verbs, "config"],
    ["bneches", verbs, null],
    ["maxTokens", ["max_tokens", "model"], "max_tokens"],
    ["--max-token", ["--max-tokens", "--model"], "--max-tokens"],
    ["temp", ["temperature", "top_p"], "temperature"],
    ["granite3.3:2", models, "granite3.3:2b"],
    ["granite", models, "granite3.3:2b"],
    ["gema3:4b", models, "gemma3:4b"],
    ["mistral", models, null],
    ["x", ["fr", "en"], null],
    ["", verbs, null],
    ["__proto__", verbs, null],
  ])("to %p is one of %p: %p", (word, candidates, expected) => expect(nearest(word, candidates)).toBe(expected));

  test("of a hostile length costs no time", () => {
    expect(nearest("stream".repeat(1_000_000), verbs)).toBeNull();
  });
});

describe("the language", () => {
  test.each([
    ["fr", "fr"],
    ["fr_FR.UTF-8", "fr"],
    ["FR-ca", "fr"],
    ["en_US", "en"],
    ["C", "en"],
    ["de_DE", "en"],
    ["", "en"],
  ] as const)("of %p is %p", (locale, language) => expect(languageOf(locale)).toBe(language));
  test("follows LLMAAS_LANG, LC_ALL, LC_MESSAGES, LANG, the system; empty ones count as unset", () => {
    expect(preferredLanguage({ LLMAAS_LANG: "fr", LC_ALL: "en_US" })).toBe("fr");
    expect(preferredLanguage({ LLMAAS_LANG: "", LC_ALL: "", LC_MESSAGES: "fr_FR", LANG: "en_US" })).toBe("fr");
    expect(preferredLanguage({ LC_ALL: "C", LANG: "fr_FR" })).toBe("en");
    expect(preferredLanguage({}, "fr-FR")).toBe("fr");
    expect(preferredLanguage({})).toBe("en");
  });
});

test("every setting has an option name and its own key", () => {
  expect(flagName("maxTokens")).toBe("--max-tokens");
  expect(flagName("timeoutFirstToken")).toBe("--timeout-first-token");
  expect(flagName("topP")).toBe("--top-p");
  expect(new Set(fields.map((field) => rows[field].key)).size).toBe(fields.length);
});

test("the nearest name is looked for among 2 000, each as long as a name is", () => {
  const names = Array.from({ length: 200_000 }, (_, i) => `model-${i}`);
  expect(nearest("gema3", [...names.slice(0, 1999), "gemma3:4b"])).toBe("gemma3:4b");
  expect(nearest("gema3", [...names.slice(0, 2000), "gemma3:4b"])).toBeNull();
  const long = "x".repeat(8 * 1024 * 1024);
  expect(nearest("gema3", [...Array.from({ length: 1000 }, () => long), "gemma3:4b"])).toBe("gemma3:4b");
});
