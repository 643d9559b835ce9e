import { expect, test } from "bun:test";
import { dirname, join, relative } from "node:path";

const SOURCE = join(import.meta.dir, "../../src");
const transpiler = new Bun.Transpiler({ loader: "ts" });

/**
 * Every module of ours that a module can ever load, by `import` or by `import()`, with who asks for it. `lazy`: false for
 * those alone that are loaded with it.
 */
async function graphOf(entry: string, lazy = true): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  async function visit(file: string, from: string): Promise<void> {
    const name = relative(SOURCE, file);
    if (found.has(name)) return;
    found.set(name, from);
    if (!file.endsWith(".ts")) return;
    const code = (await Bun.file(file).text()).replace(/^#!.*/, "");
    for (const { path, kind } of transpiler.scanImports(code))
      if (path.startsWith(".") && (lazy || kind === "import-statement"))
        await visit(Bun.resolveSync(path, dirname(file)), name);
  }
  await visit(join(SOURCE, entry), "");
  return found;
}

test("the main thread can load neither the decoder nor the engine; the worker loads both", async () => {
  const [main, worker] = await Promise.all([graphOf("main.ts"), graphOf("worker/entry.ts")]);
  const engine = ["wire/sse.ts", "stream/attempt.ts", "stream/answer.ts", "stream/stream.ts", "worker/entry.ts"];
  // The answers in a provider's file are judged like any other; no byte of a stream comes there.
  const ofFiles = new Set(["stream/answer.ts by batch/judge-answer.ts", "wire/sse.ts by stream/answer.ts"]);
  const loaded = engine.filter((file) => main.has(file)).map((file) => `${file} by ${main.get(file)}`);
  expect(loaded.filter((edge) => !ofFiles.has(edge))).toEqual([]);
  expect(engine.filter((file) => !worker.has(file))).toEqual([]);
  // The scan sees what is loaded lazily too.
  expect(main.has("commands/stream.ts")).toBe(true);
  expect(main.has("worker/client.ts")).toBe(true);
});

test("the worker loads the API it speaks and no other; one prompt loads nothing of loads and reports", async () => {
  const apis = ["chat", "responses", "messages", "completions"].map((name) => `wire/${name}.ts`);
  const worker = await graphOf("worker/entry.ts", false);
  expect([...apis, "wire/choices.ts", "wire/translation.ts"].filter((file) => worker.has(file))).toEqual([]);
  for (const api of apis) {
    const others = await graphOf(api, false);
    expect(apis.filter((file) => file !== api && others.has(file))).toEqual([]);
  }
  const [context, stream] = await Promise.all([
    graphOf("commands/context.ts", false),
    graphOf("commands/stream.ts", false),
  ]);
  const loaded = [...context, ...stream].filter(([file]) =>
    /histogram|report|schema|^bench|^compare|wire\/c/.test(file),
  );
  expect(loaded.map(([file, by]) => `${file} by ${by}`)).toEqual([]);
});
