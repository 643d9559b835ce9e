import { sayCame, sayIn, sayLoad, sayServer } from "../i18n/say.ts";
import { sayShards } from "../render/bench/shards.ts";
import {
  distributionsOf,
  FIGURES,
  SHOWN_PERCENTS,
  SHOWN_SCALARS,
  unitOfLimit,
  type DistributionName,
  type ScalarName,
} from "../metrics/figures.ts";
import type { StepReport } from "../metrics/report.ts";
import { cachedShareIn } from "../metrics/lengths.ts";
import { knownPercentile, tildeIn, type ResultReport } from "../metrics/result-report.ts";
import { errorKinds, gateOutcome, limitsIn, MARKS, outcomeOf, standingOf } from "../metrics/verdict.ts";
import { gateResult } from "../render/difference-words.ts";
import type { Material } from "./forms.ts";
import { headlineOf, pointsOf, SIGNS } from "./headline.ts";
import { code, table } from "./markdown-text.ts";

type Said = Omit<Material, "streams" | "left">;

/** One model under one load. */
type Place = { step: StepReport; result: ResultReport };

/** Most rows of one table: what is shown at a pull request may have 1 MiB, and nobody reads on. */
const MOST_ROWS = 100;
const MOST_ERRORS = 10;

/** The report as Markdown for a pull request: the sentence, thresholds, figures, errors. */
export function toMarkdown(said: Said): string {
  const { report, words } = said;
  const places = report.steps.flatMap((step) => step.results.map((result) => ({ step, result })));
  const [only] = places;
  const parts = [
    `## ${MARKS[standingOf(report)]} ${headlineOf(said)}`,
    whereOf(said),
    pointsIn(said),
    thresholdsOf(said, places),
    gatesOf(said),
    ...(places.length === 1 && only !== undefined ? figuresOf(said, only) : [manyOf(said, places)]),
    errorsOf(said),
    shardsOf(said),
    `<sub>${words.facts.versionValue("llmaas", code(report.tool.version, 40), code(report.tool.bun, 40))}</sub>`,
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

/** The parts that the report was made of, or which part it is. */
function shardsOf({ report, messages, words }: Said): string {
  const { shard: say } = words;
  if (report.shard !== undefined) return say.part(report.shard.index, report.shard.of);
  const shards = sayShards(report, say, messages);
  if (shards === null) return "";
  const lines = shards.parts.map(({ name, facts }) => `- ${name} · ${code(facts.join(" · "), 300)}`);
  const more = shards.more === null ? [] : [`- ${shards.more}`];
  const bounds = shards.bounds === null ? [] : ["", shards.bounds];
  return [`**${say.title}** · ${shards.summary.join(" · ")}`, "", ...lines, ...more, ...bounds].join("\n");
}

function whereOf({ report, words }: Said): string {
  const models = report.models.slice(0, 10).map((model) => code(model, 80));
  const loads = report.plan.loads.slice(0, 10).map((load) => sayLoad(words.terms, load));
  return [models.join(", "), loads.join(", "), code(report.endpoint), words.instant(report.started_at)]
    .filter((part) => part !== "")
    .join(" · ");
}

/** What is not as it should be, but for what the sentence says already. */
function pointsIn(said: Said): string {
  const { passed, total } = limitsIn(said.report);
  return pointsOf(said)
    .filter(({ mood, text }) => mood !== "good" && text !== said.words.verdict.thresholds(passed, total))
    .map(({ mood, text }) => `- ${SIGNS[mood]} ${text}`)
    .join("\n");
}

function placeName({ report, words }: Said, { step, result }: Place): string {
  const model = result.model === null ? words.table.all : code(result.model, 80);
  const load = sayLoad(words.terms, step.load);
  const names = [...(report.steps.length > 1 ? [load] : []), ...(step.results.length > 1 ? [model] : [])];
  return names.join(" · ");
}

function thresholdsOf(said: Said, places: readonly Place[]): string {
  const { messages, words } = said;
  const say = words.table;
  const checked = places.flatMap((place) => place.result.thresholds.map((threshold) => ({ place, threshold })));
  // What did not pass is read first.
  const rows = checked
    .toSorted((a, b) => Number(a.threshold.passed) - Number(b.threshold.passed))
    .map(({ place, threshold }) => {
      const { text, samples, met } = threshold;
      const outcome = outcomeOf(threshold);
      const word = say.outcome[outcome];
      const limit = met === undefined ? code(text, 120) : words.terms.everyStream(code(text, 120));
      const measured = sayCame(words.terms, threshold, unitOfLimit(text), messages);
      const result = `${MARKS[outcome]} ${outcome === "passed" ? word : `**${word}**`}`;
      return [limit, placeName(said, place), result, measured, messages.count(samples)];
    });
  return bounded(said, [say.threshold, "", say.result, say.value, say.samples], rows, 2);
}

function gatesOf({ report, compare, words }: Said): string {
  const rows = (report.fail_if ?? []).map((gate) => {
    const load = gate.load === null ? "" : sayLoad(words.terms, gate.load);
    const model = gate.model === null ? "" : code(gate.model, 80);
    const place = [load, model].filter((part) => part !== "").join(" · ");
    return [code(`--fail-if ${gate.text}`), place, `${MARKS[gateOutcome(gate)]} ${gateResult(gate, compare)}`];
  });
  return table([words.table.threshold, "", words.table.result], rows, 0);
}

function figuresOf(said: Said, { step, result }: Place): string[] {
  const { messages, words } = said;
  const names = distributionsOf(step.load).filter((name) => !isRepeated(name, result));
  const tables = (["less", "more"] as const).map((better) => {
    const percents = SHOWN_PERCENTS[better];
    const rows = names
      .filter((name) => FIGURES[name].better === better)
      .map((name) => [
        words.terms.figure[name].long,
        ...percents.map((percent) => sayPercentile(said, result, name, percent)),
        messages.count(result.distributions[name].count),
      ]);
    return table(["", ...percents.map((percent) => `p${percent}`), words.table.samples], rows, percents.length + 1);
  });
  const scalars = SHOWN_SCALARS.filter((name) => FIGURES[name].value(result) !== null);
  const counts = [
    [words.table.ok, messages.count(result.streams.ok)],
    [words.table.failed, messages.count(result.streams.failed)],
    ...scalars.map((name) => [words.terms.figure[name].long, sayScalar(said, result, name)]),
    ...serverRows(said, result),
  ];
  return [...tables, table(["", ""], counts, 1)];
}

/** What the server says of its own work, and of its cache. */
function serverRows({ messages, words: { terms } }: Said, result: ResultReport): string[][] {
  const { server = null } = result;
  const share = cachedShareIn([result]);
  return [
    ...(share === null ? [] : [[terms.cache.long, messages.percent(share)]]),
    ...(server === null ? [] : [[terms.server.title, sayServer(terms, server, messages).join(" · ")]]),
  ];
}

/** Without reasoning the first visible token is the first token. */
function isRepeated(name: DistributionName, { distributions }: ResultReport): boolean {
  if (distributions[name].count === 0) return true;
  return name === "ttfo_ms" && distributions.ttfo_ms.hdr === distributions.ttft_ms.hdr;
}

/** A row a load and model. */
function manyOf(said: Said, places: readonly Place[]): string {
  const { messages, words } = said;
  const say = words.terms.figure;
  const head = [
    "",
    words.table.ok,
    words.table.failed,
    say.requests_per_second.name,
    say.output_tokens_per_second.name,
    ...[50, 95].map((percent) => `${say.ttft_ms.name} p${percent}`),
    `${say.gap_ms.name} p99`,
    ...[50, 5].map((percent) => `${say.tokens_per_second.name} p${percent}`),
  ];
  const rows = places.map((place) => {
    const { result } = place;
    const percentile = (name: DistributionName, percent: number): string => sayPercentile(said, result, name, percent);
    return [
      placeName(said, place),
      messages.count(result.streams.ok),
      messages.count(result.streams.failed),
      sayScalar(said, result, "requests_per_second"),
      sayScalar(said, result, "output_tokens_per_second"),
      percentile("ttft_ms", 50),
      percentile("ttft_ms", 95),
      percentile("gap_ms", 99),
      percentile("tokens_per_second", 50),
      percentile("tokens_per_second", 5),
    ];
  });
  return bounded(said, head, rows, head.length - 1);
}

function errorsOf({ report, messages, words }: Said): string {
  const say = words.table;
  const rows = errorKinds(report.steps)
    .slice(0, MOST_ERRORS)
    .map(({ kind, count, example }) => [code(kind, 80), code(example), messages.count(count)]);
  return table([say.errors, say.example, say.count], rows, 1);
}

function sayPercentile({ messages }: Said, result: ResultReport, name: DistributionName, percent: number): string {
  const value = knownPercentile(result, name, percent);
  return value === null ? "–" : tildeIn(name, result) + sayIn(FIGURES[name].unit, value, messages);
}

function sayScalar({ messages }: Said, result: ResultReport, name: ScalarName): string {
  const { unit, value } = FIGURES[name];
  const figure = value(result);
  return figure === null ? "–" : tildeIn(name, result) + sayIn(unit, figure, messages);
}

/** A table of so many rows as somebody reads; nothing without rows. */
function bounded(
  { messages, forms }: Said,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  figures: number,
): string {
  const shown = table(head, rows.slice(0, MOST_ROWS), figures);
  return rows.length <= MOST_ROWS ? shown : `${shown}\n\n${forms.more(messages.count(rows.length - MOST_ROWS))}`;
}
