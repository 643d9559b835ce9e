import { roundShare, round } from "./distribution.ts";
import { FIGURES, isOfObjectives, readFigure, type Figure } from "./figures.ts";
import { decodeHistogram } from "./histogram.ts";
import { allModels, type ClientCheckName, type StepReport } from "./report.ts";
import type { ResultReport, ThresholdReport } from "./result-report.ts";
import type { Slo } from "./thresholds.ts";

/** By how much this client may have shifted what it measured; `null`: by an amount that is not known. */
export type Disturbance = {
  /** Times, ms: the largest of event loop lag (p99), dispatch delay (p99) and the longest hold of a reading. */
  time_ms: number | null;
  /** Rates, as a share of them: the same time against a typical answer, and what was not sent at all. */
  rate: number | null;
  /** Share of the streams that the system gave no connection. */
  refused: number;
};

/** Under so much measured time a client's own figures are those of its start. */
const LEAST_MS = 1000;

type Measured = Pick<StepReport, "client" | "concurrency" | "window" | "results">;

/** Whether there is enough to say how this client did: tokens came, in a window that is long enough. */
export function isClientJudged(step: Measured): boolean {
  return step.window.length_ms >= LEAST_MS && (allModels(step)?.distributions.ttft_ms.count ?? 0) > 0;
}

/** The size of the disturbance, from what the client's checks measured; `null` where it kept them all, or cannot be judged. */
export function disturbanceOf(step: Measured): Disturbance | null {
  const { client, concurrency } = step;
  if (client.healthy || !isClientJudged(step)) return null;
  const valueOf = (name: ClientCheckName): number | null =>
    client.checks.find((each) => each.name === name)?.value ?? null;
  const lag = valueOf("worker_lag_p99_ms");
  const silent = lag === null && client.checks.some(({ name, passed }) => name === "worker_lag_p99_ms" && !passed);
  const hold = client.longest_hold_ms ?? valueOf("held_ms") ?? 0;
  const time = silent ? null : Math.max(lag ?? 0, valueOf("dispatch_delay_p99_ms") ?? 0, hold);
  const { asked, mean, short } = concurrency;
  const unsent = short && asked !== null && asked > 0 ? Math.max(0, 1 - (mean ?? 0) / asked) : 0;
  const all = allModels(step);
  const ended = all === undefined ? 0 : all.streams.ok + all.streams.failed;
  const refused = ended === 0 ? 0 : Math.min(1, (valueOf("too_many_files") ?? 0) / ended);
  const typical = all?.distributions.duration_ms.p50 ?? null;
  const stretched = time === 0 ? 0 : time === null || typical === null ? null : time / typical;
  return {
    time_ms: time === null ? null : round(time),
    rate: stretched === null ? null : roundShare(Math.min(1, stretched + unsent + refused)),
    refused: roundShare(refused),
  };
}

/** The larger of each of several. */
export function largestOf(all: readonly Disturbance[]): Disturbance | null {
  if (all.length === 0) return null;
  const most = (values: readonly (number | null)[]): number | null =>
    values.some((value) => value === null) ? null : Math.max(...values.map((value) => value ?? 0));
  return {
    time_ms: most(all.map((each) => each.time_ms)),
    rate: most(all.map((each) => each.rate)),
    refused: Math.max(...all.map((each) => each.refused)),
  };
}

/** By how much a value of this figure may be off, in its unit; of goodput and errors shares of the streams, `near` to their limits. */
export function shiftOf(figure: Pick<Figure, "of">, value: number, disturbance: Disturbance, near = 0): number {
  const { of } = figure;
  const rate = Math.abs(value) * (disturbance.rate ?? Infinity) || 0;
  // What this client took to send is what that figure is about.
  if (of === "dispatch_delay_ms") return 0;
  if (of === "error_rate") return disturbance.refused;
  if (of === "goodput") return near + disturbance.refused;
  // A time per token is a speed the other way round: what comes late once is shared by all tokens of the answer.
  if (of === "tpot_ms" || FIGURES[of].unit !== "ms") return rate;
  return disturbance.time_ms ?? Infinity;
}

/** The thresholds of a result as a disturbed measurement leaves them: those too near to their limit are undecided. */
export function weighed(result: ResultReport, disturbance: Disturbance | null, slo: Slo): ThresholdReport[] {
  if (disturbance === null) return result.thresholds;
  return result.thresholds.map((threshold) =>
    isUndecided(threshold, result, disturbance, slo) ? { ...threshold, passed: false, undecided: true } : threshold,
  );
}

function isUndecided(threshold: ThresholdReport, result: ResultReport, disturbance: Disturbance, slo: Slo): boolean {
  const { text, value, limit, met, without = 0, passed } = threshold;
  const read = readFigure(text.split(/[<>=]/)[0] ?? "");
  if (value === null || read.kind === "misread" || without > 0) return false;
  // Those that were refused a connection would have had to keep it too.
  if (met !== undefined && passed && disturbance.refused > 0) return true;
  const ofObjectives = read.kind === "scalar" && isOfObjectives(read);
  if (!ofObjectives) return Math.abs(value - limit) < shiftOf(read, value, disturbance);
  // Of those met per second the share says as much: both count the same streams.
  const share = result.goodput?.share ?? 0;
  const near = shiftOf({ of: "goodput" }, share, disturbance, nearShare(result, disturbance, slo));
  const shift = read.of === "goodput" ? near : perSecond(near, result) + shiftOf(read, value, disturbance);
  return Math.abs(value - limit) < shift;
}

/** A share of the streams as so many a second. */
function perSecond(share: number, { goodput, requests_per_second: requests }: ResultReport): number {
  const { per_second: met, share: whole } = goodput ?? { per_second: null, share: null };
  return share * (met !== null && whole !== null && whole > 0 ? met / whole : (requests ?? 0));
}

/** The share of the streams whose value lies so near to the limit of an objective that it may be on the other side. */
function nearShare({ distributions, streams }: ResultReport, disturbance: Disturbance, { objectives }: Slo): number {
  const near = objectives.reduce((sum, { figure, limit }) => {
    const { hdr } = distributions[figure];
    const values = hdr === null ? [] : decodeHistogram(hdr).values();
    const shift = shiftOf({ of: figure }, limit, disturbance);
    return values.reduce((found, { value, count }) => found + (Math.abs(value - limit) < shift ? count : 0), sum);
  }, 0);
  const ended = streams.ok + streams.failed;
  return ended === 0 ? 0 : Math.min(1, near / ended);
}
