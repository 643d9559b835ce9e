import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { event, HEAD, response } from "../fixtures/answers.ts";
import { messages, responses, typed } from "../fixtures/api-answers.ts";
import { startRawServer } from "../fixtures/raw-server.ts";
import { runProgram } from "./program.ts";

const METRICS = { queue_time_ms: 1, time_to_first_token_ms: 4 };
const COUNTED = { input_tokens: 20, input_tokens_details: { cached_tokens: 5 }, output_tokens: 2 };
/** In the API whose path is asked for. */
const ANSWERS: Readonly<Record<string, string>> = {
  "/v1/responses":
    responses.text("Bon") + responses.text("jour") + responses.end("completed", { usage: COUNTED, metrics: METRICS }),
  "/v1/messages":
    messages.start({ input_tokens: 15, cache_read_input_tokens: 5, output_tokens: 1 }) +
    messages.text("Bon") +
    messages.text("jour") +
    typed("message_delta", { delta: { stop_reason: "end_turn" }, usage: { output_tokens: 2 }, metrics: METRICS }) +
    messages.stop,
};
const LIST = response("200 OK", "Content-Type: application/json\r\n", JSON.stringify({ data: [{ id: "m" }] }));

test("what a server says of its own work and its cache, and the API, come out of bench in every form", async () => {
  await using server = startRawServer(async ({ request, write, fin }) => {
    await Bun.sleep(5);
    await write(request.path === "/v1/models" ? LIST : HEAD + (ANSWERS[request.path] ?? event({})));
    fin();
  });
  const folder = await mkdtemp(join(tmpdir(), "llmaas-server-"));
  const run = (...args: string[]) =>
    runProgram([...args], { cwd: folder, env: { LLMAAS_LANG: "en", LLMAAS_API_KEY: "sk-served-0123456" } });
  try {
    for (const api of ["responses", "messages"]) {
      const files = ["--report", `${api}.json`, "--records", `${api}.jsonl`];
      const { code, stdout } = await run(
        "bench",
        "--endpoint",
        server.url,
        "--api",
        api,
        "-j",
        "2",
        "--requests",
        "6",
        ...files,
        "Hi",
      );
      expect([api, code]).toEqual([api, 0]);
      expect(stdout).toMatch(/^Prompt cache +25% of the prompt tokens$/m);
      expect(stdout).toMatch(/^Server \(means\) +queue 1\.00 ms · prefill 3\.00 ms$/m);
      expect(stdout).toContain("network and client");
      expect(stdout).toContain(`${api} API`);
      const report: unknown = await Bun.file(join(folder, `${api}.json`)).json();
      const mean = (value: number) => ({ mean: value, count: 6 });
      const expected = { queue_ms: mean(1), prefill_ms: mean(3), ttft_ms: mean(4) };
      expect(report).toMatchObject({
        api,
        steps: [{ results: [{ server: expected, lengths: { cached_prompt_tokens: 30, cached_out_of: 120 } }] }],
      });
      const records = (await Bun.file(join(folder, `${api}.jsonl`)).text()).trim().split("\n");
      expect(records).toHaveLength(6);
      for (const line of records)
        expect(JSON.parse(line)).toMatchObject({
          api,
          cached_prompt_tokens: 5,
          server: { queue_ms: 1, ttft_ms: 4, prefill_ms: null },
        });
    }
    const compared = await run("compare", "responses.json", "messages.json");
    expect(compared.stdout).toContain("API responses in A, messages in B");
    const list = await run("models", "--endpoint", server.url, "--api", "messages", "--json");
    expect(JSON.parse(list.stdout)).toMatchObject({ api: "messages", models: [{ id: "m" }] });
    const json = await run("stream", "--endpoint", server.url, "--api", "messages", "--json", "Hi");
    const lines = json.stdout
      .trim()
      .split("\n")
      .map((line): { type: string } => JSON.parse(line));
    expect(lines.find(({ type }) => type === "started")).toMatchObject({ api: "messages" });
    expect(lines.at(-1)).toMatchObject({ type: "record", api: "messages", server: { queue_ms: 1 } });
    const person = await run("stream", "--endpoint", server.url, "--api", "messages", "Hi");
    expect(person.stderr).toContain("/v1 (messages)");
  } finally {
    await rm(folder, { recursive: true });
  }
}, 60_000);
