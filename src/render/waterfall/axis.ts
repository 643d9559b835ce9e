import type { Ms } from "../../stream/event.ts";
import { cellsOf } from "../../text/width.ts";
import type { Axis } from "./cells.ts";

/** The columns of a waterfall: number, model (0: none), the axis, room for a mark, and the total. */
export type Layout = { number: number; model: number; axis: Axis; mark: number; total: number };

type Label = { number: string; model: string; total: string };

/** A mark may be two columns wide. */
const MARK = 2;
/** No more of a model's name than this share of the line, and not at all when the axis would be shorter than this. */
const MODEL_SHARE = 0.25;
const SHORT_AXIS = 16;

/** Divides a line of `columns` up; the axis gets what is left, and spans the whole run. */
export function layOut(run: { from: Ms; to: Ms }, columns: number, labels: readonly Label[]): Layout {
  const widest = (texts: string[]): number => texts.reduce((width, text) => Math.max(width, cellsOf(text)), 0);
  const number = widest(labels.map((label) => label.number));
  const total = widest(labels.map((label) => label.total));
  const room = columns - number - 1 - MARK - 1 - total;
  const several = new Set(labels.map((label) => label.model)).size > 1;
  const wanted = Math.min(widest(labels.map((label) => label.model)), Math.floor(columns * MODEL_SHARE));
  const model = several && room - 1 - wanted >= SHORT_AXIS ? wanted : 0;
  const cells = Math.max(1, room - (model === 0 ? 0 : model + 1));
  const step = Math.max(1e-3, run.to - run.from) / cells;
  return { number, model, axis: { from: run.from, step, cells }, mark: MARK, total };
}

/** The axis under the lines: ticks, and seconds at each. */
export function axisLines(
  { number, model, axis }: Layout,
  seconds: (value: number, digits: number) => string,
): [string, string] {
  const indent = number + 1 + (model === 0 ? 0 : model + 1);
  const { tick, label } = ticksOf(axis, seconds);
  let rule = "";
  let labels = "";
  for (let at = 0, index = 0; at < axis.cells; at++) {
    const here = Math.round((index * tick) / axis.step) === at;
    rule += here ? (index === 0 ? "└" : "┴") : "─";
    const text = label(index);
    if (here && at + cellsOf(text) <= axis.cells + MARK) labels = labels.padEnd(at) + text;
    if (here) index++;
  }
  return [" ".repeat(indent) + rule, " ".repeat(indent) + labels];
}

/** The narrowest ticks of 1, 2 or 5 × 10ⁿ seconds whose labels have room. */
function ticksOf({ step, cells }: Axis, seconds: (value: number, digits: number) => string) {
  for (let power = -3; ; power++) {
    for (const factor of [1, 2, 5]) {
      const tick = 1000 * factor * 10 ** power;
      const label = (index: number): string =>
        index === 0 ? "0" : seconds((index * factor * 10 ** (power + 3)) / 1000, Math.max(0, -power));
      const last = Math.ceil((step * cells) / tick);
      if (tick / step >= Math.max(cellsOf(label(last)), cellsOf(label(1))) + 2) return { tick, label };
    }
  }
}
