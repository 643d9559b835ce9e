import { UserError, type SloReason } from "../config/user-error.ts";
import { figureIn, readFigure, shortName, unitOf, type Figure, type Unit } from "./figure.ts";
import { isComplete, type StreamRecord } from "./record.ts";
import type { ResultReport, DistributionName, ThresholdReport } from "./summary.ts";

/** How a figure is held against its limit. */
export type Operator = "<" | "<=" | ">" | ">=";

/** A limit that a figure of the run must keep; ms, shares of 0 to 1, or per second. */
export type Threshold = { text: string; figure: Figure; operator: Operator; limit: number };

/** What is known of one stream when it is judged. */
export type JudgedStream = Pick<
  StreamRecord,
  "verdict" | "ttft_ms" | "ttfo_ms" | "duration_ms" | "tpot_ms" | "tokens_per_second" | "decode_tokens_per_second"
> & { latency_from_due_ms: number | null };

/** The figures that one stream has as one number; gaps are many, and the dispatch delay is not the server's. */
type ObjectiveName = Exclude<DistributionName, "gap_ms" | "dispatch_delay_ms">;

/** A limit that each stream must keep to count in the goodput. */
export type Objective = {
  text: string;
  figure: ObjectiveName;
  operator: Operator;
  limit: number;
  /** Complete or cut by `max_tokens`, with this figure, and within the limit. */
  meets(stream: JudgedStream): boolean;
};

/** All that `--slo` asks for, in the order given. */
export type Slo = { thresholds: Threshold[]; objectives: Objective[] };

const OPERATORS: readonly Operator[] = ["<", "<=", ">", ">="];
const EXAMPLES = "p95(ttft) < 800ms, p50(tokens_per_second) > 30, error_rate < 1%, ttft < 1s, goodput > 95%";
/** A number without sign or exponent, and what follows it. */
const VALUE = /^(\d+(?:\.\d+)?|\.\d+)\s*([a-zµμ%/]*)$/;

const TIMES: Readonly<Record<string, number>> = { us: 0.001, µs: 0.001, μs: 0.001, ms: 1, s: 1000, m: 60_000 };
const ACCEPTED: Readonly<Record<Unit, string>> = {
  ms: "500us, 800ms, 1.5s, 2m",
  share: "1%, 0.01, 0% … 100%",
  tokens_per_second: "30, 30.5 tokens/s, 30/s",
  requests_per_second: "2, 2.5 requests/s, 2/s",
};

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
  const slo: Slo = { thresholds: [], objectives: [] };
  for (const text of texts) {
    const limit = parseOne(text.trim());
    if ("meets" in limit) slo.objectives.push(limit);
    else slo.thresholds.push(limit);
  }
  const goodput = slo.thresholds.find(({ figure }) => figure.of === "goodput" || figure.of === "goodput_per_second");
  if (goodput !== undefined && slo.objectives.length === 0) {
    throw refuse(goodput.text, "no_objectives", goodput.figure.of, "ttft < 1s, tpot < 50ms, tokens_per_second > 30");
  }
  return slo;
}

function parseOne(text: string): Threshold | Objective {
  const [, left = "", sign = "", right = ""] = /^([^<>=!]*)([<>=!]+)(.*)$/s.exec(text) ?? [];
  const operator = OPERATORS.find((known) => known === sign);
  if (left.trim() === "" || right.trim() === "") throw refuse(text, "syntax", text, EXAMPLES);
  if (operator === undefined) throw refuse(text, "syntax", sign, OPERATORS.join(", "));
  const written = readFigure(left);
  if (written.kind === "misread") throw refuse(text, written.why, written.part, written.accepted);
  if (written.kind !== "distribution") {
    return { text, figure: written, operator, limit: readValue(text, right.trim(), unitOf(written.of)) };
  }
  const figure = written.of;
  if (!isObjective(figure)) {
    const name = shortName(figure);
    throw refuse(text, "needs_function", name, `p95(${name}), mean(${name}), max(${name})`);
  }
  const limit = readValue(text, right.trim(), unitOf(figure));
  return {
    text,
    figure,
    operator,
    limit,
    meets: (stream) => isComplete(stream) && holds(stream[figure], operator, limit),
  };
}

function isObjective(name: DistributionName): name is ObjectiveName {
  return name !== "gap_ms" && name !== "dispatch_delay_ms";
}

function readValue(text: string, value: string, unit: Unit): number {
  const [, digits = "", suffix = ""] = VALUE.exec(value.toLowerCase()) ?? [];
  const factor = digits === "" ? undefined : factorOf(unit, suffix, Number(digits));
  // Twelve digits: 29 × 0.01 is not what 0.29 is.
  const result = Number((Number(digits) * (factor ?? NaN)).toPrecision(12));
  if (!Number.isFinite(result)) throw refuse(text, "unit", value, ACCEPTED[unit]);
  if (unit === "share" && result > 1) throw refuse(text, "share", value, ACCEPTED[unit]);
  return result;
}

function factorOf(unit: Unit, suffix: string, number: number): number | undefined {
  switch (unit) {
    case "ms":
      // A bare number would be ms to some, and is seconds everywhere else in this program.
      return TIMES[suffix];
    case "share":
      if (suffix === "%") return 0.01;
      // A bare 1 is 100 % to some and 1 % to others.
      return suffix === "" && number !== 1 ? 1 : undefined;
    case "tokens_per_second":
      return ["", "/s", "tokens/s"].includes(suffix) ? 1 : undefined;
    case "requests_per_second":
      return ["", "/s", "requests/s"].includes(suffix) ? 1 : undefined;
  }
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

function refuse(value: string, why: SloReason, part: string, accepted: string): UserError {
  return new UserError({ code: "bad_slo", file: null, value, why, part, accepted });
}

/** Holds a threshold against a column; without a sample it is not passed. */
export function checkThreshold({ text, figure, operator, limit }: Threshold, column: ResultReport): ThresholdReport {
  const { value, samples } = figureIn(column, figure);
  const known = samples === 0 ? null : value;
  return { text, value: known, limit, samples, passed: holds(known, operator, limit) };
}
