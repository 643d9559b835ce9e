import { EXIT } from "./exit.ts";

/** A signal within this many ms of the first is the same Ctrl+C: `bun run` passes it on twice. */
const SAME_MS = 200;

const ENDING = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

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
    code = codeOf(signal);
    firstAt = performance.now();
    resolve();
  }

  for (const name of ENDING) process.on(name, onSignal);
  return { code: () => code, first };
}

/** Ends the first process of a container where nobody watches: Linux does so for every other process, not for that one. */
export function obeySignals(): void {
  for (const name of ENDING)
    process.on(name, () => {
      if (process.listenerCount(name) === 1) process.exit(codeOf(name));
    });
}

/** What a process ends with that a signal has ended. */
function codeOf(signal: NodeJS.Signals): number {
  // Loaded here: at start it would take 0.3 ms.
  const { constants }: typeof import("node:os") = require("node:os");
  return 128 + constants.signals[signal];
}
