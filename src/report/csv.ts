import { DISTRIBUTIONS, FIGURES, SCALARS, type DistributionName, type Unit } from "../metrics/figures.ts";
import { cachedShareIn } from "../metrics/lengths.ts";
import { percentileIn, type DistributionReport, type ResultReport } from "../metrics/result-report.ts";
import { DOUBTS } from "../metrics/trust-report.ts";
import type { RunReport, StepReport } from "../metrics/report.ts";

type Cell = string | number | null;

/** What a distribution has. */
const STATISTICS = ["count", "missing", "min", "mean", "p1", "p5", "p50", "p90", "p95", "p99", "max", "stdev"] as const;

const WHERE = ["step", "load", "concurrency", "rate", "model", "figure", "unit"] as const;

/** Names in the head of the CSV, in order. */
export const CSV_COLUMNS = [...WHERE, ...STATISTICS, "value"] as const;

/**
 * The report as CSV (RFC 4180, UTF-8, decimal point), one row a step × model × figure, names and units as in the JSON. Steps
 * count from 0; an empty `model` is all models together, an empty cell a figure that does not exist.
 */
export function toCsv(report: RunReport): string {
  const rows = report.steps.flatMap((step, index) => rowsOf(step, index));
  return [[...CSV_COLUMNS], ...rows].map((row) => `${row.map(write).join(",")}\r\n`).join("");
}

function rowsOf(step: StepReport, index: number): Cell[][] {
  const { load } = step;
  const start = [
    index,
    load.kind,
    load.kind === "closed" ? load.concurrency : null,
    load.kind === "arrival" ? load.rate : null,
  ];
  const scalar = (model: Cell, [figure, unit, value]: Scalar): Cell[] => [
    ...start,
    model,
    figure,
    unit,
    ...STATISTICS.map(() => null),
    value,
  ];
  return [
    ...scalarsOfStep(step).map((row) => scalar(null, row)),
    ...step.results.flatMap((result) => [
      ...DISTRIBUTIONS.map((name) => [...start, result.model, ...distribution(name, result.distributions[name])]),
      ...meansOf(result).map((row) => [...start, result.model, ...row]),
      ...scalarsOf(result).map((row) => scalar(result.model, row)),
    ]),
  ];
}

const UNITS: Readonly<Record<Unit, string>> = {
  ms: "ms",
  share: "share",
  tokens_per_second: "tokens/s",
  requests_per_second: "requests/s",
};

function distribution(name: DistributionName, figures: DistributionReport): Cell[] {
  return [name, UNITS[FIGURES[name].unit], ...STATISTICS.map((statistic) => statisticOf(figures, statistic)), null];
}

/** What the server says of its own work: means alone. */
function meansOf({ server }: ResultReport): Cell[][] {
  const means = {
    server_queue_ms: server?.queue_ms,
    server_prefill_ms: server?.prefill_ms,
    server_ttft_ms: server?.ttft_ms,
    network_and_client_ms: server?.network_and_client_ms,
  };
  return Object.entries(means).map(([name, said]) => [
    name,
    UNITS.ms,
    ...STATISTICS.map((statistic) => {
      if (statistic === "count") return said?.count ?? 0;
      return statistic === "mean" ? (said?.mean ?? null) : null;
    }),
    null,
  ]);
}

/** Earlier reports name no p1 and no p5. */
function statisticOf(figures: DistributionReport, statistic: (typeof STATISTICS)[number]): number | null {
  if (statistic === "p1") return percentileIn(figures, 1);
  return statistic === "p5" ? percentileIn(figures, 5) : figures[statistic];
}

type Scalar = [figure: string, unit: string, value: number | null];

function scalarsOfStep({ window, warmup, concurrency, missed_starts }: StepReport): Scalar[] {
  return [
    ["warmup_streams", "streams", warmup.streams],
    ["warmup_ms", "ms", warmup.length_ms],
    ["window_ms", "ms", window.length_ms],
    ["drain_ms", "ms", window.drain_ms],
    ["concurrency_mean", "streams", concurrency.mean],
    ["concurrency_max", "streams", concurrency.max],
    ["missed_starts", "streams", missed_starts],
  ];
}

function scalarsOf(result: ResultReport): Scalar[] {
  const { streams, goodput, tokens, lengths, cost, trust } = result;
  return [
    ["streams_started", "streams", streams.started],
    ["streams_ok", "streams", streams.ok],
    ["streams_failed", "streams", streams.failed],
    ["streams_unfinished", "streams", streams.unfinished],
    ...SCALARS.flatMap((name): Scalar[] => {
      const { unit, value } = FIGURES[name];
      if (name === "goodput_per_second") return [[name, "streams/s", value(result)]];
      if (name !== "goodput") return [[name, UNITS[unit], value(result)]];
      return [
        ["goodput_met", "streams", goodput?.met ?? null],
        ["goodput_share", UNITS[unit], value(result)],
      ];
    }),
    ["output_tokens", "tokens", tokens.output],
    ["prompt_tokens", "tokens", tokens.prompt],
    ["reasoning_tokens", "tokens", tokens.reasoning],
    ["cached_prompt_tokens", "tokens", lengths?.cached_prompt_tokens ?? null],
    ["cached_share", "share", cachedShareIn([result])],
    ["cost", cost?.currency ?? "", cost?.amount ?? null],
    ["tokens_by_usage", "streams", trust.tokens_source.usage],
    ["tokens_by_events", "streams", trust.tokens_source.events],
    ["tokens_per_event", "tokens", trust.tokens_per_event],
    ["coalesced", "share", trust.coalesced],
    ["lumped", "share", trust.lumped ?? null],
    ["retries", "requests", trust.retries],
    ["retry_wait_ms", "ms", trust.retry_wait_ms],
    ["stale_connections", "requests", trust.stale_connections],
    ["stalls", "gaps", trust.stalls],
    ["held_ms", "ms", trust.held_ms],
    ["malformed", "events", trust.malformed],
    ...DOUBTS.map((code): Scalar => [code, "streams", trust.notices[code] ?? 0]),
  ];
}

function write(cell: Cell): string {
  if (typeof cell !== "string") return cell === null ? "" : String(cell);
  const text = defuse(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

// A spreadsheet runs what begins so, fullwidth signs too, and takes a `;` or a tab for the end of a cell where the
// country has a decimal comma, whatever the quotes say.
const FORMULA = /(^|[,;\t\r\n])(?=[\s"']*[=+\-@＝＋－＠]|[\t\r\n])/g;

function defuse(text: string): string {
  return text.replace(FORMULA, "$1'");
}
