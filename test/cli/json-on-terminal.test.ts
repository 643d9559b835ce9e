import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Verb } from "../../src/commands/context.ts";
import { visible } from "../../src/text/visible.ts";
import { DONE, event, finish, HEAD, response, token } from "../fixtures/answers.ts";
import { startRawServer, type RawServer } from "../fixtures/raw-server.ts";
import { runProgram } from "./program.ts";

/** What a terminal would obey or hide, of each kind: C0, DEL, C1, bidi, zero width, line ends, tags, selectors. */
const HOSTILE =
  "e\u001b]52;c;aGk=\u0007\u007f\u009b31m\u202e\u2066\u061c\u206a\u200b\u2060\ufeff\u2028\u2029\ufff9\u{e0041}\u{e0100}é";
const KEY = "the-key-of-somebody";

let folder = "";
let server: RawServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "llmaas-json-"));
  const chunk = event({
    id: HOSTILE,
    model: `${HOSTILE} ${KEY}`,
    backend: HOSTILE,
    choices: [{ delta: { content: HOSTILE } }],
  });
  const models = { data: [{ id: `${HOSTILE} ${KEY}`, owned_by: `${KEY} ${HOSTILE}` }] };
  server = startRawServer(async ({ request, write, fin }) => {
    const answer = HEAD + chunk + token("a") + finish(HOSTILE) + DONE;
    await write(request.method === "GET" ? response("200 OK", "", JSON.stringify(models)) : answer);
    fin();
  });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** What each verb with `--json` prints on a terminal, given what is hostile wherever something can be given. */
const COMMANDS: Readonly<Record<string, () => readonly string[]>> = {
  stream: () => ["hello you", "-m", HOSTILE_MODEL],
  bench: () => ["hello you", "-m", HOSTILE_MODEL, "--requests", "1", "--report", join(folder, "a.json"), "--force"],
  compare: () => [join(folder, "a.json"), join(folder, "b.json")],
  models: () => [],
  config: () => ["show", "-m", HOSTILE_MODEL],
  selftest: () => ["-j", "1", "--duration", "200ms"],
  "batch run": () => [join(folder, "in.jsonl"), "--out", join(folder, `out${HOSTILE}.jsonl`)],
  "batch report": () => [join(folder, `out${HOSTILE}.jsonl`)],
};

/** What they print comes from a provider's batches, from a queue, or from the parts of a shared load. */
const OTHERS = [...["cancel", "fetch", "list", "status", "submit", "worker"].map((verb) => `batch ${verb}`), "merge"];

/** An argument cannot hold everything. */
const HOSTILE_MODEL = `m${HOSTILE}`;

async function printed(verb: string): Promise<string> {
  const args = [...verb.split(" "), "--json", ...(COMMANDS[verb]?.() ?? [])];
  const endpoint = ["stream", "bench", "models", "batch run"].includes(verb) ? ["--endpoint", server.url] : [];
  const { stdout } = await runProgram([...args, ...endpoint], { env: { LLMAAS_API_KEY: KEY }, terminal: true });
  return stdout;
}

describe("--json on a terminal holds nothing that the terminal would obey or hide, in", () => {
  for (const verb of Object.keys(COMMANDS))
    test(
      verb,
      async () => {
        if (verb === "batch run") await Bun.write(join(folder, "in.jsonl"), `${JSON.stringify({ prompt: "hi" })}\n`);
        if (verb === "compare") await Promise.all(["a.json", "b.json"].map(benchTo));
        const text = await printed(verb);
        expect(text).toContain('"v":');
        expect(visible(text)).toBe(text.replaceAll("\r\n", "\n"));
        if (verb !== "selftest" && verb !== "batch run") expect(text).toContain("\\u202e");
        expect(text).not.toContain(KEY);
      },
      30_000,
    );

  test("every verb that has it", async () => {
    const source = join(import.meta.dir, "../../src/commands");
    const found: string[] = [];
    for (const file of await readdir(source)) {
      const module: Record<string, Partial<Verb>> = await import(join(source, file));
      for (const verb of Object.values(module))
        if (typeof verb?.run === "function" && verb.args !== undefined && "json" in verb.args)
          found.push(verb.meta?.name ?? "");
    }
    expect(found.toSorted()).toEqual([...Object.keys(COMMANDS), ...OTHERS].toSorted());
  });

  test("nothing that is written past the one function for it", async () => {
    const source = join(import.meta.dir, "../../src/commands");
    for (const file of await readdir(source))
      expect(await Bun.file(join(source, file)).text()).not.toMatch(/\bout\.write\(`\$\{JSON\.stringify/);
  });
});

async function benchTo(name: string): Promise<void> {
  const args = ["bench", "hi", "-m", HOSTILE_MODEL, "--requests", "2", "-q", "--report", join(folder, name), "--force"];
  await runProgram([...args, "--endpoint", server.url], { env: { LLMAAS_API_KEY: KEY } });
}

test("models and their owners are masked, in words and in JSON", async () => {
  for (const args of [[], ["--json"]]) {
    const options = { env: { LLMAAS_API_KEY: KEY } };
    const { code, stdout } = await runProgram(["models", "--endpoint", server.url, ...args], options);
    expect(code).toBe(0);
    expect(stdout).not.toContain(KEY);
    expect(stdout.match(/•••/g)).toHaveLength(2);
  }
});

test("a suggestion of a model is masked", async () => {
  const models = { data: [{ id: `model-${KEY}` }] };
  await using named = startRawServer(async ({ request, write, fin }) => {
    const unknown = JSON.stringify({ error: { message: "no such model", code: `c-${KEY}` } });
    await write(
      request.method === "GET" ? response("200 OK", "", JSON.stringify(models)) : response("404 No", "", unknown),
    );
    fin();
  });
  const options = { env: { LLMAAS_API_KEY: KEY } };
  const near = `model-${KEY.slice(0, -1)}`;
  const asked = await runProgram(["stream", "hi you", "-m", near, "-e", named.url], options);
  expect(asked.stderr).toContain("model-•••?");
  const listed = await runProgram(["models", near, "-e", named.url], options);
  expect(listed.stderr).toContain("model-•••?");
  for (const { stdout, stderr } of [asked, listed]) expect(stdout + stderr).not.toContain(KEY);
});
