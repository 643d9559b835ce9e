import type { Environment } from "../config/language.ts";
import type { Messages } from "../i18n/load.ts";

/** What the program was started with. */
type Started = { argv: readonly string[]; env: Environment };

/** The built-in server in a process of its own, which ends with this one, whatever ends this one. */
type OtherProcess = {
  /** Base URL, such as `http://127.0.0.1:41234/v1`. */
  url: string;
  pid: number;
  /** Ends it now; settles when it is gone. */
  stop(): Promise<void>;
};

/** What of the environment it gets: nothing of the user's, and so no key. */
const KEPT = ["PATH", "HOME", "TMPDIR", "TEMP", "SystemRoot"] as const;

/**
 * Starts `llmaas simulate` with these options on a free port. `--while-stdin` makes it end when its standard input
 * closes, which the system does for a parent that is killed; `detached` keeps the terminal's Ctrl+C from it.
 */
export async function startSimulatorProcess(
  { env, messages }: Pick<Started, "env"> & { messages: Pick<Messages, "lang"> },
  args: readonly string[],
): Promise<OtherProcess> {
  const own = ["simulate", "--port", "0", "--while-stdin", "--lang", messages.lang];
  const child = Bun.spawn(ownCommand([...own, ...args]), {
    env: Object.fromEntries(KEPT.map((name) => [name, env[name]])),
    stdin: "pipe",
    stdout: "pipe",
    // It says nothing but what went wrong.
    stderr: "inherit",
    detached: true,
  });
  async function stop(): Promise<void> {
    child.kill("SIGKILL");
    await child.exited;
  }
  try {
    const url = await firstLine(child.stdout);
    // Nothing waits for it any more: a program that forgot it still ends.
    child.unref();
    return { url, pid: child.pid, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The command that starts this program again with other arguments, from source or compiled. */
function ownCommand(argv: readonly string[]): string[] {
  return isCompiled(Bun.main)
    ? [process.execPath, ...argv]
    : [process.execPath, ...process.execArgv, Bun.main, ...argv];
}

/** Whether the program runs as one file, inside of which `main` is. */
export function isCompiled(main: string): boolean {
  return main.startsWith("/$bunfs/") || main.includes("~BUN");
}

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  const reader = stream.getReader();
  const utf8 = new TextDecoder();
  let text = "";
  while (!text.includes("\n")) {
    const { value } = await reader.read();
    if (value === undefined) throw new Error("the built-in server did not start");
    text += utf8.decode(value, { stream: true });
  }
  await reader.cancel();
  return text.slice(0, text.indexOf("\n"));
}

/** Bun 1.4: at most so many requests at once per process; the rest wait silently, and the wait would land in TTFT. */
const DEFAULT_LIMIT = 256;
const VARIABLE = "BUN_CONFIG_MAX_HTTP_REQUESTS";
/** Most that Bun accepts. */
const HIGHEST = 65_535;

/**
 * Starts the program again in place when it needs more connections than Bun allows: the limit is read from the
 * environment at the start alone. It must come before standard input or any file of the user's is touched.
 */
export async function liftRequestLimit(host: Started, concurrency: number): Promise<void> {
  const needed = neededLimit(host, concurrency);
  if (needed === null) return;
  startAgain(host, needed);
  // Windows has no execve: there the program runs on as its own parent.
  const more = { ...process.env, ...needed };
  const command = ownCommand(host.argv);
  const child = Bun.spawn(command, {
    env: more,
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  });
  process.exit(await child.exited);
}

/**
 * What suits thousands of short requests (Bun 1.4.5). Without the last tier of the compiler a request takes 15 to 25 % less
 * CPU in the first minute, and as much after it; the other tiers give more than they cost sooner than Bun begins with them
 * (2 %). What collects garbage beside the program costs 3 % more than doing so at once, and TTFT is the same. A thread that
 * gives the holes between what is in use back to the system takes 5 %, and saves 10 MB of 250.
 */
const FOR_MANY: Readonly<Record<string, string>> = {
  BUN_JSC_useFTLJIT: "0",
  BUN_JSC_thresholdForJITAfterWarmUp: "100",
  BUN_JSC_thresholdForOptimizeAfterWarmUp: "300",
  BUN_JSC_thresholdForOptimizeAfterLongWarmUp: "300",
  BUN_JSC_thresholdForOptimizeSoon: "300",
  BUN_JSC_useConcurrentGC: "0",
  MIMALLOC_PURGE_HOLES: "0",
  [VARIABLE]: String(HIGHEST),
};
/** Bytes of an input that holds thousands of requests. */
const MANY = 1_000_000;

/**
 * The same for `batch worker`, and for `batch run` of a large file: what Bun does for long loops is not worth its price to
 * many short requests. Before anything else is loaded, for what is loaded now is loaded twice; `words`: the command line.
 */
export function prepareForMany(words: readonly string[], started: Started): void {
  const isMany = words.includes("worker") || (words.includes("run") && words.some(isLarge));
  const unset = Object.entries(FOR_MANY).filter(([name]) => started.env[name] === undefined);
  if (isMany && unset.length > 0) startAgain(started, Object.fromEntries(unset));
}

/** Whether a word of the command line, or what stands behind its "=", is a large file. */
function isLarge(word: string): boolean {
  return word.length < LONGEST_PATH && Bun.file(word.slice(word.indexOf("=") + 1)).size >= MANY;
}

/** Bun 1.4 throws for a path of 4096 bytes; a UTF-16 unit has three at most. */
const LONGEST_PATH = 4096 / 3;

function neededLimit({ env }: Started, concurrency: number): Record<string, string> | null {
  const limit = Number(env[VARIABLE] ?? DEFAULT_LIMIT);
  return concurrency <= limit ? null : { [VARIABLE]: String(Math.min(HIGHEST, concurrency)) };
}

/** Starts the program again in its own place; comes back where the system cannot. */
function startAgain({ argv }: Started, variables: Record<string, string>): void {
  if (process.platform === "win32" || !process.execve) return;
  process.execve(process.execPath, ownCommand(argv), { ...process.env, ...variables });
}
