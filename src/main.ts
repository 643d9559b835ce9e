#!/usr/bin/env -S bun --no-env-file
import { version } from "../package.json" with { type: "json" };
import { pass, type Verb, type World } from "./commands/door.ts";

const world: World = {
  argv: process.argv.slice(2),
  env: process.env,
  cwd: process.cwd(),
  version,
  // Written here: in another module it works in development and fails compiled (Bun 1.4).
  openWorker: () => new Worker(new URL("./worker/entry.ts", import.meta.url)),
};

type VerbName = "stream" | "models" | "simulate" | "config" | "completion";

/** The verbs, each loaded when it is called. */
const verbs: Readonly<Record<VerbName, () => Promise<Verb>>> = {
  stream: async () => (await import("./commands/stream.ts")).stream,
  models: async () => (await import("./commands/models.ts")).models,
  simulate: async () => (await import("./commands/simulate.ts")).simulate,
  config: async () => (await import("./commands/config.ts")).config,
  completion: async () => {
    const others = [verbs.stream, verbs.models, verbs.simulate, verbs.config];
    return (await import("./commands/completion.ts")).completion(() => Promise.all(others.map((load) => load())));
  },
};

const [first = ""] = world.argv;
const named = Object.entries(verbs).find(([name]) => name === first)?.[1];

if (named !== undefined) await pass(world, await named(), world.argv.slice(1));
else if (isPrompt(first, world.argv)) await pass(world, await verbs.stream(), world.argv);
else await overview();

/** A word may be a verb misspelt; words, an option of `stream`, or `-` are a prompt. */
function isPrompt(word: string, argv: readonly string[]): boolean {
  if (/\s/.test(word)) return true;
  return word.startsWith("-") && !argv.some((arg) => ["-h", "--help", "--version"].includes(arg));
}

async function overview(): Promise<void> {
  const { overview: verb } = await import("./commands/overview.ts");
  await pass(world, verb(Object.keys(verbs)), world.argv);
}
