import { beside, blank, piece, widthOf, type Row } from "../../text/row.ts";
import { cellsOf, cut } from "../../text/width.ts";
import { exactly, stack, textOf, type Frame, type Seated } from "./stack.ts";
import { figuresOf, markOf, stateOf } from "./title.ts";

/** What stands between two blocks. */
export const BETWEEN = piece(" │ ", "dim");

const CROSSING = piece("─┼─", "dim");

/** A model, and those of its streams that are shown. */
type Column = { model: string; seated: readonly Seated[] };

/** Models side by side, each with its one stream, or with several one above the other. `frame`: of one column. */
export function columnsPicture(columns: readonly Column[], frame: Frame): Row[] {
  const { width, height } = frame;
  const single = columns.every(({ seated }) => seated.length === 1);
  const heads = columns.map(({ model, seated: [first = null] }) =>
    single ? headOf(model, first, frame) : [[piece(cut(model, width), "bold")]],
  );
  const head = beside(heads, width, BETWEEN);
  const rule = beside(
    columns.map(() => [[piece("─".repeat(width), "dim")]]),
    width,
    CROSSING,
  );
  const rest = height - head.length - rule.length;
  const bodies = columns.map(({ seated }) =>
    single ? exactly(textOf(seated[0] ?? null, width, rest), rest) : stack(seated, { ...frame, height: rest }, false),
  );
  return [...head, ...rule, ...beside(bodies, width, BETWEEN)];
}

/** Model, state and figures of the one stream of a column. */
function headOf(model: string, seated: Seated, { texts, width, numbered }: Frame): Row[] {
  if (seated === null) return [[piece(cut(model, width), "bold")]];
  const { pane, look } = seated;
  const left = [markOf(look), blank(1), ...(numbered ? [piece(pane.number, "bold"), blank(1)] : [])];
  const room = width - widthOf(left) - 1;
  const told = stateOf(look, texts);
  // A stream whose text grows says so itself; its model's name does not.
  const state = look.state === "streaming" && cellsOf(model) + told.cells > room ? piece("") : told;
  const name = piece(cut(model, Math.max(room - state.cells, Math.ceil(room / 2))), "bold");
  const shown = piece(cut(state.text, room - name.cells), state.style);
  const figures = figuresOf(look, texts).map((field) => field.piece);
  return [[...left, name, blank(1 + room - name.cells - shown.cells), shown], ...flowing(figures, width)];
}

/** Pieces two cells apart, in as many rows as they need. */
function flowing(pieces: Row, columns: number): Row[] {
  const rows: Row[] = [];
  for (const one of pieces) {
    const last = rows.pop() ?? [];
    if (last.length === 0) rows.push([one]);
    else if (widthOf(last) + 2 + one.cells <= columns) rows.push([...last, blank(2), one]);
    else rows.push(last, [one]);
  }
  return rows;
}
