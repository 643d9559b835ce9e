import { describe, expect, test } from "bun:test";
import { readArgs } from "../../src/commands/args.ts";
import { batchRun } from "../../src/commands/batch-run.ts";
import { bench } from "../../src/commands/bench.ts";
import { compare } from "../../src/commands/compare.ts";
import type { Verb } from "../../src/commands/context.ts";
import { models } from "../../src/commands/models.ts";
import { simulate } from "../../src/commands/simulate.ts";
import { stream } from "../../src/commands/stream.ts";
import { UserError } from "../../src/config/user-error.ts";
import { load } from "../../src/i18n/load.ts";
import { oneLine, sayProblem } from "../../src/i18n/say.ts";

const english = await load("en", "problems");

/** What is said of a command line of a verb. */
function said(verb: Verb, args: readonly string[], problems = english): string {
  try {
    readArgs(verb.meta.name, args, verb.args);
  } catch (error) {
    if (error instanceof UserError) return oneLine(sayProblem(problems, error.problem, (line) => `llmaas ${line}`));
    throw error;
  }
  throw new Error(`${verb.meta.name} ${args.join(" ")} was taken`);
}

describe("a name that other tools have", () => {
  test.each([
    [stream, ["--base-url", "http://h/v1"], "-e http://h/v1"],
    [stream, ["--url=http://h/v1"], "-e http://h/v1"],
    [bench, ["--users", "4"], "-j 4"],
    [bench, ["--vus=10"], "-j 10"],
    [bench, ["--max-concurrency", "8"], "-j 8"],
    [bench, ["-u", "10"], "-j 10"],
    [bench, ["-u", "http://h/v1"], "-e http://h/v1"],
    [bench, ["--qps", "5"], "--rate 5"],
    [bench, ["-r", "5"], "--rate 5"],
    [bench, ["--request-rate", "2.5"], "--rate 2.5"],
    [bench, ["-n", "100"], "--requests 100"],
    [bench, ["--num-prompts", "100"], "--requests 100"],
    [bench, ["-d", "10s"], "--duration 10s"],
    [bench, ["--time", "10s"], "--duration 10s"],
    [bench, ["-z", "10s"], "--duration 10s"],
    [bench, ["--threshold", "ttft < 1s"], "--slo 'ttft < 1s'"],
    [compare, ["--threshold", "p95(ttft) +10%"], "--fail-if 'p95(ttft) +10%'"],
    [bench, ["--html"], "--report run.html"],
    [bench, ["--html", "x.html"], "--report x.html"],
    [bench, ["-o", "x.json"], "--report x.json"],
    [bench, ["--output", "x"], "--report run.html"],
    [bench, ["--random-input-len", "512"], "--prompt-tokens 512"],
    [stream, ["--max-new-tokens", "5"], "--max-tokens 5"],
    [stream, ["--top-k", "40"], "--param top_k=40"],
    [stream, ["--system-prompt", "be kind"], "-s 'be kind'"],
    [stream, ["--verbose"], "-d"],
    [stream, ["--silent"], "-q"],
    [stream, ["--format", "json"], "--json"],
    [models, ["--no-color"], "--color never"],
    [simulate, ["-p", "9000"], "--port 9000"],
  ])("is answered with ours: %#", (verb, args, ours) => {
    expect(said(verb, args)).toEndWith(` Write: ${ours}`);
  });

  test.each([
    [stream, ["--qps", "5"], "llmaas bench --rate 5"],
    [stream, ["--duration", "10s"], "llmaas bench --duration 10s"],
    [bench, ["--debug"], "llmaas stream -d"],
    [bench, ["--port", "80"], "llmaas simulate --port 80"],
    [compare, ["--dry-run"], "llmaas batch run --dry-run"],
    [stream, ["--retry-failed"], "llmaas batch run --retry-failed"],
    [bench, ["--max-cost", "5"], "llmaas batch run --max-cost 5"],
    [stream, ["--queue", "redis://h"], "llmaas batch run --queue redis://h"],
  ])("or with the command that has it: %#", (verb, args, ours) => {
    expect(said(verb, args)).toEndWith(` Write: ${ours}`);
  });

  test.each([
    ["--api-key", "LLMAAS_API_KEY"],
    ["--key", "LLMAAS_API_KEY"],
    ["--token", "LLMAAS_API_KEY"],
    ["-o", "--records FILE.jsonl"],
    ["--prompt", 'llmaas stream "…"'],
    ["-v", "-V"],
    ["-k", "NODE_EXTRA_CA_CERTS"],
    ["--insecure", "NODE_EXTRA_CA_CERTS"],
    ["--stream", "Leave --stream out."],
    ["--proxy", "HTTPS_PROXY"],
  ])("or why it is another way: %s", (option, way) => {
    expect(said(stream, [option, "value-of-it"])).toContain(way);
  });

  test.each([stream, bench])("--dry-run is answered with what tries or estimates without an endpoint: %#", (verb) => {
    const { name } = verb.meta;
    expect(said(verb, ["--dry-run"])).toBe(
      `--dry-run: llmaas ${name} always sends its requests. To try it without an endpoint: llmaas ${name} --demo. What a file of prompts would take is estimated by: llmaas batch run FILE --dry-run`,
    );
  });

  test.each(["--prompts", "--input", "-f", "--file"])("the file of a batch needs no option: %s", (option) => {
    expect(said(batchRun, [option, "in.jsonl"])).toEndWith("Write its name: llmaas batch run FILE");
  });

  test("never repeats what may be a key", () => {
    const key = "sk-0123456789abcdef";
    for (const option of ["--api-key", "--key", "--token", "-H", "--headers", "--auth", "--config-file", "--url"]) {
      expect(said(stream, [option, key])).not.toContain(key);
      expect(said(stream, [`${option}=${key}`])).not.toContain(key);
    }
    expect(said(stream, ["--url", "http://me:secret@h/v1"])).not.toContain("secret");
  });

  test("with a single dash before a whole word is not read letter by letter", () => {
    expect(said(stream, ["-model", "gpt", "two words"])).toEndWith(" Write: -m gpt");
    expect(said(stream, ["-json"])).toEndWith(" Write: --json");
    expect(said(bench, ["-rate=50"])).toEndWith(" Write: --rate 50");
    expect(said(bench, ["-vus", "3"])).toEndWith(" Write: -j 3");
    expect(readArgs("stream", ["-qmgpt", "-sbe kind"], stream.args).one("model")).toBe("gpt");
  });

  test("in French says the same of its own", async () => {
    const french = await load("fr", "problems");
    expect(said(bench, ["--vus", "10"], french)).toMatch(
      /--vus s’appelle ici --concurrency \(-j\)\. Écrivez\s: -j 10$/,
    );
    expect(said(stream, ["--headers"], french)).toEndWith("--header 'NOM: VALEUR'");
  });
});
