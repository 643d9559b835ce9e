import type { Context } from "./context.ts";

/** The built-in server in a process of its own, which ends with this one, whatever ends this one. */
export type OtherProcess = {
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
  { env, messages }: Pick<Context, "env" | "messages">,
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
export function ownCommand(argv: readonly string[]): string[] {
  const compiled = Bun.main.startsWith("/$bunfs/") || Bun.main.includes("~BUN");
  return compiled ? [process.execPath, ...argv] : [process.execPath, ...process.execArgv, Bun.main, ...argv];
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
