import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { AUTHORITY, CERTIFICATES, KEY } from "../../fixtures/certificates.ts";
import { startRawServer, type Answer } from "../../fixtures/raw-server.ts";
import { CANARIES, proxyWithCanaries } from "../canaries.ts";
import { runProgram, startProgram } from "../program.ts";
import { ask, withSecrets } from "./ask.ts";
import { DONE, finish, HEAD, response, token } from "../../fixtures/answers.ts";
import { secretArgs, type Record } from "../../bad-streams/story.ts";

const GOOD = HEAD + token("a") + finish() + DONE;
const ONCE = ["--retries", "0"];

test("a name nobody knows failed as dns, names the endpoint and is not retried", async () => {
  const { record } = await ask("", { endpoint: "https://llmaas.invalid/v1", env: { HTTP_PROXY: "" } });
  expect(record).toMatchObject({ verdict: "failed", error: { kind: "dns" }, attempts: 1, http_status: null });
  expect(record.error?.message).toContain("llmaas.invalid");
});

test("a port where nobody listens failed as refused, naming it", async () => {
  const server = startRawServer(() => {});
  await server[Symbol.asyncDispose]();
  const { record } = await ask("", { endpoint: server.url, args: ONCE });
  expect(record).toMatchObject({ verdict: "failed", error: { kind: "refused", code: "ECONNREFUSED" }, attempts: 1 });
  expect(record.error?.message).toContain(`127.0.0.1:${server.port}`);
});

const prlimit = Bun.which("prlimit");
if (prlimit === null) console.log("skipped: prlimit missing");

test.skipIf(prlimit === null)(
  "when no socket can be opened it failed as too_many_files and says what to raise",
  async () => {
    // While it waits for its second attempt, the limit comes down to the files it has.
    await using server = startRawServer(async ({ write, fin }) => {
      await write(response("503 Busy", "Retry-After: 2\r\n"));
      fin();
    });
    const program = await startProgram(["stream", "hi", "--json", ...secretArgs()], withSecrets(server.url));
    await program.until('"retrying"');
    await Bun.sleep(200);
    const open = new Set(readdirSync(`/proc/${program.pid}/fd`).map(Number));
    const free = Array.from({ length: open.size + 1 }, (_, fd) => fd).find((fd) => !open.has(fd));
    Bun.spawnSync([prlimit ?? "", "--pid", String(program.pid), `--nofile=${free}`]);
    const { code, stdout } = await program.ended;
    const record: Record = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
    expect(record).toMatchObject({ verdict: "failed", error: { kind: "too_many_files", code: "EMFILE" }, attempts: 2 });
    expect(record.error?.message).toContain("ulimit -n");
    expect(code).toBe(1);
    expect(server.requests).toHaveLength(1);
  },
);

describe("over TLS", () => {
  const good: Answer = async ({ write, fin }) => {
    await write(GOOD);
    fin();
  };
  const trusting = { env: { NODE_EXTRA_CA_CERTS: "ca.pem" }, files: { "ca.pem": AUTHORITY } };
  const serve = (name: keyof typeof CERTIFICATES) => ({ server: { tls: { key: KEY, cert: CERTIFICATES[name] } } });

  test("a certificate of an authority that is named is good", async () => {
    const { record, requests } = await ask(good, { ...serve("good"), ...trusting });
    expect(record).toMatchObject({ verdict: "complete", text: "a" });
    expect(requests[0]?.headers["authorization"]).toBe(`Bearer ${CANARIES.key}`);
  });

  const rows: [string, keyof typeof CERTIFICATES, boolean, string, string][] = [
    ["signed by itself", "self", false, "DEPTH_ZERO_SELF_SIGNED_CERT", "NODE_EXTRA_CA_CERTS"],
    ["signed by an unknown authority", "good", false, "UNABLE_TO_VERIFY_LEAF_SIGNATURE", "NODE_EXTRA_CA_CERTS"],
    ["that has expired", "expired", true, "CERT_HAS_EXPIRED", "expired"],
    ["that is not valid yet", "future", true, "CERT_NOT_YET_VALID", "clock"],
    ["for another name", "otherName", true, "ERR_TLS_CERT_ALTNAME_INVALID", "name"],
  ];
  for (const [name, certificate, trusted, code, said] of rows) {
    test(`a certificate ${name} failed as tls, with what to try, and nothing was sent`, async () => {
      const { record, requests } = await ask(good, { ...serve(certificate), ...(trusted ? trusting : {}) });
      expect(record).toMatchObject({ verdict: "failed", error: { kind: "tls", code }, attempts: 1, http_status: null });
      expect(record.error?.message).toContain(said);
      expect(requests).toHaveLength(0);
    });
  }

  test("a server that speaks plain HTTP there failed as tls", async () => {
    const plain = startRawServer(() => {}, { onConnection: (socket) => void socket.end("HTTP/1.1 400 Bad\r\n\r\n") });
    await using server = plain;
    const { record } = await ask("", { endpoint: server.url.replace("http:", "https:"), args: ONCE });
    expect(record).toMatchObject({ verdict: "failed", error: { kind: "tls", code: "EPROTO" } });
  });
});

describe("through a proxy", () => {
  const through = (port: number) => ({
    endpoint: "https://llmaas.invalid/v1",
    args: ONCE,
    env: { HTTPS_PROXY: proxyWithCanaries(port) },
  });
  const refuse: Answer = async ({ write, fin }) => {
    await write(response("407 Proxy Authentication Required", "", "no"));
    fin();
  };

  test("a refused tunnel failed as proxy, with the proxy's words and what to try", async () => {
    await using proxy = startRawServer(refuse);
    const { record } = await ask("", through(proxy.port));
    expect(record).toMatchObject({
      verdict: "failed",
      error: { kind: "proxy", code: "ERR_PROXY_TUNNEL" },
      attempts: 1,
    });
    expect(record.error?.message).toContain("407");
    expect(record.error?.message).toContain("PROXY");
    expect(proxy.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(
      Array(2).fill("CONNECT llmaas.invalid:443"),
    );
    // The proxy gets its own credentials and never the key.
    expect(JSON.stringify(proxy.requests)).not.toContain(CANARIES.key);
    expect(proxy.requests[0]?.headers["proxy-authorization"]).toStartWith("Basic ");
  });

  test("of a kind that is not spoken it failed as proxy", async () => {
    const { record } = await ask("", { ...through(1), env: { HTTPS_PROXY: "socks5://127.0.0.1:9" } });
    expect(record).toMatchObject({ verdict: "failed", error: { kind: "proxy" }, attempts: 1 });
  });

  describe("that ALL_PROXY names", () => {
    const unspoken = [
      "socks5://127.0.0.1:9",
      "socks5h://127.0.0.1:9",
      "socks4://127.0.0.1:9",
      "ftp://127.0.0.1:9",
      "http://a:b",
    ];
    for (const name of ["ALL_PROXY", "all_proxy"])
      for (const proxy of unspoken)
        test(`and that is not spoken (${name}=${proxy}) nothing is sent, and the message names it`, async () => {
          const endpoint = "https://llmaas.invalid/v1";
          const { record, code } = await ask("", { endpoint, args: ONCE, env: { [name]: proxy } });
          expect(record).toMatchObject({ verdict: "failed", error: { kind: "proxy" }, attempts: 1, http_status: null });
          expect(record.error?.message).toContain(proxy);
          expect(code).toBe(1);
        });

    for (const endpoint of ["https://llmaas.invalid/v1", "http://llmaas.invalid/v1"])
      for (const [name, scheme] of [
        ["ALL_PROXY", "http://"],
        ["all_proxy", ""],
      ] as const)
        test(`as ${scheme}HOST:PORT in ${name} it is asked for ${endpoint}`, async () => {
          await using proxy = startRawServer(refuse);
          const address = `${scheme}127.0.0.1:${proxy.port}`;
          const { record } = await ask("", {
            endpoint,
            args: [...ONCE, "--allow-http"],
            env: { HTTP_PROXY: "", [name]: address },
          });
          expect(record.verdict).toBe("failed");
          expect(proxy.connections()).toBeGreaterThan(0);
        });

    test("the variable of the scheme comes before it", async () => {
      await using proxy = startRawServer(refuse);
      const env = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`, ALL_PROXY: "socks5://127.0.0.1:9" };
      const { record } = await ask("", { endpoint: "https://llmaas.invalid/v1", args: ONCE, env });
      expect(record.error).toMatchObject({ kind: "proxy", code: "ERR_PROXY_TUNNEL" });
    });

    for (const name of ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
      for (const address of ["not an address", "://", "http://"])
        test(`and that is no address (${name}=${address}) is not gone around`, async () => {
          const endpoint = "https://llmaas.invalid/v1";
          const { record } = await ask("", { endpoint, args: ONCE, env: { HTTPS_PROXY: "", [name]: address } });
          expect(record).toMatchObject({ verdict: "failed", error: { kind: "proxy" }, attempts: 1, http_status: null });
          expect(record.error?.message).toContain("is not the address of a proxy");
        });

    for (const hosts of ["llmaas.invalid", ".invalid", "other.example, llmaas.invalid", "LLMAAS.Invalid", "*"])
      test(`NO_PROXY=${hosts} goes before it`, async () => {
        const env = { ALL_PROXY: "socks5://127.0.0.1:9", NO_PROXY: hosts };
        const { record } = await ask("", { endpoint: "https://llmaas.invalid/v1", args: ONCE, env });
        expect(record.error).toMatchObject({ kind: "dns" });
      });

    test("this machine itself is not asked through it", async () => {
      const { record } = await ask(GOOD, { env: { ALL_PROXY: "socks5://127.0.0.1:9" } });
      expect(record).toMatchObject({ verdict: "complete" });
    });

    test("models does not go around it either", async () => {
      const env = { ALL_PROXY: "socks5://127.0.0.1:9", LLMAAS_API_KEY: CANARIES.key };
      const { code, stderr } = await runProgram(["models", "-e", "https://llmaas.invalid/v1"], { env });
      expect(code).not.toBe(2);
      expect(stderr).toContain("socks5://127.0.0.1:9");
    });
  });

  test("this machine itself is not asked for", async () => {
    await using proxy = startRawServer(refuse);
    const { record } = await ask(GOOD, { env: { HTTP_PROXY: proxyWithCanaries(proxy.port) } });
    expect(record).toMatchObject({ verdict: "complete" });
    expect(proxy.connections()).toBe(0);
  });
});
