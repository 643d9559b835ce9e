import { describe, expect, test } from "bun:test";
import { checkKeyPolicy } from "../../src/config/key-policy.ts";
import { createFolder, problemOf } from "./folder.ts";

const BASE = "https://their.example/v1";
const DEFAULT = "https://api.ai.cloud-temple.com/v1";
const OPENAI = { OPENAI_BASE_URL: `${BASE}/`, OPENAI_API_KEY: "sk-theirs" };

async function found(env: Record<string, string>, flags = {}, content?: unknown) {
  const folder = await createFolder();
  if (content !== undefined) await folder.own(content);
  const loaded = await folder.load(env, flags);
  return { endpoint: loaded.settings.endpoint, key: loaded.key?.value ?? null, loaded };
}

describe("OPENAI_BASE_URL", () => {
  test("is the endpoint where nothing of ours names one, and OPENAI_API_KEY its key", async () => {
    const { endpoint, key, loaded } = await found(OPENAI);
    expect({ endpoint, key }).toEqual({ endpoint: BASE, key: "sk-theirs" });
    expect(loaded.origins.endpoint).toEqual({ kind: "env", name: "OPENAI_BASE_URL" });
    expect(loaded.configured).toBe(true);
    expect(() => checkKeyPolicy(loaded)).not.toThrow();
  });

  test.each([
    [{ LLMAAS_ENDPOINT: "https://ours.example/v1" }, {}, undefined],
    [{}, { endpoint: "https://ours.example/v1" }, undefined],
    [{}, {}, { api: { endpoint: "https://ours.example/v1" } }],
  ])("gives way to ours: %j %j %j", async (env, flags, content) => {
    expect(await found({ ...OPENAI, ...env }, flags, content)).toMatchObject({
      endpoint: "https://ours.example/v1",
      key: null,
    });
  });

  test("is not where the key or the headers of a file go that names no endpoint", async () => {
    for (const api of [{ token: "ours" }, { headers: { "x-api-key": "ours" } }])
      expect((await found(OPENAI, {}, { api })).endpoint).toBe(DEFAULT);
    expect((await found(OPENAI, {}, { api: {}, lang: "fr" })).endpoint).toBe(BASE);
  });

  test("gets a key of ours on this machine, and on no other unless it is said", async () => {
    const key = { LLMAAS_API_KEY: "ours" };
    const near = await found({ ...OPENAI, ...key, OPENAI_BASE_URL: "http://127.0.0.1:9/v1" });
    expect(near.key).toBe("ours");
    expect(() => checkKeyPolicy(near.loaded)).not.toThrow();
    const far = await found({ ...OPENAI, ...key });
    expect(await problemOf(() => checkKeyPolicy(far.loaded))).toEqual({
      code: "key_to_borrowed_endpoint",
      keyOrigin: "LLMAAS_API_KEY",
      endpoint: "https://their.example",
    });
    const said = await found({ ...OPENAI, ...key }, { endpoint: BASE });
    expect(() => checkKeyPolicy(said.loaded)).not.toThrow();
    const same = await found({ ...key, OPENAI_BASE_URL: DEFAULT });
    expect(() => checkKeyPolicy(same.loaded)).not.toThrow();
  });

  test("that is none is refused where it would be used, and only there", async () => {
    const problem = await problemOf(() => found({ OPENAI_BASE_URL: "127.0.0.1:8080/v1" }));
    expect(problem).toMatchObject({ code: "config_value", where: "OPENAI_BASE_URL" });
    const { endpoint } = await found({ OPENAI_BASE_URL: "nonsense" }, { endpoint: BASE });
    expect(endpoint).toBe(BASE);
    expect((await found({ OPENAI_BASE_URL: "" })).endpoint).toBe(DEFAULT);
  });
});

describe("OPENAI_API_KEY", () => {
  test("alone chooses no endpoint and counts for nothing", async () => {
    const { endpoint, key, loaded } = await found({ OPENAI_API_KEY: "sk-theirs" });
    expect({ endpoint, key, configured: loaded.configured }).toEqual({
      endpoint: DEFAULT,
      key: null,
      configured: false,
    });
  });

  test.each([
    ["https://api.openai.com/v1", {}, "sk-theirs"],
    ["https://their.example/other", { OPENAI_BASE_URL: BASE }, "sk-theirs"],
    ["https://their.example:8443/v1", { OPENAI_BASE_URL: BASE }, null],
    ["http://their.example/v1", { OPENAI_BASE_URL: BASE }, null],
    ["https://api.openai.com.evil.example/v1", {}, null],
    ["https://else.example/v1", { OPENAI_BASE_URL: "nonsense" }, null],
  ])("with the endpoint %s and %j travels or not", async (endpoint, env, expected) => {
    expect((await found({ OPENAI_API_KEY: "sk-theirs", ...env }, { endpoint })).key).toBe(expected);
  });

  test("gives way to any key of ours", async () => {
    const openai = { OPENAI_API_KEY: "sk-theirs", LLMAAS_API_KEY: "ours" };
    expect((await found(openai, { endpoint: "https://api.openai.com/v1" })).key).toBe("ours");
    const content = { api: { endpoint: "https://api.openai.com/v1", token: "of-file" } };
    expect((await found({ OPENAI_API_KEY: "sk-theirs" }, {}, content)).key).toBe("of-file");
  });

  test("does not go to an endpoint that only a found file names", async () => {
    const folder = await createFolder();
    await folder.plant({ api: { endpoint: "https://api.openai.com/v1" } });
    const loaded = await folder.load({ OPENAI_API_KEY: "sk-theirs" });
    expect((await problemOf(() => checkKeyPolicy(loaded))).code).toBe("key_from_environment_to_folder");
  });
});

describe("prices of a file", () => {
  const prices = { currency: "EUR", input: 1, output: 2 };

  test.each([
    [{ api: {}, prices }, {}, prices],
    [{ api: { endpoint: BASE }, prices }, {}, prices],
    [{ api: { endpoint: BASE }, prices }, { endpoint: `${BASE}/other` }, prices],
    [{ api: {}, prices }, { endpoint: "http://127.0.0.1:8080/v1" }, null],
    [{ api: { endpoint: BASE }, prices }, { endpoint: DEFAULT }, null],
  ])("are those of its endpoint alone: %j %j", async (content, flags, expected) => {
    const { loaded } = await found({}, flags, content);
    expect(loaded.settings.prices).toEqual(expected);
    expect(loaded.origins.prices.kind).toBe(expected === null ? "default" : "file");
  });
});
