import { sayCame, sayLoad } from "../i18n/say.ts";
import { betterOf, FIGURES, readFigure, unitOfLimit } from "../metrics/figures.ts";
import type { ThresholdReport } from "../metrics/result-report.ts";
import { gateOutcome, MARKS, outcomeOf } from "../metrics/verdict.ts";
import { sayMargin } from "./headline.ts";
import { gateResult } from "../render/difference-words.ts";
import type { Place, Said, Section, Text } from "./statement-text.ts";

/** Rows that have room on the page. */
const MOST_ROWS = 4;

/** What was agreed, what was measured, and how far that is from the limit; what failed comes first. */
export function thresholdSection(said: Said, places: readonly Place[]): Section {
  const { report, messages, words, forms } = said;
  const say = forms.page;
  const checked = places
    .flatMap((place) => place.result.thresholds.map((threshold) => ({ place, threshold })))
    .toSorted((a, b) => Number(a.threshold.passed) - Number(b.threshold.passed));
  const rows = checked.slice(0, MOST_ROWS).map(({ place, threshold }): Text[] => {
    const outcome = outcomeOf(threshold);
    const where = placeOf(said, place);
    return [
      [...sayLimit(said, threshold), ...(where.length === 0 ? [] : [" (", ...where, ")"])],
      [sayCame(words.terms, threshold, unitOfLimit(threshold.text), messages)],
      [sayMargin(said, threshold)],
      [`${MARKS[outcome]} ${words.table.outcome[outcome]}`],
    ];
  });
  const gates = (report.fail_if ?? [])
    .slice(0, MOST_ROWS - rows.length)
    .map((gate): Text[] => [
      [{ foreign: gate.text }],
      [gateResult(gate, said.compare)],
      [""],
      [`${MARKS[gateOutcome(gate)]} ${words.table.outcome[gateOutcome(gate)]}`],
    ]);
  const all = [...rows, ...gates];
  const left = checked.length + (report.fail_if ?? []).length - all.length;
  return {
    title: say.agreed,
    lines: left > 0 ? [{ figure: null, text: [say.moreThresholds(messages.count(left))] }] : [],
    table:
      all.length === 0
        ? null
        : { head: [words.table.threshold, words.table.value, say.margin, words.table.result], rows: all },
  };
}

function placeOf({ report, words }: Said, { step, result }: Place): Text {
  const load = report.steps.length > 1 ? [sayLoad(words.terms, step.load)] : [];
  const model = step.results.length > 1 ? [result.model === null ? words.table.all : { foreign: result.model }] : [];
  return load.length > 0 && model.length > 0 ? [...load, ", ", ...model] : [...load, ...model];
}

/** The limit in words; as it was written where it is none that can be said so. */
function sayLimit({ forms, words, messages }: Said, { text, limit }: ThresholdReport): Text {
  const [, left = "", sign = ""] = /^([^<>=]*)(<=|>=|<|>)/.exec(text) ?? [];
  const operator = OPERATORS.find((known) => known === sign);
  const figure = readFigure(left);
  if (operator === undefined || figure.kind === "misread") return [{ foreign: text }];
  const who = whoOf(forms.page.who, figure, operator);
  if (who === null) return [{ foreign: text }];
  const { unit } = FIGURES[figure.of];
  const value =
    unit === "ms" ? messages.asked(limit) : unit === "share" ? messages.percent(limit) : messages.plain(limit);
  return [forms.page.limit(words.terms.figure[figure.of].long, who, operator, value)];
}

const OPERATORS = ["<=", ">=", "<", ">"] as const;

type Limited = Exclude<ReturnType<typeof readFigure>, { kind: "misread" }>;

/** For whom it holds: 95 of 100, on average, all of them; `null` where no one would say it so. */
function whoOf(say: Said["forms"]["page"]["who"], figure: Limited, operator: string): string | null {
  if (figure.kind === "distribution") return say.each;
  if (figure.kind === "scalar") return "";
  const less = betterOf(figure) === "less";
  if (less !== operator.startsWith("<")) return null;
  const { statistic } = figure;
  switch (statistic.name) {
    case "percentile":
      return say.share(String(Number((less ? statistic.percent : 100 - statistic.percent).toFixed(6))));
    case "mean":
      return say.mean;
    case "max":
      return less ? say.each : null;
    case "min":
      return less ? null : say.each;
    case "stdev":
      return null;
  }
}
