import { EXIT } from "./exit.ts";

/** A signal within this many ms of the first is the same Ctrl+C: `bun run` passes it on twice. */
const SAME_MS = 200;

export type SignalWatch = {
  /** 128 + the number of the first signal; `null` while none came. */
  code(): number | null;
  /** Settles when it comes. */
  first: Promise<void>;
};

/** Waits for the first SIGINT, SIGTERM or SIGHUP; a second one ends the process at once. */
export function watchSignals(): SignalWatch {
  let code: number | null = null;
  let firstAt = 0;
  const { promise: first, resolve } = Promise.withResolvers<void>();

  function onSignal(signal: NodeJS.Signals): void {
    if (code !== null) {
      if (performance.now() - firstAt > SAME_MS) process.exit(EXIT.interrupted);
      return;
    }
    // Loaded here: at start it would take 0.3 ms.
    const { constants }: typeof import("node:os") = require("node:os");
    code = 128 + constants.signals[signal];
    firstAt = performance.now();
    resolve();
  }

  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, onSignal);
  return { code: () => code, first };
}
