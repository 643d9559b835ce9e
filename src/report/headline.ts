import { inSentence, sayLoad, sayShifts } from "../i18n/say.ts";
import type { Messages, ReportWords } from "../i18n/load.ts";
import { unitOfLimit } from "../metrics/figures.ts";
import type { RunReport } from "../metrics/report.ts";
import type { ThresholdReport } from "../metrics/result-report.ts";
import { clientOf, errorKinds, limitsIn, standingOf, type Standing } from "../metrics/verdict.ts";

/** How good what is said is. */
export type Mood = "good" | "bad" | "warn" | "note";

/** Each with a sign, so that it is read without its colour. */
export const SIGNS: Readonly<Record<Mood, string>> = { good: "✓", bad: "✗", warn: "!", note: "i" };

/** One thing that must be known of a run. */
export type Point = { mood: Mood; text: string };

/** What a run is said with. */
type Said = { report: RunReport; messages: Messages; words: ReportWords };

const MOODS: Readonly<Record<Standing, Mood>> = {
  passed: "good",
  failed: "bad",
  undecided: "warn",
  careful: "warn",
  unjudged: "note",
};

/** How the whole run went. */
export function moodOf(report: RunReport): Mood {
  return MOODS[standingOf(report)];
}

/** The run in one sentence, the same in every form of a report. */
export function headlineOf({ report, words }: Said): string {
  const { streams } = report.verdict;
  const { passed, failed, undecided, total } = limitsIn(report);
  const say = words.verdict;
  if (streams.ok === 0) {
    const [cause] = errorKinds(report.steps);
    if (cause === undefined) return say.nothing;
    return say.nothingAs(streams.failed, streams.failed + streams.unfinished, inSentence(cause.example));
  }
  const first =
    total === 0
      ? say.streams(streams.ok, streams.failed)
      : failed > 0
        ? say.someFailed(failed, total)
        : undecided > 0
          ? say.undecided(undecided)
          : say.allPassed(passed);
  const whole = report.partial === null ? first : say.butPartial(first);
  return clientOf(report.steps).disturbance === null ? whole : say.butLimited(whole);
}

/** What that sentence is made of, and what must be known besides. */
export function pointsOf({ report, messages, words }: Said): Point[] {
  const { streams, limited_by, window_too_short, in_lumps } = report.verdict;
  const { passed, failed, undecided, total } = limitsIn(report);
  const { judged, disturbance } = clientOf(report.steps);
  const { terms } = words;
  const say = words.verdict;
  const missing = report.plan.loads.slice(report.steps.length).map((load) => sayLoad(terms, load));
  const names = limited_by.map((name) => terms.check[name].name).join(", ");
  const points: (Point | false)[] = [
    total === 0
      ? { mood: "note", text: say.noThresholds }
      : { mood: failed > 0 ? "bad" : undecided > 0 ? "warn" : "good", text: say.thresholds(passed, total) },
    undecided > 0 && { mood: "warn", text: say.undecided(undecided) },
    {
      mood: streams.ok === 0 ? "bad" : streams.failed > 0 ? "warn" : "good",
      text: say.streams(streams.ok, streams.failed),
    },
    disturbance !== null
      ? { mood: "warn", text: terms.client.disturbed(names, sayShifts(terms, disturbance, messages)) }
      : judged && { mood: "good", text: say.healthy },
    report.partial !== null && {
      mood: report.partial === "signal" ? "warn" : "bad",
      text: say.partial(terms.partial[report.partial].long),
    },
    missing.length > 0 && { mood: "warn", text: words.notRun(missing.join(", ")) },
    in_lumps === true && { mood: "warn", text: say.inLumps },
    window_too_short && { mood: "warn", text: say.windowTooShort },
    streams.unfinished > 0 && { mood: "note", text: say.unfinished(streams.unfinished) },
    streams.missed_starts > 0 && { mood: "warn", text: say.missedStarts(streams.missed_starts) },
    report.demo && { mood: "note", text: say.demo },
  ];
  return points.filter((point) => point !== false);
}

/** How far a value is on the right side of its limit: in per cent of it, of shares in points. */
export function sayMargin({ messages, words }: Pick<Said, "messages" | "words">, threshold: ThresholdReport): string {
  const margin = marginOf(threshold);
  if (margin === null) return "–";
  const { text, limit } = threshold;
  if (unitOfLimit(text) === "share")
    return (margin < 0 ? "−" : "+") + words.tile.points(messages.plain(Math.abs(margin) * 100));
  return limit === 0 ? "–" : messages.signedPercent(margin / limit);
}

/** The threshold that is nearest to its limit, or farthest beyond it; `null` where none has a margin. */
export function closestOf(thresholds: readonly ThresholdReport[]): ThresholdReport | null {
  const known = thresholds.flatMap((threshold) => {
    const margin = marginOf(threshold);
    // Beside a limit of 0 any margin is without measure.
    return margin === null ? [] : [{ threshold, share: margin / Math.max(threshold.limit, Number.MIN_VALUE) }];
  });
  return known.toSorted((one, other) => one.share - other.share)[0]?.threshold ?? null;
}

/** In the unit of both. Streams without a value break a limit that all the others keep with room to spare. */
function marginOf({ text, value, limit, without = 0 }: ThresholdReport): number | null {
  if (value === null || without > 0) return null;
  return /^[^<>]*</.test(text) ? limit - value : value - limit;
}
