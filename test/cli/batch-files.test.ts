import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { batchLines, startBatchServer, type BatchServer } from "../batch/server.ts";
import { runProgram, type ProgramOptions } from "./program.ts";

const KEY = "sk-batch-0123456789";
const LINES = batchLines(3);
const ROWS = "text,n\none,1\ntwo,2\n";
let server: BatchServer;
beforeAll(() => {
  server = startBatchServer();
});
afterAll(() => server[Symbol.asyncDispose]());

async function batch(args: readonly string[], files: ProgramOptions["files"], more: ProgramOptions = {}) {
  const before = server.got.length;
  const outcome = await runProgram(["batch", "run", ...args, "-e", server.url], {
    ...more,
    ...(files === undefined ? {} : { files }),
    env: { LLMAAS_API_KEY: KEY, ...more.env },
  });
  return { ...outcome, asked: server.got.length - before };
}

const utf16 = (text: string, mark = "\uFEFF"): Uint8Array => Buffer.from(mark + text, "utf16le");
const compressed: Record<string, Uint8Array> = {
  gzip: Bun.gzipSync(LINES),
  zstd: Bun.zstdCompressSync(LINES),
  bzip2: Buffer.from("BZh91AY&SY"),
  xz: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]),
};

describe("a file that holds no lines of requests is told by what it is, and nothing is sent or left:", () => {
  for (const [kind, bytes] of Object.entries(compressed))
    test(`${kind}, with what unpacks it`, async () => {
      const { code, stderr, files, asked } = await batch(["in.jsonl", "--out", "out.jsonl", "--skip-invalid"], {
        "in.jsonl": bytes,
      });
      expect([code, asked, Object.keys(files)]).toEqual([2, 0, ["in.jsonl"]]);
      expect(stderr).toContain(`in.jsonl is compressed (${kind}).\nUnpack it: ${kind} -dc in.jsonl > requests.jsonl`);
    });

  for (const [name, content, said] of [
    ["in.json", JSON.stringify([{ prompt: "a" }]), "jq -c '.[]' in.json"],
    ["in.json", JSON.stringify([{ prompt: "a" }], null, 2), "jq -c '.[]' in.json"],
    ["in", ` [\n{"prompt": "a"}]`, "jq -c '.[]' in"],
    ["in.jsonl", '\uFEFF{\r\n  "prompt": "a"\r\n}', "jq -c '.' in.jsonl"],
    ["in.csv", ROWS, "batch run --csv in.csv"],
    ["in.xlsx", "PK\u0003\u0004", "CSV UTF-8"],
    ["in.parquet", "PAR1", "Parquet"],
    ["in.txt", utf16("one\ntwo\n", ""), "UTF-16"],
  ] as const)
    test(`${name}: ${JSON.stringify(String(content).slice(0, 8))}`, async () => {
      const { code, stderr, files, asked } = await batch([name, "--out", "out.jsonl"], { [name]: content });
      expect([code, asked, Object.keys(files)]).toEqual([2, 0, [name]]);
      expect(stderr).toContain(said);
    });

  test("a list through a pipe", async () => {
    const { code, stderr } = await batch(["-", "--out", "out.jsonl"], {}, { stdin: '[{"prompt":"a"}]' });
    expect([code, stderr]).toEqual([2, expect.stringContaining("Standard input is JSON in one piece")]);
  });

  test("a table that is compressed", async () => {
    const args = ["--csv", "in.csv.gz", "--prompt", "{text}", "--out", "out.csv"];
    const { code, stderr } = await batch(args, { "in.csv.gz": Bun.gzipSync(ROWS) });
    expect([code, stderr]).toEqual([2, expect.stringContaining("gzip -dc in.csv.gz > rows.csv")]);
  });
});

describe("UTF-16 with its mark, as PowerShell and spreadsheets write it, is read like any other:", () => {
  test("lines, whose batch goes on where it was", async () => {
    const files = { "in.jsonl": utf16(LINES.replaceAll("\n", "\r\n")) };
    const first = await batch(["in.jsonl", "--out", "out.jsonl"], files);
    expect([first.code, first.asked]).toEqual([0, 3]);
    const again = await batch(["in.jsonl", "--out", "out.jsonl"], {
      ...files,
      "out.jsonl": first.files["out.jsonl"] ?? "",
    });
    expect([again.code, again.asked]).toEqual([0, 0]);
  });

  test("a table", async () => {
    const args = ["--csv", "in.csv", "--prompt", "{text}", "--out", "out.csv"];
    const { code, files } = await batch(args, { "in.csv": utf16(ROWS) });
    expect([code, files["out.csv"]?.split("\n")[1]]).toEqual([0, "one,1,one,complete,"]);
  });
});

describe("the name of the results", () => {
  test("of requests is not that of a table", async () => {
    for (const name of ["out.csv", "OUT.TSV"]) {
      const { code, stderr, asked } = await batch(["in.jsonl", "--out", name], { "in.jsonl": LINES });
      expect([code, asked]).toEqual([2, 0]);
      expect(stderr).toContain(`--out ${name.slice(0, 3)}.jsonl`);
    }
  });

  test("of a table may be that of JSON lines: then it is these alone", async () => {
    const args = ["--csv", "in.csv", "--prompt", "{text}", "--out", "out.jsonl"];
    const { code, files } = await batch(args, { "in.csv": ROWS });
    expect([code, Object.keys(files).toSorted()]).toEqual([0, ["in.csv", "out.jsonl", "out.jsonl.lock"]]);
    expect(files["out.jsonl"]).toContain('"custom_id":"row-1"');
  });

  test("that is a device's is told as such; batch fetch wants a file, and no table", async () => {
    const device = await batch(["in.jsonl", "--out", "/dev/zero"], { "in.jsonl": LINES });
    expect([device.code, device.stderr]).toEqual([2, expect.stringContaining("it is a pipe or a device")]);
    for (const [out, said] of [
      ["-", "batch fetch needs a file of results"],
      ["out.csv", "--out out.jsonl"],
    ] as const) {
      const args = ["batch", "fetch", "batch_1", "--out", out, "-e", server.url];
      const { code, stderr, files } = await runProgram(args, { env: { LLMAAS_API_KEY: KEY } });
      expect([code, Object.keys(files), stderr]).toEqual([2, [], expect.stringContaining(said)]);
    }
  });

  test("that is the input's own is said so", async () => {
    const { code, stderr } = await batch(["in.jsonl", "--out", "in.jsonl"], { "in.jsonl": LINES });
    expect([code, stderr]).toEqual([2, expect.stringContaining("in.jsonl is read, and would be written over.")]);
  });
});

test("a batch that was ended before an answer came does not say that answers are kept", async () => {
  const args = ["batch", "run", "in.jsonl", "--out", "out.jsonl", "-e", "http://127.0.0.1:9/v1"];
  const { code, stderr } = await runProgram(args, {
    files: { "in.jsonl": batchLines(30) },
    env: { LLMAAS_API_KEY: KEY },
  });
  expect(code).toBe(1);
  expect(stderr).toMatch(/\nGo on with:\n {2}\S.* batch run in\.jsonl -o out\.jsonl /);
});
