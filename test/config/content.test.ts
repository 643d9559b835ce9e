import { describe, expect, test } from "bun:test";
import type { Accepted } from "../../src/config/user-error.ts";
import { createFolder, problemOf } from "./folder.ts";

const like = (example: string): Accepted => ({ kind: "like", example });
const choice = (...words: string[]): Accepted => ({ kind: "choice", words });

describe("a wrong value", () => {
  test.each<[object, string, string, Accepted]>([
    [
      { defaults: { temperature: "hot" } },
      "defaults.temperature",
      '"hot"',
      { kind: "number", min: 0, max: 2, off: true },
    ],
    [{ defaults: { temperature: 2.5 } }, "defaults.temperature", "2.5", { kind: "number", min: 0, max: 2, off: true }],
    [{ defaults: { top_p: -1 } }, "defaults.top_p", "-1", { kind: "number", min: 0, max: 1, off: true }],
    [{ defaults: { max_tokens: 0 } }, "defaults.max_tokens", "0", { kind: "integer", min: 1, max: null, off: true }],
    [
      { defaults: { max_tokens: 1.5 } },
      "defaults.max_tokens",
      "1.5",
      { kind: "integer", min: 1, max: null, off: true },
    ],
    [
      { defaults: { max_tokens: "off" } },
      "defaults.max_tokens",
      '"off"',
      { kind: "integer", min: 1, max: null, off: true },
    ],
    [{ defaults: { concurrency: null } }, "defaults.concurrency", "null", { kind: "integer", min: 1, max: 65_535 }],
    [{ defaults: { concurrency: 65_536 } }, "defaults.concurrency", "65536", { kind: "integer", min: 1, max: 65_535 }],
    [{ defaults: { timeout: "1h" } }, "defaults.timeout", '"1h"', { kind: "duration" }],
    [{ defaults: { timeout_idle: -1 } }, "defaults.timeout_idle", "-1", { kind: "duration" }],
    [{ defaults: { stall: true } }, "defaults.stall", "true", { kind: "duration" }],
    [{ defaults: { model: "" } }, "defaults.model", '""', like('"…"')],
    [{ defaults: { model: ["a"] } }, "defaults.model", "[…]", like('"…"')],
    [{ defaults: { params: [] } }, "defaults.params", "[…]", like('{"name": …}')],
    [{ defaults: { reasoning: "maybe" } }, "defaults.reasoning", '"maybe"', choice("show", "hide")],
    [{ api: { endpoint: "ftp://u:CANARY@host" } }, "api.endpoint", '"ftp://•••@host"', like("https://host/v1")],
    [{ api: { headers: { "x-a": 1 } } }, "api.headers", "{…}", like('{"x-name": "…"}')],
    [{ api: { headers: { "x-a": "CANARY\r\nhost: evil" } } }, "api.headers", "{…}", like('{"x-name": "…"}')],
    [{ api: { headers: { "bad name": "v" } } }, "api.headers", "{…}", like('{"x-name": "…"}')],
    [{ api: { allow_http: "yes" } }, "api.allow_http", '"yes"', choice("true", "false")],
    [{ api: "CANARY" }, "api", "•••", like("{…}")],
    [{ api: [], defaults: {} }, "api", "[…]", like("{…}")],
    [{ api: {}, lang: "de" }, "lang", '"de"', choice("fr", "en")],
  ])("%j is refused with key, found and accepted", async (content, key, found, accepted) => {
    const { load, plant } = await createFolder();
    const where = await plant(content);
    expect(await problemOf(() => load())).toMatchObject({ code: "config_value", where, key, found, accepted });
  });

  test("of the environment names the variable", async () => {
    const { load } = await createFolder();
    expect(await problemOf(() => load({ LLMAAS_ENDPOINT: "me:CANARY@host" }))).toEqual({
      code: "config_value",
      where: "LLMAAS_ENDPOINT",
      key: "api.endpoint",
      found: "•••@host",
      accepted: like("https://host/v1"),
      meant: null,
    });
  });

  test.each([
    ["maxTokens", "many", "--max-tokens", { kind: "integer", min: 1, max: null, off: true }],
    ["temperature", "0,8", "--temperature", { kind: "number", min: 0, max: 2, off: true }],
    ["retries", "-1", "--retries", { kind: "integer", min: 0, max: 100 }],
    ["timeout", "soon", "--timeout", { kind: "duration" }],
    ["timeoutFirstToken", "", "--timeout-first-token", { kind: "duration" }],
    ["endpoint", "host", "--endpoint", like("https://host/v1")],
    ["lang", "de", "--lang", choice("fr", "en")],
    ["color", "red", "--color", choice("auto", "always", "never")],
  ] as const)("of a flag, %p %p, names the option", async (field, value, option, accepted) => {
    const { load } = await createFolder();
    expect(await problemOf(() => load({}, { [field]: value }))).toMatchObject({
      code: "bad_option",
      option,
      value,
      accepted,
    });
  });
});

describe("an unknown key", () => {
  test.each([
    [{ api: { tokn: "CANARY" } }, "api.tokn", "api.token"],
    [{ defaults: { maxTokens: 1 } }, "defaults.maxTokens", "defaults.max_tokens"],
    [{ defaults: { token: "CANARY" } }, "defaults.token", "api.token"],
    [{ api: {}, model: "m" }, "model", "defaults.model"],
    [{ api: {}, default: {} }, "default", "defaults"],
    [{ api: {}, zzz: 1 }, "zzz", null],
    ['{"api": {"__proto__": {"endpoint": "https://evil.example"}}}', "api.__proto__", null],
    ['{"api": {}, "__proto__": {"allow_http": true}}', "__proto__", null],
    [{ api: { constructor: 1 } }, "api.constructor", null],
  ])("%j is refused with the nearest", async (content, key, nearest) => {
    const { load, plant } = await createFolder();
    const path = await plant(content);
    expect(await problemOf(() => load())).toEqual({ code: "config_unknown_key", path, key, nearest });
  });

  test("$schema is none, and null stands for a default that is null", async () => {
    const { load, plant } = await createFolder();
    await plant({
      $schema: "./config.schema.json",
      api: { token: null },
      defaults: { top_p: null, timeout: null },
      lang: null,
    });
    expect(await load()).toMatchObject({ key: null, settings: { topP: null, timeoutOpen: 120_000, lang: "en" } });
  });

  test.each(["params", "headers"])("__proto__ inside %p pollutes nothing", async (name) => {
    const { load, plant } = await createFolder();
    const section = name === "params" ? "defaults" : "api";
    await plant(`{"${section}": {"${name}": {"__proto__": {"polluted": "yes"}}}}`);
    expect(await problemOf(() => load())).toMatchObject({ code: "config_value", key: `${section}.${name}` });
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });
});

describe("headers of a file", () => {
  test("are taken with their names in lower case", async () => {
    const { load, own } = await createFolder();
    await own({ api: { headers: { "X-Team": "blue" } } });
    expect((await load()).settings.headers).toEqual({ "x-team": "blue" });
  });

  test.each([
    "Authorization",
    "host",
    "Content-Length",
    "content-type",
    "Transfer-Encoding",
    "Proxy-Authorization",
    "accept",
  ])("may not be %p", async (name) => {
    const { load, own } = await createFolder();
    const path = await own({ api: { headers: { [name]: "x" } } });
    expect(await problemOf(() => load())).toEqual({ code: "reserved_header", path, name: name.toLowerCase() });
  });
});
