import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CANARIES, canariesIn, formsOf, type Canary } from "../cli/canaries.ts";
import { chunked, DONE, event, finish, HEAD, response, token } from "../fixtures/answers.ts";
import { startRawServer } from "../fixtures/raw-server.ts";
import { runOnce, type AskOptions, type SeenAnswer } from "./ask.ts";

const ALL: readonly Canary[] = ["key", "header", "user", "password", "query", "proxyUser", "proxyPassword"];
/** Every secret in every form a server may echo it in; none of them holds a line end. */
const ECHO = ALL.flatMap(formsOf).join(" | ");
/** The same where only ASCII may stand. */
const ASCII = ALL.flatMap(formsOf)
  .filter((form) => /^[\x20-\x7E]+$/.test(form))
  .join(" | ");

/** The same, each form broken over two `data:` lines, of which one holds most of it. */
const BROKEN_LINES = `${ALL.flatMap(formsOf)
  .flatMap((form) =>
    [0.2, 0.8].map((share) => Math.round(share * form.length)).map((at) => [form.slice(0, at), form.slice(at)]),
  )
  .map(([before, after]) => `data: ${before}\ndata: ${after} | `)
  .join("\n")}\n\n`;

let folder = "";
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "llmaas-secrets-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs the verb in each way against this answer; `runOnce` searches all it said. */
async function tellsNothing(answer: SeenAnswer | string | Uint8Array, options: AskOptions = {}): Promise<void> {
  const records = join(folder, `${files++}.jsonl`);
  const ways: [string[], AskOptions?][] = [
    [["--json", "--debug", "--records", records]],
    [["--debug"]],
    [["--quiet"]],
    [["--debug"], { terminal: true }],
  ];
  for (const [args, more] of ways) {
    const { outcome, requests } = await runOnce(answer, ["--retries", "1", ...args], { ...options, ...more });
    expect(outcome.stdout + outcome.stderr).not.toBe("");
    if (options.endpoint === undefined) expect(requests[0]?.headers["x-canary"]).toBe(CANARIES.header);
    else expect(outcome.code).toBe(1);
  }
  expect(canariesIn(await Bun.file(records).text())).toEqual([]);
}

/** The body in two writes, cut in the middle of each secret in turn. */
function splitInside(head: string, body: string): SeenAnswer {
  const bytes = Buffer.from(body);
  const cuts = ALL.flatMap((canary) => bytes.indexOf(CANARIES[canary]) + 5).filter((at) => at > 5);
  return async ({ write, drip, fin }) => {
    await write(head);
    let from = 0;
    for (const at of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
      await drip([bytes.subarray(from, at)], 15);
      from = at;
    }
    fin();
  };
}

const error = { error: { message: ECHO, type: ECHO, code: ECHO, param: ECHO } };
const html = "Content-Type: text/html\r\n";
const BAD_HEAD = "HTTP/1.1 401 No\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n";

describe("a secret that the server echoes stands in no output when it is in", () => {
  const rows: [string, SeenAnswer | string | Uint8Array][] = [
    ["an error body", response("401 No", "", JSON.stringify(error))],
    ["an error body that is retried", response("503 No", "Retry-After: 0\r\n", JSON.stringify(error))],
    ["an error body, split across reads", splitInside(BAD_HEAD, JSON.stringify(error))],
    ["an error page", response("500 No", `${html}Retry-After: 0\r\n`, `<html>${ECHO}`)],
    ["a text in place of a stream", response("200 OK", "Content-Type: text/plain\r\n", ECHO)],
    ["a text in place of a stream, split across reads", splitInside(HEAD, ECHO)],
    ["a JSON error in place of a stream", response("200 OK", "", JSON.stringify(error))],
    ["a JSON document in place of a stream", response("200 OK", "", JSON.stringify({ hello: ECHO }))],
    ["a header of a refusal", response("400 No", `X-Echo: ${ASCII}\r\nSet-Cookie: a=${ASCII}\r\n`, "{}")],
    ["a header of a stream", HEAD.replace("Connection", `X-Echo: ${ASCII}\r\nConnection`) + token("a") + finish()],
    ["the place a redirect points to", response("302 Found", `Location: http://x.invalid/?${ASCII}\r\n`)],
    ["the content type", response("200 OK", `Content-Type: text/plain; ${ASCII}\r\n`, "hello")],
    ["a malformed event among good ones", `${HEAD}${token("a")}data: {${ECHO}\n\n${finish()}${DONE}`],
    ["nothing but malformed events", `${HEAD}data: {${ECHO}\n\ndata: ${ECHO}\n\n`],
    ["a malformed event, split across reads", splitInside(HEAD, `${token("a")}data: {${ECHO}\n\n${finish()}`)],
    ["two data: lines of one event", HEAD + token("a") + BROKEN_LINES + finish()],
    ["two data: lines of one event, split across reads", splitInside(HEAD, token("a") + BROKEN_LINES + finish())],
    ["two data: lines of an event: error", `${HEAD}${token("a")}event: error\n${BROKEN_LINES}`],
    ["two data: lines at the end of an answer that was cut", HEAD + token("a") + BROKEN_LINES.trimEnd()],
    ["a comment", `${HEAD}: ${ECHO}\n\n${token("a")}${finish()}${DONE}`],
    ["a comment, split across reads", splitInside(HEAD, `: ${ECHO}\n\n${token("a")}${finish()}`)],
    ["a comment longer than what --debug shows", `${HEAD}: ${"x".repeat(65_530)}${ECHO}\n\n${token("a")}${finish()}`],
    ["other lines", `${HEAD}id: ${ECHO}\nevent: ${ECHO}\n${ECHO}\n${token("a")}${finish()}${DONE}`],
    ["an error object inside the stream", HEAD + token("a") + event(error)],
    ["event: error", `${HEAD}${token("a")}event: error\ndata: ${ECHO}\n\n`],
    ["the finish_reason", HEAD + token("a") + finish(ECHO) + DONE],
    [
      "the model's name, the answer's id and the backend",
      HEAD +
        event({ model: ECHO, id: ECHO, backend: { engine_type: ECHO }, choices: [{ delta: { content: "a" } }] }) +
        finish(),
    ],
    ["the last bytes before the answer was cut", `${HEAD}${token("a")}: ${ECHO}\n\n`],
    ["the end of a long answer that was cut", `${HEAD}${token("a")}: ${ECHO.repeat(20)}\n\n`],
  ];
  for (const [name, answer] of rows) test(name, () => tellsNothing(answer));

  test("broken chunks", () =>
    tellsNothing(async ({ write, fin }) => {
      await write(chunked(token("a")));
      await write(`${ECHO}\r\n${ECHO}`);
      fin();
    }));
});

test("a secret stands in no output when there is nobody to answer", async () => {
  const server = startRawServer(() => {});
  await server[Symbol.asyncDispose]();
  for (const endpoint of [server.url, "https://llmaas.invalid/v1"]) await tellsNothing("", { endpoint });
});

test("a secret that the model itself says is its text, exactly, and stands nowhere but in it", async () => {
  const answer = HEAD + token(`${ECHO}\n`) + finish() + DONE;
  const { outcome: plain } = await runOnce(answer, [], { saidByModel: ALL });
  expect(plain.stdout).toBe(`${ECHO}\n`);
  expect(canariesIn(plain.stderr)).toEqual([]);
  const { outcome: json } = await runOnce(answer, ["--json", "--debug"], { saidByModel: ALL });
  const lines = json.stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.at(-1).text).toBe(`${ECHO}\n`);
  for (const line of lines) {
    const { text: _text, ...rest } = line;
    expect(canariesIn(JSON.stringify(rest))).toEqual([]);
  }
  // What --debug shows of the wire is masked; its statistics are the record, with the text.
  expect(canariesIn(json.stderr.slice(0, json.stderr.indexOf("statistics")))).toEqual([]);
});

test("the server does get every secret that is meant for it, and no proxy's", async () => {
  const { requests } = await runOnce(HEAD + token("a") + finish() + DONE, []);
  const [request] = requests;
  expect(request?.headers["authorization"]).toBe(`Bearer ${CANARIES.key}`);
  expect(request?.path).toBe(`/v1/chat/completions?api-key=${encodeURIComponent(CANARIES.query)}`);
  expect(canariesIn(JSON.stringify(request), ["key", "header", "query"])).toEqual([]);
});
