import type { Scene } from "./board.ts";
import { layoutFor, type Layout } from "./layout.ts";
import { linesPicture } from "./lines.ts";
import type { Look, Pane } from "./pane.ts";
import { progressLine } from "./progress.ts";
import { beside, blank, piece, widthOf, type Row } from "./row.ts";
import { createSeats, type Seats } from "./seats.ts";
import { topOf } from "./sparkline.ts";
import { figuresOf, markOf, stateOf, titleOf, type Texts } from "./title.ts";
import { cut, wrap } from "./width.ts";

type LayoutOf<K extends Layout["kind"]> = Extract<Layout, { kind: K }>;
type Seated = { pane: Pane; look: Look } | null;

/** Lines of an error, below what came before it. */
const ERROR_LINES = 3;

const BETWEEN_COLUMNS = piece(" │ ", "dim");
const CROSSING = piece("─┼─", "dim");

/** Draws a run in the picture that fits; who has a seat in it is remembered from one drawing to the next. */
export function createPicture(texts: Texts): (scene: Scene) => Row[] {
  const seatsOf = new Map<string, Seats>();

  function seat(group: string, count: number, { view, now }: Scene, among: (pane: Pane) => boolean): Seated[] {
    const seats = seatsOf.get(group) ?? createSeats();
    seatsOf.set(group, seats);
    const seated = seats(count, view.running.filter(among), view.ended.filter(among));
    return seated.map((pane) => pane && { pane, look: pane.look(now) });
  }

  function columnsPicture(scene: Scene, { width, seats }: LayoutOf<"columns">, height: number): Row[] {
    const { models, numbered } = scene.view;
    const columns = models.map((model) => ({
      model,
      seated: seat(`model ${model}`, seats, scene, (pane) => pane.model === model),
    }));
    const top = topOf(columns.flatMap(({ seated }) => seated.map((one) => one?.look.pace ?? [])));
    const heads = columns.map(({ model, seated: [first] }) =>
      seats === 1
        ? columnHead(model, first ?? null, { texts, columns: width, numbered })
        : [[piece(cut(model, width), "bold")]],
    );
    const head = beside(wide(heads, width), BETWEEN_COLUMNS);
    const rule = beside(
      wide(
        models.map(() => [[piece("─".repeat(width), "dim")]]),
        width,
      ),
      CROSSING,
    );
    const rest = height - head.length - rule.length;
    const bodies = columns.map(({ seated }) =>
      seats === 1 ? textOf(seated[0] ?? null, width, rest) : stack(seated, { texts, width, height: rest, top }, false),
    );
    return [...head, ...rule, ...beside(wide(bodies, width), BETWEEN_COLUMNS)];
  }

  function panesPicture(scene: Scene, { width, across, down }: LayoutOf<"panes">, height: number): Row[] {
    const seated = seat("panes", across * down, scene, () => true);
    const frame = { texts, width, height, top: topOf(seated.map((one) => one?.look.pace ?? [])) };
    const stacks = Array.from({ length: across }, (_, index) =>
      stack(seated.slice(index * down, (index + 1) * down), frame, true),
    );
    return beside(wide(stacks, width), BETWEEN_COLUMNS);
  }

  function body(scene: Scene, height: number): Row[] {
    const layout = layoutFor(scene.size, scene.view.models.length, scene.slots);
    switch (layout.kind) {
      case "columns":
        return columnsPicture(scene, layout, height);
      case "panes":
        return panesPicture(scene, layout, height);
      case "lines":
        return linesPicture(scene, texts, height);
    }
  }

  return (scene) => {
    const { columns, rows } = scene.size;
    const height = Math.max(0, rows - 1);
    return [...exactly(body(scene, height), height), progressLine(scene.view, scene.total, texts, columns)];
  };
}

/** Model, state and figures above a column of one stream. */
function columnHead(
  model: string,
  seated: Seated,
  { texts, columns, numbered }: { texts: Texts; columns: number; numbered: boolean },
): Row[] {
  if (seated === null) return [[piece(cut(model, columns), "bold")]];
  const { pane, look } = seated;
  const state = stateOf(look, texts);
  const left = [markOf(look), blank(1), ...(numbered ? [piece(pane.number, "bold"), blank(1)] : [])];
  const name = piece(cut(model, columns - widthOf(left) - state.cells - 1), "bold");
  const gap = blank(columns - widthOf(left) - name.cells - state.cells);
  return [
    [...left, name, gap, state],
    ...flowing(
      figuresOf(look, texts).map((field) => field.piece),
      columns,
    ),
  ];
}

/** Pieces two cells apart, in as many rows as they need. */
function flowing(pieces: Row, columns: number): Row[] {
  const rows: Row[] = [];
  for (const one of pieces) {
    const last = rows.at(-1);
    if (last !== undefined && widthOf(last) + 2 + one.cells <= columns)
      rows[rows.length - 1] = [...last, blank(2), one];
    else rows.push([one]);
  }
  return rows;
}

type Frame = { texts: Texts; width: number; height: number; top: number };

/** Streams one above the other, each with its title; what height is left over goes to the first. */
function stack(seated: readonly Seated[], { texts, width, height, top }: Frame, model: boolean): Row[] {
  const each = Math.floor(height / Math.max(1, seated.length));
  return seated.flatMap((one, index) => {
    const rows = index < height - each * seated.length ? each + 1 : each;
    if (one === null) return exactly([], rows);
    return exactly(
      [titleOf(one.pane, one.look, texts, { columns: width, model, top }), ...textOf(one, width, rows - 1)],
      rows,
    );
  });
}

/** The last lines of what a stream says, and why it failed. */
function textOf(seated: Seated, columns: number, rows: number): Row[] {
  if (seated === null || rows <= 0) return [];
  const { pane, look } = seated;
  const why = look.error.split("\n").flatMap((line) => wrap(line, columns).lines);
  const errors = look.error === "" ? [] : why.slice(0, Math.min(ERROR_LINES, rows));
  const text = pane.lines(columns, rows - errors.length);
  return [
    ...text.map((line) => [piece(line, look.thought ? "dim" : null)]),
    ...errors.map((line) => [piece(line, "red")]),
  ];
}

function wide(blocks: readonly (readonly Row[])[], columns: number): { columns: number; rows: readonly Row[] }[] {
  return blocks.map((rows) => ({ columns, rows }));
}

function exactly(rows: readonly Row[], height: number): Row[] {
  return Array.from({ length: height }, (_, index) => rows[index] ?? []);
}
