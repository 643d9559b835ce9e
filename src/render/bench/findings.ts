import { allModels, type ResultReport, type ErrorReport, type StepReport } from "../../metrics/summary.ts";
import { blank, piece, type Piece, type Row, flow, labelled } from "../../text/row.ts";
import { padStart, cellsOf, cut } from "../../text/width.ts";
import { wrap, COLUMNS } from "../../text/wrap.ts";
import { sayThreshold, type Texts } from "./figures.ts";

/** Kinds of errors that are shown, and lines of the example of each. */
const KINDS_SHOWN = 10;
const EXAMPLE_LINES = 3;
/** A threshold wider than this pushes its value to the next row. */
const TEXT_WIDTH = 34;

/** Each threshold, what it came to in each column, and whether it was passed. */
export function thresholdRows(columns: readonly ResultReport[], texts: Texts): Row[] {
  const written = [...new Set(columns.flatMap(({ thresholds }) => thresholds.map(({ text }) => text)))];
  const shown = written.map((text) => texts.show(text));
  const width = Math.min(TEXT_WIDTH, Math.max(0, ...shown.map(cellsOf)));
  const rows = written.flatMap((text, at): Row[] => {
    const values = columns.flatMap(({ model, thresholds }) => {
      const found = thresholds.find((one) => one.text === text);
      if (found === undefined) return [];
      const value = sayThreshold(found, texts);
      // Of a long name and its value it is the name that is cut.
      const room = COLUMNS - width - 4 - cellsOf(value) - 3;
      const name = columns.length === 1 ? "" : `${cut(texts.show(model ?? texts.words.row.all), room)} `;
      return [piece(`${found.passed ? "✓" : "✗"} ${name}${value}`, found.passed ? "green" : "red")];
    });
    return beside(shown[at] ?? "", width, values);
  });
  return rows.length === 0 ? [] : [[piece(texts.words.row.label.thresholds, "bold")], ...rows];
}

function beside(text: string, width: number, values: readonly Piece[]): Row[] {
  const rows = flow(values, blank(2), COLUMNS - width - 4);
  const long = cellsOf(text) > width;
  const above = long ? wrap(text, COLUMNS - 2).lines.map((line) => [piece(line)]) : [];
  return [...above, ...labelled(piece(long ? "" : text), width + 2, rows)].map((row) => [blank(2), ...row]);
}

type Grouped = ErrorReport & { by: [model: string, count: number][] };

/** The errors by kind, the most frequent first, each with an example. */
export function errorRows(steps: readonly StepReport[], texts: Texts): Row[] {
  const all = grouped(steps);
  if (all.length === 0) return [];
  const { words, messages } = texts;
  const shown = all.slice(0, KINDS_SHOWN);
  const width = Math.max(...shown.map(({ count }) => messages.count(count).length));
  const rows = shown.flatMap(({ kind, count, example, by }): Row[] => {
    const models = by.map(([model, n]) => texts.show(model) + (by.length > 1 ? ` ${messages.count(n)}` : ""));
    const from = models.length > 0 ? ` (${models.join(", ")})` : "";
    const head = cut(`${texts.show(kind)}${from}`, COLUMNS - width - 5);
    const { lines } = wrap(texts.show(example), COLUMNS - width - 5);
    const kept =
      lines.length > EXAMPLE_LINES
        ? [...lines.slice(0, EXAMPLE_LINES - 1), `${lines[EXAMPLE_LINES - 1] ?? ""}…`]
        : lines;
    return [
      [blank(2), piece(`${padStart(messages.count(count), width)} × `), piece(head, "red")],
      ...kept.map((line): Row => [blank(width + 5), piece(cut(line, COLUMNS - width - 5), "dim")]),
    ];
  });
  const left = all.length - shown.length;
  const more: Row[] = left > 0 ? [[blank(2), piece(words.row.moreErrors(left), "dim")]] : [];
  return [[piece(words.row.label.errors, "bold")], ...rows, ...more];
}

/** Over all steps; `by` says which models they come from where there are several. */
function grouped(steps: readonly StepReport[]): Grouped[] {
  const kinds = new Map<string, Grouped>();
  for (const step of steps) {
    const models = step.results.filter(({ model }) => model !== null);
    for (const error of allModels(step)?.errors ?? []) {
      const known = kinds.get(error.kind);
      const by = new Map(known?.by);
      for (const { model, errors } of models.length > 1 ? models : [])
        for (const { count } of errors.filter(({ kind }) => kind === error.kind))
          by.set(model ?? "", (by.get(model ?? "") ?? 0) + count);
      kinds.set(error.kind, { ...(known ?? error), count: (known?.count ?? 0) + error.count, by: [...by] });
    }
  }
  return [...kinds.values()].toSorted((one, other) => other.count - one.count);
}
