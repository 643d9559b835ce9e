import type { Size } from "./screen.ts";

/** How several streams are shown. */
export type Layout =
  /** A column a model, `seats` streams one above the other in each. */
  | { kind: "columns"; width: number; seats: number }
  /** Streams below each other, and beside each other where the screen is wide. */
  | { kind: "panes"; width: number; across: number; down: number }
  /** One line a stream. */
  | { kind: "lines" };

/** Cells between two columns. */
const BETWEEN = 3;

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
export function layoutFor({ columns, rows }: Size, models: number, slots: number): Layout {
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
  return Math.floor((columns - BETWEEN * (parts - 1)) / Math.max(1, parts));
}
