import { describe, expect, test } from "bun:test";
import { response } from "../../fixtures/answers.ts";
import { startRawServer } from "../../fixtures/raw-server.ts";
import { runProgram } from "../program.ts";

const HTML = "Content-Type: text/html\r\n";
const JSON_TYPE = "Content-Type: application/json\r\n";
const PAGE = "<html><title>Denied</title></html>";
const KEY = { LLMAAS_API_KEY: "sk-proxied-0123456789" };

/** What is said of an endpoint behind a proxy that answers so. */
async function through(bytes: Uint8Array, endpoint: string, ...args: string[]) {
  await using proxy = startRawServer(async ({ write, fin }) => (await write(bytes), fin()));
  const address = `http://127.0.0.1:${proxy.port}`;
  const command = ["stream", "Hi there", "-e", endpoint, "--allow-http", "--retries", "0", ...args];
  const env = { ...KEY, HTTP_PROXY: address, HTTPS_PROXY: address };
  const { code, stderr } = await runProgram(command, { env });
  return { code, stderr, address, requests: [...proxy.requests] };
}

describe("a refusal of the proxy's own is told as the proxy's", () => {
  const rows: [status: number, headers: string, words: string][] = [
    [403, `X-Squid-Error: ERR_ACCESS_DENIED 0\r\n${HTML}`, "does not let this request through (HTTP 403)"],
    [407, "Proxy-Authenticate: Basic\r\n", "wants a name and a password (HTTP 407)"],
    [407, "", "wants a name and a password (HTTP 407)"],
    [502, `Server: mitmproxy 10.1\r\n${HTML}`, "cannot reach the server (HTTP 502)"],
    [503, `Server: squid/6.1\r\n${HTML}`, "cannot reach the server (HTTP 503)"],
    [503, "Proxy-Status: proxy.example; error=connection_refused\r\n", "cannot reach the server (HTTP 503)"],
  ];
  for (const [status, headers, words] of rows)
    test(`${status} with ${JSON.stringify(headers)}`, async () => {
      const answer = response(`${status} No`, headers, headers.includes("html") ? PAGE : "");
      const { code, stderr, address } = await through(answer, "http://llm.example/v1");
      expect(code).toBe(1);
      expect(stderr).toContain(`The proxy ${address} ${words}`);
    });

  for (const status of [403, 407, 502, 503])
    test(`${status} to CONNECT`, async () => {
      const { code, stderr, address, requests } = await through(response(`${status} No`, ""), "https://llm.example/v1");
      expect(code).toBe(1);
      expect(stderr).toContain(`The proxy ${address} `);
      expect(stderr).toContain(`(HTTP ${status})`);
      expect(requests).toMatchObject([{ method: "CONNECT", path: "llm.example:443" }]);
    });

  test("in French too", async () => {
    const { stderr, address } = await through(response("407 No", ""), "http://llm.example/v1", "--lang", "fr");
    expect(stderr).toContain(`Le proxy ${address} demande un nom et un mot de passe (HTTP 407)`);
  });
});

test("a page that both may have written is told of both, and the server's own words are the server's", async () => {
  const page = await through(response("503 No", HTML, PAGE), "http://llm.example/v1");
  expect(page.stderr).toContain(`The server or the proxy ${page.address} has a problem (HTTP 503)`);
  const own = await through(response("403 No", JSON_TYPE, '{"error":{"message":"no right"}}'), "http://llm.example/v1");
  expect(own.stderr).toContain("The server forbids this request (HTTP 403): no right");
});

test("a host that NO_PROXY names is not told of a proxy", async () => {
  const env = { ...KEY, HTTPS_PROXY: "http://127.0.0.1:9", NO_PROXY: "other.test, .invalid" };
  const { code, stderr } = await runProgram(["stream", "Hi there", "-e", "https://llm.invalid/v1"], { env });
  expect(code).toBe(1);
  expect(stderr).toContain("The host of https://llm.invalid/v1 cannot be found");
});
