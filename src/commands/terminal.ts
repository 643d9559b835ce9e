import { fstatSync } from "node:fs";

/**
 * Whether a person looks at this file descriptor. Bun 1.4: loading node:tty costs milliseconds, so it is asked only
 * about character devices, which a pipe and a file are not.
 */
export function isTerminal(fd: 0 | 1 | 2): boolean {
  try {
    if (!fstatSync(fd).isCharacterDevice()) return false;
  } catch {
    // A closed descriptor shows nothing.
    return false;
  }
  const tty: typeof import("node:tty") = require("node:tty");
  return tty.isatty(fd);
}
