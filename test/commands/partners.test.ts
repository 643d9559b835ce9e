import { describe, expect, test } from "bun:test";
import { readArgs } from "../../src/commands/args.ts";
import { bench } from "../../src/commands/bench.ts";
import { compare } from "../../src/commands/compare.ts";
import { config } from "../../src/commands/config.ts";
import { renderHelp } from "../../src/commands/help.ts";
import { models } from "../../src/commands/models.ts";
import { report } from "../../src/commands/report.ts";
import { selftest } from "../../src/commands/selftest.ts";
import { simulate } from "../../src/commands/simulate.ts";
import { stream } from "../../src/commands/stream.ts";
import { UserError } from "../../src/config/user-error.ts";
import { runProgram } from "../cli/program.ts";

const VERBS = [stream, bench, compare, report, models, selftest, simulate, config];

/** A value for each option, whether it means anything or not. */
function given(name: string, { type, choices }: { type?: unknown; choices?: readonly string[] }): string[] {
  return type === "string" ? [`--${name}`, choices?.[0] ?? "1"] : [`--${name}`];
}

const ALONE = VERBS.flatMap((verb) =>
  Object.entries(verb.args).flatMap(([name, option]) =>
    (option.needs?.length ?? 0) === 0 || option.needsOrSetting === true
      ? []
      : [{ verb: verb.meta.name, name, option, args: verb.args }],
  ),
);

describe("an option that means nothing without another", () => {
  test("is one of these", () => {
    expect(ALONE.map(({ verb, name }) => `${verb} --${name}`)).toEqual([
      "stream --skip-invalid",
      "stream --append",
      "stream --force",
      "bench --arrival",
      "bench --max-in-flight",
      "bench --drain",
      "bench --skip-invalid",
      "bench --start-at",
      "bench --ntp",
      "bench --fail-if",
      "bench --strict",
      "bench --append",
      "bench --force",
      "compare --strict",
      "compare --if-disturbed",
      "report --force",
    ]);
  });

  test.each(ALONE)("is refused alone: $verb --$name", ({ verb, name, option, args }) => {
    const read = (...more: string[]) => readArgs(verb, [...given(name, option), ...more], args);
    let problem: unknown;
    try {
      read();
    } catch (error) {
      problem = error instanceof UserError ? error.problem : error;
    }
    expect(problem).toMatchObject({ code: "needs_option", option: `--${name}` });
    const known = new Map(Object.entries(args));
    const partners = (option.needs ?? []).filter((partner) => known.has(partner));
    expect(partners.length).toBeGreaterThan(0);
    // A partner may have one of its own.
    const chain = (partner: string): string[] => {
      const { needs = [], ...rest } = known.get(partner) ?? {};
      const next = needs.find((name) => known.has(name));
      return [...given(partner, rest), ...(next === undefined ? [] : chain(next))];
    };
    for (const partner of partners) expect(() => read(...chain(partner))).not.toThrow();
    expect(() => read("--help")).not.toThrow();
  });

  test("says in the help with which it goes", async () => {
    const help = (await renderHelp("en", bench)).replaceAll(/\s+/g, " ");
    expect(help).toContain("How long running streams may then take (with --duration) (default: 30s)");
    expect(help).toContain("Leave out lines that are not prompts, and count them (with --prompts)");
    expect((await renderHelp("fr", bench)).replaceAll(/\s+/g, " ")).toContain("(avec --duration)");
  });
});

describe("the program refuses what has no partner, and sends nothing:", () => {
  const at = ["-e", "http://127.0.0.1:9/v1"];
  test.concurrent.each([
    [["stream", ...at, "hi", "--append"], "--append needs --records.", "Add --records run.jsonl"],
    [["report", "--force"], "--force needs --page or --html", "Add --page page.html"],
    [["bench", ...at, "--drain", "5s"], "--drain needs --duration.", "Add --duration 30s"],
    [["bench", ...at, "--max-in-flight", "3"], "--max-in-flight needs --rate.", "Add --rate 2"],
    [["bench", ...at, "--abort-on-fail"], "--abort-on-fail needs --slo.", "Add --slo 'p95(ttft) < 1s'"],
    [["compare", "a", "b", "--strict"], "--strict needs --fail-if.", "Add --fail-if 'p95(ttft) +10%'"],
    [["stream", ...at, "--each"], "--each asks each prompt", 'Add some: --each "one" "another"'],
    [["stream", ...at, "--each", "--prompts", "p.txt"], "--each asks each prompt", "Add some"],
    [["config", "schema", "--json"], "config schema has no option --json.", "--help"],
    [["config", "init", "--endpoint", "http://127.0.0.1:9/v1"], "config init has no option --endpoint.", "--help"],
  ] as const)("%j", async (args, what, todo) => {
    const { code, stderr } = await runProgram([...args], { files: { "p.txt": "one\n" } });
    expect(stderr).toContain(what);
    expect(stderr).toContain(todo);
    expect(code).toBe(2);
  });

  test.concurrent("a threshold of the settings is a partner of --abort-on-fail", async () => {
    const settings = { api: { endpoint: "http://127.0.0.1:9/v1" }, bench: { slo: ["p95(ttft) < 1s"] } };
    const { stderr } = await runProgram(["bench", "-c", "c.json", "--abort-on-fail", "--requests", "1"], {
      files: { "c.json": JSON.stringify(settings) },
    });
    expect(stderr).not.toContain("needs --slo");
  });
});

describe("a line of text that looks like JSON", () => {
  const ask = (name: string, text: string) =>
    runProgram(["stream", "--demo", "-q", "--max-tokens", "5", "--prompts", name], { files: { [name]: text } });

  test.concurrent.each([
    ["p.txt", '{"prompt":"hi"}\n', "p.txt: line 1 looks like JSON, and is sent as it is", "name the file p.jsonl"],
    ["p", 'hello there\n\n  {"messages":[]}  \n', "p: line 3 looks like JSON", "name the file p.jsonl"],
    ["a.b.md", 'x y\r\n{"prompt":"a"}\r\n{"prompt":"b"}\r\n', "a.b.md: line 2 looks like JSON", "the file a.b.jsonl"],
  ])("in %s is remarked on once, and sent", async (name, text, what, todo) => {
    const { code, stderr, stdout } = await ask(name, text);
    expect(stderr).toContain(what);
    expect(stderr).toContain(todo);
    expect(stderr.split("looks like JSON")).toHaveLength(2);
    expect(code).toBe(0);
    expect(stdout).not.toBe("");
  });

  test.concurrent("on standard input too", async () => {
    const { stderr } = await runProgram(["stream", "--demo", "-q", "--max-tokens", "5", "--prompts", "-"], {
      stdin: 'hello\n{"prompt":"hi"}\n',
    });
    expect(stderr).toContain("stdin: line 2 looks like JSON");
    expect(stderr).toContain("begin with a line of JSON");
  });

  test.concurrent.each([
    ["p.jsonl", '{"prompt":"hi"}\n'],
    ["p", '{"prompt":"hi"}\n{"prompt":"ho"}\n'],
    ["p.txt", 'What does {"prompt": 1} mean?\nSet {"a": "prompt"}\n{"answer": "prompt"}\n{"prompt": }\n'],
  ])("no other is: %s %j", async (name, text) => {
    expect((await ask(name, text)).stderr).not.toContain("looks like JSON");
  });
});
