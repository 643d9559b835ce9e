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
