import type { ResultReport } from "../../src/metrics/result-report.ts";
import { playRun, sweep, type Played } from "../fixtures/report.ts";

/** What somebody may put where a prompt, a model, an error or an endpoint stands. */
const HOSTILE = `</script><img src=x onerror="window.hacked=1"><!--\u2028\u202E'&quot;`;

/** The same as a page may show it. */
export const SHOWN_HOSTILE = HOSTILE.replace("\u2028", "⟨U+2028⟩").replace("\u202E", "⟨U+202E⟩");

/** A run in which everything that comes from others is hostile. */
export function hostileRun(): Played {
  const { report, streams } = playRun({ models: [HOSTILE, `${HOSTILE}2`], loads: sweep(3), streams: 20 });
  const error = { kind: HOSTILE, message: HOSTILE };
  const hostile = (made: ResultReport): ResultReport => ({
    ...made,
    thresholds: made.thresholds.map((threshold) => ({ ...threshold, text: HOSTILE })),
    errors: [{ kind: HOSTILE, count: 1, example: HOSTILE, stream: 0 }],
  });
  return {
    report: {
      ...report,
      endpoint: `https://${HOSTILE}`,
      arguments: [HOSTILE],
      tool: { name: HOSTILE, version: HOSTILE, bun: HOSTILE },
      machine: { ...report.machine, cpu: HOSTILE },
      plan: { ...report.plan, slo: [HOSTILE] },
      steps: report.steps.map((step) => ({ ...step, results: step.results.map(hostile) })),
    },
    streams: streams.map((stream) => ({ ...stream, prompt: HOSTILE, error, verdict: "failed" as const })),
    left: 0,
  };
}

/** A run that ended before anything did. */
export function emptyRun(): Played {
  return playRun({ streams: 0, slo: [], partial: "signal" });
}
