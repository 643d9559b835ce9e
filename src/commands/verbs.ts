import { defineCommand, runCommand } from "citty";
import { overview } from "./overview.ts";
import { pass, type Verb, type World } from "./context.ts";

export type VerbLoaders = Readonly<Record<string, () => Promise<Verb>>>;

/** Runs the verb the command line names, each loaded when it is called; without one, the short help. */
export async function runVerb(world: World, verbs: VerbLoaders): Promise<void> {
  const names = Object.keys(verbs);
  const [first = ""] = world.argv;
  if (!names.includes(first)) return pass(world, overview(names), world.argv);
  const subCommands = Object.fromEntries(
    Object.entries(verbs).map(([name, load]) => [name, () => toCommand(world, load)]),
  );
  await runCommand(defineCommand({ meta: { name: "llmaas" }, subCommands }), { rawArgs: [...world.argv] });
}

async function toCommand(world: World, load: () => Promise<Verb>) {
  const verb = await load();
  return defineCommand({ meta: { name: verb.name }, run: ({ rawArgs }) => pass(world, verb, rawArgs) });
}
