import type { CompareWords } from "../i18n/load.ts";
import { sayLoad, sayNote } from "../i18n/say.ts";
import type { ComparisonReport, PairReport } from "../metrics/comparison.ts";
import { gateOutcome, MARKS } from "../metrics/verdict.ts";
import { gateResult, verdictText } from "../render/difference-words.ts";
import { cellsOfRow, shownOf } from "../render/differences.ts";
import { code, plain, table } from "./markdown-text.ts";

const SIGNS: Readonly<Record<ComparisonReport["verdict"], string>> = {
  better: "✓",
  worse: "✗",
  mixed: "!",
  no_difference: "=",
  not_enough: "–",
};

/** A comparison as Markdown for a pull request: the sentence, what it was held against, what decides, what to know. */
export function comparisonMarkdown(report: ComparisonReport, words: CompareWords, all: boolean): string {
  const gates = report.fail_if.map((gate) => [
    code(`--fail-if ${gate.text}`),
    gate.load === null ? "" : placeOf(gate.load, [gate.model], words),
    `${MARKS[gateOutcome(gate)]} ${gateResult(gate, words)}`,
  ]);
  const sides = [["A", report.a] as const, ["B", report.b] as const].map(
    ([side, paths]) => `- ${words.side(side, paths.map((path) => code(path)).join(", "))}`,
  );
  const parts = [
    `## ${SIGNS[report.verdict]} ${plain(verdictText(report, words))}`,
    sides.join("\n"),
    table(["", "", ""], gates, 0),
    ...report.pairs.map((pair) => pairOf(pair, words, all)),
    report.notes.map((note) => `- ${plain(sayNote(words, note))}`).join("\n"),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function pairOf(pair: PairReport, words: CompareWords, all: boolean): string {
  const models = pair.model.a === pair.model.b ? [pair.model.a] : [pair.model.a, pair.model.b];
  const head = ["", "", "A", "B", words.columns.change, words.columns.interval, ""];
  const rows = shownOf(pair, !all).map((figure) => cellsOfRow(figure, words).map((cell) => plain(cell.trim())));
  const counts = words.streams(words.count(pair.streams.a), words.count(pair.streams.b));
  return [`**${placeOf(pair.load, models, words)}** · ${counts}`, table(head, rows, 5)]
    .filter((part) => part !== "")
    .join("\n\n");
}

function placeOf(load: PairReport["load"], models: readonly (string | null)[], words: CompareWords): string {
  const names = models.map((model) => (model === null ? words.terms.allModels : code(model, 80)));
  return [sayLoad(words.terms, load), names.join(" / ")].join(" · ");
}
