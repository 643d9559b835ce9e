const LEVELS = "▁▂▃▄▅▆▇█";

/** One bar a value, the highest for `top`; nothing stands for nothing. */
export function sparkline(values: readonly number[], top: number): string {
  return values
    .map((value) => (value <= 0 ? " " : LEVELS.charAt(Math.min(7, Math.ceil((value / Math.max(top, 1)) * 8) - 1))))
    .join("");
}
