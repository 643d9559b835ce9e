/** One line of the table: what was measured, and the floor it has to keep, if there is one. */
export type Line = { name: string; value: string; floor?: { text: string; met: boolean } };

/** A measured value that has no floor of its own. */
export function plain(name: string, value: string): Line {
  return { name, value };
}

/** A measured value beside the most it may be. */
export function atMost(name: string, value: number, most: number, show: (value: number) => string): Line {
  return { name, value: show(value), floor: { text: `at most ${show(most)}`, met: value <= most } };
}

/** A measured value beside the least it may be. */
export function atLeast(name: string, value: number, most: number, show: (value: number) => string): Line {
  return { name, value: show(value), floor: { text: `at least ${show(most)}`, met: value >= most } };
}

export const count = (value: number): string => value.toLocaleString("en");
export const times = (value: number): string => `${value.toFixed(2)} ×`;
export const ms = (value: number): string => `${value.toFixed(1)} ms`;
export const micros = (value: number): string => `${value.toFixed(1)} µs`;
export const megabytes = (value: number): string => `${(value / 1e6).toFixed(1)} MB`;
export const perSecond = (value: number): string => `${Math.round(value).toLocaleString("en")} tokens/s`;

/** One line of the table, to be shown as soon as it is known: its columns are as wide as they ever need to be. */
export function show({ name, value, floor }: Line): string {
  const verdict = floor === undefined ? "" : `   ${floor.text}: ${floor.met ? "met" : "NOT MET"}`;
  return `  ${name.padEnd(56)}  ${value.padStart(20)}${verdict}\n`;
}
