import { bar } from "../../text/bars.ts";
import { blank, piece, widthOf, type Row, fitting, type Field } from "../../text/row.ts";
import type { View } from "./state.ts";
import type { Texts } from "./title.ts";

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
