import { describe, expect, test } from "bun:test";
import type { Flags, Loaded } from "../../src/config/load.ts";
import { checkKeyPolicy, isPlaceholder } from "../../src/config/key-policy.ts";
import { createFolder, problemOf } from "./folder.ts";

const DEFAULT = "https://api.ai.cloud-temple.com";
const FILE_HOST = "https://file.example";
const OTHER = "https://other.example";

type Place = "folder" | "named" | "variable" | "users";

/** Loads with one file standing in one of the four places. */
async function loadFrom(place: Place, content: unknown, env: Record<string, string> = {}, flags: Flags = {}) {
  const folder = await createFolder();
  if (place === "users") await folder.own(content);
  else await folder.plant(content);
  const named = place === "variable" ? { LLMAAS_CONFIG: "./config.json" } : {};
  return await folder.load({ ...env, ...named }, flags, place === "named" ? "config.json" : undefined);
}

async function verdict(loaded: Loaded, extraHeaders: Record<string, string> = {}): Promise<string> {
  try {
    checkKeyPolicy(loaded, extraHeaders);
    return "sent";
  } catch {
    return (await problemOf(() => checkKeyPolicy(loaded, extraHeaders))).code;
  }
}

const places: readonly Place[] = ["folder", "named", "variable", "users"];
const tokens = [undefined, "file-key"];
const environmentKeys = [undefined, "env-key"];
const fileEndpoints = [undefined, FILE_HOST, DEFAULT];
const overrides = ["none", "env", "flag"] as const;
const targets = [FILE_HOST, DEFAULT, OTHER];

describe("every combination of where the key, the endpoint and the file come from", () => {
  for (const place of places) {
    for (const token of tokens) {
      for (const environmentKey of environmentKeys) {
        for (const fileEndpoint of fileEndpoints) {
          for (const override of overrides) {
            for (const target of override === "none" ? [undefined] : targets) {
              const expected = expectedVerdict({ place, token, environmentKey, fileEndpoint, target });
              const title = `${place} file, token ${token}, env key ${environmentKey}, its endpoint ${fileEndpoint}, ${override} ${target}`;
              test(`${title}: ${expected}`, async () => {
                const env: Record<string, string> = {};
                if (environmentKey) env["LLMAAS_API_KEY"] = environmentKey;
                if (override === "env" && target) env["LLMAAS_ENDPOINT"] = `${target}/v1`;
                const flags: Flags = override === "flag" && target ? { endpoint: `${target}/v1` } : {};
                const api = { endpoint: fileEndpoint && `${fileEndpoint}/v1`, token };
                const loaded = await loadFrom(place, { api }, env, flags);
                expect(await verdict(loaded)).toBe(expected);
              });
            }
          }
        }
      }
    }
  }
});

/** The rule once more, in the words of the design rather than of the code. */
function expectedVerdict(given: {
  place: Place;
  token: string | undefined;
  environmentKey: string | undefined;
  fileEndpoint: string | undefined;
  target: string | undefined;
}): string {
  const goesTo = given.target ?? given.fileEndpoint ?? DEFAULT;
  if (given.environmentKey) {
    const ownersChoice = given.place === "folder" ? (given.target ?? DEFAULT) : goesTo;
    return goesTo === ownersChoice ? "sent" : "key_from_environment_to_folder";
  }
  if (!given.token) return "sent";
  return goesTo === (given.fileEndpoint ?? DEFAULT) ? "sent" : "key_from_file_elsewhere";
}

describe("a refusal names", () => {
  test("both origins, without userinfo", async () => {
    const api = { endpoint: "https://me:CANARY@file.example:8443/v1?k=CANARY", token: "file-key" };
    const loaded = await loadFrom("users", { api }, {}, { endpoint: "https://you:CANARY@other.example/v1" });
    expect(await problemOf(() => checkKeyPolicy(loaded))).toEqual({
      code: "key_from_file_elsewhere",
      keyOrigin: "api.token",
      file: loaded.file?.path ?? "",
      fileEndpoint: "https://file.example:8443",
      endpoint: OTHER,
    });
  });

  test("the folder's file and its endpoint", async () => {
    const loaded = await loadFrom("folder", { api: { endpoint: `${FILE_HOST}/v1` } }, { LLMAAS_API_KEY: "env-key" });
    const file = loaded.file?.path ?? "";
    expect(await problemOf(() => checkKeyPolicy(loaded))).toEqual({
      code: "key_from_environment_to_folder",
      endpoint: FILE_HOST,
      file,
    });
  });
});

describe("the same place is scheme, host and port", () => {
  test.each([
    ["https://file.example:443/other/path", "sent"],
    ["https://FILE.example/v1", "sent"],
    ["https://file.example:444/v1", "key_from_file_elsewhere"],
    ["http://file.example/v1", "key_from_file_elsewhere"],
    ["https://file.example.evil.example/v1", "key_from_file_elsewhere"],
    ["https://file.example@evil.example/v1", "key_from_file_elsewhere"],
    ["https://evil.example/file.example", "key_from_file_elsewhere"],
  ])("%p: %p", async (endpoint, expected) => {
    const api = { endpoint: `${FILE_HOST}/v1`, token: "file-key" };
    expect(await verdict(await loadFrom("users", { api }, {}, { endpoint }))).toBe(expected);
  });

  test("a key file's key is one from the environment", async () => {
    const folder = await createFolder();
    await folder.plant({ api: { endpoint: `${OTHER}/v1` } });
    const LLMAAS_API_KEY_FILE = await folder.write("key", "key-of-the-owner");
    expect(await verdict(await folder.load({ LLMAAS_API_KEY_FILE }))).toBe("key_from_environment_to_folder");
  });
});

describe("plain http", () => {
  const LAN = "http://192.168.1.5:11434/v1";
  const LOCAL = "http://127.0.0.1:11434/v1";
  const env = { LLMAAS_API_KEY: "env-key" };
  test.each<[string, Place, object, Record<string, string>, Flags, string]>([
    ["with a key to another machine", "users", { endpoint: LAN }, env, {}, "key_over_http"],
    ["with a key from the file", "users", { endpoint: LAN, token: "file-key" }, {}, {}, "key_over_http"],
    ["with the user's own allow_http", "users", { endpoint: LAN, allow_http: true }, env, {}, "sent"],
    ["with --allow-http", "users", { endpoint: LAN }, env, { allowHttp: "true" }, "sent"],
    [
      "with a planted allow_http",
      "folder",
      { allow_http: true },
      { ...env, LLMAAS_ENDPOINT: LAN },
      {},
      "key_over_http",
    ],
    [
      "with a planted endpoint, key and allow_http",
      "folder",
      { endpoint: LAN, token: "k", allow_http: true },
      {},
      {},
      "key_over_http",
    ],
    ["with allow_http of a named ./config.json", "named", { endpoint: LAN, allow_http: true }, env, {}, "sent"],
    ["to this machine", "users", { endpoint: LOCAL }, env, {}, "sent"],
    ["to this machine by name", "users", { endpoint: "http://localhost/v1" }, env, {}, "sent"],
    ["to this machine over IPv6", "users", { endpoint: "http://[::1]:8080/v1" }, env, {}, "sent"],
    [
      "to a name that only looks like this machine",
      "users",
      { endpoint: "http://127.0.0.1.evil.example" },
      env,
      {},
      "key_over_http",
    ],
    ["without a key", "folder", { endpoint: LAN }, {}, {}, "sent"],
    ["with a password in the URL", "users", { endpoint: "http://me:pass@192.168.1.5/v1" }, {}, {}, "key_over_http"],
    ["with a header of the file", "users", { endpoint: LAN, headers: { "x-key": "v" } }, {}, {}, "key_over_http"],
  ])("%s", async (_, place, api, variables, flags, expected) => {
    expect(await verdict(await loadFrom(place, { api }, variables, flags))).toBe(expected);
  });
});

describe("headers travel as keys do", () => {
  const env = { LLMAAS_API_KEY: "env-key" };
  test("those of a planted file do not reach an endpoint the file does not name", async () => {
    const api = { headers: { "x-a": "b" } };
    const toOther = { LLMAAS_ENDPOINT: `${OTHER}/v1` };
    expect(await verdict(await loadFrom("folder", { api }, { ...env, ...toOther }))).toBe(
      "headers_from_file_elsewhere",
    );
    expect(await verdict(await loadFrom("users", { api }, toOther))).toBe("headers_from_file_elsewhere");
    expect(await verdict(await loadFrom("folder", { api }, env))).toBe("sent");
  });

  test("those of the command line do not reach an endpoint that was only found", async () => {
    const api = { endpoint: `${FILE_HOST}/v1` };
    const extra = { "x-key": "mine" };
    expect(await verdict(await loadFrom("folder", { api }), extra)).toBe("headers_to_folder");
    expect(await verdict(await loadFrom("folder", { api: { ...api, token: "its-own" } }), extra)).toBe(
      "headers_to_folder",
    );
    expect(await verdict(await loadFrom("named", { api }), extra)).toBe("sent");
    expect(await verdict(await loadFrom("folder", { api }, {}, { endpoint: `${FILE_HOST}/v1` }), extra)).toBe("sent");
  });

  test("nor another machine over plain http", async () => {
    const loaded = await loadFrom("users", {}, {}, { endpoint: "http://other.example/v1" });
    expect(await verdict(loaded, { "x-key": "mine" })).toBe("key_over_http");
    expect(await verdict(loaded)).toBe("sent");
  });
});

describe("a placeholder", () => {
  test.each([
    "VOTRE_TOKEN_API",
    "votre-token",
    "your-token-here",
    "YOUR_API_KEY",
    "<token>",
    "{{TOKEN}}",
    "xxxx",
    "sk-xxxxxxxx",
    "***",
    "…",
    "changeme",
    "change-me",
    "REPLACE_ME",
    "api_key",
    "sk-your-key",
  ])("%p is none's key", (token) => expect(isPlaceholder(token)).toBe(true));
  test.each(["sk-abc123", "yourself42", "eyJhbGciOi.J9.x", "test", "k", "0f3a", "xx", "tokenish"])(
    "%p may be a key",
    (token) => expect(isPlaceholder(token)).toBe(false),
  );

  test("is no secret to an endpoint on this machine, and headers of the file are as before", async () => {
    const here = { endpoint: "http://localhost:11434/v1" };
    const file = { token: "VOTRE_TOKEN_API" };
    expect(await verdict(await loadFrom("folder", { api: { ...file, ...here } }))).toBe("sent");
    expect(await verdict(await loadFrom("users", { api: file }, {}, here))).toBe("sent");
    expect(await verdict(await loadFrom("folder", { api: here }, { LLMAAS_API_KEY: "xxxx" }))).toBe("sent");
    expect(await verdict(await loadFrom("users", { api: { ...file, headers: { "x-a": "b" } } }, {}, here))).toBe(
      "headers_from_file_elsewhere",
    );
    expect(await verdict(await loadFrom("users", { api: file }, {}, { endpoint: "https://h.example/v1" }))).toBe(
      "placeholder_key",
    );
  });

  test("is refused before anything is sent, with where it stands; another key makes it harmless", async () => {
    const content = { api: { token: "VOTRE_TOKEN_API" } };
    const loaded = await loadFrom("folder", content);
    const origin = loaded.file?.path ?? "";
    expect(await problemOf(() => checkKeyPolicy(loaded))).toEqual({ code: "placeholder_key", origin, llmaas: true });
    expect(await verdict(await loadFrom("folder", content, { LLMAAS_API_KEY: "real" }))).toBe("sent");
    const byVariable = await loadFrom("folder", {}, { LLMAAS_API_KEY: "<your key>".replace(" ", "-") });
    expect(await problemOf(() => checkKeyPolicy(byVariable))).toEqual({
      llmaas: true,
      code: "placeholder_key",
      origin: "LLMAAS_API_KEY",
    });
  });
});
