import { scripts, version } from "../package.json" with { type: "json" };
import { isStdoutClosed } from "./commands/closed-stdout.ts";
import type { Verbs } from "./commands/context.ts";
import { createWorkerClient, type WorkerClient } from "./worker/client.ts";

const argv = process.argv.slice(2);
const title = `llmaas ${version} (Bun ${Bun.version})\n`;

const verbs: Verbs = {
  stream: async () => (await import("./commands/stream.ts")).stream,
  bench: async () => (await import("./commands/bench.ts")).bench,
  compare: async () => (await import("./commands/compare.ts")).compare,
  batch: async () => (await import("./commands/batch.ts")).batch,
  merge: async () => (await import("./commands/merge.ts")).merge,
  report: async () => (await import("./commands/report.ts")).report,
  selftest: async () => (await import("./commands/selftest.ts")).selftest,
  models: async () => (await import("./commands/models.ts")).models,
  simulate: async () => (await import("./commands/simulate.ts")).simulate,
  config: async () => (await import("./commands/config.ts")).config,
  completion: async () => (await import("./commands/completion.ts")).completion,
  version: async () => (await import("./commands/version.ts")).version,
};

let begun: WorkerClient | null = null;

if (process.pid === 1) (await import("./commands/signals.ts")).obeySignals();

if (!["--version", "-V", "-v"].includes(argv.join(" ")) || !(await printed(title))) {
  const isPlain = Object.hasOwn(verbs, argv[0] ?? "") && (argv[0] === "stream" || !argv.includes("help"));
  const rawArgs = isPlain ? argv : (await import("./commands/first-word.ts")).verbFirst(argv, verbs);
  if (rawArgs[0] === "batch")
    (await import("./commands/own-process.ts")).prepareForMany(rawArgs, { argv, env: process.env });
  const streams = rawArgs[0] === "stream" && !asksHelp(rawArgs);
  const [{ runProgram }] = await Promise.all([import("./commands/context.ts"), streams ? verbs.stream() : null]);
  // While the settings are read. Begun before the modules were loaded, both took longer, and the request went out 1 ms later.
  if (streams) begun = startWorker();
  await runProgram(rawArgs, {
    argv,
    called: { argv0: process.argv0, execArgv: process.execArgv, main: Bun.main, scripts },
    env: process.env,
    cwd: process.cwd(),
    version,
    title,
    verbs,
    openWorker() {
      const worker = begun ?? startWorker();
      begun = null;
      return worker;
    },
  });
}

/** The URL is written here: in another module it works in development and fails compiled (Bun 1.4). */
function startWorker(): WorkerClient {
  return createWorkerClient(() => new Worker(new URL("./worker/entry.ts", import.meta.url)));
}

/** Whether standard output took a text for which nothing needs to be loaded; what is wrong is said by who knows how. */
function printed(text: string): Promise<boolean> {
  return Bun.write(Bun.stdout, text).then(
    async () => !(await isStdoutClosed()),
    () => false,
  );
}

function asksHelp(given: readonly string[]): boolean {
  return given.some((arg) => ["-h", "--help", "-V", "--version"].includes(arg));
}
