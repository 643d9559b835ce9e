import { expect } from "bun:test";
import fc from "fast-check";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bench } from "../../src/commands/bench.ts";
import { compare } from "../../src/commands/compare.ts";
import { completion } from "../../src/commands/completion.ts";
import { config } from "../../src/commands/config.ts";
import type { Verb } from "../../src/commands/context.ts";
import { EXIT } from "../../src/commands/exit.ts";
import { models } from "../../src/commands/models.ts";
import { OutputError } from "../../src/commands/output.ts";
import { selftest } from "../../src/commands/selftest.ts";
import { simulate } from "../../src/commands/simulate.ts";
import { stream } from "../../src/commands/stream.ts";
import { startSimulator } from "../../src/simulator/server.ts";
import { createHastyClock } from "../fixtures/clocks.ts";
import { contextOf, runVerb } from "../fixtures/in-process.ts";
import { commandLines, FILES } from "./command-lines.ts";
import { define, type Property } from "./property.ts";
import { sentencesOf } from "./sentences.ts";

const SECRET = "c4nary012345";
const STACK = /\n\s+at .*:\d+:\d+/;
/** Exit codes that the README lists, but for that of a bug of ours. */
const CODES: readonly number[] = Object.values(EXIT).filter((code) => code !== EXIT.bug);

const folder = join(tmpdir(), `llmaas-fuzz-${process.pid}`);
const ANSWER = 'data: {"choices":[{"delta":{"content":"hi"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';
const HEADERS = { "content-type": "text/event-stream" };

/** The endpoint answers, no path leads out of the folder, and no number of streams starts the program anew. */
const ENV = {
  HOME: folder,
  LLMAAS_API_KEY: "sk-c4nary0123456789abcdef",
  LLMAAS_ENDPOINT: "http://127.0.0.1:9/v1",
  BUN_CONFIG_MAX_HTTP_REQUESTS: "65535",
};
const OUTSIDE = { env: ENV, fetch: async () => new Response(ANSWER, { headers: HEADERS }), clock: createHastyClock() };

/** In a folder with files to name; relative paths lead there as well. */
function inFolder(property: Property): Property {
  return {
    ...property,
    async check(cases) {
      const before = process.cwd();
      await Promise.all(Object.entries(FILES).map(([name, text]) => Bun.write(join(folder, name), text)));
      process.chdir(folder);
      try {
        await property.check(cases);
      } finally {
        process.chdir(before);
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

/** Verbs whose work needs neither a network nor a process, once all is given. */
const WITHIN: readonly Verb[] = [stream, compare, config, completion];
/** All the others are read, and not run. */
const READ: readonly Verb[] = [bench, models, simulate, selftest];
/** Standard input is the tests' own. */
const WITHOUT = ["stdin"];

async function hold(verb: Verb, args: readonly string[], run: boolean): Promise<void> {
  try {
    const context = { ...contextOf(verb, args, OUTSIDE), cwd: folder };
    const { args: read, out, err } = context;
    const asksStdin = verb === stream && read.positionals.length === 0 && !read.has("prompts");
    if (!run || asksStdin || read.positionals.includes("-") || read.one("prompts") === "-") return;
    const code = await runVerb(verb, context);
    expect(CODES).toContain(code);
    expect(out.text() + err.text()).not.toMatch(STACK);
    // What was asked is shown as it was asked.
    const asked = read.one("prompts")?.endsWith("key.txt") === true;
    if (!asked) expect(err.text() + (verb === stream ? "" : out.text())).not.toContain(SECRET);
    if (code !== EXIT.ok) expect((err.text() + out.text()).trim()).not.toBe("");
  } catch (error) {
    if (error instanceof OutputError) return;
    for (const sentence of sentencesOf(error)) expect(sentence).not.toMatch(STACK);
  }
}

export const argumentsProperty = inFolder(
  define(
    "arguments",
    "every command line is obeyed or refused in a sentence",
    600,
    fc.asyncProperty(
      fc.oneof(
        ...WITHIN.map((verb) => fc.tuple(fc.constant(verb), commandLines(verb, folder, WITHOUT), fc.constant(true))),
        ...READ.map((verb) => fc.tuple(fc.constant(verb), commandLines(verb, folder), fc.constant(false))),
      ),
      ([verb, args, run]) => hold(verb, args, run),
    ),
  ),
);

const MAIN = join(import.meta.dir, "../../src/main.ts");
/** Ms after which a program that goes on, as a server does, is interrupted. */
const PATIENCE = 4000;
/** Ms that it may then take to end. */
const BOUND = 90_000;

/** Runs the program itself, beside a server that answers; nothing of it leaves this machine. */
async function runProgram(
  args: readonly string[],
  stdin: string | null,
): Promise<{ code: number | null; told: string; stderr: string }> {
  const simulator = startSimulator();
  const nowhere = "http://127.0.0.1:9";
  const env = {
    ...ENV,
    PATH: process.env["PATH"] ?? "",
    LLMAAS_ENDPOINT: simulator.url,
    HTTP_PROXY: nowhere,
    HTTPS_PROXY: nowhere,
  };
  const child = Bun.spawn([process.execPath, "--no-env-file", MAIN, ...args], {
    cwd: folder,
    env,
    stdin: stdin === null ? "ignore" : new Blob([stdin]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const interrupt = setTimeout(() => child.kill("SIGINT"), PATIENCE);
  const kill = setTimeout(() => child.kill("SIGKILL"), PATIENCE + BOUND);
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  clearTimeout(interrupt);
  clearTimeout(kill);
  await simulator.stop();
  if (child.signalCode === "SIGKILL") throw new Error("it does not end");
  return { code: child.signalCode === null ? child.exitCode : null, told: stdout + stderr, stderr };
}

const typed = fc.oneof(
  ...[...WITHIN, ...READ].map((verb) => commandLines(verb, folder).map((args) => [verb.meta.name, ...args])),
  commandLines(stream, folder),
);
// No argument of a process holds a NUL.
const withoutNul = typed.map((args) => args.map((arg) => arg.replaceAll("\0", "")));

export const programProperty = inFolder(
  define(
    "program",
    "the program ends every command line with an exit code of its list and without a stack, whatever is on its standard input",
    15,
    fc.asyncProperty(
      withoutNul,
      fc.constantFrom(null, "", "hi\n", "\xff\0", '{"prompt":"a"}\n'),
      async (args, stdin) => {
        const { code, told, stderr } = await runProgram(args, stdin);
        if (code !== null) expect(CODES).toContain(code);
        expect(told).not.toMatch(STACK);
        if (!args.some((arg) => arg.endsWith("key.txt"))) expect(stderr).not.toContain(SECRET);
        if (code === EXIT.usage) expect(stderr).toMatch(/❌/u);
        if (code !== null && code !== EXIT.ok && code < 128) expect(told.trim()).not.toBe("");
      },
    ),
  ),
);
