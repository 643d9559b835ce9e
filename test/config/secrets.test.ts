import { describe, expect, test } from "bun:test";
import { secretsOf } from "../../src/config/secrets.ts";
import { mask } from "../../src/stream/mask.ts";
import { createFolder } from "./folder.ts";

describe("what must not be shown", () => {
  test("is the key, even a short one, and never a shorter value than four characters else", async () => {
    const { load } = await createFolder();
    const env = { LLMAAS_API_KEY: "k" };
    expect(secretsOf(await load(env), env, { "x-a": "abc", "x-b": "abcd" })).toEqual(["abcd", "k"]);
    expect(secretsOf(await load(), {})).toEqual([]);
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
      "canary%2fp%c3%a9ss",
      "canary/péss",
      basic,
      "canary+query%20%2f",
      "canary+query /",
      "canary query /",
    ]) {
      expect(secrets).toContain(secret);
    }
    expect(secrets).not.toContain("ok");
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

  test("is found inside JSON and URLs that echo it", async () => {
    const { load } = await createFolder();
    const env = { LLMAAS_API_KEY: 'ca"na\\ry/+' };
    const secrets = secretsOf(await load(env), env);
    const echo = `${JSON.stringify(env)} ${encodeURIComponent(env.LLMAAS_API_KEY)} ${env.LLMAAS_API_KEY}`;
    expect(mask(echo, secrets)).toBe('{"LLMAAS_API_KEY":"•••"} ••• •••');
  });
});
