import { afterAll, describe, expect, test } from "bun:test";
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator } from "../../src/simulator/server.ts";
import { runProgram, startProgram, type ProgramOptions } from "./program.ts";

const simulator = startSimulator({ control: { rate: 0, ttft_ms: 0, text: "Yes." } });
/** Answers that do not end by themselves in the time of a test. */
const slow = startSimulator({ control: { rate: 5, ttft_ms: 0, tokens: 10_000 } });
const root = mkdtempSync(join(tmpdir(), "llmaas-output-"));
afterAll(async () => {
  rmSync(root, { recursive: true });
  await Promise.all([simulator.stop(), slow.stop()]);
});

const PNG = "\x89PNG\r\n\x1a\n";

/** A folder with a file of each kind that may be read or written. */
function folder(): string {
  const cwd = mkdtempSync(join(root, "f-"));
  mkdirSync(join(cwd, "deep"));
  writeFileSync(join(cwd, "p.txt"), "one\ntwo words\n");
  writeFileSync(join(cwd, "i.png"), Buffer.from(PNG, "latin1"));
  writeFileSync(join(cwd, "c.json"), '{"api":{},"defaults":{}}');
  writeFileSync(join(cwd, "key"), "a-key-of-mine");
  linkSync(join(cwd, "p.txt"), join(cwd, "hard.txt"));
  symlinkSync("p.txt", join(cwd, "soft.txt"));
  symlinkSync("new.jsonl", join(cwd, "dangling.jsonl"));
  symlinkSync(".", join(cwd, "here"));
  return cwd;
}

const contents = (cwd: string): string[] =>
  ["p.txt", "i.png", "c.json", "key"].map((name) => readFileSync(join(cwd, name), "latin1"));

const at = (...args: string[]): string[] => ["--endpoint", simulator.url, ...args];
const run = (args: readonly string[], options: ProgramOptions = {}) => runProgram(args, options);
const partials = (cwd: string): string[] => readdirSync(cwd).filter((name) => name.endsWith(".partial"));
const LOAD = ["bench", ...at("--requests", "2")];

describe("no output file may be an input, nor another output:", () => {
  const prompts = ["--prompts", "p.txt"];
  const rows: [string, readonly string[]][] = [
    ["prompts", ["stream", ...at(), ...prompts, "--records", "p.txt"]],
    ["prompts, spelled otherwise", ["stream", ...at(), ...prompts, "--records", "./deep/../p.txt"]],
    ["prompts, through a link of a folder", ["stream", ...at(), ...prompts, "--records", "here/p.txt"]],
    ["prompts, through a link", ["stream", ...at(), ...prompts, "--records", "soft.txt"]],
    ["prompts that are a link", ["stream", ...at(), "--prompts", "soft.txt", "--records", "p.txt"]],
    ["prompts, by another name of the same file", ["stream", ...at(), ...prompts, "--records", "hard.txt"]],
    ["an image", ["stream", ...at("hi"), "--image", "i.png", "--records", "i.png"]],
    ["settings that are named", ["stream", ...at("hi"), "--config", "c.json", "--records", "c.json"]],
    ["the value of a header", ["stream", ...at("hi"), "--header", "x-api-key=@key", "--records", "key"]],
    ["prompts of a load", [...LOAD, ...prompts, "--records", "hard.txt"]],
    ["settings of a load, by a report", [...LOAD, "--config", "c.json", "--report", "here/c.json", "hi"]],
    ["two reports", [...LOAD, "--report", "a.json", "--report", "here/a.json", "hi"]],
    ["a report and records", [...LOAD, "--report", "a.json", "--records", "./a.json", "hi"]],
  ];
  for (const [name, args] of rows)
    for (const how of ["--force", "--append"])
      test(`${name} (${how})`, async () => {
        const cwd = folder();
        const before = contents(cwd);
        const asked = simulator.requests().length;
        const { code, stderr } = await run(
          [...args, ...(args.includes("--records") || how === "--force" ? [how] : [])],
          { cwd },
        );
        expect(stderr).toContain("are the same file: one would spoil the other.");
        expect(code).toBe(2);
        expect(contents(cwd)).toEqual(before);
        expect(readdirSync(cwd).toSorted()).toEqual(readdirSync(folder()).toSorted());
        expect(simulator.requests().length).toBe(asked);
      });

  test("records through a link that leads to nothing, and a report there", async () => {
    const cwd = folder();
    symlinkSync("new.json", join(cwd, "link.jsonl"));
    const { code, stderr } = await run([...LOAD, "--force", "--report", "new.json", "--records", "link.jsonl", "hi"], {
      cwd,
    });
    expect(stderr).toContain("--report new.json");
    expect(code).toBe(2);
  });

  test("files that the environment names", async () => {
    const cwd = folder();
    const env = { LLMAAS_API_KEY_FILE: "key", NODE_EXTRA_CA_CERTS: "p.txt" };
    const authorities = ["stream", ...at("hi"), "--records", "hard.txt", "--force"];
    expect((await run(authorities, { cwd, env })).stderr).toContain("NODE_EXTRA_CA_CERTS=p.txt and --records hard.txt");
    const { code, stderr } = await run(["stream", ...at("hi"), "--records", "key", "--force"], { cwd, env });
    expect(stderr).toContain("LLMAAS_API_KEY_FILE=key and --records key are the same file");
    expect(code).toBe(2);
  });

  for (const [name, shell] of [
    ["stdout, which would feed itself", '"$@" >>p.txt'],
    ["stderr", '"$@" 2>>p.txt'],
  ] as const)
    test(`prompts and ${name}`, async () => {
      const cwd = folder();
      const { code } = await run(["stream", ...at(), ...prompts], { cwd, shell });
      expect(code).toBe(2);
      expect(readFileSync(join(cwd, "p.txt"), "utf8")).toStartWith("one\ntwo words\n");
    });

  test("records and stdout, or stdin", async () => {
    for (const [shell, name] of [
      ['"$@" >r.jsonl', "stdout"],
      ['echo hi >r.jsonl; "$@" <r.jsonl', "stdin"],
    ] as const) {
      const { code, stderr } = await run(["stream", ...at("--json", "-"), "--records", "r.jsonl", "--append"], {
        shell,
        stdin: "hi",
      });
      expect(stderr).toContain(`${name} and`);
      expect(code).toBe(2);
    }
  });

  test("both standard outputs may be one file, and a device takes everything", async () => {
    const both = await run(["stream", ...at("hi"), "--records", "r.jsonl"], { shell: '"$@" >all.txt 2>&1' });
    expect(both.code).toBe(0);
    const devices = ["--records", "/dev/null", "--report", "/dev/null/../null", "hi", "--force"];
    expect((await run([...LOAD, ...devices.toSpliced(2, 2)])).code).toBe(0);
  });
});

describe("what was there is never lost", () => {
  const OLD = `${JSON.stringify({ type: "record", text: "before" })}\n`;
  const FULL = 'trap "" XFSZ; ulimit -f 4; exec "$@"';

  test("a report is replaced by a whole one, with the rights it had", async () => {
    const cwd = folder();
    writeFileSync(join(cwd, "r.json"), OLD);
    chmodSync(join(cwd, "r.json"), 0o640);
    const { code } = await run([...LOAD, "--report", "r.json", "--force", "hi"], { cwd });
    expect(code).toBe(0);
    expect(JSON.parse(readFileSync(join(cwd, "r.json"), "utf8"))).toMatchObject({ type: "report" });
    expect(statSync(join(cwd, "r.json")).mode & 0o777).toBe(0o640);
    expect(partials(cwd)).toEqual([]);
  });

  test("through a link, and the link stays one", async () => {
    const cwd = folder();
    writeFileSync(join(cwd, "deep/real.json"), OLD);
    symlinkSync("deep/real.json", join(cwd, "r.json"));
    expect((await run([...LOAD, "--report", "r.json", "--force", "hi"], { cwd })).code).toBe(0);
    expect(JSON.parse(readFileSync(join(cwd, "deep/real.json"), "utf8"))).toMatchObject({ type: "report" });
    expect(readdirSync(join(cwd, "deep"))).toEqual(["real.json"]);
  });

  for (const kind of ["json", "csv", "html"])
    test(`to a report for which the disk is too small (${kind})`, async () => {
      const cwd = folder();
      writeFileSync(join(cwd, `r.${kind}`), OLD);
      const args = [...LOAD, "--report", `r.${kind}`, "--force", "hi"];
      // A figure file of one block more than nothing.
      const { code, stderr } = await run(args, { cwd, shell: FULL.replace("-f 4", "-f 1") });
      expect(stderr).toContain("EFBIG");
      expect(code).toBe(1);
      expect(readFileSync(join(cwd, `r.${kind}`), "utf8")).toBe(OLD);
      expect(partials(cwd)).toEqual([]);
    });

  test("to records for which it is too small; those that came stand beside", async () => {
    const cwd = folder();
    writeFileSync(join(cwd, "r.jsonl"), OLD);
    const args = ["stream", ...at("-n", "20", "-q", "two words"), "--records", "r.jsonl", "--force"];
    const { code, stderr } = await run(args, { cwd, shell: FULL });
    expect(code).toBe(1);
    expect(readFileSync(join(cwd, "r.jsonl"), "utf8")).toBe(OLD);
    const [beside = ""] = partials(cwd);
    expect(stderr).toContain(beside);
    const lines = readFileSync(join(cwd, beside), "utf8").trimEnd().split("\n");
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ type: "record", text: "Yes." });
  });

  test("to records of a run that ends as it should: replaced", async () => {
    const cwd = folder();
    writeFileSync(join(cwd, "r.jsonl"), OLD);
    expect((await run(["stream", ...at("hi"), "--records", "r.jsonl", "--force"], { cwd })).code).toBe(0);
    expect(readFileSync(join(cwd, "r.jsonl"), "utf8")).not.toContain("before");
    expect(partials(cwd)).toEqual([]);
  });

  test("to one Ctrl+C: what came replaces it", async () => {
    const cwd = folder();
    writeFileSync(join(cwd, "r.jsonl"), OLD);
    const args = ["stream", "-e", slow.url, "hi", "--records", "r.jsonl", "--force"];
    const program = await startProgram(args, { cwd });
    await program.until("the");
    program.signal("SIGINT");
    expect((await program.ended).code).toBe(130);
    expect(JSON.parse(readFileSync(join(cwd, "r.jsonl"), "utf8"))).toMatchObject({ verdict: "cancelled" });
  });

  for (const [name, args, file] of [
    ["records", ["stream", "-e", slow.url, "hi", "--records", "r.jsonl"], "r.jsonl"],
    ["a report", ["bench", "-e", slow.url, "--json", "hi", "--report", "r.json"], "r.json"],
  ] as const)
    test(`to a kill; and nothing refuses the next run: ${name}`, async () => {
      for (const old of [OLD, null]) {
        const cwd = folder();
        if (old !== null) writeFileSync(join(cwd, file), old);
        const before = slow.requests().length;
        const program = await startProgram([...args, ...(old === null ? [] : ["--force"])], { cwd });
        while (slow.requests().length === before) await Bun.sleep(10);
        program.signal("SIGKILL");
        await program.ended;
        if (old !== null) expect(readFileSync(join(cwd, file), "utf8")).toBe(old);
        const again = args.map((arg) => (arg === slow.url ? simulator.url : arg));
        const force = old === null ? [] : ["--force"];
        expect(
          (await run([...again, ...force, ...(name === "records" ? [] : ["--requests", "2"])], { cwd })).code,
        ).toBe(0);
      }
    });

  test("to a file that came in the meantime: the report stands beside it", async () => {
    const cwd = folder();
    const before = slow.requests().length;
    const program = await startProgram(["bench", "-e", slow.url, "hi", "--report", "r.json"], { cwd });
    while (slow.requests().length === before) await Bun.sleep(10);
    writeFileSync(join(cwd, "r.json"), OLD);
    program.signal("SIGINT");
    const { stderr } = await program.ended;
    expect(readFileSync(join(cwd, "r.json"), "utf8")).toBe(OLD);
    const [beside = ""] = partials(cwd);
    expect(stderr).toContain(beside);
    expect(JSON.parse(readFileSync(join(cwd, beside), "utf8"))).toMatchObject({ type: "report", partial: "signal" });
  });

  test("an empty file is nothing that could be lost", async () => {
    const files = { "r.json": "", "r.jsonl": "" };
    const args = [...LOAD, "--report", "r.json", "--records", "r.jsonl", "hi"];
    const outcome = await run(args, { files });
    expect(outcome.code).toBe(0);
    expect(outcome.files["r.jsonl"]).toContain('"type":"record"');
    expect(outcome.files["r.json"]).toContain('"type": "report"');
  });

  test("what holds something is refused without a word that says so, before anything is sent", async () => {
    const asked = simulator.requests().length;
    for (const args of [
      ["stream", ...at("hi"), "--records", "r.jsonl"],
      [...LOAD, "--records", "r.jsonl", "hi"],
      [...LOAD, "--report", "r.json", "hi"],
    ]) {
      const { code, stderr, files } = await run(args, { files: { "r.jsonl": OLD, "r.json": OLD } });
      expect(stderr).toContain("exists already");
      expect(code).toBe(2);
      expect(files).toMatchObject({ "r.jsonl": OLD, "r.json": OLD });
    }
    expect(simulator.requests().length).toBe(asked);
  });
});

describe("a pipe or a device holds nothing that could be lost:", () => {
  const record = /"type":"record"/;
  test("records go to a standard output that is a pipe", async () => {
    const { files, stderr } = await run([...LOAD, "--records", "/dev/stdout", "hi"], {
      shell: '{ "$@"; echo "code $?" >&2; } | cat >copy.jsonl',
    });
    expect(files["copy.jsonl"]).toMatch(record);
    expect(stderr).toContain("code 0");
  });

  test("and to standard error, and into any other that the shell has opened", async () => {
    for (const [name, shell] of [
      ["/dev/stderr", '{ "$@" 2>&1 >/dev/null; } | cat >copy.jsonl'],
      ["/dev/fd/3", '{ "$@" 3>&1 >/dev/null; } | cat >copy.jsonl'],
    ] as const) {
      const { files } = await run(["stream", ...at("hi"), "-q", "--records", name], { shell });
      expect(files["copy.jsonl"]).toMatch(record);
    }
  });

  test("--json has each record already: the same pipe is refused for them, any other is not", async () => {
    for (const name of ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"]) {
      const { stdout, stderr } = await run(["stream", ...at("hi"), "--json", "--records", name], {
        shell: '{ "$@"; echo "code $?" >&2; } | cat',
      });
      expect([stdout, stderr.includes("code 2")]).toEqual(["", true]);
      expect(stderr).toContain(`Leave out --records ${name}.`);
    }
    const { files, stdout } = await run(["stream", ...at("hi"), "--json", "--records", "/dev/fd/3"], {
      shell: '"$@" 3>copy.jsonl',
    });
    expect([stdout.match(/"type":"record"/g)?.length, files["copy.jsonl"]?.trimEnd().split("\n").length]).toEqual([
      1, 1,
    ]);
  });

  test("so do reports, and /dev/null takes all", async () => {
    const args = [...LOAD, "--records", "/dev/null", "--report", "p.json", "hi"];
    const { code, files } = await run(args, {
      shell: 'mkfifo p.json; cat p.json >copy.json & "$@"; code=$?; wait; exit $code',
    });
    expect(code).toBe(0);
    expect(JSON.parse(files["copy.json"] ?? "")).toMatchObject({ type: "report" });
  });
});

describe("a standard output that is closed", () => {
  for (const args of [["stream", ...at("hi")], ["stream", ...at("hi"), "--json"], ["bench", "--help"], ["--version"]])
    test(`ends in failure, and says so: ${args.join(" ").replace(/http\S+/, "URL")}`, async () => {
      const { code, stderr } = await run(args, { shell: 'exec "$@" >&-' });
      expect(stderr).toContain("The output could not be written: it is closed (EBADF).");
      expect(code).toBe(1);
    });

  test("one that is thrown away does not", async () => {
    for (const shell of ['exec "$@" >/dev/null', 'exec "$@" 1<>/dev/null', 'exec "$@" >/dev/null 2>&-'])
      expect((await run(["stream", ...at("hi"), "-q"], { shell })).code).toBe(0);
  });
});

describe("a pipe that nobody reads does not hold a signal:", () => {
  const MADE = 'mkfifo p.jsonl p.json; exec "$@"';
  /** Somebody has opened it, and reads nothing. */
  const HELD =
    'mkfifo p.jsonl p.json; sleep 30 <>p.jsonl >/dev/null 2>&1 & sleep 30 <>p.json >/dev/null 2>&1 & exec "$@"';
  const big = startSimulator({ control: { rate: 0, ttft_ms: 0 }, answer: () => "word ".repeat(20_000) });
  afterAll(() => big.stop());
  const rows: [string, readonly string[]][] = [
    ["records of stream", ["stream", "-q", "-n", "4", "two words", "--max-tokens", "off", "--records", "p.jsonl"]],
    ["records of bench", ["bench", "--requests", "4", "two words", "--max-tokens", "off", "--records", "p.jsonl"]],
    ["a report of bench", ["bench", "--requests", "4", "two words", "--report", "p.json"]],
  ];
  for (const [name, args] of rows)
    for (const [how, shell] of [
      ["not opened by anybody", MADE],
      ["opened and not read", HELD],
    ] as const)
      test(`${name}, ${how}`, async () => {
        const before = big.requests().length;
        const program = await startProgram([...args, "-e", big.url, "--force"], { shell });
        const ended = () =>
          big
            .requests()
            .slice(before)
            .some(({ endedAt }) => endedAt !== null);
        while (!ended()) await Bun.sleep(10);
        const from = performance.now();
        program.signal("SIGINT");
        const { code } = await program.ended;
        expect([0, 130]).toContain(code ?? -1);
        expect(performance.now() - from).toBeLessThan(15_000);
      });

  const setsid = Bun.which("setsid");
  if (setsid === null) console.log("skipped: setsid missing");

  test.skipIf(setsid === null)("a device that cannot be opened is refused before anything is sent", async () => {
    const asked = big.requests().length;
    const args = ["stream", "-e", big.url, "hi", "--records", "/dev/tty", "--append"];
    const { code, stderr } = await run(args, { shell: 'exec setsid --wait "$@"' });
    expect(stderr).toContain("/dev/tty cannot be written");
    expect(code).toBe(2);
    expect(big.requests().length).toBe(asked);
  });

  test("one that is read gets every record, whole, and the program ends by itself", async () => {
    const shell = 'mkfifo p.jsonl; (sleep 0.3; cat p.jsonl >copy.jsonl) & "$@"; code=$?; wait; exit $code';
    const args = ["stream", "-e", big.url, "-q", "-n", "4", "two words", "--records", "p.jsonl", "--append"];
    const { code, files } = await run([...args, "--max-tokens", "off"], { shell });
    expect(code).toBe(0);
    const records = (files["copy.jsonl"] ?? "").trimEnd().split("\n");
    expect(records.length).toBe(4);
    for (const record of records) expect(JSON.parse(record)).toMatchObject({ verdict: "complete" });
  });

  test("one whose reader goes away ends the run, and says why", async () => {
    const shell = 'mkfifo p.jsonl; head -c 10 p.jsonl >/dev/null & "$@"';
    const args = [
      "stream",
      "-e",
      big.url,
      "-q",
      "-n",
      "20",
      "-j",
      "1",
      "two words",
      "--records",
      "p.jsonl",
      "--append",
    ];
    const { code, stderr } = await run([...args, "--max-tokens", "off"], { shell });
    expect(stderr).toContain("p.jsonl cannot be written");
    expect(code).toBe(1);
  });
});

describe("an option without its partner is refused:", () => {
  for (const [args, said] of [
    [["stream", "hi", "--append"], "--append needs --records"],
    [["stream", "hi", "--force"], "--force needs --records"],
    [["bench", "hi", "--force"], "--force needs --records or --report"],
    [["stream", "hi", "--skip-invalid"], "--skip-invalid needs --prompts"],
  ] as const)
    test(args.join(" "), async () => {
      const { code, stderr } = await run([...args, "--endpoint", simulator.url]);
      expect(stderr).toContain(said);
      expect(code).toBe(2);
    });
});
