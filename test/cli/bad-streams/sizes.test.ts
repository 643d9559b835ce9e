import { beforeAll, expect, test } from "bun:test";
import { startRawServer, type Exchange } from "../../fixtures/raw-server.ts";
import { startProgram } from "../program.ts";
import { DONE, event, finish, HEAD, token } from "../../fixtures/answers.ts";
import { secretArgs, type Record } from "../../bad-streams/story.ts";
import { withSecrets } from "./ask.ts";

const MIB = 1024 * 1024;
/** Large beside what a collector leaves lying about (up to 60 MiB of heap, seen with Bun 1.4.5), so that keeping it shows. */
const BODY = 256 * MIB;
const PIECE = "x".repeat(64 * 1024);

type Sized = { record: Record; code: number | null; stderr: string; written: number; peak: number };

/** Runs the program and watches how much memory it takes and how much the server could write. */
async function measure(answer: (exchange: Exchange) => Promise<void>, args: readonly string[] = []): Promise<Sized> {
  let written = 0;
  await using server = startRawServer(async (exchange) => {
    await answer(exchange);
    written = exchange.written();
    exchange.fin();
  });
  const program = await startProgram(["stream", "hi", "--json", ...secretArgs(), ...args], withSecrets(server.url));
  let peak = 0;
  const watch = setInterval(() => (peak = Math.max(peak, program.peak() ?? 0)), 10);
  const { code, stdout, stderr } = await program.ended.finally(() => clearInterval(watch));
  const record: Record = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
  return { record, code, stderr, written, peak };
}

/** Writes so many bytes of the same, as fast as they are taken, while somebody takes them. */
async function pour(exchange: Exchange, bytes: number): Promise<void> {
  for (let left = bytes; left > 0 && !exchange.gone(); left -= PIECE.length)
    await exchange.write(left < PIECE.length ? PIECE.slice(0, left) : PIECE);
}

let least = 0;
beforeAll(async () => {
  const small = await measure((exchange) => exchange.write(HEAD + token("a") + finish() + DONE));
  least = small.peak;
});

function expectBounded({ peak }: Sized): void {
  expect(peak - least).toBeLessThan(BODY / 2);
}

test("one event of 256 MiB failed as oversize within bounded memory, and what came before is kept", async () => {
  const sized = await measure(async (exchange) => {
    await exchange.write(`${HEAD}${token("a")}data: `);
    await pour(exchange, BODY);
    await exchange.write("\n\n");
  });
  expect(sized.record).toMatchObject({ verdict: "failed", error: { kind: "oversize" }, text: "a", attempts: 1 });
  expect(sized.record.error?.message).toContain("8 MiB");
  expect(sized.code).toBe(1);
  expect(sized.written).toBeLessThan(BODY / 2);
  expectBounded(sized);
});

test("one event of 256 MiB in many data lines failed as oversize too", async () => {
  const lines = "data: xxxxxxxxxx\n".repeat(4096);
  const sized = await measure(async (exchange) => {
    await exchange.write(HEAD);
    for (let bytes = 0; bytes < BODY && !exchange.gone(); bytes += lines.length) await exchange.write(lines);
  });
  expect(sized.record).toMatchObject({ verdict: "failed", error: { kind: "oversize" }, attempts: 1 });
  expect(sized.written).toBeLessThan(BODY / 2);
});

test("an event of almost 8 MiB is read, whole, also in small pieces", async () => {
  const length = 8 * MIB - 1024;
  const sized = await measure(async (exchange) => {
    await exchange.write(`${HEAD}data: {"choices":[{"delta":{"content":"`);
    await pour(exchange, length);
    await exchange.write(`"},"finish_reason":"stop"}]}\n\n${DONE}`);
  });
  expect(sized.record).toMatchObject({ verdict: "complete", malformed: 0, token_events: 1 });
  expect(sized.record.text === "x".repeat(length)).toBe(true);
});

test("a line without a field name of 256 MiB is skipped within bounded memory", async () => {
  for (const start of ["", ": "]) {
    const sized = await measure(async (exchange) => {
      await exchange.write(`${HEAD}${token("a")}${start}`);
      await pour(exchange, BODY);
      await exchange.write(`\n${token("b")}${finish()}${DONE}`);
    });
    expect(sized.record).toMatchObject({ verdict: "complete", text: "ab", malformed: 0 });
    expectBounded(sized);
  }
});

test("a body of JSON of 256 MiB failed as oversize within bounded memory", async () => {
  const sized = await measure(async (exchange) => {
    await exchange.write(`${HEAD.replace("text/event-stream", "application/json")}{"choices":[{"message":{"content":"`);
    await pour(exchange, BODY);
  });
  expect(sized.record).toMatchObject({ verdict: "failed", error: { kind: "oversize" }, text: "" });
  expectBounded(sized);
});

test("--debug keeps its bound too: a line of 256 MiB is shown up to its limit", async () => {
  const sized = await measure(
    async (exchange) => {
      await exchange.write(`${HEAD}${token("a")}`);
      await pour(exchange, BODY);
      await exchange.write(`\n${token("b")}${finish()}${DONE}`);
    },
    ["--debug"],
  );
  expect(sized.record).toMatchObject({ verdict: "complete", text: "ab" });
  expect(sized.stderr.length).toBeLessThan(MIB);
  expectBounded(sized);
});

test("20 000 malformed events end in a verdict and are all counted", async () => {
  const { record } = await measure((exchange) => exchange.write(HEAD + "data: {oops\n\n".repeat(20_000)));
  expect(record).toMatchObject({ verdict: "failed", error: { kind: "malformed" }, malformed: 20_000 });
});

/** Answers that are more than is read, each of them once a hole through which memory went. */
const TOO_MUCH: { [name: string]: (exchange: Exchange) => Promise<void> } = {
  "four million tool calls in one event": ({ write }) =>
    write(`data: {"choices":[{"delta":{"tool_calls":[${"0,".repeat(4_000_000)}0]}}]}\n\n`),
  "JSON nested four million deep": ({ write }) => write(`data: ${"[".repeat(4_000_000)}\n\n`),
  "a hundred thousand levels in the arguments of a tool": ({ write }) =>
    write(
      `data: {"choices":[{"delta":{"tool_calls":[{"function":{"arguments":${"[".repeat(100_000)}${"]".repeat(100_000)}}}]}}]}\n\n`,
    ),
  "endless arguments": (exchange) => endless(exchange, () => ({ tool_calls: [call(0, PIECE)] })),
  "ever new tool indexes": (exchange) => endless(exchange, (index) => ({ tool_calls: [call(index, "{}")] })),
  "ever new tool ids": (exchange) =>
    endless(exchange, (index) => ({ tool_calls: [{ ...call(0, ""), id: `c${index}` }] })),
  "an endless refusal": (exchange) => endless(exchange, () => ({ refusal: PIECE })),
};

function call(index: number, text: string): object {
  return { index, id: `call_${index}`, type: "function", function: { name: "f", arguments: text } };
}

/** Writes events until somebody has had enough. */
async function endless(exchange: Exchange, delta: (index: number) => object): Promise<void> {
  for (let index = 0; index < 1_000_000 && !exchange.gone(); index++)
    await exchange.write(event({ choices: [{ index: 0, delta: delta(index) }] }));
}

for (const [name, pour] of Object.entries(TOO_MUCH)) {
  test(`${name} failed within bounded memory, and disturbs no other stream of the run`, async () => {
    await using server = startRawServer(async (exchange) => {
      const { model } = JSON.parse(exchange.request.body);
      await exchange.write(HEAD + token("kept"));
      if (model === "bad") await pour(exchange);
      else
        await exchange.drip(
          Array.from({ length: 40 }, () => token("x")),
          20,
        );
      await exchange.write(finish() + DONE);
      exchange.fin();
    });
    const models = ["good1", "bad", "good2", "good3"].join(",");
    const args = ["stream", "hi", "--json", "--model", models, "--timeout-total", "20s", "--timeout-idle", "5s"];
    const program = await startProgram([...args, ...secretArgs()], withSecrets(server.url));
    let peak = 0;
    const watch = setInterval(() => (peak = Math.max(peak, program.peak() ?? 0)), 10);
    const { code, stdout } = await program.ended.finally(() => clearInterval(watch));
    const records = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line))
      .filter((line) => line.type === "record");
    expect(records).toHaveLength(4);
    for (const record of records) {
      if (record.model === "bad") expect(record).toMatchObject({ verdict: "failed", error: { kind: "oversize" } });
      else expect(record).toMatchObject({ verdict: "complete", error: null, token_events: 41 });
      expect(record.text).toStartWith("kept");
    }
    expect(code).toBe(1);
    expect(peak - least).toBeLessThan(BODY / 2);
  });
}
