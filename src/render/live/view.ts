import { topOf } from "../../text/bars.ts";
import { beside, blank, joined, piece, widthOf, type Row } from "../../text/row.ts";
import { cellsOf, cut } from "../../text/width.ts";
import { packed, wrap } from "../../text/wrap.ts";
import type { Pane, Shown } from "./pane.ts";
import { figuresOf, linesView, markOf, progressLine, stateOf, titleOf, type Frame, type Texts } from "./rows.ts";
import type { Size } from "./screen.ts";
import type { RunSnapshot } from "./state.ts";

/** A place on the screen, and the stream that has it. */
type Slot = Shown | null;

/** What stands between two blocks. */
const BETWEEN = piece(" │ ", "dim");
const CROSSING = piece("─┼─", "dim");

/** Draws a run in the layout that fits `most` streams at once; who stands where is remembered between two drawings. */
export function createView(texts: Texts): (run: RunSnapshot, most: number, size: Size) => Row[] {
  const slotsOf = new Map<string, ReturnType<typeof createSlots>>();

  function fill(group: string, count: number, run: RunSnapshot, among: (pane: Pane) => boolean): Slot[] {
    const place = slotsOf.get(group) ?? createSlots();
    slotsOf.set(group, place);
    const panes = place(count, run.running.filter(among), run.ended.filter(among));
    return panes.map((pane) => pane && { pane, snapshot: pane.snapshot(run.now) });
  }

  function bodyOf(run: RunSnapshot, most: number, size: Size): Row[] {
    const { models, numbered } = run;
    const { rows: height } = size;
    const layout = layoutFor(size, models.length, most);
    switch (layout.kind) {
      case "columns": {
        const { width, slots } = layout;
        const columns = models.map((model) => ({
          model,
          slots: fill(`of ${model}`, slots, run, (pane) => pane.model === model),
        }));
        const top = topOf(columns.flatMap((column) => ratesOf(column.slots)));
        return columnsView(columns, { texts, width, height, numbered, top });
      }
      case "panes": {
        const { width, across, down } = layout;
        const slots = fill("all", across * down, run, () => true);
        const frame = { texts, width, height, numbered, top: topOf(ratesOf(slots)) };
        const stacks = Array.from({ length: across }, (_, index) =>
          stack(slots.slice(index * down, (index + 1) * down), frame, true),
        );
        return beside(stacks, width, BETWEEN);
      }
      case "lines":
        return linesView(run, texts, size);
    }
  }

  return (run, most, { columns, rows }) => {
    const body = bodyOf(run, most, { columns, rows: rows - 1 });
    return [...exactly(body, rows - 1), progressLine(run, texts, columns)];
  };
}

function ratesOf(slots: readonly Slot[]): (readonly number[])[] {
  return slots.map((slot) => slot?.snapshot.rates ?? []);
}

/**
 * Gives streams their slots. Who has one keeps it, also ended, until somebody who runs needs it: nothing jumps.
 * `running` in the order of starting, `ended` the latest first.
 */
function createSlots() {
  let slots: (Pane | null)[] = [];

  function place(pane: Pane, isFree: (holder: Pane | null) => boolean): void {
    if (slots.includes(pane)) return;
    const slot = slots.findIndex(isFree);
    if (slot >= 0) slots[slot] = pane;
  }

  return (count: number, running: readonly Pane[], ended: readonly Pane[]): readonly (Pane | null)[] => {
    if (count !== slots.length) {
      const first = [...running, ...ended].slice(0, count).toSorted((one, other) => one.stream - other.stream);
      slots = Array.from({ length: count }, (_, slot) => first[slot] ?? null);
    }
    // More of them get no slot: a thousand streams are not looked through in each frame.
    for (const pane of running.slice(0, 2 * count)) place(pane, (holder) => holder === null || holder.over());
    for (const pane of ended.slice(0, count)) place(pane, (holder) => holder === null);
    return slots;
  };
}

/** How several streams are shown. */
type Layout =
  /** A column a model, `slots` streams one above the other in each. */
  | { kind: "columns"; width: number; slots: number }
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
 * The first layout that fits `most` streams at once. It follows from what was asked and the size of the screen, not
 * from how many run just now: it changes with a resize alone.
 */
function layoutFor(size: Size, models: number, most: number): Layout {
  const width = share(size.columns, models);
  const slots = Math.ceil(most / Math.max(1, models));
  const height = Math.floor(size.rows / Math.max(1, slots));
  if (models > 1 && width >= COLUMN_WIDTH && height >= (slots === 1 ? PANE_HEIGHT : PANE_HEIGHT + 1))
    return { kind: "columns", width, slots };
  return grid(size, most, ROOMY_HEIGHT) ?? grid(size, most, PANE_HEIGHT) ?? { kind: "lines" };
}

function grid({ columns, rows }: Size, most: number, enough: number): Layout | null {
  for (let across = 1; across <= most; across++) {
    const width = share(columns, across);
    if (across > 1 && width < ROOMY_WIDTH) return null;
    const down = Math.ceil(most / across);
    if (Math.floor(rows / down) >= enough) return { kind: "panes", width, across, down };
  }
  return null;
}

/** The width of each of `parts` columns. */
function share(columns: number, parts: number): number {
  return Math.floor((columns - BETWEEN.cells * (parts - 1)) / Math.max(1, parts));
}

/** Models side by side, each with its one stream, or with several one above the other. `frame`: of one column. */
function columnsView(columns: readonly { model: string; slots: readonly Slot[] }[], frame: Frame): Row[] {
  const { width, height } = frame;
  const single = columns.every(({ slots }) => slots.length === 1);
  const heads = columns.map(({ model, slots: [first = null] }) =>
    single && first !== null ? headOf(model, first, frame) : [[piece(cut(model, width), "bold")]],
  );
  const head = beside(heads, width, BETWEEN);
  const rules = columns.map(() => [[piece("─".repeat(width), "dim")]]);
  const rest = height - head.length - 1;
  const bodies = columns.map(({ slots }) =>
    single ? exactly(textOf(slots[0] ?? null, width, rest), rest) : stack(slots, { ...frame, height: rest }, false),
  );
  return [...head, ...beside(rules, width, CROSSING), ...beside(bodies, width, BETWEEN)];
}

/** Model, state and figures of the one stream of a column. */
function headOf(model: string, { pane, snapshot }: Shown, { texts, width, numbered }: Frame): Row[] {
  const left = [markOf(snapshot), blank(1), ...(numbered ? [piece(pane.number, "bold"), blank(1)] : [])];
  const room = width - widthOf(left) - 1;
  const told = stateOf(snapshot, texts);
  // A stream whose text grows says so itself; its model's name does not.
  const state = snapshot.state === "streaming" && cellsOf(model) + told.cells > room ? piece("") : told;
  const name = piece(cut(model, Math.max(room - state.cells, Math.ceil(room / 2))), "bold");
  const shown = piece(cut(state.text, room - name.cells), state.style);
  const figures = figuresOf(snapshot, texts).map((field) => field.piece);
  const rows = packed(figures, ({ cells }) => cells, 2, width).map((group) => joined(group, blank(2)));
  return [[...left, name, blank(1 + room - name.cells - shown.cells), shown], ...rows];
}

/** Lines of an error, below what came before it. */
const ERROR_LINES = 3;

/** Streams one above the other, each with its title; rows left over go to the first ones. */
function stack(slots: readonly Slot[], frame: Frame, model: boolean): Row[] {
  const { width, height } = frame;
  const each = Math.floor(height / Math.max(1, slots.length));
  return slots.flatMap((slot, index) => {
    const rows = index < height - each * slots.length ? each + 1 : each;
    return exactly(slot === null ? [] : [titleOf(slot, frame, model), ...textOf(slot, width, rows - 1)], rows);
  });
}

/** The last lines of what a stream says, and why it failed. */
function textOf(slot: Slot, columns: number, rows: number): Row[] {
  if (slot === null || rows <= 0) return [];
  const { pane, snapshot } = slot;
  const why = snapshot.error === "" ? [] : snapshot.error.split("\n").flatMap((line) => wrap(line, columns).lines);
  const errors = why.slice(0, Math.min(ERROR_LINES, rows));
  const text = pane.lines(columns, rows - errors.length);
  return [
    ...text.map((line) => [piece(line, snapshot.thought ? "dim" : null)]),
    ...errors.map((line) => [piece(line, "red")]),
  ];
}

/** So many rows: cut, or followed by blank ones. */
function exactly(rows: readonly Row[], height: number): Row[] {
  return Array.from({ length: Math.max(0, height) }, (_, index) => rows[index] ?? []);
}
