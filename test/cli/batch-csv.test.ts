import { describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { startBatchServer } from "../batch/server.ts";
import { runProgram, type Outcome } from "./program.ts";

const ENV = { LLMAAS_API_KEY: "sk-batch-0123456789" };

function classify(url: string, csv: string, args: readonly string[] = [], files: Record<string, string> = {}) {
  const command = ["batch", "run", "--csv", "in.csv", "--out", "out.csv", "-e", url, "--prompt", "Classify: {text}"];
  return runProgram([...command, ...args], { env: ENV, files: { "in.csv": csv, ...files } });
}

function rowsIn({ files }: Outcome, delimiter = ","): string[][] {
  return parse(files["out.csv"] ?? "", { delimiter, bom: true });
}

describe("a table", () => {
  test("comes back in its own order, each row with its answer, verdict and error", async () => {
    await using server = startBatchServer(async ({ prompt }) => {
      await Bun.sleep(prompt.includes("first") ? 100 : 1);
      return prompt.includes("third")
        ? Response.json({ error: { message: "too bad", code: "bad" } }, { status: 400 })
        : `said "${prompt}",\nand more`;
    });
    const csv = 'id,text\n1,first\n2,"sec""ond, with\na line"\n\n3,third\n';
    const outcome = await classify(server.url, csv);
    expect([outcome.code, server.asked.has('Classify: sec"ond, with\na line')]).toEqual([3, true]);
    expect(rowsIn(outcome)).toEqual([
      ["id", "text", "answer", "verdict", "error"],
      ["1", "first", 'said "Classify: first",\nand more', "complete", ""],
      ["2", 'sec"ond, with\na line', 'said "Classify: sec"ond, with\na line",\nand more', "complete", ""],
      ["3", "third", "", "failed", expect.stringContaining("too bad")],
    ]);
    expect(outcome.stderr).toContain("Results: out.csv");
    expect(outcome.stderr).toContain("batch run --csv in.csv -o out.csv");
  });

  test("is written as it was: semicolons, CRLF and the mark of a spreadsheet", async () => {
    await using server = startBatchServer(() => "a;b");
    const cwd = mkdtempSync(join(tmpdir(), "llmaas-csv-"));
    writeFileSync(join(cwd, "in.csv"), "\uFEFFnom;text\r\nÉva;un, deux\r\n");
    const command = ["batch", "run", "--csv", "in.csv", "--out", "out.csv", "-e", server.url, "--prompt", "{text}"];
    expect((await runProgram(command, { env: ENV, cwd })).code).toBe(0);
    const written = readFileSync(join(cwd, "out.csv"), "utf8");
    rmSync(cwd, { recursive: true });
    expect(written).toBe('\uFEFFnom;text;answer;verdict;error\r\nÉva;un, deux;"a;b";complete;\r\n');
  });

  test("goes on after a stop: its rows are asked once, a changed row is another request", async () => {
    let stop = true;
    await using server = startBatchServer(({ prompt }) =>
      stop && prompt.includes("b") ? Response.json({ error: { code: "insufficient_quota" } }, { status: 402 }) : "ok",
    );
    const first = await classify(server.url, "text\na\nb\n", ["-j", "1"]);
    expect([first.code, rowsIn(first)]).toEqual([
      1,
      [
        ["text", "answer", "verdict", "error"],
        ["a", "ok", "complete", ""],
        ["b", "", "", ""],
      ],
    ]);
    stop = false;
    const kept = { "out.csv": first.files["out.csv"] ?? "", "out.csv.jsonl": first.files["out.csv.jsonl"] ?? "" };
    const second = await classify(server.url, "text\na\nb\n", [], kept);
    expect([second.code, server.asked.get("Classify: a"), rowsIn(second)[2]]).toEqual([
      0,
      1,
      ["b", "ok", "complete", ""],
    ]);
    const done = { "out.csv": second.files["out.csv"] ?? "", "out.csv.jsonl": second.files["out.csv.jsonl"] ?? "" };
    expect((await classify(server.url, "text\nA\nb\n", [], done)).code).toBe(2);
  });

  test("keeps its columns when ours are called alike, and defuses what a spreadsheet would run", async () => {
    const said = new Map([
      ["Classify: a", "=HYPERLINK(1)"],
      ["Classify: b", "-5"],
      ["Classify: c", "fine\n- list"],
    ]);
    await using server = startBatchServer(({ prompt }) => said.get(prompt));
    const outcome = await classify(server.url, "text,answer\na,x\nb,y\nc,z\n");
    expect(rowsIn(outcome)).toEqual([
      ["text", "answer", "llmaas_answer", "verdict", "error"],
      ["a", "x", "'=HYPERLINK(1)", "complete", ""],
      ["b", "y", "-5", "complete", ""],
      ["c", "z", "fine\n- list", "complete", ""],
    ]);
  });

  test("has a column for results that no server gave, or another program has written", async () => {
    await using server = startBatchServer();
    const body = { choices: [{ message: { role: "assistant", content: "theirs" }, finish_reason: "stop" }] };
    const results = [
      // As a request through a queue ends that went down with each of its workers.
      {
        custom_id: "row-1",
        llmaas: { verdict: "failed" },
        response: null,
        error: { code: "worker_died", message: "no" },
      },
      { custom_id: "row-2", response: { status_code: 200, body }, error: null },
      { custom_id: "row-3", response: { status_code: 500 } },
    ];
    const lines = results.map((result) => `${JSON.stringify(result)}\n`).join("");
    const outcome = await classify(server.url, "text\na\nb\nc\n", [], { "out.csv.jsonl": lines });
    expect([outcome.code, server.got.length]).toEqual([3, 0]);
    expect(rowsIn(outcome).slice(1)).toEqual([
      ["a", "", "failed", "no"],
      ["b", "theirs", "complete", ""],
      ["c", "", "failed", ""],
    ]);
  });

  test("with columns that are called like ours keeps them, and ours get other names", async () => {
    await using server = startBatchServer();
    const outcome = await classify(server.url, "text,answer,llmaas_answer,error\na,b,c,d\n");
    const [header, row] = rowsIn(outcome);
    expect(header?.slice(0, 4)).toEqual(["text", "answer", "llmaas_answer", "error"]);
    expect(header?.slice(4)).toEqual(["llmaas_llmaas_answer", "verdict", "llmaas_error"]);
    expect(row?.slice(0, 4)).toEqual(["a", "b", "c", "d"]);
  });

  test("that cannot be read is refused by its line, with nothing sent and nothing left behind", async () => {
    await using server = startBatchServer();
    const cases: [string, string, string[]][] = [
      ['text\na\n"b"c\n', "in.csv, line 3: the quotes of this row are wrong.", []],
      ['text\na\n"b\nc\n', "in.csv, line 3: a quote of this row is never closed.", []],
      ['text,x\n"a\na",1\nb,"2\nc,3\n', "in.csv, line 4: a quote of this row is never closed.", []],
      ["text,text\na,b\n", "in.csv has several columns called text.", []],
      ["text,more\na\nb,c\n", "line 2: this row does not have as many cells as the header (1/2).", []],
      ["other\na\n", "--prompt", []],
      ["text\n", "in.csv holds no prompt.", []],
      ["", "in.csv holds no prompt.", []],
    ];
    for (const [csv, said, args] of cases) {
      const outcome = await classify(server.url, csv, args);
      expect([outcome.code, outcome.stderr, Object.keys(outcome.files)]).toEqual([
        2,
        expect.stringContaining(said),
        ["in.csv"],
      ]);
    }
    const unasked = await runProgram(["batch", "run", "--csv", "in.csv", "--out", "out.csv", "-e", server.url], {
      env: ENV,
      files: { "in.csv": "text\na\n" },
    });
    expect([unasked.code, unasked.stderr]).toEqual([2, expect.stringContaining("--prompt '… {text}'")]);
    const existing = await classify(server.url, "text\na\n", [], { "out.csv": "mine" });
    expect([existing.code, existing.files["out.csv"], server.got.length]).toEqual([2, "mine", 0]);
  });

  test("may be a part for each machine, a pipe, and a template with braces and several columns", async () => {
    await using server = startBatchServer();
    const csv = "a,b\n1,x\n2,y\n3,z\n";
    const command = [
      "batch",
      "run",
      "--csv",
      "-",
      "--out",
      "out.csv",
      "-e",
      server.url,
      "--prompt",
      "{{{a}}} {b} {a}",
      "--shard",
      "0/2",
    ];
    const outcome = await runProgram(command, { env: ENV, stdin: csv });
    expect([outcome.code, rowsIn(outcome)]).toEqual([
      0,
      [
        ["a", "b", "answer", "verdict", "error"],
        ["1", "x", "{1} x 1", "complete", ""],
        ["3", "z", "{3} z 3", "complete", ""],
      ],
    ]);
  });
});
