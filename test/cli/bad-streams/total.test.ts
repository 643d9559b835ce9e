import { expect, test } from "bun:test";
import { secretArgs, type Record } from "../../bad-streams/story.ts";
import { event, HEAD, token } from "../../fixtures/answers.ts";
import { startRawServer } from "../../fixtures/raw-server.ts";
import { runProgram } from "../program.ts";
import { withSecrets } from "./ask.ts";

const data = (json: string): string => `data: ${json}\n\n`;

/** What may come without an end: each costs its reader something else. */
const FLOODS: { [name: string]: string } = {
  comments: ": x\n".repeat(20_000),
  "lines that are no field": "x\n".repeat(100_000),
  "carriage returns": "\r".repeat(60_000),
  "one line without a name": "x".repeat(65_536),
  "error fields without words": "error:\n".repeat(10_000),
  tokens: token("a").repeat(1000),
  "chunks without a token": event({ choices: [{ delta: { role: "assistant" } }] }).repeat(1000),
  "malformed events": "data: {oops\n\n".repeat(3000),
  "large malformed events": data(`[${'{"a":1},'.repeat(100_000)}x`),
  "events of many values": data(`{"choices":[],"x":[${"0,".repeat(900_000)}0]}`),
  "texts of escapes": data(`{"choices":[{"delta":{"content":"${"\\u0041".repeat(50_000)}"}}]}`),
};

for (const [name, flood] of Object.entries(FLOODS)) {
  test(`total fires whatever comes: ${name}`, async () => {
    await using server = startRawServer(async (exchange) => {
      await exchange.write(HEAD + token("kept"));
      while (!exchange.gone()) await exchange.write(flood);
    });
    const { code, stdout } = await runProgram(
      ["stream", "hi", "--timeout-total", "1s", "--retries", "0", "--records", "records.jsonl", ...secretArgs()],
      withSecrets(server.url, {
        shell: '"$@" >/dev/null 2>&1; code=$?; cat records.jsonl; rm records.jsonl; exit $code',
      }),
    );
    const record: Record = JSON.parse(stdout);
    expect(record).toMatchObject({ verdict: "timeout", error: { kind: "timeout", phase: "total" }, attempts: 1 });
    expect(record.text).toStartWith("kept");
    expect(code).toBe(4);
  });
}
