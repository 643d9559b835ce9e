import { afterAll, describe, expect, test } from "bun:test";
import type { LoadRecord } from "../../src/metrics/load-record.ts";
import type { RunReport } from "../../src/metrics/report.ts";
import { startSimulator } from "../../src/simulator/server.ts";
import { DONE, event, finish, HEAD, token } from "../fixtures/answers.ts";
import { startRawServer } from "../fixtures/raw-server.ts";
import { bench } from "./bench-made.ts";
import { startKnownServer } from "./known-server.ts";
import { runProgram } from "./program.ts";

const quick = startSimulator({ control: { rate: 200, ttft_ms: 20, tokens: 5 } });
afterAll(() => quick.stop());

const LOAD = ["bench", "--endpoint", quick.url, "-j", "2", "--requests", "400"];

function reportIn(files: Record<string, string>): RunReport {
  const report: RunReport = JSON.parse(files["report.json"] ?? "{}");
  return report;
}

/** Lines as a pipe brings them, slowly; then it stays open for so many seconds. */
function slowly(lines: readonly string[], open: number): string {
  const written = lines.map((line) => `printf '%s\\n' '${line}'; sleep 0.4;`).join(" ");
  return `{ ${written} sleep ${open}; } | "$@"`;
}

describe("an answer is worth what its end says:", () => {
  const load = ["bench", "-j", "2", "--requests", "4", "--report", "report.json", "a question"];
  const measured = async (body: string, ...more: string[]) => {
    await using server = startRawServer(async ({ write, fin }) => {
      await write(HEAD + body);
      fin();
    });
    const { code, stdout, files } = await runProgram([...load, "--endpoint", server.url, ...more]);
    const { streams, verdicts, trust } = reportIn(files).steps[0]?.results[0] ?? {};
    return { code, stdout, streams, verdicts, notices: trust?.notices };
  };

  test("[DONE] without a finish_reason is an error, unless it is trusted, which the trust block says", async () => {
    const body = token("a") + token("b") + DONE;
    const [strict, trusting] = await Promise.all([measured(body), measured(body, "--trust-done")]);
    expect(strict).toMatchObject({ code: 1, streams: { ok: 0, failed: 4 }, verdicts: { truncated: 4 }, notices: {} });
    expect(strict.stdout).toContain("--trust-done");
    expect(trusting).toMatchObject({ code: 0, streams: { ok: 4 }, notices: { done_without_reason: 4 } });
    expect(trusting.stdout).toContain("4 answers whole by [DONE] alone (--trust-done)");
  });

  test("an unknown finish_reason and a hole are counted apart", async () => {
    const { stdout, streams, notices } = await measured(
      `${token("a")}data: {oops\n\n${token("b")}${finish("tired")}${DONE}`,
    );
    expect({ streams, notices }).toMatchObject({
      streams: { ok: 4 },
      notices: { unknown_finish_reason: 4, lost_events: 4 },
    });
    expect(stdout).toContain("4 answers with an unknown finish_reason");
    expect(stdout).toContain("4 answers with lost events");
  });

  test("usage that was not believed is said in words", async () => {
    const counted = (completion: number): string => event({ choices: [], usage: { completion_tokens: completion } });
    const asked = await Promise.all(
      [99_999, 1].map((completion) => measured(token("a").repeat(6) + finish() + counted(completion) + DONE)),
    );
    expect(asked.map(({ notices }) => notices)).toEqual([{ usage_impossible: 4 }, { usage_not_total: 4 }]);
    expect(asked[0]?.stdout).toContain("4 answers whose usage cannot be true");
    expect(asked[1]?.stdout).toContain("4 answers whose usage is no total");
  });
});

describe("what was measured is reported", () => {
  test("when a prompt that came later cannot be read: 2, and partial", async () => {
    const shell = slowly(['{"prompt":"a b"}', "{not JSON"], 0);
    const args = [...LOAD, "--prompts", "-", "--report", "report.json"];
    const { code, stdout, stderr, files } = await runProgram(args, { shell });
    expect(code).toBe(2);
    expect(stderr).toContain("line 2");
    expect(stdout).toContain("the prompts could not be read on");
    expect(reportIn(files)).toMatchObject({ partial: "prompts", verdict: { exit_code: 2, streams: { ok: 1 } } });
  });

  test("when the records find no room: 1, with the result and the report", async () => {
    const args = [...LOAD, "--records", "/dev/full", "--append", "--report", "report.json", "a question"];
    const { code, stdout, stderr, files } = await runProgram(args);
    expect(code).toBe(1);
    expect(stderr).toContain("/dev/full");
    expect(stdout).toContain("the output could not be written");
    const { partial, verdict, steps } = reportIn(files);
    expect({ partial, code: verdict.exit_code }).toEqual({ partial: "output", code: 1 });
    const { ok = 0, failed, unfinished = 0, started } = steps[0]?.results.at(-1)?.streams ?? {};
    expect(ok).toBeGreaterThanOrEqual(1);
    expect([failed, ok + unfinished]).toEqual([0, started]);
  });

  test("when the reader of its JSON goes away: 141 and silent, with the report", async () => {
    const args = [...LOAD, "--json", "--report", "report.json", "a question"];
    const { stderr, files } = await runProgram(args, { shell: '"$@" | head -n 1 >/dev/null' });
    expect(stderr).toBe("");
    expect(reportIn(files)).toMatchObject({ partial: "output", verdict: { exit_code: 141 } });
  });

  test("in every file that can be written, whatever becomes of another", async () => {
    const reports = ["--report", "full.json", "--report", "report.json", "--report", "report.csv"];
    const shell = 'ln -s /dev/full full.json; "$@"';
    const args = [...LOAD.slice(0, -1), "2", "--force", ...reports, "a question"];
    const { code, stderr, files } = await runProgram(args, { shell });
    expect(code).toBe(1);
    expect(stderr).toContain("full.json");
    expect(reportIn(files).verdict.streams.ok).toBe(2);
    expect(files["report.csv"]).toContain("ttft_ms");
  });
});

describe("a load that is refused from the start", () => {
  test("stops after thirty refusals, and does not for one model of two", async () => {
    const locked = startSimulator({ apiKey: "right", control: { rate: 0, ttft_ms: 0, tokens: 2 } });
    const args = ["bench", "--endpoint", locked.url, "--requests", "400", "--report", "report.json", "a question"];
    const { code, stdout, files } = await runProgram(args, { env: { LLMAAS_API_KEY: "wrong" } });
    const known = await runProgram([...args, "--model", "granite3.3:2b,unknown"], { env: { LLMAAS_API_KEY: "right" } });
    await locked.stop();
    expect(code).toBe(1);
    expect(stdout).toContain("every request was refused");
    expect(reportIn(files)).toMatchObject({ partial: "refused", verdict: { exit_code: 1 } });
    expect(reportIn(files).verdict.streams.failed).toBeLessThan(60);
    expect(reportIn(known.files)).toMatchObject({ partial: null, verdict: { streams: { ok: 200, failed: 200 } } });
  });
});

describe("a file of a run", () => {
  test.each([
    { files: ["--records", "prompts.txt"] },
    { files: ["--report", "./same.json", "--records", "same.json"] },
  ])("is not two things: $files", async ({ files }) => {
    const given = { "prompts.txt": "one two\n" };
    const args = [...LOAD, "--prompts", "prompts.txt", "--force", ...files];
    const outcome = await runProgram(args, { files: given });
    expect(outcome.code).toBe(2);
    expect(outcome.files).toEqual(given);
  });

  test("that was refused leaves no other behind", async () => {
    const given = { "report.json": "{}" };
    const args = [...LOAD, "--records", "records.jsonl", "--report", "report.json", "a question"];
    const outcome = await runProgram(args, { files: given });
    expect(outcome.code).toBe(2);
    expect(outcome.files).toEqual(given);
  });

  test("of records that somebody left in the middle of a line gets its end first", async () => {
    const args = [...LOAD.slice(0, -1), "1", "--records", "records.jsonl", "--append", "a question"];
    const { files } = await runProgram(args, { files: { "records.jsonl": '{"half' } });
    const [half, record = ""] = (files["records.jsonl"] ?? "").split("\n");
    expect(half).toBe('{"half');
    expect(JSON.parse(record)).toMatchObject({ type: "record" });
  });
});

describe("the client of a short run", () => {
  test("has told how late its thread was", async () => {
    const { files } = await runProgram([...LOAD.slice(0, -1), "2", "--report", "report.json", "a question"]);
    const checks = reportIn(files).steps[0]?.client.checks ?? [];
    expect(checks.find(({ name }) => name === "worker_lag_p99_ms")?.value).not.toBeNull();
  });
});

describe("the end of a run", () => {
  test("does not wait for who goes on writing prompts", async () => {
    const args = ["bench", "--endpoint", quick.url, "--duration", "500ms", "--prompts", "-"];
    const shell = `mkfifo open; { printf 'one two\\n'; exec sleep 25; } > open & writer=$!; "$@" < open; kill $writer`;
    const from = performance.now();
    const { stdout } = await runProgram([...args, "--quiet"], { shell });
    expect(stdout).toContain("1 stream ok");
    expect(performance.now() - from).toBeLessThan(20_000);
  });

  test("does not wait for a start that is due after it", async () => {
    await using server = startKnownServer({ tokens: 2, ttft: 600_000, gap: 1 });
    const { step, whole } = await bench(server, "--rate", "0.05", "--duration", "300ms", "--drain", "200ms");
    expect(whole.streams).toMatchObject({ started: 1, unfinished: 1 });
    expect(step.window.drain_ms).toBeLessThan(10_000);
  });
});

describe("prompts that come again", () => {
  test("keep their number, and records say which time it is", async () => {
    const files = { "prompts.txt": "one two\nthree four\n" };
    const args = [...LOAD.slice(0, -1), "6", "--prompts", "prompts.txt", "--records", "records.jsonl"];
    const outcome = await runProgram(args, { files });
    const lines = (outcome.files["records.jsonl"] ?? "").trim().split("\n");
    const records = lines.map((line): LoadRecord => JSON.parse(line));
    const turns = records.map(({ stream, prompt_index, repeat }) => [stream, prompt_index, repeat]);
    expect(turns.toSorted(([a = 0], [b = 0]) => a - b)).toEqual([
      [0, 0, 0],
      [1, 1, 0],
      [2, 0, 1],
      [3, 1, 1],
      [4, 0, 2],
      [5, 1, 2],
    ]);
  });

  test("and name a model of their own are judged as that model alone", async () => {
    const files = { "prompts.jsonl": '{"prompt":"a b","model":"qwen3:8b"}\n' };
    const wishes = ["--prompts", "prompts.jsonl", "--slo", "error_rate < 50%", "--report", "report.json"];
    const outcome = await runProgram([...LOAD.slice(0, -1), "3", ...wishes], { files });
    expect(outcome.code).toBe(0);
    expect(reportIn(outcome.files).steps[0]?.results.map(({ model }) => model)).toEqual(["qwen3:8b"]);
  });
});
