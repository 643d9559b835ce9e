import type { Environment } from "../config/language.ts";
import { COLUMNS } from "../text/wrap.ts";

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

/** Fewer cells than these hold no table. */
const NARROWEST = 40;

/** Most cells of a line of text: 80, or fewer on a terminal that has fewer. */
export function textColumns({ terminal }: { terminal: boolean }): number {
  return terminal ? Math.max(NARROWEST, Math.min(COLUMNS, terminalColumns())) : COLUMNS;
}

/** Columns of help: those of the terminal, where its options have room and its lines are easy to follow. */
export function helpColumns({ terminal }: { terminal: boolean }): number {
  return terminal ? Math.max(60, Math.min(100, terminalColumns())) : COLUMNS;
}

/** Whether a terminal can be redrawn, and somebody watches it. */
export function canRedraw(terminal: boolean, env: Environment): boolean {
  return terminal && !env["CI"] && env["TERM"] !== "dumb";
}

type Stream = typeof process.stdout | typeof process.stderr;

/** Columns and rows of a terminal; 80 by 24 where it does not say. */
export function sizeOf({ columns, rows }: Stream): { columns: number; rows: number } {
  return { columns: columns || 80, rows: rows || 24 };
}

/** What is drawn in place: it is told of a new size, and says what takes it off the screen. */
type Drawn = { resized(): void; restore(): string };

/** Leaves the terminal as it was, whatever stops or ends the process, until what is returned is called. */
export function guardScreen(stream: Stream, { resized, restore }: Drawn): () => void {
  function leave(): void {
    const { writeSync }: typeof import("node:fs") = require("node:fs");
    const end = restore();
    if (end !== "") writeSync(stream.fd, end);
  }
  // Ctrl+Z stops the process as it is.
  function pause(): void {
    leave();
    process.kill(process.pid, "SIGSTOP");
  }
  // Ctrl+\ ends it without an "exit": the handler leaves the screen, then lets it.
  function quit(): void {
    leave();
    process.off("SIGQUIT", quit);
    process.kill(process.pid, "SIGQUIT");
  }
  // Bun 1.4: inside a SIGWINCH handler the size is still the old one.
  stream.on("resize", resized);
  process.on("exit", leave).on("SIGTSTP", pause).on("SIGQUIT", quit);
  return () => {
    stream.off("resize", resized);
    process.off("exit", leave).off("SIGTSTP", pause).off("SIGQUIT", quit);
  };
}
