import { piece, type Row } from "./row.ts";

/** A bar is no longer than this. */
const LONGEST = 32;
const LEVELS = "▁▂▃▄▅▆▇█";

/** One bar a value, the highest for `top`; nothing stands for nothing. */
export function sparkline(values: readonly number[], top: number): string {
  return values
    .map((value) => (value <= 0 ? " " : LEVELS.charAt(Math.min(7, Math.ceil((value / Math.max(top, 1)) * 8) - 1))))
    .join("");
}

/** What fills a bar: the highest value of all, so that the bars of different streams compare. */
export function topOf(paces: readonly (readonly number[])[]): number {
  return paces.reduce((top, values) => Math.max(top, ...values), 1);
}

/** A bar filled up to a share, at most so wide as there is room. */
export function bar(share: number, free: number): Row {
  const cells = Math.min(LONGEST, free);
  const full = Math.min(cells, Math.round(share * cells));
  return [piece("━".repeat(full), "green"), piece("─".repeat(cells - full), "dim")];
}
