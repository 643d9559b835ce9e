import { describe, expect, test } from "bun:test";
import { createFolder, problemOf } from "./folder.ts";

describe("a wrong value", () => {
  test.each([
    [{ defaults: { temperature: "hot" } }, "defaults.temperature", '"hot"', "0.0 … 2.0 | off (null)"],
    [{ defaults: { temperature: 2.5 } }, "defaults.temperature", "2.5", "0.0 … 2.0 | off (null)"],
    [{ defaults: { top_p: -1 } }, "defaults.top_p", "-1", "0.0 … 1.0 | off (null)"],
    [{ defaults: { max_tokens: 0 } }, "defaults.max_tokens", "0", "1, 2, 3 … | off (null)"],
    [{ defaults: { max_tokens: 1.5 } }, "defaults.max_tokens", "1.5", "1, 2, 3 … | off (null)"],
    [{ defaults: { max_tokens: "off" } }, "defaults.max_tokens", '"off"', "1, 2, 3 … | off (null)"],
    [{ defaults: { concurrency: null } }, "defaults.concurrency", "null", "1, 2, 3 … 65535"],
    [{ defaults: { concurrency: 65_536 } }, "defaults.concurrency", "65536", "1, 2, 3 … 65535"],
    [{ defaults: { timeout: "1h" } }, "defaults.timeout", '"1h"', "500ms, 10s, 2m, 30 (= 30s), 0 … 1440m"],
    [{ defaults: { timeout_idle: -1 } }, "defaults.timeout_idle", "-1", "500ms, 10s, 2m, 30 (= 30s), 0 … 1440m"],
    [{ defaults: { stall: true } }, "defaults.stall", "true", "500ms, 10s, 2m, 30 (= 30s), 0 … 1440m"],
    [{ defaults: { model: "" } }, "defaults.model", '""', '"…"'],
    [{ defaults: { model: ["a"] } }, "defaults.model", "[…]", '"…"'],
    [{ defaults: { params: [] } }, "defaults.params", "[…]", '{"name": …}'],
    [{ defaults: { reasoning: "maybe" } }, "defaults.reasoning", '"maybe"', "show | hide"],
    [{ api: { endpoint: "ftp://u:CANARY@host" } }, "api.endpoint", '"ftp://•••@host"', "http(s)://host[:port]/v1"],
    [{ api: { token: "CANARY with spaces" } }, "api.token", "•••", "ASCII, 0x21 … 0x7E"],
    [{ api: { headers: { "x-a": 1 } } }, "api.headers", "{…}", '{"x-name": "…"}'],
    [{ api: { headers: { "x-a": "CANARY\r\nhost: evil" } } }, "api.headers", "{…}", '{"x-name": "…"}'],
    [{ api: { headers: { "bad name": "v" } } }, "api.headers", "{…}", '{"x-name": "…"}'],
    [{ api: { allow_http: "yes" } }, "api.allow_http", '"yes"', "true | false"],
    [{ api: "CANARY" }, "api", "•••", "{…}"],
    [{ api: [], defaults: {} }, "api", "[…]", "{…}"],
    [{ api: {}, lang: "de" }, "lang", '"de"', "fr | en"],
  ])("%j is refused with key, found and accepted", async (content, key, found, accepted) => {
    const { load, plant } = await createFolder();
    const where = await plant(content);
    expect(await problemOf(() => load())).toEqual({ code: "config_value", where, key, found, accepted });
  });

  test("of the environment names the variable", async () => {
    const { load } = await createFolder();
    expect(await problemOf(() => load({ LLMAAS_ENDPOINT: "me:CANARY@host" }))).toEqual({
      code: "config_value",
      where: "LLMAAS_ENDPOINT",
      key: "api.endpoint",
      found: "•••@host",
      accepted: "http(s)://host[:port]/v1",
    });
  });

  test.each([
    ["maxTokens", "many", "--max-tokens", "1, 2, 3 … | off (null)"],
    ["temperature", "0,8", "--temperature", "0.0 … 2.0 | off (null)"],
    ["retries", "-1", "--retries", "0, 1, 2 … 100"],
    ["timeout", "soon", "--timeout", "500ms, 10s, 2m, 30 (= 30s), 0 … 1440m"],
    ["timeoutFirstToken", "", "--timeout-first-token", "500ms, 10s, 2m, 30 (= 30s), 0 … 1440m"],
    ["endpoint", "host", "--endpoint", "http(s)://host[:port]/v1"],
    ["lang", "de", "--lang", "fr | en"],
    ["color", "red", "--color", "auto | always | never"],
  ] as const)("of a flag, %p %p, names the option", async (field, value, option, accepted) => {
    const { load } = await createFolder();
    expect(await problemOf(() => load({}, { [field]: value }))).toEqual({
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
