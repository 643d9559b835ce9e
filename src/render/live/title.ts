import type { Messages, SeveralWords } from "../../i18n/load.ts";
import { sparkline } from "../../text/bars.ts";
import type { Paint } from "../../text/paint.ts";
import { blank, piece, widthOf, type Row, type Piece, type Field, fitting } from "../../text/row.ts";
import { cut } from "../../text/width.ts";
import type { Snapshot, Pane, State } from "./pane.ts";

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
