import { afterAll, expect, test } from "bun:test";
import { DONE, event } from "../fixtures/answers.ts";
import { runProgram } from "./program.ts";

const HOSTILE = "\n::error title=x::y\n ::add-mask::z\n##[error]w";
const ANSWER = "::warning::said by a model\n##[group]x";

/** A server that says workflow commands wherever it may say something. */
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  async fetch(request) {
    if (new URL(request.url).pathname === "/v1/models")
      return Response.json({ object: "list", data: [{ id: HOSTILE }, { id: "::debug::m" }, { id: "##[m]" }] });
    const text = await request.text();
    if (text.includes("bad")) return Response.json({ error: { message: HOSTILE, code: HOSTILE } }, { status: 400 });
    const thought = { choices: [{ delta: { reasoning_content: HOSTILE } }] };
    const said = { id: HOSTILE, model: HOSTILE, choices: [{ delta: { content: ANSWER }, finish_reason: "stop" }] };
    return new Response(event(thought) + event(said) + DONE, { headers: { "content-type": "text/event-stream" } });
  },
});
afterAll(() => server.stop(true));

const url = `http://127.0.0.1:${server.port}/v1`;
const env = { GITHUB_ACTIONS: "true", LLMAAS_API_KEY: "sk-0123456789abcdef" };

function commandsIn(text: string): string[] {
  return text.split(/\r\n|\r|\n/).filter((line) => /^[\s\u0085]*::/.test(line) || line.includes("##["));
}

for (const args of [
  ["stream", "bad one"],
  ["stream", "bad one", "--json"],
  ["stream", "a question", "--json"],
  ["stream", "bad one", "--debug", "--lang", "fr"],
  ["models"],
  ["models", "--json"],
  ["bench", "--requests", "2", "bad one"],
  ["bench", "--requests", "2", "--json", "bad one"],
  ["batch", "run", "in.jsonl", "--out", "-"],
  ["batch", "run", "in.jsonl", "--out", "out.jsonl", "-m", "::error::m"],
])
  test(`in a log of GitHub Actions nothing that a server says is a workflow command: ${args.join(" ")}`, async () => {
    const files = { "in.jsonl": '{"prompt":"bad one"}\n{"prompt":"a question"}\n' };
    const { stdout, stderr } = await runProgram([...args, "-e", url], { env, files });
    expect([commandsIn(stdout), commandsIn(stderr)]).toEqual([[], []]);
    const parsed = (args.includes("--json") && args[0] !== "models") || args.includes("-") ? stdout.split("\n") : [];
    expect(() => parsed.filter(Boolean).map((line) => JSON.parse(line))).not.toThrow();
  });

test("the answer on standard output stays exact there, and its reasoning beside it becomes none", async () => {
  const { stdout, stderr } = await runProgram(["stream", "a question", "-e", url], { env });
  expect(stdout).toBe(ANSWER);
  expect(commandsIn(stderr)).toEqual([]);
});

test("elsewhere nothing is changed", async () => {
  const { stderr } = await runProgram(["stream", "bad one", "-e", url], {
    env: { LLMAAS_API_KEY: env.LLMAAS_API_KEY },
  });
  expect(stderr).not.toContain("\\");
});
