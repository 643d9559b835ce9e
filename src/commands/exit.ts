import type { Failure, Verdict } from "../stream/event.ts";

/** Exit codes, as the README lists them. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  incomplete: 3,
  timeout: 4,
  threshold: 5,
  undecided: 6,
  bug: 70,
  interrupted: 130,
  readerGone: 141,
} as const;

/** The code of one stream. `signalled`: the code of the signal that came, if one did. */
export function exitCodeOf(
  verdict: Verdict,
  failure: { kind: Failure["kind"] } | null,
  signalled: number | null,
): number {
  switch (verdict) {
    case "complete":
    case "length":
      return EXIT.ok;
    case "empty":
    case "filtered":
    case "truncated":
      return EXIT.incomplete;
    case "timeout":
      return EXIT.timeout;
    case "failed":
      return failure?.kind === "worker_died" ? EXIT.bug : EXIT.failed;
    case "cancelled":
      // Ended because of another one: the other's code is the worse of the two.
      return signalled ?? EXIT.incomplete;
  }
}

/** The code of several streams: the worst of theirs, in the order 70, signal, 1, 4, 3, 0. */
export function worstOf(codes: readonly number[]): number {
  const badness = (code: number): number => {
    if (code === EXIT.bug) return 5;
    if (code > 128) return 4;
    return [EXIT.ok, EXIT.incomplete, EXIT.timeout, EXIT.failed].findIndex((known) => known === code);
  };
  let worst: number = EXIT.ok;
  for (const code of codes) if (badness(code) > badness(worst)) worst = code;
  return worst;
}
