import type { Ms } from "../../stream/event.ts";
import { lengthOf, overlap, type Interval } from "./intervals.ts";
import type { Trace } from "./trace.ts";

/** What a stream mostly did in one cell of its line. */
export type Phase = "waiting" | "retrying" | "thinking" | "tokens" | "stalled";

/** `perMs`: the pace of tokens; infinite where they came all at once, 0 in the other phases. */
export type Cell = { phase: Phase; perMs: number };

/** The time that a line stands for: `cells` times `step` ms from `from` on. */
export type Axis = { from: Ms; step: Ms; cells: number };

/** The line of one stream: `skip` empty cells, then its own. */
export type Line = { skip: number; cells: Cell[] };

/** Draws where the time went; each cell shows what took most of it. */
export function drawLine(trace: Trace, axis: Axis): Line {
  const skip = Math.min(axis.cells - 1, Math.floor((trace.sent - axis.from) / axis.step));
  const until = Math.min(axis.cells, Math.max(skip + 1, Math.round((trace.ended - axis.from) / axis.step)));
  const parts = partsOf(trace);
  const cells = Array.from({ length: until - skip }, (_, at) => {
    const from = axis.from + (skip + at) * axis.step;
    return cellOf(trace, parts, { from, to: from + axis.step });
  });
  showLongestStall(trace, axis, { skip, cells });
  showTokens(trace, axis, { skip, cells });
  return { skip, cells };
}

type Part = { phase: Phase; interval: Interval };

/** The phases without what interrupts them, in their order. */
function partsOf({ sent, firstToken, thoughtUntil, lastToken, ended }: Trace): Part[] {
  if (firstToken === null || lastToken === null) return [{ phase: "waiting", interval: { from: sent, to: ended } }];
  const output = thoughtUntil ?? firstToken;
  return [
    { phase: "waiting", interval: { from: sent, to: firstToken } },
    { phase: "thinking", interval: { from: firstToken, to: output } },
    { phase: "tokens", interval: { from: output, to: lastToken } },
    { phase: "waiting", interval: { from: lastToken, to: ended } },
  ];
}

function cellOf(trace: Trace, parts: readonly Part[], cell: Interval): Cell {
  const interruptions = [...trace.stalls, ...trace.waits];
  const times: Record<Phase, Ms> = {
    stalled: sumOverlaps(trace.stalls, cell),
    retrying: sumOverlaps(trace.waits, cell),
    tokens: 0,
    thinking: 0,
    waiting: 0,
  };
  for (const { phase, interval } of parts) {
    const common = { from: Math.max(interval.from, cell.from), to: Math.min(interval.to, cell.to) };
    if (common.to > common.from) times[phase] += lengthOf(common) - sumOverlaps(interruptions, common);
  }
  const phase = longest(times);
  return { phase, perMs: phase === "tokens" ? paceOf(trace, parts, cell, times.tokens) : 0 };
}

function sumOverlaps(intervals: readonly Interval[], interval: Interval): Ms {
  return intervals.reduce((sum, other) => sum + overlap(other, interval), 0);
}

/** Of phases that took as long the last wins: what interrupts is what one looks for. */
const ORDER: readonly Phase[] = ["waiting", "thinking", "tokens", "retrying", "stalled"];

function longest(times: Record<Phase, Ms>): Phase {
  return ORDER.reduce((best, phase) => (times[phase] > 0 && times[phase] >= times[best] ? phase : best), "waiting");
}

function paceOf({ tokens, firstToken }: Trace, parts: readonly Part[], cell: Interval, time: Ms): number {
  const interval = parts.find(({ phase }) => phase === "tokens")?.interval;
  if (tokens === null || firstToken === null || interval === undefined || time <= 0) return Infinity;
  const from = Math.max(cell.from, interval.from) - firstToken;
  return tokens.between(from, Math.min(cell.to, interval.to) - firstToken) / time;
}

/** The longest stall is drawn even when it is shorter than a cell. */
function showLongestStall({ stalls }: Trace, axis: Axis, { skip, cells }: Line): void {
  const longestStall = stalls.reduce<Interval | undefined>((a, b) => (lengthOf(b) > lengthOf(a) ? b : a), undefined);
  if (longestStall === undefined || cells.some(({ phase }) => phase === "stalled")) return;
  put(cells, indexOf((longestStall.from + longestStall.to) / 2, axis) - skip, { phase: "stalled", perMs: 0 });
}

/** An answer is drawn even when it came within less than a cell. */
function showTokens({ firstToken, thoughtUntil, lastToken, tokens }: Trace, axis: Axis, { skip, cells }: Line): void {
  if (firstToken === null || cells.some(({ phase }) => phase === "tokens" || phase === "thinking")) return;
  if (thoughtUntil === lastToken && lastToken !== null) {
    put(cells, indexOf(firstToken, axis) - skip, { phase: "thinking", perMs: 0 });
    return;
  }
  const perMs = tokens === null ? Infinity : tokens.between(0, (lastToken ?? firstToken) - firstToken) / axis.step;
  put(cells, indexOf(firstToken, axis) - skip, { phase: "tokens", perMs });
}

function indexOf(at: Ms, { from, step }: Axis): number {
  return Math.floor((at - from) / step);
}

function put(cells: Cell[], at: number, cell: Cell): void {
  cells[Math.max(0, Math.min(cells.length - 1, at))] = cell;
}
