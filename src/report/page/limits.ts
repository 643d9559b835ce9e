import type { PageLimit } from "./data.ts";
import { font, ink, px } from "./ink.ts";
import { currentStep } from "./state.ts";

/** Limits beyond this many times what was measured stand at the edge: they would press everything else flat. */
const FAR = 2.6;

/** The limits on one figure; `percent`: those on that percentile alone, where it is given. */
export function limitsOn(of: string, percent?: number): PageLimit[] {
  const all = (currentStep()?.limits ?? []).filter((limit) => limit.of === of);
  return percent === undefined ? all : all.filter((limit) => limit.percent === percent);
}

/** Where an axis from 0 ends: a little above the greatest value, and above the limits that are near it. */
export function topOf(most: number, limits: readonly PageLimit[]): number {
  const near = limits.map(({ limit }) => limit).filter((limit) => limit <= most * FAR);
  const beyond = limits.length - near.length;
  return Math.max(most * (1.1 + 0.09 * beyond), ...near.map((limit) => limit * 1.1)) || 1;
}

/** By what became of it. */
const LOOKS = {
  passed: { mark: "✓ ", color: "--good" },
  failed: { mark: "✗ ", color: "--bad" },
  undecided: { mark: "? ", color: "--warn" },
  unjudged: { mark: "", color: "--soft" },
} as const satisfies Record<NonNullable<PageLimit["outcome"]>, object>;

/** Draws each limit as a line with its words; one beyond the axis by its words at the edge, with an arrow. */
export function drawLimits(plot: uPlot, limits: readonly PageLimit[]): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  const unit = px(1) * ratio;
  const top = plot.scales["y"]?.max ?? 0;
  const placed: { y: number; left: number }[] = [];
  let beyond = 0;
  ctx.save();
  ctx.font = font(11 * ratio);
  ctx.lineWidth = 1.5 * unit;
  ctx.textBaseline = "bottom";
  ctx.textAlign = "right";
  for (const { limit, text, outcome } of limits) {
    const isBeyond = limit > top;
    const y = isBeyond ? bbox.top + (16 + 15 * beyond++) * unit : Math.round(plot.valToPos(limit, "y", true));
    const { mark, color } = LOOKS[outcome ?? "unjudged"];
    ctx.strokeStyle = ctx.fillStyle = ink(color);
    if (!isBeyond) {
      ctx.setLineDash([6 * unit, 4 * unit]);
      ctx.beginPath();
      ctx.moveTo(bbox.left, y);
      ctx.lineTo(bbox.left + bbox.width, y);
      ctx.stroke();
    }
    // Beside the words that stand at the same height already.
    const beside = placed.filter((other) => Math.abs(other.y - y) < 15 * unit).map(({ left }) => left - 12 * unit);
    const x = Math.min(bbox.left + bbox.width - 4 * unit, ...beside);
    const words = `${mark}${text}${isBeyond ? " ↑" : ""}`;
    placed.push({ y, left: x - ctx.measureText(words).width });
    writeOn(ctx, words, x, y - 3 * unit);
  }
  ctx.restore();
}

/** Text that stays readable upon lines and marks. */
export function writeOn(ctx: CanvasRenderingContext2D, text: string, x: number, y: number): void {
  const { lineWidth, strokeStyle } = ctx;
  ctx.setLineDash([]);
  ctx.lineJoin = "round";
  ctx.lineWidth = px(4) * devicePixelRatio;
  ctx.strokeStyle = ink("--paper");
  ctx.strokeText(text, x, y);
  ctx.fillText(text, x, y);
  Object.assign(ctx, { lineWidth, strokeStyle });
}
