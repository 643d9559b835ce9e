import { describe, expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import { CHUNKED, DONE, event, finish, GOOD, HEAD, response, ROLE, token } from "../../fixtures/answers.ts";
import { startRawServer, type Answer } from "../../fixtures/raw-server.ts";
import { CANARIES } from "../canaries.ts";
import { ask, runOnce, type AskOptions } from "./ask.ts";

// What a stream does wrong is tested in test/bad-streams/, without a process; here each kind goes through the program once.

type Row = [name: string, answer: Answer | string | Uint8Array, expected: object, args?: string[]];

function describeRows(title: string, rows: readonly Row[]): void {
  describe(title, () => {
    test.each(rows)("%s", async (_name, answer, expected, args = []) => {
      const { record } = await ask(answer, { args });
      expect(record).toMatchObject(expected);
    });
  });
}

describeRows("the program ends a stream as", [
  ["complete", GOOD, { verdict: "complete", text: "a", attempts: 1 }],
  ["length", HEAD + token("a") + finish("length"), { verdict: "length" }],
  ["length, in other words", HEAD + token("a") + finish("MAX_TOKENS") + DONE, { verdict: "length" }],
  [
    "complete, for a reason that is not known",
    HEAD + token("a") + finish("tired") + DONE,
    { verdict: "complete", notices: ["unknown_finish_reason"] },
  ],
  [
    "complete, with a hole",
    `${HEAD}${token("a")}data: {oops\n\n${token("b")}${finish()}${DONE}`,
    { verdict: "complete", text: "ab", notices: ["lost_events"] },
  ],
  [
    "complete, also where every token claims to be the last",
    async ({ write, drip, fin }) => {
      await write(HEAD);
      await drip(["un ", "deux ", "trois "].map(last), 1100);
      await write(DONE);
      fin();
    },
    { verdict: "complete", text: "un deux trois " },
  ],
  ["truncated, after [DONE] alone", HEAD + token("a") + DONE, { verdict: "truncated", text: "a" }],
  [
    "complete, after [DONE] alone that is trusted",
    HEAD + token("a") + DONE,
    { verdict: "complete", notices: ["done_without_reason"] },
    ["--trust-done"],
  ],
  ["empty", HEAD + finish(), { verdict: "empty", error: { kind: "empty" } }],
  ["filtered", HEAD + token("a") + finish("content_filter"), { verdict: "filtered", error: { kind: "filtered" } }],
  ["truncated", HEAD + token("a"), { verdict: "truncated", text: "a", error: { kind: "truncated" } }],
  ["failed, http", response("401 No", ""), failed("http")],
  ["failed, redirect", response("302 Found", "Location: /x\r\n"), failed("redirect")],
  ["failed, no_content", response("200 OK", ""), failed("no_content")],
  ["failed, not_a_stream", response("200 OK", "Content-Type: text/html\r\n", "<html>"), failed("not_a_stream")],
  ["failed, malformed", `${HEAD}data: {oops\n\n`, failed("malformed")],
  ["failed, server_error", HEAD + token("a") + event({ error: "oops" }), failed("server_error")],
  ["failed, finish_reason", HEAD + token("a") + finish("error"), failed("finish_reason")],
  [
    "failed, for a reason that speaks of an error",
    HEAD + token("a") + finish("upstream_error"),
    failed("finish_reason"),
  ],
  [
    "failed, encoding",
    response("200 OK", "Content-Encoding: gzip\r\n", Buffer.concat([gzipSync(GOOD).subarray(0, 12), Buffer.from("x")])),
    failed("encoding"),
  ],
  ["failed, invalid_http", Buffer.concat([Buffer.from(CHUNKED), Buffer.from("zz\r\n")]), failed("invalid_http")],
]);

describeRows("the program waits no longer than its timer", [
  ["open", silentAfter(""), timeout("open"), timers("open")],
  ["first_token", silentAfter(HEAD + ROLE), timeout("first_token"), timers("first-token")],
  ["idle", silentAfter(HEAD + token("a")), timeout("idle"), timers("idle")],
  ["total", silentAfter(HEAD + token("a")), timeout("total"), timers("total")],
]);

const again = { verdict: "complete", text: "a", attempts: 2 };
describeRows("the program asks again after", [
  ["a refusal that passes", first(response("503 Busy", "Retry-After: 0\r\n")), { ...again, retry_wait_ms: 0 }],
  ["a reset", async ({ number, write, fin, reset }) => (number === 1 ? reset() : (await write(GOOD), fin())), again],
  ["an end before the first token", first(`${HEAD}: hello\n\n`), again],
  ["signs of life in the place of data", first(`${HEAD}data: : PROCESSING\n\n`), { ...again, malformed: 0 }],
  ["a parameter that is not known", first(response("400 No", "", "stream_options")), again],
]);

test("the program asks again where nobody listens", async () => {
  const server = startRawServer(() => {});
  await server[Symbol.asyncDispose]();
  const { record } = await ask("", { endpoint: server.url, args: ["--retries", "1"] });
  expect(record).toMatchObject({ verdict: "failed", error: { kind: "refused" }, attempts: 2 });
});

test.each([
  ["in a pipe", { args: ["--records", "records.jsonl"] }],
  ["on a terminal", { terminal: true, args: ["--debug"] }],
] satisfies [string, AskOptions][])("no secret that the server echoes is shown %s", async (_, options) => {
  // `runProgram` searches all that was said and written.
  const echo = JSON.stringify({ error: { message: Object.values(CANARIES).join(" | ") } });
  const { outcome } = await runOnce(response("401 No", "", echo), [], options);
  expect(outcome.code).toBe(1);
});

/** A token that claims to be the last. */
function last(content: string): string {
  return event({ choices: [{ index: 0, delta: { content }, finish_reason: "stop" }] });
}

function failed(kind: string) {
  return { verdict: "failed", error: { kind }, attempts: 1 };
}

function timeout(phase: string) {
  return { verdict: "timeout", error: { kind: "timeout", phase }, attempts: 1 };
}

/** This timer alone is on. */
function timers(name: string): string[] {
  return ["--timeout", "0", `--timeout-${name}`, "300ms"];
}

/** Writes this and says nothing more. */
function silentAfter(text: string): Answer {
  return async ({ write, left }) => {
    if (text !== "") await write(text);
    await left;
  };
}

/** Answers the first request like this and the others well. */
function first(bytes: string | Uint8Array): Answer {
  return async ({ number, write, fin }) => {
    await write(number === 1 ? bytes : GOOD);
    fin();
  };
}
