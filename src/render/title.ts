import type { Messages } from "../i18n/messages.ts";
import type { Paint } from "./paint.ts";
import type { Look, Pane, State } from "./pane.ts";
import type { PanesWords } from "./panes-words.ts";
import { blank, joined, piece, widthOf, type Row, type Piece } from "./row.ts";
import { sparkline } from "./sparkline.ts";
import { cut } from "./width.ts";

/** What a picture is written with. */
export type Texts = { words: PanesWords; messages: Pick<Messages, "number" | "count" | "duration" | "verdict"> };

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

/** A field of a row: those with the least `worth` go first where room lacks. */
export type Field = { piece: Piece; worth: number };

/** The fields that fit side by side, two cells apart. */
export function fitting(fields: readonly Field[], columns: number, between: Piece): Row {
  const kept = [...fields];
  while (kept.length > 0) {
    const row = joined(
      kept.map((field) => field.piece),
      between,
    );
    if (widthOf(row) <= columns) return row;
    const least = Math.min(...kept.map(({ worth }) => worth));
    kept.splice(
      kept.findIndex(({ worth }) => worth === least),
      1,
    );
  }
  return [];
}

export function markOf({ state }: Look): Piece {
  return piece(...MARKS[state]);
}

/** The state in words; while the next attempt is waited for, which and how long. */
export function stateOf({ state, attempt, wait }: Look, { words, messages }: Texts): Piece {
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
      return piece(messages.verdict[state], style);
  }
}

/** Tokens, pace and first token of a stream, each as wide as it will be: nothing shifts while it counts. */
export function figuresOf({ tokens, estimated, tokensPerSecond, ttft }: Look, { words, messages }: Texts): Field[] {
  const tilde = estimated ? "~" : "";
  const speed = tokensPerSecond === null ? "–" : `${tilde}${messages.number(tokensPerSecond)}`;
  return [
    { piece: piece(words.tokens(`${tilde}${messages.count(tokens)}`.padStart(5))), worth: 3 },
    { piece: piece(words.speed(speed.padStart(5))), worth: 4 },
    { piece: piece(words.ttft((ttft === null ? "–" : messages.duration(ttft)).padStart(6)), "dim"), worth: 2 },
  ];
}

/** The line above a stream's text. `top`: the pace that fills a bar. */
export function titleOf(
  pane: Pane,
  look: Look,
  texts: Texts,
  { columns, model, top }: { columns: number; model: boolean; top: number },
): Row {
  const name = [piece(pane.number, "bold"), ...(model ? [blank(1), piece(cut(pane.model, columns / 2), "bold")] : [])];
  const left = [markOf(look), blank(1), ...name, blank(1)];
  const fields: Field[] = [
    { piece: stateOf(look, texts), worth: 5 },
    { piece: piece(sparkline(look.pace, top), "dim"), worth: 1 },
    ...figuresOf(look, texts),
  ];
  const right = fitting(fields, columns - widthOf(left) - 2, blank(2));
  const free = columns - widthOf(left) - widthOf(right) - 1;
  const prompt = free < 16 ? "" : `${cut(pane.prompt, free - 4)} `;
  const words = piece(prompt, "dim");
  return [...left, words, piece("─".repeat(Math.max(0, free - words.cells)), "dim"), blank(1), ...right];
}
