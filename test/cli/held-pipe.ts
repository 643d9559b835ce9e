import { closeSync, constants, openSync } from "node:fs";
import { join } from "node:path";

/** A pipe whose reader is stopped. */
export type HeldPipe = {
  /** The end to write to; closed with `started`. */
  writer: number;
  /** The program has its own copy of the end to write to. */
  started(): void;
  /** Begins to read. */
  release(): ReadableStream<Uint8Array>;
};

/**
 * Opens a pipe from which nothing is read until `release`. It is a named one: a `lazy` pipe of Bun 1.4.5 loses what it
 * holds when its writer exits.
 */
export function openHeldPipe(folder: string): HeldPipe {
  const path = join(folder, "held");
  Bun.spawnSync(["mkfifo", path]);
  // Somebody must hold the other end, or opening this one would wait.
  const keeper = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, constants.O_WRONLY);
  return {
    writer,
    started: () => closeSync(writer),
    release() {
      const holder = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
      const reader = openSync(path, constants.O_RDONLY);
      closeSync(holder);
      closeSync(keeper);
      const cat = Bun.spawn(["cat"], { stdin: reader, stdout: "pipe" });
      closeSync(reader);
      return cat.stdout;
    },
  };
}
