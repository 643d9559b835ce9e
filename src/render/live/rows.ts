import type { Messages, SeveralWords } from "../../i18n/load.ts";
import { bar, sparkline, topOf } from "../../text/bars.ts";
import { blank, fitting, joined, merged, piece, widthOf, type Field, type Piece, type Row } from "../../text/row.ts";
import { type Paint } from "../../text/paint.ts";
import { cellsOf, cut, padEnd, padStart } from "../../text/width.ts";
import type { Shown, Snapshot, State } from "./pane.ts";
import type { Size } from "./screen.ts";
import type { RunSnapshot } from "./state.ts";

/** What a run is shown with. */
export type Texts = {
  words: SeveralWords["panes"];
  messages: Pick<Messages, "number" | "count" | "seconds" | "duration">;
};

/** What a block of the screen is drawn with. `top`: the rate that fills a bar. */
export type Frame = { texts: Texts; width: number; height: number; numbered: boolean; top: number };

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
      return piece(words.retrying(attempt, messages.seconds(Math.ceil(wait / 1000))), style);
    case "waiting":
    case "thinking":
    case "streaming":
    case "stalled":
      return piece(words.state[state], style);
    default:
      return piece(state, style);
  }
}

/** Tokens, rate and first token of a stream, each as wide as it will be: nothing shifts while it counts. */
export function figuresOf({ tokens, estimated, tokensPerSecond, ttft }: Snapshot, { words, messages }: Texts): Field[] {
  const tilde = estimated ? "~" : "";
  const speed = tokensPerSecond === null ? "–" : `${tilde}${messages.number(tokensPerSecond)}`;
  const style = tokens === 0 ? "dim" : null;
  return [
    { piece: piece(words.tokens(padStart(`${tilde}${messages.count(tokens)}`, 4)), style), worth: 3 },
    { piece: piece(words.speed(padStart(speed, 5)), style), worth: 4 },
    { piece: piece(words.ttft(padStart(ttft === null ? "–" : messages.duration(ttft), 6)), "dim"), worth: 2 },
  ];
}

/** The line above a stream's text. */
export function titleOf({ pane, snapshot }: Shown, frame: Frame, model: boolean): Row {
  const { texts, width, numbered, top } = frame;
  const left = [
    markOf(snapshot),
    ...(numbered ? [blank(1), piece(pane.number, "bold")] : []),
    ...(model ? [blank(1), piece(cut(pane.model, Math.floor(width / 2)), "bold")] : []),
    blank(1),
  ];
  // A stream whose text grows says so itself.
  const state: Field = { piece: stateOf(snapshot, texts), worth: snapshot.state === "streaming" ? 2.5 : 5 };
  const rates: Field = { piece: piece(sparkline(snapshot.rates, top), "dim"), worth: 1 };
  const fields = snapshot.tokens === 0 ? [state] : [state, rates, ...figuresOf(snapshot, texts)];
  const right = fitting(fields, width - widthOf(left) - 2, blank(2));
  const free = width - widthOf(left) - widthOf(right) - 1;
  const prompt = piece(numbered && free >= 16 ? `${cut(pane.prompt, free - 4)} ` : "", "dim");
  return [...left, prompt, piece("─".repeat(Math.max(0, free - prompt.cells)), "dim"), blank(1), ...right];
}

/** The widths of the columns before the words; 0 leaves one out. */
type Widths = Record<"number" | "model" | "tokens" | "speed" | "rates", number>;

/** One line a stream: those that run, then the latest that ended, as many as fit. */
export function linesView({ running, ended, models, now }: RunSnapshot, texts: Texts, size: Size): Row[] {
  const titled = size.rows >= 4;
  const shown = [...running, ...ended].slice(0, Math.max(0, titled ? size.rows - 1 : size.rows));
  const streams = shown.map((pane) => ({ pane, snapshot: pane.snapshot(now) }));
  const widths = widthsFor(size.columns, models, streams);
  const top = topOf(streams.map(({ snapshot }) => snapshot.rates));
  const rows = streams.map((stream) => lineOf(stream, { widths, texts, top, columns: size.columns }));
  return titled ? [titles(widths, texts), ...rows] : rows;
}

function widthsFor(columns: number, models: readonly string[], streams: readonly Shown[]): Widths {
  const model = Math.min(24, Math.floor(columns / 4), Math.max(5, ...models.map(cellsOf)));
  return {
    number: Math.max(2, ...streams.map(({ pane }) => pane.number.length)),
    model: columns >= 56 ? model : 0,
    tokens: columns >= 56 ? 7 : columns >= 24 ? 5 : 0,
    speed: columns >= 32 ? 6 : 0,
    rates: columns >= 100 ? 16 : columns >= 38 ? 8 : 0,
  };
}

function titles(widths: Widths, { words }: Texts): Row {
  const { pace: rates, text, ...columns } = words.columns;
  return merged(joined([piece(" "), ...cells(widths, { ...columns, rates }), piece(text)], blank(1)), "dim");
}

type Drawing = { widths: Widths; texts: Texts; top: number; columns: number };

function lineOf({ pane, snapshot }: Shown, { widths, texts, top, columns }: Drawing): Row {
  const { number, count } = texts.messages;
  const tilde = snapshot.estimated ? "~" : "";
  const figures = cells(widths, {
    number: pane.number,
    model: pane.model,
    tokens: `${tilde}${count(snapshot.tokens)}`,
    speed: snapshot.tokensPerSecond === null ? "–" : `${tilde}${number(snapshot.tokensPerSecond)}`,
    rates: sparkline(snapshot.rates.slice(-widths.rates), top),
  });
  const begin = joined([markOf(snapshot), ...figures], blank(1));
  return [...begin, blank(1), ...wordsOf({ pane, snapshot }, texts, columns - widthOf(begin) - 1)];
}

/** Each of these in its column, numbers at its end. */
function cells(widths: Widths, { number, model, tokens, speed, rates }: Record<keyof Widths, string>): Piece[] {
  const column = (width: number, text: string, pad: typeof padEnd): Piece[] =>
    width === 0 ? [] : [piece(pad(cut(text, width), width))];
  return [
    ...column(widths.number, number, padStart),
    ...column(widths.model, model, padEnd),
    ...column(widths.tokens, tokens, padStart),
    ...column(widths.speed, speed, padStart),
    ...column(widths.rates, rates, padEnd),
  ];
}

/** The last words; before them the state, where words alone would mislead. */
function wordsOf({ pane, snapshot }: Shown, texts: Texts, columns: number): Row {
  const plain = snapshot.state === "streaming" || snapshot.state === "complete";
  const state = plain ? [] : [stateOf(snapshot, texts), blank(1)];
  const free = columns - widthOf(state);
  if (snapshot.error !== "") return [...state, piece(cut(snapshot.error.replaceAll(/\s+/g, " "), free), "red")];
  return [...state, piece(pane.words(free), pane.over() || snapshot.thought ? "dim" : null)];
}

/** Where there is room for the words alone, they leave this to the bar. */
const BAR_LEAST = 8;

/** The last line of the screen: how far the run is. */
export function progressLine(run: RunSnapshot, texts: Texts, columns: number): Row {
  const { words, messages } = texts;
  const { total, done, failed, running, tokensPerSecond, left } = run;
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
function leftTime(left: number, { messages }: Texts): string {
  const seconds = Math.ceil(left / 1000);
  return seconds < 60 ? messages.seconds(seconds) : messages.duration(seconds * 1000);
}
