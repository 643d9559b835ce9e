import { sayLoad } from "../i18n/say.ts";
import type { Messages, ReportWords } from "../i18n/load.ts";
import type { RunReport } from "../metrics/report.ts";

/** How good what is said is. */
type Mood = "good" | "bad" | "warn" | "note";

/** Each with a sign, so that it is read without its colour. */
export const SIGNS: Readonly<Record<Mood, string>> = { good: "✓", bad: "✗", warn: "!", note: "i" };

/** One thing that must be known of a run. */
export type Point = { mood: Mood; text: string };

/** What a run is said with. */
type Said = { report: RunReport; messages: Messages; words: ReportWords };

/** How the whole run went. */
export function moodOf({ verdict, partial }: RunReport): Mood {
  const { thresholds, streams, client } = verdict;
  if (streams.ok === 0 || thresholds.passed < thresholds.total) return "bad";
  return client === "limited" || partial !== null ? "warn" : "good";
}

/** The run in one sentence, the same in every form of a report. */
export function headlineOf({ report, words }: Said): string {
  const { streams, thresholds, client } = report.verdict;
  const say = words.verdict;
  if (streams.ok === 0) return say.nothing;
  const first =
    thresholds.total === 0
      ? say.streams(streams.ok, streams.failed)
      : thresholds.passed === thresholds.total
        ? say.allPassed(thresholds.total)
        : say.someFailed(thresholds.total - thresholds.passed, thresholds.total);
  const whole = report.partial === null ? first : say.butPartial(first);
  return client === "healthy" ? whole : say.butLimited(whole);
}

/** What that sentence is made of, and what must be known besides. */
export function pointsOf({ report, messages, words }: Said): Point[] {
  const { thresholds, goodput, streams, client, limited_by, window_too_short, in_lumps } = report.verdict;
  const say = words.verdict;
  const missing = report.plan.loads.slice(report.steps.length).map((load) => sayLoad(words.terms, load));
  const points: (Point | false)[] = [
    thresholds.total === 0
      ? { mood: "note", text: goodput === null ? say.noThresholds : say.goodput(messages.percent(goodput)) }
      : {
          mood: thresholds.passed === thresholds.total ? "good" : "bad",
          text: say.thresholds(thresholds.passed, thresholds.total),
        },
    {
      mood: streams.ok === 0 ? "bad" : streams.failed > 0 ? "warn" : "good",
      text: say.streams(streams.ok, streams.failed),
    },
    client === "healthy"
      ? { mood: "good", text: say.healthy }
      : { mood: "bad", text: say.limited(limited_by.map((name) => words.terms.check[name].long).join(", ")) },
    report.partial !== null && { mood: "bad", text: say.partial(words.terms.partial[report.partial].long) },
    missing.length > 0 && { mood: "warn", text: words.notRun(missing.join(", ")) },
    in_lumps === true && { mood: "bad", text: say.inLumps },
    window_too_short && { mood: "warn", text: say.windowTooShort },
    streams.unfinished > 0 && { mood: "note", text: say.unfinished(streams.unfinished) },
    streams.missed_starts > 0 && { mood: "warn", text: say.missedStarts(streams.missed_starts) },
    report.demo && { mood: "note", text: say.demo },
  ];
  return points.filter((point) => point !== false);
}
