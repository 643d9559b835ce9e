import { defineCommand, runCommand } from "citty";
import { overview } from "./overview.ts";
import { runVerb, type Verb, type Host } from "./context.ts";

export type VerbLoaders = Readonly<Record<string, () => Promise<Verb>>>;

/** Runs the verb the command line names, each loaded when it is called; without one, the short help. */
export async function runCitty(host: Host, verbs: VerbLoaders): Promise<void> {
  const names = Object.keys(verbs);
  const [first = ""] = host.argv;
  if (!names.includes(first)) return runVerb(host, overview(names), host.argv);
  const subCommands = Object.fromEntries(
    Object.entries(verbs).map(([name, load]) => [name, () => toCommand(host, load)]),
  );
  await runCommand(defineCommand({ meta: { name: "llmaas" }, subCommands }), { rawArgs: [...host.argv] });
}

async function toCommand(host: Host, load: () => Promise<Verb>) {
  const verb = await load();
  return defineCommand({ meta: { name: verb.name }, run: ({ rawArgs }) => runVerb(host, verb, rawArgs) });
}
