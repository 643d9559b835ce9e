import { topOf } from "../../text/bars.ts";
import { beside, type Row, blank, piece, widthOf, joined } from "../../text/row.ts";
import { cellsOf, cut } from "../../text/width.ts";
import { wrap, packed } from "../../text/wrap.ts";
import type { Pane, Snapshot } from "./pane.ts";
import { linesPicture, progressLine, type Texts, figuresOf, markOf, stateOf, titleOf } from "./rows.ts";
import type { Size } from "./screen.ts";
import type { Scene } from "./state.ts";

/** What stands between two blocks. */
const BETWEEN = piece(" │ ", "dim");

const CROSSING = piece("─┼─", "dim");

/** Draws a run in the picture that fits; who has a seat in it is remembered from one drawing to the next. */
export function createView(texts: Texts): (scene: Scene) => Row[] {
  const seatsOf = new Map<string, Slots>();

  function seat(group: string, count: number, { view, now }: Scene, among: (pane: Pane) => boolean): Seated[] {
    const seats = seatsOf.get(group) ?? createSlots();
    seatsOf.set(group, seats);
    const seated = seats(count, view.running.filter(among), view.ended.filter(among));
    return seated.map((pane) => pane && { pane, look: pane.look(now) });
  }

  function bodyOf(scene: Scene, height: number): Row[] {
    const { models, numbered } = scene.view;
    const layout = layoutFor(scene.size, models.length, scene.slots);
    switch (layout.kind) {
      case "columns": {
        const { width, seats } = layout;
        const columns = models.map((model) => ({
          model,
          seated: seat(`of ${model}`, seats, scene, (pane) => pane.model === model),
        }));
        const top = topOf(columns.flatMap(({ seated }) => pacesOf(seated)));
        return columnsPicture(columns, { texts, width, height, numbered, top });
      }
      case "panes": {
        const { width, across, down } = layout;
        const seated = seat("all", across * down, scene, () => true);
        const frame = { texts, width, height, numbered, top: topOf(pacesOf(seated)) };
        const stacks = Array.from({ length: across }, (_, index) =>
          stack(seated.slice(index * down, (index + 1) * down), frame, true),
        );
        return beside(stacks, width, BETWEEN);
      }
      case "lines":
        return linesPicture(scene, texts, height);
    }
  }

  return (scene) => {
    const { columns, rows } = scene.size;
    const body = exactly(bodyOf(scene, rows - 1), rows - 1);
    return [...body, progressLine(scene.view, scene.total, texts, columns)];
  };
}

function pacesOf(seated: readonly Seated[]): (readonly number[])[] {
  return seated.map((one) => one?.look.pace ?? []);
}

/** How several streams are shown. */
type Layout =
  /** A column a model, `seats` streams one above the other in each. */
  | { kind: "columns"; width: number; seats: number }
  /** Streams below each other, and beside each other where the screen is wide. */
  | { kind: "panes"; width: number; across: number; down: number }
  /** One line a stream. */
  | { kind: "lines" };

/** Narrower, a column holds three words a line. */
const COLUMN_WIDTH = 24;
/** A title and three lines of text. */
const PANE_HEIGHT = 4;
/** What a pane would like to have before panes stand side by side. */
const ROOMY_HEIGHT = 6;
const ROOMY_WIDTH = 48;

/**
 * The first picture that fits `slots` streams at once. It follows from what was asked and the size of the screen, not
 * from how many run just now: it changes with a resize alone.
 */
function layoutFor({ columns, rows }: Size, models: number, slots: number): Layout {
  const body = rows - 1;
  const width = share(columns, models);
  const seats = Math.ceil(slots / Math.max(1, models));
  const height = Math.floor(body / Math.max(1, seats));
  if (models > 1 && width >= COLUMN_WIDTH && height >= (seats === 1 ? PANE_HEIGHT : PANE_HEIGHT + 1))
    return { kind: "columns", width, seats };
  return grid(columns, body, slots, ROOMY_HEIGHT) ?? grid(columns, body, slots, PANE_HEIGHT) ?? { kind: "lines" };
}

function grid(columns: number, body: number, slots: number, enough: number): Layout | null {
  for (let across = 1; across <= slots; across++) {
    const width = share(columns, across);
    if (across > 1 && width < ROOMY_WIDTH) return null;
    const down = Math.ceil(slots / across);
    const height = Math.floor(body / down);
    if (height >= enough) return { kind: "panes", width, across, down };
  }
  return null;
}

/** The width of each of `parts` columns. */
function share(columns: number, parts: number): number {
  return Math.floor((columns - BETWEEN.cells * (parts - 1)) / Math.max(1, parts));
}

/** A model, and those of its streams that are shown. */
type Column = { model: string; seated: readonly Seated[] };

/** Models side by side, each with its one stream, or with several one above the other. `frame`: of one column. */
function columnsPicture(columns: readonly Column[], frame: Frame): Row[] {
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
  const rows = packed(figures, ({ cells }) => cells, 2, width).map((group) => joined(group, blank(2)));
  return [[...left, name, blank(1 + room - name.cells - shown.cells), shown], ...rows];
}

/** Who has a place on the screen, as it stands now. */
type Seated = { pane: Pane; look: Snapshot } | null;

/** What a block of the picture is drawn with. `top`: the pace that fills a bar. */
type Frame = { texts: Texts; width: number; height: number; numbered: boolean; top: number };

/** Lines of an error, below what came before it. */
const ERROR_LINES = 3;

/** Streams one above the other, each with its title; rows left over go to the first ones. */
function stack(seated: readonly Seated[], frame: Frame, model: boolean): Row[] {
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
function textOf(seated: Seated, columns: number, rows: number): Row[] {
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
function exactly(rows: readonly Row[], height: number): Row[] {
  return Array.from({ length: Math.max(0, height) }, (_, index) => rows[index] ?? []);
}

/**
 * Which stream stands where. Who has a seat keeps it, also ended, until somebody who runs needs it: nothing jumps.
 * `running` in the order of starting, `ended` the latest first.
 */
export type Slots = (count: number, running: readonly Pane[], ended: readonly Pane[]) => readonly (Pane | null)[];

export function createSlots(): Slots {
  let seats: (Pane | null)[] = [];

  function reseat(count: number, running: readonly Pane[], ended: readonly Pane[]): void {
    const seated = [...running, ...ended].slice(0, count).toSorted((one, other) => one.stream - other.stream);
    seats = Array.from({ length: count }, (_, seat) => seated[seat] ?? null);
  }

  function place(pane: Pane, isFree: (seated: Pane | null) => boolean): void {
    if (seats.includes(pane)) return;
    const seat = seats.findIndex(isFree);
    if (seat >= 0) seats[seat] = pane;
  }

  return (count, running, ended) => {
    if (count !== seats.length) reseat(count, running, ended);
    // More of them cannot be seated: a thousand streams are not looked through in each frame.
    for (const pane of running.slice(0, 2 * count)) place(pane, (seated) => seated === null || seated.over());
    for (const pane of ended.slice(0, count)) place(pane, (seated) => seated === null);
    return seats;
  };
}
