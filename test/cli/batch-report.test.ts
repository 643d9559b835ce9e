import { describe, expect, test } from "bun:test";
import { batchLines, startBatchServer } from "../batch/server.ts";
import { runProgram } from "./program.ts";

const ENV = { LLMAAS_API_KEY: "sk-batch-0123456789" };

const STREAM = { headers: { "content-type": "text/event-stream" } };

describe("batch report", () => {
  test("says all of a batch from its results alone; exit 3 where some are no answers, 0 where all are", async () => {
    await using server = startBatchServer(({ prompt }) =>
      ["r3", "r4"].includes(prompt)
        ? Response.json({ error: { message: "no such", code: "bad" } }, { status: 400 })
        : prompt,
    );
    const args = ["batch", "run", "in.jsonl", "--out", "out.jsonl", "-e", server.url];
    const { files } = await runProgram(args, { env: ENV, files: { "in.jsonl": batchLines(30) } });
    const out = files["out.jsonl"] ?? "";
    const report = (results: string, ...more: string[]) =>
      runProgram(["batch", "report", "out.jsonl", ...more], { files: { "out.jsonl": results } });
    const text = await report(out);
    expect([text.code, text.stderr]).toEqual([3, ""]);
    expect(text.stdout).toContain("out.jsonl: 30 results, 28 answered, 2 failed\nVerdicts: ");
    expect(text.stdout).toContain("Tokens: 84 in the prompts, 140 in the answers\n");
    expect(text.stdout).toMatch(/2 × bad \((?:r3, r4|r4, r3)\) The server refused/);
    expect(text.stdout).toMatch(/First token \(TTFT\)|TTFT +p50/);
    const json = await report(out, "--json");
    expect([json.code, JSON.parse(json.stdout)]).toMatchObject([
      3,
      {
        v: 1,
        type: "batch_report",
        results: 30,
        answered: 28,
        failed: 2,
        verdicts: { complete: 28, failed: 2 },
        failures: [{ why: "bad", count: 2 }],
      },
    ]);
    const good = out
      .split("\n")
      .filter((line) => !line.includes('"failed"'))
      .join("\n");
    expect((await report(good)).code).toBe(0);
    const torn = await report(`${good}${good.split("\n")[0]}\n{"custom_id":"r9`);
    expect([torn.code, torn.stdout]).toEqual([
      3,
      expect.stringContaining("1 further result for an id that has one already"),
    ]);
    expect(torn.stdout).toContain("The last line is not whole");
    const french = await report(out, "--lang", "fr");
    expect(french.stdout).toContain("30 résultats, dont 28 réponses obtenues et 2 en échec");
  });

  test("counts what answers took that did not count, as the run that asked for them did", async () => {
    await using server = startBatchServer(({ prompt, nth, body }) => {
      if (prompt === "r2" && nth === 1)
        return new Response('data: {"choices":[{"delta":{"content":"half"}}]}\n\n', STREAM);
      return prompt.startsWith("r1") && !JSON.stringify(body).includes("assistant") ? "nonsense" : '{"a":1}';
    });
    const files = {
      "in.jsonl": batchLines(3),
      "schema.json": '{"type":"object","required":["a"]}',
      "config.json": JSON.stringify({
        api: { endpoint: server.url },
        prices: { currency: "EUR", input: 1000, output: 2000 },
      }),
    };
    const args = ["batch", "run", "in.jsonl", "--out", "out.jsonl", "-c", "config.json", "--schema", "schema.json"];
    const ran = await runProgram([...args, "--json"], { env: ENV, files });
    const end = JSON.parse(ran.stdout.trim().split("\n").at(-1) ?? "");
    expect([ran.code, server.got.length, end.retries]).toEqual([0, 5, 2]);
    const out = ran.files["out.jsonl"] ?? "";
    const told = await runProgram(["batch", "report", "out.jsonl", "--json"], { files: { "out.jsonl": out } });
    const report = JSON.parse(told.stdout);
    const { prompt, completion } = report.tokens;
    expect({ prompt, completion }).toEqual(end.tokens);
    expect([report.retries, report.cost.EUR]).toEqual([end.retries, expect.closeTo(end.cost)]);
    expect(completion).toBeGreaterThan(15);
    expect(out.split("\n").filter((line) => line.includes('"spent":')).length).toBe(2);
  });

  test("reads the results of a provider's batch too, and refuses what is none", async () => {
    const choices = [{ index: 0, message: { role: "assistant", content: "yes" }, finish_reason: "stop" }];
    const body = { model: "m", choices, usage: { prompt_tokens: 3, completion_tokens: 4 } };
    const lines = [
      { id: "x", custom_id: "a", response: { status_code: 200, request_id: "r", body }, error: null },
      { id: "y", custom_id: "b", response: { status_code: 429, request_id: "r", body: { error: {} } }, error: null },
      { id: "z", custom_id: "c", response: null, error: { code: "batch_expired", message: "too late" } },
      ...["d", "e"].map((id) => ({
        custom_id: id,
        response: { status_code: 200, request_id: "r", body: { model: "constructor" } },
        error: null,
      })),
    ];
    const files = { "out.jsonl": lines.map((line) => `${JSON.stringify(line)}\n`).join("") };
    const { code, stdout } = await runProgram(["batch", "report", "out.jsonl", "--json"], { files });
    expect([code, JSON.parse(stdout)]).toMatchObject([
      3,
      {
        answered: 1,
        failed: 4,
        verdicts: { complete: 1, failed: 4 },
        tokens: { prompt: 3, cached: null, completion: 4, reasoning: null },
        models: { m: 1, constructor: 2 },
        failures: [{ why: "not_a_stream", ids: ["d", "e"] }, { why: "429" }, { why: "batch_expired", ids: ["c"] }],
      },
    ]);
    const other = await runProgram(["batch", "report", "out.jsonl"], { files: { "out.jsonl": "hello\n" } });
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining("line 1")]);
    const requests = await runProgram(["batch", "report", "in.jsonl"], { files: { "in.jsonl": batchLines(2) } });
    expect([requests.code, requests.stderr]).toEqual([2, expect.stringContaining("is not a file of results")]);
    const none = await runProgram(["batch", "report", "none.jsonl"]);
    expect([none.code, none.stderr]).toEqual([2, expect.stringMatching(/no file none\.jsonl\.\nCheck its name/)]);
  });

  test("judges the answers that another program has written: what is none is not taken for one", async () => {
    const usage = {
      prompt_tokens: 22,
      completion_tokens: 2,
      prompt_tokens_details: { cached_tokens: 10 },
      completion_tokens_details: { reasoning_tokens: 1 },
    };
    const chat = (content: string, finish_reason: string): object => ({
      object: "chat.completion",
      model: "m",
      choices: [{ index: 0, message: { role: "assistant", content }, finish_reason }],
      usage,
    });
    const output = [{ type: "message", role: "assistant", content: [{ type: "output_text", text: "yes" }] }];
    const given: [id: string, status: number, body: unknown][] = [
      ["whole", 200, chat("yes", "stop")],
      ["cut", 200, chat("ye", "length")],
      ["filtered", 200, chat("", "content_filter")],
      ["empty", 200, chat("", "stop")],
      [
        "response",
        200,
        { object: "response", status: "completed", output, usage: { input_tokens: 1, output_tokens: 2 } },
      ],
      [
        "message",
        200,
        { type: "message", role: "assistant", content: [{ type: "text", text: "yes" }], stop_reason: "end_turn" },
      ],
      ["refused", 400, { error: { message: "no such thing", code: "bad_thing" } }],
      ["nothing", 500, null],
    ];
    const lines = given.map(([custom_id, status_code, body]) =>
      JSON.stringify({ custom_id, response: { status_code, request_id: "r", body }, error: null }),
    );
    const { code, stdout } = await reportOn(`${lines.join("\n")}\n`, "--json");
    const { verdicts, failures, tokens, answered } = JSON.parse(stdout);
    expect([code, answered, verdicts]).toEqual([3, 4, { complete: 3, length: 1, filtered: 1, empty: 1, failed: 2 }]);
    expect(tokens).toMatchObject({ cached: 40, reasoning: 4 });
    expect(failures.find(({ why }: { why: string }) => why === "bad_thing")).toMatchObject({
      message: "no such thing",
    });
  });

  test("says what a file without a whole result holds, and is not content with it", async () => {
    const line = '{"custom_id":"a","llmaas":{"request":"00000000","verdict":"complete"},"response":null,"error":null}';
    for (const [text, said] of [
      ["", /^out\.jsonl holds no results yet\.\n$/],
      ["\n\n", /no results yet/],
      [line.slice(0, 30), /no results yet\.\nThe last line is not whole/],
      [
        `${line}\nnote\n{"custom_id":"b"}\n${line.replace('"a"', '"c"')}\n`,
        /2 results, 2 answered\n(.*\n)*2 lines between the results are none/,
      ],
    ] as const) {
      const { code, stdout } = await reportOn(text);
      expect([code, stdout]).toEqual([3, expect.stringMatching(said)]);
    }
    const french = await reportOn("", "--lang", "fr");
    expect(french.stdout).toBe("out.jsonl ne contient encore aucun résultat.\n");
    const piped = await runProgram(["batch", "report", "-"]);
    expect([piped.code, piped.stderr]).toEqual([2, expect.stringContaining("pipe")]);
  });
});

const reportOn = (text: string, ...more: string[]) =>
  runProgram(["batch", "report", "out.jsonl", ...more], { files: { "out.jsonl": text } });
