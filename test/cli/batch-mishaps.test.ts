import { describe, expect, test } from "bun:test";
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { batchLine, batchLines, startBatchServer, type BatchServer } from "../batch/server.ts";
import { runProgram, startProgram } from "./program.ts";

const env = { LLMAAS_API_KEY: "sk-batch-0123456789" };

/** A folder with these requests, and the batch of them. */
function batchOf(server: BatchServer, requests: string) {
  const cwd = mkdtempSync(join(tmpdir(), "llmaas-batch-"));
  const path = (name: string): string => join(cwd, name);
  writeFileSync(path("in.jsonl"), requests);
  const args = ["batch", "run", "in.jsonl", "--out", "out.jsonl", "-e", server.url];
  return {
    cwd,
    path,
    out: () => readFileSync(path("out.jsonl"), "utf8"),
    ids: () =>
      readFileSync(path("out.jsonl"), "utf8")
        .split(/\r?\n/)
        .filter((line) => line !== "")
        .map((line): string => JSON.parse(line).custom_id)
        .toSorted(),
    run: (...more: string[]) => runProgram([...args, ...more], { cwd, env }),
    start: (...more: string[]) => startProgram([...args, ...more], { cwd, env }),
    report: () => runProgram(["batch", "report", "out.jsonl"], { cwd, env }),
    [Symbol.dispose]: () => rmSync(cwd, { recursive: true }),
  };
}

const refuse = ({ prompt }: { prompt: string }) => (prompt === "bad" ? new Response("{}", { status: 400 }) : prompt);

describe("results that somebody else touches", () => {
  test.each([
    ["removed", (path: string) => rmSync(path)],
    ["moved", (path: string) => renameSync(path, `${path}.moved`)],
    ["cut", (path: string) => truncateSync(path, 100)],
    ["written", (path: string) => appendFileSync(path, "\n")],
    [
      "replaced",
      (path: string) => {
        renameSync(path, `${path}.old`);
        writeFileSync(path, "");
      },
    ],
  ])("while the batch runs, %s: it stops and says so, and takes nothing for done", async (_, touch) => {
    let go = (): void => undefined;
    const gone = new Promise<void>((resolve) => (go = resolve));
    await using server = startBatchServer(async ({ prompt }) => {
      if (prompt !== "r0") await gone;
      return prompt;
    });
    using batch = batchOf(server, batchLines(6));
    const program = await batch.start("-j", "2", "--json");
    await server.came(3);
    touch(batch.path("out.jsonl"));
    go();
    const { code, stderr } = await program.ended;
    expect([code, stderr]).toEqual([1, expect.stringContaining("it was moved, removed or changed by somebody else")]);
    expect(stderr).not.toContain("is kept");
    expect((await batch.run()).code).toBe(0);
    expect(batch.ids().length).toBeGreaterThanOrEqual(5);
  });

  test.each([
    ["line ends of Windows", (text: string) => text.replaceAll("\n", "\r\n")],
    ["blank lines", (text: string) => `${text.replace("\n", "\n\n")}\n`],
    ["no line feed at the end", (text: string) => text.trimEnd()],
  ])("count as they were, with %s", async (_, edit) => {
    await using server = startBatchServer();
    using batch = batchOf(server, batchLines(4));
    await batch.run();
    writeFileSync(batch.path("out.jsonl"), edit(batch.out()));
    const report = await batch.report();
    expect([report.code, report.stdout]).toEqual([0, expect.stringContaining("4 results, 4 answered")]);
    appendFileSync(batch.path("in.jsonl"), batchLine("r4"));
    const { code, stderr } = await batch.run("--order", "input");
    expect([code, server.got.length, batch.ids()]).toEqual([0, 5, ["r0", "r1", "r2", "r3", "r4"]]);
    expect(stderr).not.toContain("cut off");
  });

  test("and that have two names are one file for two processes", async () => {
    await using server = startBatchServer(() => null);
    using batch = batchOf(server, batchLines(2));
    writeFileSync(batch.path("elsewhere.jsonl"), "");
    symlinkSync("elsewhere.jsonl", batch.path("out.jsonl"));
    const first = await batch.start();
    await server.came(2);
    const args = ["batch", "run", "in.jsonl", "--out", "elsewhere.jsonl", "-e", server.url];
    const second = await runProgram(args, { cwd: batch.cwd, env });
    expect([second.code, second.stderr]).toEqual([2, expect.stringContaining(`process ${first.pid}`)]);
    first.signal("SIGKILL");
    await first.ended;
  });
});

describe("results of requests that are not in the input", () => {
  test("count for nothing there, and stay what they are with --retry-failed", async () => {
    await using server = startBatchServer(refuse);
    using batch = batchOf(server, `${batchLines(4)}${batchLine("x", "bad")}`);
    expect((await batch.run()).code).toBe(3);
    writeFileSync(batch.path("in.jsonl"), batchLine("y") + batchLine("r0"));
    for (const more of [[], ["--retry-failed"], ["--retry-failed"]]) {
      const { code, stderr } = await batch.run(...more);
      expect([code, stderr]).toEqual([0, expect.stringContaining("2 requests answered.")]);
      expect(batch.ids()).toEqual(["r0", "r1", "r2", "r3", "x", "y"]);
    }
    expect(server.got.length).toBe(6);
  });

  test("hide nothing that is left when the batch is ended", async () => {
    await using server = startBatchServer(({ prompt }) => (prompt.startsWith("slow") ? null : prompt));
    using batch = batchOf(server, batchLines(5));
    await batch.run();
    writeFileSync(batch.path("in.jsonl"), batchLine("y") + batchLine("z", "slow"));
    for (const said of ["1 request answered, 1 left.", "1 request answered, 1 left."]) {
      const came = server.got.length;
      const program = await batch.start("--json", "-j", "1");
      // Of one at a time the next is asked when the one before stands in the results.
      await server.came(came + (came === 5 ? 2 : 1));
      program.signal("SIGINT");
      const { code, stdout, stderr } = await program.ended;
      expect([code, stderr]).toEqual([130, expect.stringContaining(said)]);
      expect(stdout).toContain('"open":1}');
    }
  });
});

describe("failures", () => {
  test("stay in the results where the input is refused", async () => {
    await using server = startBatchServer(refuse);
    using batch = batchOf(server, batchLines(2) + batchLine("x", "bad"));
    await batch.run();
    const before = batch.out();
    appendFileSync(batch.path("in.jsonl"), "{oops\n");
    expect((await batch.run("--retry-failed")).code).toBe(2);
    expect(batch.out()).toBe(before);
  });

  test("whose request has changed are asked again with --retry-failed; --dry-run counts what would be", async () => {
    await using server = startBatchServer(refuse);
    using batch = batchOf(server, batchLines(2) + batchLine("x", "bad"));
    await batch.run();
    const plan = await batch.run("--retry-failed", "--dry-run");
    expect([plan.code, plan.stdout]).toEqual([
      0,
      expect.stringContaining("3 requests, 2 of them done before: 1 to ask"),
    ]);
    writeFileSync(batch.path("in.jsonl"), batchLines(2) + batchLine("x", "good"));
    expect((await batch.run()).code).toBe(2);
    expect((await batch.run("--retry-failed")).code).toBe(0);
    writeFileSync(batch.path("in.jsonl"), batchLines(2).replace('"m"', '"k"') + batchLine("x", "good"));
    const again = await batch.run("--changed", "rerun", "--dry-run");
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining("2 of them done before: 1 to ask")]);
    expect(server.got.length).toBe(4);
  });
});

test("--changed rerun asks again what differs from results that were put in place of others", async () => {
  await using server = startBatchServer();
  using batch = batchOf(server, batchLines(3));
  await batch.run();
  const older = batch.out();
  rmSync(batch.path("out.jsonl"));
  writeFileSync(batch.path("in.jsonl"), batchLines(3).replaceAll('"m"', '"k"'));
  await batch.run();
  writeFileSync(batch.path("out.jsonl"), older);
  expect((await batch.run()).code).toBe(2);
  const { code, stderr } = await batch.run("--changed", "rerun");
  expect([code, stderr, server.got.length]).toEqual([0, expect.stringContaining("3 requests answered."), 9]);
});

describe("an input that is written into while it is read", () => {
  test.each([
    [
      "grows",
      (path: string) => appendFileSync(path, `${batchLine("new")}${batchLine("r0", "other")}{"custom_`),
      0,
      3000,
    ],
    ["is cut", (path: string) => truncateSync(path, 200_000), 1, 3000],
  ])("%s: what was checked is asked and no more, and the rest is named", async (_, touch, expected, count) => {
    let go = (): void => undefined;
    const touched = new Promise<void>((resolve) => (go = resolve));
    await using server = startBatchServer(async ({ prompt }) => {
      await touched;
      return prompt;
    });
    const requests = Array.from({ length: count }, (_, index) => batchLine(`r${index}`, "words ".repeat(40)));
    using batch = batchOf(server, requests.join(""));
    const program = await batch.start("-j", "4");
    await server.came(4);
    touch(batch.path("in.jsonl"));
    go();
    const { code, stderr } = await program.ended;
    expect([code, stderr]).toEqual([expected, expect.stringContaining("in.jsonl was changed while it was read")]);
    if (expected === 0)
      expect(batch.ids()).toEqual(requests.map((line): string => JSON.parse(line).custom_id).toSorted());
    else expect(stderr).toMatch(/requests answered, [\d,]+ left/);
  });
});

test("what a process has left that was killed while it wrote the results anew is removed by the next", async () => {
  await using server = startBatchServer();
  using batch = batchOf(server, batchLines(2));
  await batch.run();
  writeFileSync(batch.path(".out.jsonl.4711-abc123.partial"), "half");
  writeFileSync(batch.path(".out.jsonl.mine.partial"), "theirs");
  await batch.run();
  expect(readdirSync(batch.cwd).toSorted()).toEqual([
    ".out.jsonl.mine.partial",
    "in.jsonl",
    "out.jsonl",
    "out.jsonl.lock",
  ]);
});

test("several answers to each prompt are refused, for one would be kept", async () => {
  await using server = startBatchServer();
  using batch = batchOf(server, '{"prompt":"a"}\n');
  const { code, stderr } = await batch.run("--param", "n=2");
  expect([code, stderr, server.got.length]).toEqual([2, expect.stringContaining('--param cannot be "n=2".'), 0]);
});

describe("settings that ask for several answers to each prompt", () => {
  const settings = JSON.stringify({ defaults: { params: { n: 2 } } });

  test.each([
    ["lines of prompts", '{"prompt":"a"}\n', []],
    ["some lines of prompts among requests", `${batchLines(3)}{"prompt":"a"}\n`, []],
    ["a plan", '{"prompt":"a"}\n', ["--dry-run"]],
  ])("are refused for %s", async (_, lines, more) => {
    await using server = startBatchServer();
    using batch = batchOf(server, lines);
    writeFileSync(batch.path("settings.json"), settings);
    const { code, stderr } = await batch.run("-c", "settings.json", ...more);
    expect([code, stderr, server.got.length]).toEqual([
      2,
      expect.stringContaining('defaults.params cannot be "n=2".'),
      0,
    ]);
    expect(stderr).toContain("Write it like this: n=1");
  });

  test.each([
    ["requests, which get nothing from the settings", batchLines(2), []],
    ["prompts that ask for one", '{"prompt":"a","n":1}\n', []],
    ["prompts, where the command line asks for one", '{"prompt":"a"}\n', ["--param", "n=1"]],
    ["prompts, where the command line asks for as many as the server gives", '{"prompt":"a"}\n', ["--param", "n=null"]],
  ])("are no matter to %s", async (_, lines, more) => {
    await using server = startBatchServer();
    using batch = batchOf(server, lines);
    writeFileSync(batch.path("settings.json"), settings);
    expect((await batch.run("-c", "settings.json", ...more)).code).toBe(0);
  });
});

test("ids that are half a surrogate pair are told apart", async () => {
  await using server = startBatchServer();
  const ids = ["\ud800", "\ud801", "\udfff", "\ufffd"];
  using batch = batchOf(server, ids.map((id) => batchLine(id, "x")).join(""));
  expect([(await batch.run()).code, batch.ids()]).toEqual([0, ids.toSorted()]);
  expect([(await batch.run()).code, server.got.length]).toEqual([0, 4]);
});

test("results in whose middle something is broken keep all others, and only what is lost is asked again", async () => {
  await using server = startBatchServer();
  using batch = batchOf(server, batchLines(6));
  await batch.run();
  const lines = batch.out().split("\n");
  writeFileSync(batch.path("out.jsonl"), [...lines.slice(0, 2), "{oops", "", ...lines.slice(3)].join("\n"));
  const { code, stderr } = await batch.run();
  expect([code, server.got.length, batch.ids()]).toEqual([0, 7, ["r0", "r1", "r2", "r3", "r4", "r5"]]);
  expect(stderr).toContain("1 line between the results was none: taken out, and kept in out.jsonl.torn.");
  expect(readFileSync(batch.path("out.jsonl.torn"), "utf8")).toBe("{oops\n\n");
});

test("an input that stands where a batch writes beside its results is refused, and stays as it is", async () => {
  await using server = startBatchServer();
  using batch = batchOf(server, "");
  for (const name of ["out.jsonl.invalid.jsonl", "out.jsonl.torn", "out.jsonl.lock"]) {
    const text = `${batchLines(2)}oops\n`;
    writeFileSync(batch.path(name), text);
    const args = ["batch", "run", name, "--out", "out.jsonl", "--skip-invalid", "-e", server.url];
    const { code, stderr } = await runProgram(args, { cwd: batch.cwd, env });
    expect([code, stderr, readFileSync(batch.path(name), "utf8")]).toEqual([2, expect.stringContaining(name), text]);
    rmSync(batch.path(name));
  }
  expect([server.got.length, readdirSync(batch.cwd)]).toEqual([0, ["in.jsonl"]]);
});

test("a shard for which there is no request has nothing to do, and that is no failure", async () => {
  await using server = startBatchServer();
  using batch = batchOf(server, batchLines(2));
  const { code, stderr } = await batch.run("--shard", "2/3");
  expect([code, stderr, batch.out()]).toEqual([0, expect.stringContaining("no request for this shard"), ""]);
  writeFileSync(batch.path("in.jsonl"), "");
  expect((await batch.run("--shard", "2/3")).code).toBe(2);
});

test("requests are not taken for results: a copy of the input is refused as --out, and stays as it is", async () => {
  await using server = startBatchServer();
  using batch = batchOf(server, batchLines(2));
  for (const text of [batchLines(2), batchLines(1).trim()]) {
    writeFileSync(batch.path("out.jsonl"), text);
    const { code, stderr } = await batch.run();
    expect([code, stderr, batch.out()]).toEqual([2, expect.stringContaining("is not a file of results"), text]);
  }
  expect(server.got.length).toBe(0);
});

test("a server that is started anew in the middle is waited for: every request has its answer, and none has failed", async () => {
  const first = startBatchServer();
  using batch = batchOf(first, batchLines(120));
  const program = await batch.start("-j", "16", "--requests-per-minute", "3000");
  await first.came(40);
  await first[Symbol.asyncDispose]();
  await program.until("All requests wait until it is back");
  await using second = startBatchServer(undefined, Number(new URL(first.url).port));
  const { code, stderr } = await program.ended;
  expect([code, stderr]).toEqual([0, expect.stringContaining("120 requests answered.")]);
  expect([batch.ids().length, new Set(batch.ids()).size, second.got.length > 0]).toEqual([120, 120, true]);
});

test("a server that refuses everything for load, and asks for no wait, is told of while it does", async () => {
  let open = false;
  await using server = startBatchServer(({ prompt }) => (open ? prompt : new Response("full", { status: 503 })));
  using batch = batchOf(server, batchLines(10));
  const program = await batch.start("--lang", "fr");
  await program.until("Tout est refusé depuis");
  open = true;
  const { code, stderr } = await program.ended;
  expect([code, stderr]).toEqual([0, expect.stringContaining("(HTTP 503)")]);
}, 60_000);
