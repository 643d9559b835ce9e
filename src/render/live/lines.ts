import { sparkline, topOf } from "../../text/bars.ts";
import { blank, joined, piece, widthOf, type Row, type Piece } from "../../text/row.ts";
import { padEnd, padStart, cellsOf, cut } from "../../text/width.ts";
import type { Snapshot, Pane } from "./pane.ts";
import type { Scene } from "./state.ts";
import { markOf, stateOf, type Texts } from "./title.ts";

/** The widths of the columns before the words; 0 leaves one out. */
type Widths = { number: number; model: number; tokens: number; speed: number; pace: number };

type Line = { pane: Pane; look: Snapshot };

/** One line a stream: those that run, then the latest that ended, as many as fit. */
export function linesPicture({ view, now, size }: Scene, texts: Texts, height: number): Row[] {
  const titled = height >= 4;
  const shown = [...view.running, ...view.ended].slice(0, Math.max(0, titled ? height - 1 : height));
  const lines = shown.map((pane) => ({ pane, look: pane.look(now) }));
  const widths = widthsFor(size.columns, view.models, lines);
  const top = topOf(lines.map(({ look }) => look.pace));
  const rows = lines.map((line) => lineOf(line, { widths, texts, top, columns: size.columns }));
  return titled ? [titles(widths, texts), ...rows] : rows;
}

function widthsFor(columns: number, models: readonly string[], lines: readonly Line[]): Widths {
  const model = Math.min(24, Math.floor(columns / 4), Math.max(5, ...models.map(cellsOf)));
  return {
    number: Math.max(2, ...lines.map(({ pane }) => pane.number.length)),
    model: columns >= 56 ? model : 0,
    tokens: columns >= 56 ? 7 : columns >= 24 ? 5 : 0,
    speed: columns >= 32 ? 6 : 0,
    pace: columns >= 100 ? 16 : columns >= 38 ? 8 : 0,
  };
}

function titles(widths: Widths, { words }: Texts): Row {
  const { number, model, tokens, speed, pace, text } = words.columns;
  const cells = [
    piece(" "),
    ...right(widths.number, number),
    ...left(widths.model, model),
    ...right(widths.tokens, tokens),
    ...right(widths.speed, speed),
    ...left(widths.pace, pace),
    piece(text),
  ];
  return joined(cells, blank(1)).map((cell) => piece(cell.text, "dim"));
}

type Drawing = { widths: Widths; texts: Texts; top: number; columns: number };

function lineOf({ pane, look }: Line, { widths, texts, top, columns }: Drawing): Row {
  const { number } = texts.messages;
  const tilde = look.estimated ? "~" : "";
  const speed = look.tokensPerSecond === null ? "–" : `${tilde}${number(look.tokensPerSecond)}`;
  const begin = joined(
    [
      markOf(look),
      ...right(widths.number, pane.number),
      ...left(widths.model, pane.model),
      ...right(widths.tokens, `${tilde}${texts.messages.count(look.tokens)}`),
      ...right(widths.speed, speed),
      ...left(widths.pace, sparkline(look.pace.slice(-widths.pace), top)),
    ],
    blank(1),
  );
  return [...begin, blank(1), ...wordsOf({ pane, look }, texts, columns - widthOf(begin) - 1)];
}

/** The last words; before them the state, where words alone would mislead. */
function wordsOf({ pane, look }: Line, texts: Texts, columns: number): Row {
  const plain = look.state === "streaming" || look.state === "complete";
  const state = plain ? [] : [stateOf(look, texts), blank(1)];
  const free = columns - widthOf(state);
  if (look.error !== "") return [...state, piece(cut(look.error.replaceAll(/\s+/g, " "), free), "red")];
  return [...state, piece(pane.words(free), pane.over() || look.thought ? "dim" : null)];
}

function left(columns: number, text: string): Piece[] {
  return columns === 0 ? [] : [piece(padEnd(cut(text, columns), columns))];
}

function right(columns: number, text: string): Piece[] {
  return columns === 0 ? [] : [piece(padStart(cut(text, columns), columns))];
}
