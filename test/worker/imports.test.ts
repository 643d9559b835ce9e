import { expect, test } from "bun:test";
import { dirname, join, relative } from "node:path";

const SOURCE = join(import.meta.dir, "../../src");
const transpiler = new Bun.Transpiler({ loader: "ts" });

/** Every module of ours that a module can ever load, by `import` or by `import()`, with who asks for it. */
async function graphOf(entry: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  async function visit(file: string, from: string): Promise<void> {
    const name = relative(SOURCE, file);
    if (found.has(name)) return;
    found.set(name, from);
    if (!file.endsWith(".ts")) return;
    const code = (await Bun.file(file).text()).replace(/^#!.*/, "");
    for (const { path } of transpiler.scanImports(code))
      if (path.startsWith(".")) await visit(Bun.resolveSync(path, dirname(file)), name);
  }
  await visit(join(SOURCE, entry), "");
  return found;
}

test("the main thread can load neither the decoder nor the engine; the worker loads both", async () => {
  const [main, worker] = await Promise.all([graphOf("main.ts"), graphOf("worker/entry.ts")]);
  const engine = ["wire/sse.ts", "stream/attempt.ts", "stream/answer.ts", "stream/stream.ts", "worker/entry.ts"];
  expect(engine.filter((file) => main.has(file)).map((file) => `${file} by ${main.get(file)}`)).toEqual([]);
  expect(engine.filter((file) => !worker.has(file))).toEqual([]);
  // The scan sees what is loaded lazily too.
  expect(main.has("commands/stream.ts")).toBe(true);
  expect(main.has("worker/client.ts")).toBe(true);
});
