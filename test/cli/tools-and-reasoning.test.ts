import { afterAll, describe, expect, test } from "bun:test";
import { fr } from "../../src/i18n/fr/messages.ts";
import { HOSTILE_NAME } from "../../src/simulator/hostile.ts";
import { startRawServer, type Exchange } from "../fixtures/raw-server.ts";
import { DONE, event, finish, HEAD, token } from "../fixtures/answers.ts";
import { runProgram, type Outcome, type ProgramOptions } from "./program.ts";

/** Ms between a thought and its answer, longer than a busy machine holds a packet. */
const LONG_THOUGHT = 2000;

type Json = { [key: string]: unknown };

/** A fragment of a call; without a name or an id where a server sends none. */
function fragment(index: number, args: string, { id, name }: { id?: string; name?: string } = {}): string {
  const call = { index, ...(id === undefined ? {} : { id, type: "function" }) };
  return event({
    choices: [{ index: 0, delta: { tool_calls: [{ ...call, function: { ...(name && { name }), arguments: args } }] } }],
  });
}

const think = (text: string): string => event({ choices: [{ index: 0, delta: { reasoning_content: text } }] });

/** Two calls whose fragments alternate; the second is never finished. */
const TWO_CALLS = [
  fragment(0, "", { id: "c0", name: "weather" }),
  fragment(1, '{"zo', { id: "c1", name: "clock" }),
  fragment(0, '{"city":'),
  fragment(1, 'ne":'),
  fragment(0, '"Ornans"}'),
];

/** What the server says to each prompt, packet by packet. */
const ANSWERS: { [prompt: string]: readonly string[] } = {
  "call two": [...TWO_CALLS, finish("tool_calls"), DONE],
  "call in one packet": [[...TWO_CALLS, finish("tool_calls"), DONE].join("")],
  "talk and call": [
    token("Let me "),
    token("look."),
    fragment(0, "{}", { id: "c0", name: "weather" }),
    finish("tool_calls"),
    DONE,
  ],
  "call without arguments": [fragment(0, "", { id: "c0", name: "now" }), finish("tool_calls"), DONE],
  "call with an object": [
    event({ choices: [{ delta: { tool_calls: [{ function: { name: "weather", arguments: { city: "Ornans" } } }] } }] }),
    finish("tool_calls"),
    DONE,
  ],
  "call and break off": TWO_CALLS.slice(0, 3),
  "call something evil": [
    fragment(0, '"\u001b[2J\u202e"', { id: "c0", name: HOSTILE_NAME }),
    finish("tool_calls"),
    DONE,
  ],
  "just talk": [token("plain words"), finish(), DONE],
  "think first": [think("Let me think. "), think("Six times seven."), token("It is "), token("42."), finish(), DONE],
  "think long": [think("hm"), token("42"), finish() + DONE],
  "think between": [think("one "), token("A"), think("two "), token("B"), finish(), DONE],
  "think alone": [think("round and round"), finish("length"), DONE],
};

function promptOf({ request }: Exchange): string {
  return JSON.parse(request.body).messages.at(-1).content;
}

const server = startRawServer(async (exchange) => {
  await exchange.write(HEAD);
  const prompt = promptOf(exchange);
  await exchange.drip(ANSWERS[prompt] ?? [], prompt === "think long" ? LONG_THOUGHT : 5);
  exchange.fin();
});
afterAll(() => server[Symbol.asyncDispose]());

const stream = (args: readonly string[], options?: ProgramOptions): Promise<Outcome> =>
  runProgram(["stream", "--endpoint", server.url, "-m", "m", ...args], options);

async function linesOf(...args: string[]): Promise<{ code: number | null; lines: Json[]; record: Json }> {
  const { code, stdout, stderr } = await stream(["--json", ...args]);
  if (stdout === "") throw new Error(stderr);
  const lines = stdout
    .trimEnd()
    .split("\n")
    .map((line): Json => JSON.parse(line));
  return { code, lines, record: lines.find(({ type }) => type === "record") ?? {} };
}

const WEATHER = { index: 0, id: "c0", name: "weather", arguments: '{"city":"Ornans"}', invalid: false };
const CLOCK = { index: 1, id: "c1", name: "clock", arguments: '{"zone":', invalid: true };

describe("tool calls of one prompt", () => {
  test("are put together by index, from many packets or one, and stand in the record", async () => {
    for (const prompt of ["call two", "call in one packet"]) {
      const { code, record } = await linesOf(prompt);
      expect(code).toBe(0);
      expect(record).toMatchObject({ verdict: "complete", text: "", tool_calls: [WEATHER, CLOCK], token_events: 5 });
    }
  });

  test("are shown on stderr with name and arguments, the invalid one named, and stdout stays empty", async () => {
    const { code, stdout, stderr } = await stream(["call two"]);
    expect([code, stdout]).toEqual([0, ""]);
    const shown = stderr.split("\n").filter((line) => line.startsWith("🔧 ") && line.includes("("));
    expect(shown).toEqual([
      '🔧 Tool call: weather({"city":"Ornans"})',
      expect.stringMatching(/^🔧 Tool call: clock\(\{"zone":\) .*not valid JSON/),
    ]);
  });

  test("are said in French too", async () => {
    const { stderr } = await stream(["--lang", "fr", "call two"]);
    expect(stderr).toContain(`${fr.frame.tool}weather({"city":"Ornans"})`);
    expect(stderr).toContain(`${fr.frame.tool}clock({"zone":) ${fr.frame.invalidArguments}`);
  });

  test("leave the words beside them as they are", async () => {
    const { code, stdout, stderr } = await stream(["talk and call"]);
    expect([code, stdout]).toEqual([0, "Let me look."]);
    expect(stderr).toContain("weather({})");
  });

  test("may have no arguments, or an object where a text belongs", async () => {
    const none = await linesOf("call without arguments");
    expect(none.record["tool_calls"]).toEqual([{ index: 0, id: "c0", name: "now", arguments: "", invalid: false }]);
    const object = await linesOf("call with an object");
    const call = { index: 0, id: null, name: "weather", arguments: '{"city":"Ornans"}', invalid: false };
    expect(object.record["tool_calls"]).toEqual([call]);
  });

  test("that break off are kept and named invalid", async () => {
    const { code, record } = await linesOf("call and break off");
    expect(code).toBe(3);
    expect(record).toMatchObject({
      verdict: "truncated",
      tool_calls: [
        { name: "weather", arguments: '{"city":', invalid: true },
        { name: "clock", arguments: '{"zo', invalid: true },
      ],
    });
    const { stderr } = await stream(["call and break off"]);
    expect(stderr).toMatch(/weather\(\{"city":\) .*not valid JSON/);
  });

  test("stand in --json as the fragments they came in, with the stream's number", async () => {
    const { lines } = await linesOf("call two");
    const deltas = lines.filter(({ type }) => type === "delta");
    expect(deltas.every((line) => line["stream"] === 0 && line["v"] === 1 && line["text"] === "")).toBe(true);
    const fragments = deltas.flatMap((line) => line["tool_calls"] as Json[]);
    expect(fragments).toEqual([
      { index: 0, id: "c0", name: "weather", arguments: "" },
      { index: 1, id: "c1", name: "clock", arguments: '{"zo' },
      { index: 0, id: null, name: null, arguments: '{"city":' },
      { index: 1, id: null, name: null, arguments: 'ne":' },
      { index: 0, id: null, name: null, arguments: '"Ornans"}' },
    ]);
    expect(lines.slice(-2).map(({ type }) => type)).toEqual(["ended", "record"]);
  });

  test("do a terminal no harm by their name or arguments, and are exact in the record", async () => {
    const { record } = await linesOf("call something evil");
    expect(record["tool_calls"]).toMatchObject([{ name: HOSTILE_NAME, arguments: '"\u001b[2J\u202e"' }]);
    const { code, stdout } = await stream(["call something evil"], { terminal: true });
    expect(code).toBe(0);
    expect(stdout).toContain("evil␛]52;c;aGk=␇⟨U+202E⟩⟨U+009B⟩31m␍");
    expect(stdout).not.toMatch(/\u001b\]|\u001b\[2J|[\u009b\u202e\u0007]/);
  });
});

describe("tool calls of several prompts", () => {
  test("are shown with whose they are, the invalid one named, and stand in each one's record", async () => {
    const args = ["--records", "r.jsonl", "call two", "just talk", "talk and call"];
    const { code, stdout, stderr, files } = await stream(args);
    expect(code).toBe(0);
    expect(stdout).toContain("plain words");
    expect(stdout).toContain("Let me look.");
    expect(stdout).not.toContain("weather");
    const lines = stderr.split("\n").filter((line) => /weather|clock/.test(line));
    expect(lines.toSorted()).toEqual([
      expect.stringMatching(/prompt 1 · m .*clock\(\{"zone":\) .*not valid JSON/),
      expect.stringMatching(/prompt 1 · m .*weather\(\{"city":"Ornans"\}\)$/),
      expect.stringMatching(/prompt 3 · m .*weather\(\{\}\)$/),
    ]);
    const records = (files["r.jsonl"] ?? "")
      .trimEnd()
      .split("\n")
      .map((line): Json => JSON.parse(line));
    const calls = records.map((record): [unknown, unknown] => [record["prompt_index"], record["tool_calls"]]);
    expect(calls.toSorted((a, b) => Number(a[0]) - Number(b[0]))).toEqual([
      [0, [WEATHER, CLOCK]],
      [1, []],
      [2, [{ ...WEATHER, arguments: "{}" }]],
    ]);
  });

  test("keep to their stream in --json", async () => {
    const { lines } = await linesOf("-n", "4", "call two", "talk and call");
    for (let n = 0; n < 8; n++) {
      const fragments = lines.filter((line) => line["type"] === "delta" && line["stream"] === n);
      const args = fragments
        .flatMap((line) => line["tool_calls"] as Json[])
        .filter(({ index }) => index === 0)
        .map((call) => call["arguments"]);
      expect(args.join("")).toBe(n < 4 ? '{"city":"Ornans"}' : "{}");
    }
  });
});

describe("reasoning", () => {
  const DIM = "\u001b[2m";

  test("is dimmed on a terminal, and the answer is not", async () => {
    const { code, stdout } = await stream(["think first"], { terminal: true });
    expect(code).toBe(0);
    const dimmed = [...stdout.matchAll(/\u001b\[2m(.*?)\u001b\[22m/gs)].map(([, text]) => text).join("");
    expect(dimmed).toContain("Let me think. ");
    expect(dimmed).toContain("Six times seven.");
    expect(dimmed).not.toContain("42.");
    expect(stdout).toContain("It is 42.");
    expect(stdout.indexOf("Six times seven.")).toBeLessThan(stdout.indexOf("It is 42."));
  });

  test("has no colour where none is wanted", async () => {
    for (const env of [{ NO_COLOR: "1" }, { TERM: "dumb" }]) {
      const { stdout } = await stream(["think first"], { terminal: true, env });
      expect(stdout).toContain("Let me think. ");
      expect(stdout).not.toContain(DIM);
    }
  });

  test("goes to stderr in a pipe, without colours; stdout has the exact answer", async () => {
    const { code, stdout, stderr } = await stream(["think between"]);
    expect([code, stdout]).toEqual([0, "AB"]);
    expect(stderr).toContain("one ");
    expect(stderr).toContain("two ");
    expect(stderr).not.toContain("\u001b");
  });

  test("is not shown with --reasoning hide, but kept in the record", async () => {
    const onTerminal = await stream(["--reasoning", "hide", "think first"], { terminal: true });
    expect(onTerminal.stdout).toContain("It is 42.");
    expect(onTerminal.stdout).not.toContain("Let me think");
    const args = ["--reasoning", "hide", "--records", "r.jsonl", "think first"];
    const { stdout, stderr, files } = await stream(args);
    expect(stdout).toBe("It is 42.");
    expect(stderr).not.toContain("Let me think");
    expect(JSON.parse(files["r.jsonl"] ?? "")).toMatchObject({
      text: "It is 42.",
      reasoning: "Let me think. Six times seven.",
    });
  });

  test("is refused any other wish", async () => {
    const { code, stderr } = await stream(["--reasoning", "maybe", "think first"]);
    expect(code).toBe(2);
    expect(stderr).toContain("It takes show or hide.");
  });

  test("stands in --json beside the words of each delta, and whole in the record", async () => {
    const { lines, record } = await linesOf("think between");
    const deltas = lines.filter(({ type }) => type === "delta");
    const joined = (key: string): string => deltas.map((line) => line[key]).join("");
    expect([joined("text"), joined("reasoning")]).toEqual(["AB", "one two "]);
    expect(record).toMatchObject({ text: "AB", reasoning: "one two ", token_events: 4 });
  });

  test("has its time: from the first thought to the first word", async () => {
    const { record } = await linesOf("think long");
    expect(Number(record["ttfo_ms"])).toBeGreaterThan(Number(record["ttft_ms"]));
    const thinking = Number(record["ttfo_ms"]) - Number(record["ttft_ms"]);
    expect(Number(record["thinking_ms"])).toBeCloseTo(thinking, 1);
    expect(thinking).toBeGreaterThan(0);
  });

  test("alone is no answer: empty, although max_tokens cut it", async () => {
    const { code, record } = await linesOf("think alone");
    expect(code).toBe(3);
    expect(record).toMatchObject({
      verdict: "empty",
      text: "",
      reasoning: "round and round",
      error: { kind: "empty" },
    });
  });

  test("of several prompts is kept apart, and out of stdout", async () => {
    const args = ["--records", "r.jsonl", "-n", "3", "think first", "think between"];
    const { code, stdout, files } = await stream(args);
    expect(code).toBe(0);
    expect(stdout).not.toMatch(/Let me think|one|two/);
    const records = (files["r.jsonl"] ?? "")
      .trimEnd()
      .split("\n")
      .map((line): Json => JSON.parse(line));
    const kept = records.map((record) => [record["prompt"], record["text"], record["reasoning"]]);
    expect(kept.toSorted()).toEqual([
      ...Array.from({ length: 3 }, () => ["think between", "AB", "one two "]),
      ...Array.from({ length: 3 }, () => ["think first", "It is 42.", "Let me think. Six times seven."]),
    ]);
  });
});
