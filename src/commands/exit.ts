import type { IfDisturbed, PartialReason, VerdictReport } from "../metrics/report.ts";
import { thresholdsIn } from "../metrics/verdict.ts";
import type { Failure, Verdict } from "../stream/event.ts";
import { isReaderGone } from "./output.ts";

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
  return codes.reduce((worst, code) => (badness(code) > badness(worst) ? code : worst), EXIT.ok);
}

/** What undecided thresholds come to where none failed, by `--if-disturbed`. */
export const UNDECIDED: Readonly<Record<IfDisturbed, number>> = {
  pass: EXIT.ok,
  fail: EXIT.threshold,
  undecided: EXIT.undecided,
};

type LoadEnd = { partial: PartialReason | null; died: boolean; failure: { error: unknown } | null };

/**
 * The code of a measured load: 70 the thread died, that of a signal, 141 the reader went away, 2 prompts that cannot be
 * read, 1 nothing completed or no output, 5 a threshold failed, 6 none failed and one is undecided, else 0.
 */
export function loadExitCode(
  { partial, died, failure }: LoadEnd,
  verdict: Pick<VerdictReport, "streams" | "thresholds">,
  { signalled, ifDisturbed }: { signalled: number | null; ifDisturbed: IfDisturbed },
): number {
  if (died) return EXIT.bug;
  if (signalled !== null) return signalled;
  if (isReaderGone(failure?.error)) return EXIT.readerGone;
  if (partial === "prompts") return EXIT.usage;
  if (verdict.streams.ok === 0 || partial === "output") return EXIT.failed;
  const { failed, undecided } = thresholdsIn(verdict);
  // What has ended since may have mended it: it was broken all the same.
  if (partial === "threshold" || failed > 0) return EXIT.threshold;
  return undecided > 0 ? UNDECIDED[ifDisturbed] : EXIT.ok;
}
