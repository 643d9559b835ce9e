import type { Messages, SeveralWords } from "../../i18n/load.ts";
import { sparkline, topOf, bar } from "../../text/bars.ts";
import type { Paint } from "../../text/paint.ts";
import { blank, piece, widthOf, type Row, type Piece, type Field, fitting, joined } from "../../text/row.ts";
import { cut, padEnd, padStart, cellsOf } from "../../text/width.ts";
import type { Snapshot, Pane, State } from "./pane.ts";
import type { Scene, View } from "./state.ts";

/** What a picture is written with. */
export type Texts = {
  words: SeveralWords["panes"];
  messages: Pick<Messages, "number" | "count" | "duration">;
};

/** One shape a state, so that it is told without colours too. */
const MARKS: Record<State, readonly [string, keyof Paint]> = {
  waiting: ["○", "dim"],
  retrying: ["↻", "yellow"],
  thinking: ["◐", "yellow"],
  streaming: ["●", "green"],
  stalled: ["◌", "yellow"],
  complete: ["✓", "green"],
  length: ["⇥", "yellow"],
  empty: ["∅", "red"],
  filtered: ["⊘", "red"],
  truncated: ["⊣", "red"],
  failed: ["✗", "red"],
  timeout: ["◷", "red"],
  cancelled: ["■", "red"],
};

export function markOf({ state }: Snapshot): Piece {
  return piece(...MARKS[state]);
}

/** The state in words; while the next attempt is waited for, which and how long. */
export function stateOf({ state, attempt, wait }: Snapshot, { words, messages }: Texts): Piece {
  const [, style] = MARKS[state];
  switch (state) {
    case "retrying":
      return piece(words.retrying(attempt, words.seconds(messages.count(Math.ceil(wait / 1000)))), style);
    case "waiting":
    case "thinking":
    case "streaming":
    case "stalled":
      return piece(words.state[state], style);
    default:
      return piece(state, style);
  }
}

/** Tokens, pace and first token of a stream, each as wide as it will be: nothing shifts while it counts. */
export function figuresOf({ tokens, estimated, tokensPerSecond, ttft }: Snapshot, { words, messages }: Texts): Field[] {
  const tilde = estimated ? "~" : "";
  const speed = tokensPerSecond === null ? "–" : `${tilde}${messages.number(tokensPerSecond)}`;
  const style = tokens === 0 ? "dim" : null;
  return [
    { piece: piece(words.tokens(`${tilde}${messages.count(tokens)}`.padStart(4)), style), worth: 3 },
    { piece: piece(words.speed(speed.padStart(5)), style), worth: 4 },
    { piece: piece(words.ttft((ttft === null ? "–" : messages.duration(ttft)).padStart(6)), "dim"), worth: 2 },
  ];
}

/** `top`: the pace that fills a bar. */
export type TitleOptions = { columns: number; model: boolean; numbered: boolean; top: number };

/** The line above a stream's text. */
export function titleOf(
  pane: Pane,
  look: Snapshot,
  texts: Texts,
  { columns, model, numbered, top }: TitleOptions,
): Row {
  const left = [
    markOf(look),
    ...(numbered ? [blank(1), piece(pane.number, "bold")] : []),
    ...(model ? [blank(1), piece(cut(pane.model, Math.floor(columns / 2)), "bold")] : []),
    blank(1),
  ];
  // A stream whose text grows says so itself.
  const state: Field = { piece: stateOf(look, texts), worth: look.state === "streaming" ? 2.5 : 5 };
  const pace: Field = { piece: piece(sparkline(look.pace, top), "dim"), worth: 1 };
  const fields = look.tokens === 0 ? [state] : [state, pace, ...figuresOf(look, texts)];
  const right = fitting(fields, columns - widthOf(left) - 2, blank(2));
  const free = columns - widthOf(left) - widthOf(right) - 1;
  const prompt = piece(numbered && free >= 16 ? `${cut(pane.prompt, free - 4)} ` : "", "dim");
  return [...left, prompt, piece("─".repeat(Math.max(0, free - prompt.cells)), "dim"), blank(1), ...right];
}

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

/** Where there is room for the words alone, they leave this to the bar. */
const BAR_LEAST = 8;

/** The last line of the screen: how far the run is. */
export function progressLine(view: View, total: number | null, texts: Texts, columns: number): Row {
  const { words, messages } = texts;
  const { done, failed, running, tokensPerSecond, left } = view;
  const { count } = messages;
  const fields: Field[] = [
    { piece: piece(words.done(count(done), total === null ? null : count(total)), "bold"), worth: 6 },
    { piece: piece(words.running(count(running.length))), worth: 2 },
    { piece: piece(words.failed(count(failed)), failed > 0 ? "red" : "dim"), worth: failed > 0 ? 5 : 1 },
    { piece: piece(words.speed(`~${messages.number(tokensPerSecond)}`)), worth: 4 },
  ];
  if (left !== null) fields.push({ piece: piece(words.left(leftTime(left, texts)), "dim"), worth: 3 });
  const row = fitting(fields, columns, piece(" · ", "dim"));
  const free = columns - widthOf(row) - 2;
  return total === null || free < BAR_LEAST ? row : [...bar(done / Math.max(1, total), free), blank(2), ...row];
}

/** Whole seconds: more would only flicker. */
function leftTime(left: number, { words, messages }: Texts): string {
  const seconds = Math.ceil(left / 1000);
  return seconds < 60 ? words.seconds(messages.count(seconds)) : messages.duration(seconds * 1000);
}
