import { piece, type Row } from "../../text/row.ts";
import { wrap } from "../../text/wrap.ts";
import type { Snapshot, Pane } from "./pane.ts";
import { titleOf, type Texts } from "./title.ts";

/** Who has a place on the screen, as it stands now. */
export type Seated = { pane: Pane; look: Snapshot } | null;

/** What a block of the picture is drawn with. `top`: the pace that fills a bar. */
export type Frame = { texts: Texts; width: number; height: number; numbered: boolean; top: number };

/** Lines of an error, below what came before it. */
const ERROR_LINES = 3;

/** Streams one above the other, each with its title; rows left over go to the first ones. */
export function stack(seated: readonly Seated[], frame: Frame, model: boolean): Row[] {
  const { texts, width, height, numbered, top } = frame;
  const each = Math.floor(height / Math.max(1, seated.length));
  return seated.flatMap((one, index) => {
    const rows = index < height - each * seated.length ? each + 1 : each;
    if (one === null) return exactly([], rows);
    const title = titleOf(one.pane, one.look, texts, { columns: width, model, numbered, top });
    return exactly([title, ...textOf(one, width, rows - 1)], rows);
  });
}

/** The last lines of what a stream says, and why it failed. */
export function textOf(seated: Seated, columns: number, rows: number): Row[] {
  if (seated === null || rows <= 0) return [];
  const { pane, look } = seated;
  const why = look.error === "" ? [] : look.error.split("\n").flatMap((line) => wrap(line, columns).lines);
  const errors = why.slice(0, Math.min(ERROR_LINES, rows));
  const text = pane.lines(columns, rows - errors.length);
  return [
    ...text.map((line) => [piece(line, look.thought ? "dim" : null)]),
    ...errors.map((line) => [piece(line, "red")]),
  ];
}

/** So many rows: cut, or followed by blank ones. */
export function exactly(rows: readonly Row[], height: number): Row[] {
  return Array.from({ length: Math.max(0, height) }, (_, index) => rows[index] ?? []);
}
