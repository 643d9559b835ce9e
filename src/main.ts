#!/usr/bin/env -S bun --no-env-file
import { defineCommand, runCommand } from "citty";
import { version } from "../package.json" with { type: "json" };
import { toCommand, type Verb, type World } from "./commands/door.ts";

const world: World = {
  argv: process.argv.slice(2),
  env: process.env,
  cwd: process.cwd(),
  version,
  // Written here: in another module it works in development and fails compiled (Bun 1.4).
  openWorker: () => new Worker(new URL("./worker/entry.ts", import.meta.url)),
};

/** The verbs, each loaded when it is called. */
const verbs: Readonly<Record<string, () => Promise<Verb>>> = {
  stream: async () => (await import("./commands/stream.ts")).stream,
  models: async () => (await import("./commands/models.ts")).models,
  simulate: async () => (await import("./commands/simulate.ts")).simulate,
  config: async () => (await import("./commands/config.ts")).config,
};

const [first = ""] = world.argv;
const subCommands = Object.fromEntries(
  Object.entries(verbs).map(([name, load]) => [name, async () => toCommand(world, await load())]),
);

if (Object.hasOwn(verbs, first)) await run(world.argv);
else if (isPrompt(first, world.argv)) await run(["stream", ...world.argv]);
else await overview();

function run(rawArgs: readonly string[]): Promise<unknown> {
  return runCommand(defineCommand({ meta: { name: "llmaas", version }, subCommands }), { rawArgs: [...rawArgs] });
}

/** A word may be a verb misspelt; words, an option of `stream`, or `-` are a prompt. */
function isPrompt(word: string, argv: readonly string[]): boolean {
  if (/\s/.test(word)) return true;
  return word.startsWith("-") && !argv.some((arg) => ["-h", "--help", "--version"].includes(arg));
}

async function overview(): Promise<void> {
  const { overview: verb } = await import("./commands/overview.ts");
  const { pass } = await import("./commands/door.ts");
  await pass(world, verb(Object.keys(verbs)), world.argv);
}
