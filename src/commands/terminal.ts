import type { Context } from "./context.ts";

/**
 * Whether a person looks at this file descriptor; a closed one shows nothing. Bun 1.4: the function behind node:tty,
 * which itself takes 4 ms to load; node:fs, to ask only about character devices, takes 1.5.
 */
export function isTerminal(fd: 0 | 1 | 2): boolean {
  const binding = process.binding("tty_wrap");
  if ("isTTY" in binding && typeof binding.isTTY === "function") return binding.isTTY(fd) === true;
  const tty: typeof import("node:tty") = require("node:tty");
  return tty.isatty(fd);
}

/** Columns of the terminal that shows stderr, or stdout; 80 where there is none. */
export function terminalColumns(): number {
  return process.stderr.columns || process.stdout.columns || 80;
}

/** Whether somebody watches a screen that can be redrawn. */
export function canRedraw({ args, env, out, err }: Context): boolean {
  if (!out.terminal || !err.terminal || env["CI"] || env["TERM"] === "dumb") return false;
  return !args.has("json") && !args.has("debug") && !args.has("quiet");
}
