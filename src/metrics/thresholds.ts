import { nearest } from "../config/nearest.ts";
import { UserError } from "../config/user-error.ts";
import { isComplete } from "../stream/event.ts";
import { neededFor, rankOf } from "./distribution.ts";
import {
  FIGURES,
  isObjective,
  isOfObjectives,
  readFigure,
  shortName,
  type DistributionName,
  type Figure,
  type Misread,
  type ObjectiveName,
  type ScalarName,
  type Statistic,
} from "./figures.ts";
import { readValue, refuse } from "./limit-value.ts";
import type { Histogram } from "./histogram.ts";
import type { LoadRecord } from "./load-record.ts";
import { figureIn, type ObjectiveReport, type ResultReport, type ThresholdReport } from "./result-report.ts";

/** How a figure is held against its limit. */
type Operator = "<" | "<=" | ">" | ">=";

/** A limit that a figure of the run must keep; ms, shares of 0 to 1, or per second. */
export type Threshold = { text: string; figure: Figure; operator: Operator; limit: number };

/** What is known of one stream when it is judged. */
export type JudgedStream = Pick<LoadRecord, "verdict" | ObjectiveName>;

/** A limit that each stream must keep to count in the goodput. */
type Objective = {
  text: string;
  figure: ObjectiveName;
  operator: Operator;
  limit: number;
  /** Complete or cut by `max_tokens`, with this figure, and within the limit. */
  meets(stream: JudgedStream): boolean;
};

/** All that `--slo` asks for, in the order given. */
export type Slo = {
  thresholds: Threshold[];
  objectives: Objective[];
  /** Every measured stream must meet every objective: no threshold on goodput says how many are enough. */
  everyStream: boolean;
};

const OPERATORS: readonly Operator[] = ["<", "<=", ">", ">="];
/** What is written elsewhere. */
const MEANT: Readonly<Record<string, Operator>> = {
  "≤": "<=",
  "=<": "<=",
  "≥": ">=",
  "=>": ">=",
  "<<": "<",
  ">>": ">",
};
const EXAMPLES = "p95(ttft) < 800ms, p50(tokens_per_second) > 30, error_rate < 1%, ttft < 1s, goodput > 95%";
const OBJECTIVES = "ttft < 1s, tpot < 50ms, tokens_per_second > 30";
/** Two limits, and between them what would join two sentences. */
const SEVERAL = /[<>][^<>]*(?:[,;|]|&&|\s(?:and|et|or|ou)\s)[^<>]*[<>]/;
/** Reads every `--slo`, or those of a settings file, before anything is sent; throws `bad_slo` at the first that cannot be read. */
export function parseSlo(texts: readonly string[], file: string | null = null): Slo {
  try {
    return parseAll(texts);
  } catch (error) {
    if (error instanceof UserError && error.problem.code === "bad_slo") throw new UserError({ ...error.problem, file });
    throw error;
  }
}

function parseAll(texts: readonly string[]): Slo {
  const slo: Slo = { thresholds: [], objectives: [], everyStream: true };
  for (const text of texts) {
    const limit = parseOne(text.trim());
    if ("meets" in limit) slo.objectives.push(limit);
    else slo.thresholds.push(limit);
  }
  const onGoodput = slo.thresholds.find(({ figure }) => isOfObjectives(figure));
  if (onGoodput === undefined) return slo;
  if (slo.objectives.length === 0) throw refuse(onGoodput.text, "no_objectives", onGoodput.figure.of, OBJECTIVES);
  return { ...slo, everyStream: false };
}

/** The figure and the limit of an objective that a report names; `null` where it is none, as a report from elsewhere may say anything. */
export function readObjective(text: string): Pick<Objective, "figure" | "limit"> | null {
  try {
    return parseSlo([text]).objectives[0] ?? null;
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

function parseOne(text: string): Threshold | Objective {
  if (SEVERAL.test(text)) throw refuse(text, "several", text, EXAMPLES);
  const [, left = "", sign = "", right = ""] = /^([^<>=!≤≥]*)([<>=!≤≥]+)(.*)$/s.exec(text) ?? [];
  const operator = OPERATORS.find((known) => known === sign);
  if (left.trim() === "" || right.trim() === "") throw refuse(text, "syntax", text, EXAMPLES);
  const written = readFigure(left);
  if (written.kind === "misread") throw misreadFigure(text, written);
  if (operator === undefined) {
    const meant = MEANT[sign] ?? (FIGURES[written.of].better === "less" ? "<" : ">");
    throw refuse(text, "operator", sign, OPERATORS.join(", "), `${left.trim()} ${meant} ${right.trim()}`);
  }
  if (written.kind !== "distribution") {
    return { text, figure: written, operator, limit: readValue(text, right.trim(), FIGURES[written.of].unit) };
  }
  const figure = written.of;
  if (!isObjective(figure)) {
    const name = shortName(figure);
    throw refuse(text, "needs_function", name, `p95(${name}), mean(${name}), max(${name})`);
  }
  const limit = readValue(text, right.trim(), FIGURES[figure].unit);
  return {
    text,
    figure,
    operator,
    limit,
    meets: (stream) => isComplete(stream) && holds(stream[figure], operator, limit),
  };
}

function misreadFigure(text: string, misread: Misread): UserError {
  const { why, part, accepted } = misread;
  return refuse(text, why, part, why === "syntax" ? EXAMPLES : accepted, withFigureMeant(text, misread));
}

/** A limit with the figure that was likely meant in it; nothing where none is near. */
export function withFigureMeant(text: string, { why, part, accepted, meant }: Misread): string | null {
  const known = meant ?? (why === "syntax" ? null : nearest(part, accepted.split(", ")));
  return known === null ? null : text.toLowerCase().replace(part, known);
}

/** Whether a value keeps its limit; one that does not exist keeps none. */
export function holds(value: number | null, operator: Operator, limit: number): boolean {
  if (value === null) return false;
  switch (operator) {
    case "<":
      return value < limit;
    case "<=":
      return value <= limit;
    case ">":
      return value > limit;
    case ">=":
      return value >= limit;
  }
}

/** Holds a threshold against a result; without a sample, or with too few for its percentile, it is not passed. */
export function checkThreshold({ text, figure, operator, limit }: Threshold, result: ResultReport): ThresholdReport {
  const { value, samples } = figureIn(result, figure);
  const needed = samplesFor(figure);
  if (samples < needed)
    return { text, value: null, limit, samples, passed: false, ...(samples === 0 ? {} : { needed }) };
  return { text, value, limit, samples, passed: holds(value, operator, limit) };
}

/** Values that a figure takes at least. */
export function samplesFor(figure: Figure): number {
  return figure.kind === "statistic" && figure.statistic.name === "percentile"
    ? neededFor(figure.statistic.percent)
    : 1;
}

/** What the streams of a result made of one objective, as they end. */
export function createObjectiveTally({ text, figure, operator, meets }: Objective) {
  const tally = { met: 0, judged: 0, without: 0 };
  let worst: number | null = null;
  const further = isUpperLimit(operator) ? Math.max : Math.min;
  return {
    /** A stream ended, and not by the end of the window. */
    add(record: LoadRecord): void {
      // The system refused it a connection: nobody was asked.
      if (record.error?.kind === "too_many_files") return;
      tally.judged++;
      const value = isComplete(record) ? record[figure] : null;
      if (value === null) tally.without++;
      else worst = worst === null ? value : further(worst, value);
      if (meets(record)) tally.met++;
    },
    isBroken: () => tally.judged >= ENOUGH && tally.met < tally.judged,
    /** While streams still run; nothing is judged before one has ended. */
    soFar() {
      const { met, judged } = tally;
      return { text, value: worst, samples: judged, met, passed: judged === 0 ? null : met === judged };
    },
    report: (): ObjectiveReport => ({ text, worst, ...tally }),
  };
}

/** What becomes of a limit that every stream must keep. */
export function checkObjective(
  { worst, judged, met, without }: ObjectiveReport,
  { text, limit }: Objective,
): ThresholdReport {
  return { text, value: worst, limit, samples: judged, passed: judged > 0 && met === judged, met, without };
}

/** How the streams of all parts together keep it. */
export function addObjectives(parts: readonly ObjectiveReport[], { text, operator }: Objective): ObjectiveReport {
  const own = parts.filter((part) => part.text === text);
  const values = own.flatMap(({ worst }) => worst ?? []);
  const sum = (name: "judged" | "met" | "without"): number => own.reduce((total, part) => total + part[name], 0);
  const worst = values.length === 0 ? null : isUpperLimit(operator) ? Math.max(...values) : Math.min(...values);
  return { text, worst, judged: sum("judged"), met: sum("met"), without: sum("without") };
}

/** Streams that must have ended before a broken threshold may stop a run. */
const ENOUGH = 30;

/** What has ended so far; `met`: streams that met every objective. */
type SoFar = { ok: number; failed: number; met: number; values(name: DistributionName): Histogram };

/**
 * Whether a threshold is broken by what has ended so far, and more than one stray value says so: a share must be beyond
 * its limit with all of its 95 % interval. Throughput is not judged before the end: streams under way have not counted yet.
 */
export function isBroken({ figure, operator, limit }: Threshold, soFar: SoFar): boolean {
  if (soFar.ok + soFar.failed < ENOUGH) return false;
  const value = figure.kind === "statistic" ? told(figure, operator, soFar) : shareOf(figure.of, operator, soFar);
  return value !== null && !holds(value, operator, limit);
}

/** Of those that ended, what is under way has neither failed nor met anything: the end of the interval nearest to the limit. */
function shareOf(name: ScalarName, operator: Operator, soFar: SoFar): number | null {
  const row = FIGURES[name];
  if (row.unit !== "share") return null;
  const [low, high] = wilson(soFar[row.part], soFar.ok + soFar.failed);
  return isUpperLimit(operator) ? low : high;
}

/** The 95 % interval of a share (Wilson 1927, score interval): it holds for few streams and for shares near 0 and 1. */
function wilson(part: number, count: number): [low: number, high: number] {
  const z = 1.96;
  const share = part / count;
  const middle = share + z ** 2 / (2 * count);
  const half = z * Math.sqrt((share * (1 - share)) / count + z ** 2 / (4 * count ** 2));
  const scale = 1 + z ** 2 / count;
  // Rounding must not say that none, or all, is a little more, or less.
  return [part === 0 ? 0 : (middle - half) / scale, part === count ? 1 : (middle + half) / scale];
}

function isUpperLimit(operator: Operator): boolean {
  return operator === "<" || operator === "<=";
}

/** A statistic that further values are not likely to mend; `null` where they may. */
function told({ of, statistic }: Extract<Figure, { kind: "statistic" }>, operator: Operator, { values }: SoFar) {
  const all = values(of);
  const isUpper = isUpperLimit(operator);
  switch (statistic.name) {
    case "mean":
      return all.mean();
    case "stdev":
      return all.stdev();
    // An extreme only ever grows: what it is above it stays above, what it is below it may still pass.
    case "max":
      return isUpper ? all.max() : null;
    case "min":
      return isUpper ? null : all.min();
    case "percentile":
      return isMoreThanOne(statistic, all.count()) ? all.percentile(statistic.percent) : null;
  }
}

/** Whether a percentile of so many values lies within them: the p99 of 30 is the largest one alone. */
function isMoreThanOne({ percent }: Extract<Statistic, { name: "percentile" }>, count: number): boolean {
  const rank = rankOf(percent, count);
  return rank > 1 && rank < count;
}
