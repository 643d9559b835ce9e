import type { PageStream } from "./data.ts";

/** The part of the waterfall that is shown: times in ms, rows from `top` on, `rows` of them; neither need be whole. */
export type View = { from: number; to: number; top: number; rows: number };

/** All rows and the time they take. */
export function wholeView(streams: readonly PageStream[]): View {
  return { ...timesOf(streams), top: 0, rows: Math.max(1, streams.length) };
}

function timesOf(streams: readonly PageStream[]): { from: number; to: number } {
  let from = Infinity;
  let to = -Infinity;
  for (const stream of streams) {
    from = Math.min(from, stream.due, stream.sent);
    to = Math.max(to, stream.ended);
  }
  const edge = Math.max(1, to - from) * 0.015;
  return from > to ? { from: 0, to: 1 } : { from: Math.max(0, from - edge), to: to + edge };
}

/** Fewer rows than these are bars too tall to be read. */
const LEAST_ROWS = 8;

/** Kept inside what there is; at least eight rows and 2 ms. */
export function keptInside(view: View, whole: View): View {
  const rows = Math.min(whole.rows, Math.max(LEAST_ROWS, view.rows));
  const top = Math.min(whole.rows - rows, Math.max(0, view.top));
  const span = Math.min(whole.to - whole.from, Math.max(2, view.to - view.from));
  const from = Math.min(whole.to - span, Math.max(whole.from, view.from));
  return { from, to: from + span, top, rows };
}

/** Rows by a factor around one of them, and the time that they take. */
export function zoomRows(view: View, streams: readonly PageStream[], around: number, factor: number): View {
  const rows = Math.min(streams.length, Math.max(LEAST_ROWS, view.rows * factor));
  const share = Math.min(1, Math.max(0, (around - view.top) / view.rows));
  const top = Math.min(streams.length - rows, Math.max(0, around - rows * share));
  const seen = streams.slice(Math.floor(top), Math.ceil(top + rows));
  return { ...timesOf(seen), top, rows };
}

/** With a row inside it, moved as little as may be. */
export function withRow(view: View, row: number): View {
  if (row < view.top) return { ...view, top: row };
  if (row + 1 > view.top + view.rows) return { ...view, top: row + 1 - view.rows };
  return view;
}

/** The row nearest to a place that has something there, else the nearest. */
export function rowAt(streams: readonly PageStream[], at: number, time: number, reach: number): number | null {
  const middle = Math.floor(at);
  let best: number | null = null;
  let distance = Infinity;
  for (let row = Math.max(0, middle - Math.ceil(reach)); row <= middle + Math.ceil(reach); row++) {
    const stream = streams[row];
    if (stream === undefined) continue;
    const off = time < stream.sent ? stream.sent - time : Math.max(0, time - stream.ended);
    const away = off + Math.abs(row + 0.5 - at) / 1000;
    if (away < distance) [best, distance] = [row, away];
  }
  return best;
}
