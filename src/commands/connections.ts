import type { Host } from "./context.ts";
import { ownCommand } from "./other-process.ts";

/** Bun 1.4: at most so many requests at once per process; the rest wait silently, and the wait would land in TTFT. */
const DEFAULT_LIMIT = 256;
const VARIABLE = "BUN_CONFIG_MAX_HTTP_REQUESTS";
/** Most that Bun accepts. */
const HIGHEST = 65_535;

/**
 * Starts the program again in place when it needs more connections than Bun allows: the limit is read from the
 * environment at the start alone. It must come before standard input or any file of the user's is touched.
 */
export async function liftRequestLimit({ env, argv }: Host, concurrency: number): Promise<void> {
  const limit = Number(env[VARIABLE] ?? DEFAULT_LIMIT);
  if (concurrency <= limit) return;
  const more = { ...process.env, [VARIABLE]: String(Math.min(HIGHEST, concurrency)) };
  const command = ownCommand(argv);
  // Windows has no execve: there the program runs on as its own parent.
  if (process.platform !== "win32" && process.execve) process.execve(process.execPath, command, more);
  const child = Bun.spawn(command, {
    env: more,
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  });
  process.exit(await child.exited);
}
