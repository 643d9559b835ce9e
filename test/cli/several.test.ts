import { afterAll, describe, expect, test } from "bun:test";
import { startSimulator } from "../../src/simulator/server.ts";
import { runProgram, startProgram, type ProgramOptions } from "./program.ts";

const simulator = startSimulator({
  answer: ({ model, prompt }) => `${model} on ${prompt}`,
  control: { rate: 0, ttft_ms: 0 },
});
afterAll(() => simulator.stop());

const stream = (args: readonly string[], options?: ProgramOptions) =>
  runProgram(["stream", "--endpoint", simulator.url, ...args], options);

type Json = Record<string, unknown>;

function recordsOf(jsonLines: string): Json[] {
  const records: Json[] = jsonLines
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line))
    .filter((line) => line.type === "record");
  return records.toSorted((a, b) => Number(a["stream"]) - Number(b["stream"]));
}

const asked = (jsonLines: string): unknown[] =>
  recordsOf(jsonLines).map((record) => [record["prompt"], record["model"], record["repeat"]]);

describe("the jobs of a run", () => {
  test("are prompts × models × repeats", async () => {
    const { code, stdout } = await stream([
      "--json",
      "-m",
      "gemma3:4b,cogito:3b",
      "-n",
      "2",
      "What is art?",
      "Who are you?",
    ]);
    expect(code).toBe(0);
    expect(asked(stdout)).toEqual([
      ["What is art?", "gemma3:4b", 0],
      ["What is art?", "cogito:3b", 0],
      ["What is art?", "gemma3:4b", 1],
      ["What is art?", "cogito:3b", 1],
      ["Who are you?", "gemma3:4b", 0],
      ["Who are you?", "cogito:3b", 0],
      ["Who are you?", "gemma3:4b", 1],
      ["Who are you?", "cogito:3b", 1],
    ]);
  });

  test("are refused when a forgotten quote makes words of them, unless --each says so", async () => {
    const before = simulator.requests().length;
    const refused = await stream(["What", "is", "art?"]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("--each");
    expect(simulator.requests().length).toBe(before);
    const { stdout } = await stream(["--json", "--each", "What", "is"]);
    expect(recordsOf(stdout).map((record) => record["prompt"])).toEqual(["What", "is"]);
  });

  test("are never more at once than --concurrency", async () => {
    const own = startSimulator({ control: { rate: 0, ttft_ms: 60, text: "x" } });
    await runProgram(["stream", "--endpoint", own.url, "-j", "3", "-n", "12", "-q", "two words"]);
    expect(own.peak()).toBe(3);
    expect(own.requests().length).toBe(12);
    await own.stop();
  });
});

describe("--prompts", () => {
  test("takes a text file, one prompt a line", async () => {
    const { stdout } = await stream(["--json", "--prompts", "p.txt"], {
      files: { "p.txt": "one\n\ntwo words\r\nthree" },
    });
    expect(recordsOf(stdout).map((record) => record["prompt"])).toEqual(["one", "two words", "three"]);
  });

  test("takes JSONL with prompt or messages, and a line's own model and sampling", async () => {
    const lines = [
      { prompt: "one", model: "cogito:3b", max_tokens: 2 },
      {
        messages: [
          { role: "system", content: "Be kind." },
          { role: "user", content: "two" },
        ],
        temperature: 0,
      },
    ];
    const files = { "p.jsonl": lines.map((line) => JSON.stringify(line)).join("\n") };
    const { stdout } = await stream(["--json", "--prompts", "p.jsonl", "-m", "gemma3:4b"], { files });
    const [one, two] = recordsOf(stdout);
    expect(one).toMatchObject({
      prompt: "one",
      model: "cogito:3b",
      verdict: "length",
      request: { params: { max_tokens: 2 } },
    });
    expect(two).toMatchObject({ prompt: "two", model: "gemma3:4b", request: { params: { temperature: 0 } } });
  });

  test("takes standard input, and starts before it ends", async () => {
    const { stdout } = await stream(["--json", "--prompts", "-"], { stdin: '{"prompt":"a"}\n{"prompt":"b"}\n' });
    expect(recordsOf(stdout).map((record) => record["prompt"])).toEqual(["a", "b"]);
  });

  test("names a bad line with its number before anything is sent, or leaves it out and counts it", async () => {
    const files = { "p.jsonl": '{"prompt":"a"}\n{"promt":"b"}\nnonsense\n{"prompt":"c"}\n' };
    const before = simulator.requests().length;
    const refused = await stream(["--prompts", "p.jsonl"], { files });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("line 2");
    expect(simulator.requests().length).toBe(before);
    const { code, stdout, stderr } = await stream(["--json", "--skip-invalid", "--prompts", "p.jsonl"], { files });
    expect(code).toBe(0);
    expect(recordsOf(stdout).map((record) => record["prompt"])).toEqual(["a", "c"]);
    expect(stderr).toContain("2 lines");
    expect(stderr).toContain("line 2");
  });

  test("refuses what is not UTF-8, rather than send other letters than the file has", async () => {
    const texts = {
      "latin.txt": Buffer.from("caf\xe9\n", "latin1"),
      "bare.txt": Buffer.from("hello\n", "utf16le"),
      "binary.jsonl": Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0]),
    };
    for (const [name, bytes] of Object.entries(texts)) {
      const { code, stderr } = await stream(["--prompts", name], { files: { [name]: bytes } });
      expect(stderr).toContain(`${name}, line 1: this is not UTF-8 text.`);
      expect(code).toBe(2);
    }
  });

  test("says so when the file is missing, empty, or named beside a prompt", async () => {
    expect((await stream(["--prompts", "none.txt"])).stderr).toContain("none.txt");
    expect((await stream(["--prompts", "p.txt"], { files: { "p.txt": "\n\n" } })).code).toBe(2);
    expect((await stream(["--prompts", "p.txt", "a b"], { files: { "p.txt": "x" } })).code).toBe(2);
  });
});

describe("several answers in a pipe", () => {
  test("come whole, each after a line that says whose it is", async () => {
    const { code, stdout } = await stream(["-m", "gemma3:4b,cogito:3b", "What is art?"]);
    expect(code).toBe(0);
    const blocks = stdout.split(/^(?==== )/m).toSorted();
    expect(blocks).toEqual([
      "=== prompt 1 · cogito:3b ===\ncogito:3b on What is art?\n",
      "=== prompt 1 · gemma3:4b ===\ngemma3:4b on What is art?\n",
    ]);
  });
});

describe("the failure of one stream", () => {
  const bad = { prompt: "bad", model: "nobody" };
  const files = {
    "p.jsonl": [{ prompt: "good" }, bad, { prompt: "fine" }].map((line) => JSON.stringify(line)).join("\n"),
  };

  test("neither stops the others nor hides itself", async () => {
    const {
      code,
      stdout,
      stderr,
      files: after,
    } = await stream(["--prompts", "p.jsonl", "--records", "r.jsonl"], { files });
    expect(code).toBe(1);
    expect(stdout).toContain("on good");
    expect(stdout).toContain("on fine");
    expect(stderr).toContain("prompt 2 · nobody");
    expect(recordsOf(after["r.jsonl"] ?? "").map((record) => record["verdict"])).toEqual([
      "complete",
      "failed",
      "complete",
    ]);
  });

  test("with --fail-fast ends what runs and starts nothing more", async () => {
    const slow = startSimulator({ control: { rate: 5, ttft_ms: 0 } });
    const lines = [{ prompt: "a" }, bad, ...Array.from({ length: 20 }, () => ({ prompt: "never" }))];
    const many = { "p.jsonl": lines.map((line) => JSON.stringify(line)).join("\n") };
    const args = ["stream", "--endpoint", slow.url, "--fail-fast", "-j", "2", "--prompts", "p.jsonl", "--json"];
    const { code, stdout } = await runProgram(args, { files: many });
    const [first, second, ...more] = recordsOf(stdout);
    expect(code).toBe(1);
    expect(second).toMatchObject({ verdict: "failed" });
    expect(first).toMatchObject({ verdict: "cancelled", error: { reason: "fail_fast" } });
    expect(more).toEqual([]);
    await slow.stop();
  });
});

describe("Ctrl+C during several streams", () => {
  test("ends what runs, starts nothing more, and writes each record whole", async () => {
    const slow = startSimulator({ control: { rate: 20, ttft_ms: 0 } });
    const args = [
      "stream",
      "--endpoint",
      slow.url,
      "-j",
      "3",
      "-n",
      "50",
      "--json",
      "--records",
      "r.jsonl",
      "two words",
    ];
    const program = await startProgram(args);
    for (const stream of [0, 1, 2]) await program.until(`"delta","stream":${stream}`);
    program.signal("SIGINT");
    const { code, files } = await program.ended;
    expect(code).toBe(130);
    const records = recordsOf(files["r.jsonl"] ?? "");
    expect(records.map((record) => record["verdict"])).toEqual(["cancelled", "cancelled", "cancelled"]);
    expect(records.every((record) => Number(record["token_events"]) > 0 && record["text"] !== "")).toBe(true);
    await slow.stop();
  });
});

describe("--image", () => {
  const png = "\x89PNG\r\n\x1a\nrest";

  test("is sent along as a data URL, told by its bytes", async () => {
    const files = { picture: Buffer.from(png, "latin1") };
    await stream(["--image", "picture", "What is this?"], { files });
    const body = JSON.parse(simulator.requests().at(-1)?.body ?? "");
    expect(body.messages[0].content).toEqual([
      { type: "text", text: "What is this?" },
      {
        type: "image_url",
        image_url: { url: `data:image/png;base64,${Buffer.from(png, "latin1").toString("base64")}` },
      },
    ]);
  });

  test("is refused when it is none, or not there", async () => {
    const none = await stream(["--image", "a.png", "What is this?"], { files: { "a.png": "text" } });
    expect(none.code).toBe(2);
    expect(none.stderr).toContain("png, jpeg, webp, gif");
    expect((await stream(["--image", "b.png", "What is this?"])).stderr).toContain("b.png");
  });
});

test("beyond 256 streams at once all of them reach the server", async () => {
  const own = startSimulator({ control: { rate: 0, ttft_ms: 4000, text: "x" } });
  const { code } = await runProgram(["stream", "--endpoint", own.url, "-j", "300", "-n", "300", "-q", "two words"]);
  expect(code).toBe(0);
  expect(own.peak()).toBe(300);
  await own.stop();
}, 40_000);
