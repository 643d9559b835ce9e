#!/usr/bin/env -S bun --no-env-file
import { version } from "../package.json" with { type: "json" };
import { runProgram } from "./commands/context.ts";

const argv = process.argv.slice(2);

await runProgram(isPrompt(argv) ? ["stream", ...argv] : argv, {
  argv,
  env: process.env,
  cwd: process.cwd(),
  version,
  verbs: {
    stream: async () => (await import("./commands/stream.ts")).stream,
    bench: async () => (await import("./commands/bench.ts")).bench,
    compare: async () => (await import("./commands/compare.ts")).compare,
    selftest: async () => (await import("./commands/selftest.ts")).selftest,
    models: async () => (await import("./commands/models.ts")).models,
    simulate: async () => (await import("./commands/simulate.ts")).simulate,
    config: async () => (await import("./commands/config.ts")).config,
    completion: async () => (await import("./commands/completion.ts")).completion,
  },
  // Written here: in another module it works in development and fails compiled (Bun 1.4).
  openWorker: () => new Worker(new URL("./worker/entry.ts", import.meta.url)),
});

/** A word may be a verb misspelt; words, an empty text, an option of `stream`, or `-` are a prompt. */
function isPrompt([first, ...rest]: readonly string[]): boolean {
  if (first === undefined) return false;
  if (/\s/.test(first) || first === "") return true;
  return first.startsWith("-") && ![first, ...rest].some((arg) => ["-h", "--help", "--version"].includes(arg));
}
