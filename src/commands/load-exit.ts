import type { IfDisturbed, PartialReason, VerdictReport } from "../metrics/report.ts";
import { thresholdsIn } from "../metrics/verdict.ts";
import { EXIT } from "./exit.ts";
import { isReaderGone } from "./output.ts";

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
