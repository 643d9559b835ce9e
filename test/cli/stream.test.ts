import { afterAll, describe, expect, test } from "bun:test";
import { startSimulator } from "../../src/simulator/server.ts";
import { runProgram, type ProgramOptions } from "./program.ts";

const TEXT = "Once upon a time, a robot saw a painting:\nit was blue — très bleu 🎨.";
const simulator = startSimulator({ answer: () => TEXT, control: { rate: 0, ttft_ms: 0 } });
afterAll(() => simulator.stop());

const stream = (args: readonly string[], options?: ProgramOptions) =>
  runProgram(["stream", "--endpoint", simulator.url, ...args], options);

function lastRequest(): Record<string, unknown> {
  return JSON.parse(simulator.requests().at(-1)?.body ?? "{}");
}

describe("stdout of one stream", () => {
  test("in a pipe is the exact visible text and nothing more", async () => {
    const { code, stdout, stderr } = await stream(["What is art?"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: TEXT });
    expect(stderr).toContain("Tokens received: ");
    expect(stderr).toContain("Time to first token: ");
    expect(stderr).toContain("Verdict: complete (stop)");
  });

  test("on a terminal stands inside the frame of the demonstration, in its order", async () => {
    const { code, stdout } = await stream(["What is art?"], {
      terminal: true,
      env: { TERM: "xterm", LLMAAS_LANG: "fr" },
    });
    expect(code).toBe(0);
    const marks = [
      "🔧 Configuration",
      "   - API",
      "   - Modèle",
      "   - Streaming",
      "🚀 ",
      "📊 Modèle",
      "💭 Question",
      "🎬 ",
      "====",
      "Once upon",
      "bleu 🎨.",
      "====",
      "✅ ",
      "📊 Tokens reçus",
      "⏱️  Durée",
      "🚀 Vitesse",
    ];
    let from = 0;
    for (const mark of marks) {
      expect(stdout.slice(from)).toContain(mark);
      from = stdout.indexOf(mark, from) + mark.length;
    }
  });

  test("with --quiet is all there is", async () => {
    const { stdout, stderr } = await stream(["--quiet", "What is art?"]);
    expect({ stdout, stderr }).toEqual({ stdout: TEXT, stderr: "" });
  });

  test("with --json is one event a line, the last of which is the record", async () => {
    const { stdout, stderr } = await stream(["--json", "What is art?"]);
    const lines = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map((line) => line.type).filter((type, index, all) => type !== all[index - 1])).toEqual([
      "started",
      "sent",
      "opened",
      "delta",
      "ended",
      "record",
    ]);
    expect(lines.every((line) => line.v === 1 && line.stream === 0)).toBe(true);
    const record = lines.at(-1);
    expect(
      lines
        .filter((line) => line.type === "delta")
        .map((line) => line.text)
        .join(""),
    ).toBe(TEXT);
    expect(record).toMatchObject({
      text: TEXT,
      verdict: "complete",
      finish_reason: "stop",
      tokens_source: "usage",
      error: null,
      attempts: 1,
    });
    expect(stderr).toBe("");
  });
});

describe("the request", () => {
  test("carries every option of one prompt", async () => {
    const options = [
      "-m",
      "gemma3:4b",
      "-s",
      "Be brief.",
      "--max-tokens",
      "77",
      "--temperature",
      "0.1",
      "--top-p",
      "0.5",
    ];
    await stream([
      ...options,
      "--param",
      'user="me"',
      "--param",
      "simulate={}",
      "--header",
      "x-one: 1",
      "--header",
      "X-Two: deux",
      "Hi",
    ]);
    expect(lastRequest()).toMatchObject({
      model: "gemma3:4b",
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "Hi" },
      ],
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 77,
      temperature: 0.1,
      top_p: 0.5,
      user: "me",
    });
    expect(simulator.requests().at(-1)?.headers).toMatchObject({
      "x-one": "1",
      "x-two": "deux",
      "accept-encoding": "identity",
    });
    expect(simulator.requests().at(-1)?.headers).not.toHaveProperty("authorization");
  });

  test('takes `llmaas "two words"` for a prompt, and refuses one word that is no verb', async () => {
    const said = await runProgram(["two words", "--endpoint", simulator.url]);
    expect(said.stdout).toBe(TEXT);
    const refused = await runProgram(["steam"]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/Did you mean \S.* stream\?/);
  });

  test("sends the default prompt in the chosen language when there is none", async () => {
    await stream([], { env: { LLMAAS_LANG: "fr" } });
    expect(lastRequest()["messages"]).toEqual([
      { role: "user", content: "Écris-moi une courte histoire sur un robot qui découvre l’art." },
    ]);
  });
});

describe("standard input", () => {
  test("is the prompt when there is no other, or where - stands for it", async () => {
    await stream([], { stdin: "from a pipe\n" });
    expect(lastRequest()["messages"]).toEqual([{ role: "user", content: "from a pipe" }]);
    await stream(["-"], { stdin: "from a dash" });
    expect(lastRequest()["messages"]).toEqual([{ role: "user", content: "from a dash" }]);
  });

  test("is appended to the prompt with --stdin", async () => {
    await stream(["--stdin", "Sum up:"], { stdin: "a long text\n" });
    expect(lastRequest()["messages"]).toEqual([{ role: "user", content: "Sum up:\n\na long text" }]);
  });

  test("is refused when it is empty, or wanted twice", async () => {
    const empty = await stream([], { stdin: "\n" });
    expect(empty.code).toBe(2);
    expect(empty.stderr).toContain("empty");
    const twice = await stream(["-", "--stdin"], { stdin: "x" });
    expect(twice.code).toBe(2);
    expect(twice.stderr).toContain("read once");
  });
});

describe("the command line is refused with what is accepted", () => {
  const wrong: [string[], string][] = [
    [["--tempereture", "1", "x y"], "--temperature"],
    [["--temperature", "3", "x y"], "a number from 0 to 2"],
    [["--temperature", "0,8", "x y"], "Write 0.8, with a point."],
    [["--temperature", "1", "--temperature", "0.5", "x y"], "given twice"],
    [["--max-tokens", "0", "x y"], "a whole number from 1 on"],
    [["--timeout", "soon", "x y"], "500ms"],
    [["--reasoning", "maybe", "x y"], "It takes show or hide."],
    [["--model", "--json", "x y"], "--model needs the name of a model"],
    [["--json=yes", "x y"], "takes no value"],
    [["--param", "user=me", "x y"], "--param 'user=\"me\"'"],
    [["--header", "nonsense", "x y"], "--header"],
    [["--demo", "--append", "--force", "--records", "r", "x y"], "--append adds to a file, --force replaces it"],
    [["--endpoint", "ftp://host/", "x y"], "https://host/v1"],
    [["--endpoint", "127.0.0.1:8080/v1", "x y"], "Did you mean http://127.0.0.1:8080/v1?"],
    [["--timeout", "30sec", "x y"], "Did you mean 30s?"],
  ];
  test.each(wrong)("%j", async (args, words) => {
    const { code, stdout, stderr } = await runProgram(["stream", ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(words);
  });
});

describe("--records", () => {
  test("writes one whole line a stream, never over an existing file unless told to", async () => {
    const { files } = await stream(["--records", "r.jsonl", "One"]);
    const [line = "", rest] = (files["r.jsonl"] ?? "").split("\n");
    expect(rest).toBe("");
    expect(JSON.parse(line)).toMatchObject({ v: 1, type: "record", prompt: "One", text: TEXT, demo: false });
    const refused = await stream(["--records", "r.jsonl", "Two"], { files: { "r.jsonl": line } });
    expect(refused.code).toBe(2);
    expect(refused.files["r.jsonl"]).toBe(line);
    const appended = await stream(["--records", "r.jsonl", "--append", "Two"], { files: { "r.jsonl": `${line}\n` } });
    expect(
      appended.files["r.jsonl"]
        ?.trimEnd()
        .split("\n")
        .map((text) => JSON.parse(text).prompt),
    ).toEqual(["One", "Two"]);
    const forced = await stream(["--records", "r.jsonl", "--force", "Three"], { files: { "r.jsonl": "old" } });
    expect(JSON.parse(forced.files["r.jsonl"] ?? "").prompt).toBe("Three");
  });
});

describe("reasoning and tools", () => {
  test("go to stderr and to the record, not to the answer", async () => {
    const thinking = ["--param", 'simulate={"reasoning_tokens":5}', "Why?"];
    const shown = await stream(thinking);
    expect(shown.stdout).toBe(TEXT);
    expect(shown.stderr).toContain("The question");
    expect((await stream(["--reasoning", "hide", ...thinking])).stderr).not.toContain("The question");
  });
});
