#!/usr/bin/env -S bun --no-env-file
import { defineCommand, runCommand } from "citty";
import { version } from "../package.json" with { type: "json" };
import { toCommand, type World } from "./commands/door.ts";

const world: World = {
  argv: process.argv.slice(2),
  env: process.env,
  cwd: process.cwd(),
  version,
  // Written here: in another module it works in development and fails compiled (Bun 1.4).
  openWorker: () => new Worker(new URL("./worker/entry.ts", import.meta.url)),
};

/** The verbs, each loaded when it is called. */
const verbs = {
  stream: async () => toCommand(world, (await import("./commands/stream.ts")).stream),
};

await runCommand(defineCommand({ meta: { name: "llmaas" }, subCommands: verbs }), { rawArgs: [...world.argv] });
