#!/usr/bin/env -S bun --no-env-file
import { version } from "../package.json" with { type: "json" };
import { runVerb, type Verb, type Host } from "./commands/context.ts";

const host: Host = {
  argv: process.argv.slice(2),
  env: process.env,
  cwd: process.cwd(),
  version,
  // Written here: in another module it works in development and fails compiled (Bun 1.4).
  openWorker: () => new Worker(new URL("./worker/entry.ts", import.meta.url)),
};

/** The verbs, each loaded when it is called. */
const verbs = {
  stream: async () => (await import("./commands/stream.ts")).stream,
  bench: async () => (await import("./commands/bench.ts")).bench,
  compare: async () => (await import("./commands/compare.ts")).compare,
  selftest: async () => (await import("./commands/selftest.ts")).selftest,
  models: async () => (await import("./commands/models.ts")).models,
  simulate: async () => (await import("./commands/simulate.ts")).simulate,
  config: async () => (await import("./commands/config.ts")).config,
};

async function completion(): Promise<Verb> {
  const { completion: create } = await import("./commands/completion.ts");
  return create(() => Promise.all(Object.values(verbs).map((load) => load())));
}

const [first = "", ...rest] = host.argv;

// A prompt does without citty, which takes 3 ms to load: a tenth of the whole start.
if (first === "stream") await runVerb(host, await verbs.stream(), rest);
else if (isPrompt(first, host.argv)) await runVerb(host, await verbs.stream(), host.argv);
else await (await import("./commands/verbs.ts")).runCitty(host, { ...verbs, completion });

/** A word may be a verb misspelt; words, an empty text, an option of `stream`, or `-` are a prompt. */
function isPrompt(word: string, argv: readonly string[]): boolean {
  if (/\s/.test(word) || (word === "" && argv.length > 0)) return true;
  return word.startsWith("-") && !argv.some((arg) => ["-h", "--help", "--version"].includes(arg));
}
