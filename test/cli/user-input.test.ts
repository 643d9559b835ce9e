import { afterAll, describe, expect, test } from "bun:test";
import { truncateSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator } from "../../src/simulator/server.ts";
import { runProgram, startProgram, type ProgramOptions } from "./program.ts";

const simulator = startSimulator({ control: { rate: 0, ttft_ms: 0, text: "Yes." } });
afterAll(() => simulator.stop());

/** Runs the program; what it said, and the bodies of its requests. */
async function run(args: readonly string[], options: ProgramOptions = {}, verb = "stream") {
  const before = simulator.requests().length;
  const outcome = await runProgram([verb, "--endpoint", simulator.url, ...args], options);
  return {
    ...outcome,
    bodies: simulator
      .requests()
      .slice(before)
      .map(({ body }): unknown => JSON.parse(body)),
  };
}

const TEXT = "café crème";
const UTF16 = Buffer.from(`\uFEFF${TEXT}\r\n`, "utf16le");

describe("standard input", () => {
  for (const args of [["-"], ["--stdin", "Translate:"], []])
    for (const [name, bytes, line] of [
      ["Latin-1", Buffer.from("caf\xe9 cr\xe8me", "latin1"), 1],
      ["Latin-1 further down", Buffer.from("one\ntwo\ncaf\xe9", "latin1"), 3],
      ["UTF-16 without a mark", Buffer.from(TEXT, "utf16le"), 1],
      ["a character cut in two", Buffer.from(TEXT).subarray(0, 4), 1],
    ] as const)
      test(`that is ${name} is refused as a file would be: stream ${args.join(" ")}`, async () => {
        const { code, stderr, bodies } = await run(args, { stdin: bytes });
        expect(code).toBe(2);
        expect(stderr).toContain(`stdin, line ${line}: this is not UTF-8 text.`);
        expect(stderr).toContain("iconv");
        expect(bodies).toEqual([]);
      });

  test("the same in French", async () => {
    const { code, stderr } = await run(["-", "--lang", "fr"], { stdin: Buffer.from("caf\xe9", "latin1") });
    expect(code).toBe(2);
    expect(stderr).toContain("stdin, ligne 1 : ce n’est pas du texte en UTF-8.");
  });

  for (const [name, bytes] of [
    ["as Windows writes it", UTF16],
    ["in the other order", Buffer.from(UTF16).swap16()],
  ] as const)
    test(`in UTF-16 with its mark is read, ${name}`, async () => {
      const { code, bodies } = await run(["-"], { stdin: bytes });
      expect(code).toBe(0);
      expect(bodies).toMatchObject([{ messages: [{ role: "user", content: TEXT }] }]);
    });

  test("as prompts one a line, in UTF-16, is read", async () => {
    const { bodies } = await run(["-j", "1", "--prompts", "-"], {
      stdin: Buffer.from("\uFEFFone\r\ntwo\r\n", "utf16le"),
    });
    expect(bodies).toMatchObject([{ messages: [{ content: "one" }] }, { messages: [{ content: "two" }] }]);
  });
});

test("a prompts file in UTF-16 is read as its name says", async () => {
  const files = {
    "p.jsonl": Buffer.from(`\uFEFF{"prompt":"${TEXT}","max_completion_tokens":50}\r\n`, "utf16le"),
    "p.txt": UTF16,
  };
  for (const name of Object.keys(files)) {
    const { code, bodies } = await run(["--prompts", name], { files });
    expect(code).toBe(0);
    expect(bodies).toMatchObject([{ messages: [{ content: TEXT }] }]);
  }
});

test("a conversation with tools goes out as the line has it", async () => {
  const messages = [
    { role: "user", content: "Root of 101?" },
    {
      role: "assistant",
      tool_calls: [{ id: "a", type: "function", function: { name: "sqrt", arguments: '{"x":101}' } }],
    },
    { role: "tool", tool_call_id: "a", content: "10.05" },
  ];
  const { code, bodies } = await run(["--prompts", "p.jsonl"], { files: { "p.jsonl": JSON.stringify({ messages }) } });
  expect(code).toBe(0);
  expect(bodies).toMatchObject([{ messages }]);
});

describe("a parameter is left out", () => {
  const both = ["temperature", "max_tokens"];
  const rows: [string, readonly string[], unknown, readonly string[]][] = [
    ["off", ["--temperature", "off", "--max-tokens", "off"], {}, both],
    ["null in --param", ["--param", "temperature=null", "--param", "max_tokens=null"], {}, both],
    ["null in the file", [], { temperature: null, max_tokens: null }, both],
    ["null in the file's params", [], { params: { temperature: null, max_tokens: null } }, both],
    ["off over the file", ["--top-p", "off"], { top_p: 0.5 }, ["top_p"]],
    ["null over the file's params", ["--param", "seed=null"], { params: { seed: 1 } }, ["seed"]],
    ["null for what is always sent", ["--param", "stream_options=null"], {}, ["stream_options"]],
    ["its other name", ["--param", "max_completion_tokens=50"], {}, ["max_tokens"]],
  ];
  for (const [name, args, defaults, absent] of rows)
    test(`by ${name}`, async () => {
      const files = { "c.json": JSON.stringify({ defaults }) };
      const { code, bodies } = await run([...args, "--config", "c.json", "hi"], { files });
      expect(code).toBe(0);
      for (const key of absent) expect(bodies[0]).not.toHaveProperty(key);
      expect(bodies[0]).toMatchObject({ stream: true });
    });

  test("by null in a line of the prompts, of all that was said before", async () => {
    const files = { "p.jsonl": '{"prompt":"hi","temperature":null}' };
    const { bodies } = await run(["--temperature", "1", "--prompts", "p.jsonl"], { files });
    expect(bodies[0]).not.toHaveProperty("temperature");
    expect(bodies[0]).toHaveProperty("max_tokens");
  });

  test("and a report says that there was no limit", async () => {
    const args = ["--requests", "2", "--max-tokens", "off", "--report", "r.json", "hi"];
    const { code, files } = await run(args, {}, "bench");
    expect(code).toBe(0);
    expect(JSON.parse(files["r.json"] ?? "")).toMatchObject({ plan: { max_tokens: null } });
  });
});

test("a prompts file that gives fewer prompts than were counted is an error", async () => {
  const folder = await mkdtemp(join(tmpdir(), "llmaas-shrinks-"));
  const file = join(folder, "p.txt");
  // So long that they are not all read ahead.
  await Bun.write(file, Array.from({ length: 40 }, (_, i) => `${i} ${"x".repeat(400_000)}\n`).join(""));
  const args = ["stream", "--endpoint", simulator.url, "-j", "1", "--json", "--prompts", file, "--records", "r.jsonl"];
  // Nothing is read before somebody takes what is written.
  const before = simulator.requests().length;
  const program = await startProgram(args, { hold: true });
  while (simulator.requests().length === before) await Bun.sleep(10);
  truncateSync(file, 100);
  program.release();
  const { code, stderr, files } = await program.ended;
  await rm(folder, { recursive: true });
  expect(stderr).toContain("was changed during the run: it held");
  expect(code).toBe(2);
  expect((files["r.jsonl"] ?? "").length).toBeGreaterThan(0);
});
