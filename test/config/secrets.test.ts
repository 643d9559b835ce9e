import { describe, expect, test } from "bun:test";
import { secretsOf } from "../../src/config/secrets.ts";
import { mask } from "../../src/stream/mask.ts";
import { createFolder } from "./folder.ts";

describe("what must not be shown", () => {
  test("is the key, and no value of fewer than four characters, be it the key", async () => {
    const { load } = await createFolder();
    const short = { LLMAAS_API_KEY: "abc" };
    expect(secretsOf(await load(short), short, { "x-a": "abc" })).toEqual([]);
    const long = { LLMAAS_API_KEY: "abcd" };
    expect(secretsOf(await load(long), long)).toContain("abcd");
    expect(secretsOf(await load(), {})).toEqual([]);
  });

  test("is a key with a backslash as JSON reads it where a server did not escape it", async () => {
    const { load } = await createFolder();
    const env = { LLMAAS_API_KEY: "k\\bey\\u0041" };
    expect(secretsOf(await load(env), env)).toContain("k\beyA");
    const broken = { LLMAAS_API_KEY: "k\\qey" };
    expect(secretsOf(await load(broken), broken)).toContain("k\\qey");
  });

  test("is every header value, whole and in its parts", async () => {
    const { load, own } = await createFolder();
    await own({ api: { headers: { "x-file": "in-the-file" } } });
    const extra = { Authorization: "Bearer from-the-flag", cookie: "a=first-cookie; b=second=cookie" };
    const secrets = secretsOf(await load(), {}, extra);
    for (const secret of ["in-the-file", "Bearer from-the-flag", "from-the-flag", "first-cookie", "second=cookie"]) {
      expect(secrets).toContain(secret);
    }
  });

  test("is userinfo and query of the endpoint, as written, decoded, and as Basic sends them", async () => {
    const { load } = await createFolder();
    const endpoint = "https://canary%40user:canary%2Fp%C3%A9ss@host/v1?key=canary+query%20%2f&other=ok";
    const secrets = secretsOf(await load({}, { endpoint }), {});
    const basic = Buffer.from("canary@user:canary/péss").toString("base64");
    for (const secret of [
      "canary%40user",
      "canary@user",
      "canary%2Fp%C3%A9ss",
      "canary/péss",
      basic,
      "canary+query%20%2f",
      "canary+query /",
      "canary query /",
    ]) {
      expect(secrets).toContain(secret);
    }
    expect(secrets).not.toContain("ok");
    expect(mask("canary%2fp%c3%a9ss", secrets)).toBe("•••");
  });

  test.each(["HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])("is the userinfo of %p", async (name) => {
    const { load } = await createFolder();
    const loaded = await load();
    for (const proxy of ["http://someone:canary-pass@proxy:3128", "someone:canary-pass@proxy:3128"]) {
      const secrets = secretsOf(loaded, { [name]: proxy });
      expect(secrets).toContain("canary-pass");
      expect(secrets).toContain(btoa("someone:canary-pass"));
      expect(secrets).not.toContain("proxy");
    }
    expect(secretsOf(loaded, { NO_PROXY: "host:canary@x" })).toEqual([]);
  });

  test("comes longest first, so that none hides in another", async () => {
    const { load } = await createFolder();
    const env = { LLMAAS_API_KEY: "secret" };
    const secrets = secretsOf(await load(env), env, { "x-a": "secret-and-more" });
    expect(secrets).toEqual(secrets.toSorted((a, b) => b.length - a.length));
    expect(mask("secret-and-more and secret", secrets)).toBe("••• and •••");
  });

  test("is found in base64 of either alphabet, alone and wherever it begins in a longer text", async () => {
    const { load } = await createFolder();
    const key = "sk-ab?c>d~e+f/";
    const env = { LLMAAS_API_KEY: key };
    const secrets = secretsOf(await load(env), env);
    for (const before of ["", "u", "us", "user:", "someone:"]) {
      for (const after of ["", "x", "xy", "xyz"]) {
        const bytes = Buffer.from(before + key + after);
        for (const text of [bytes.toString("base64"), bytes.toString("base64url")]) {
          const shown = mask(`(${text}) (${JSON.stringify(text).replaceAll("/", "\\/")})`, secrets);
          expect(shown.match(/•••/g)).toHaveLength(2);
          // What is left at the edges holds less than a character of it.
          expect(Buffer.from(shown.split("•••")[0]?.slice(1) ?? "", "base64").toString()).toStartWith(
            before.slice(0, -1),
          );
          expect(shown.length).toBeLessThan(14 + 2 * 4 * Math.ceil((before.length + after.length + 4) / 3));
        }
      }
    }
    expect(mask(btoa(key), secrets)).toBe("•••");
  });

  test("is found inside JSON and URLs that echo it", async () => {
    const { load } = await createFolder();
    const env = { LLMAAS_API_KEY: 'ca"na\\ry/+' };
    const secrets = secretsOf(await load(env), env);
    const echo = `${JSON.stringify(env)} ${encodeURIComponent(env.LLMAAS_API_KEY)} ${env.LLMAAS_API_KEY}`;
    expect(mask(echo, secrets)).toBe('{"LLMAAS_API_KEY":"•••"} ••• •••');
  });
});
