/** How a language writes numbers. */
export type Writing = { decimal: string; group: string };

/** Three significant digits below 100, else a whole number. */
export function writeNumber(value: number, { decimal, group }: Writing): string {
  const magnitude = Math.abs(value);
  if (magnitude >= 99.95)
    return Math.round(value)
      .toString()
      .replace(/\B(?=(\d{3})+$)/g, group);
  const digits = magnitude >= 9.995 ? 1 : magnitude >= 0.9995 || magnitude === 0 ? 2 : 3;
  return value.toFixed(digits).replace(".", decimal);
}

/** A count: whole, grouped by thousands. */
export function writeCount(value: number, { group }: Writing): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, group);
}

/** Milliseconds as people read them. `space` stands between number and unit. */
export function writeDuration(ms: number, writing: Writing, space: string): string {
  if (ms < 999.5) return `${writeNumber(ms, writing)}${space}ms`;
  if (ms < 59_950) return `${writeNumber(ms / 1000, writing)}${space}s`;
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const rest = seconds % 60;
  return rest === 0 ? `${minutes}${space}min` : `${minutes}${space}min ${rest}${space}s`;
}
