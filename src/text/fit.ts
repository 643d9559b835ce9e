import { visible } from "./visible.ts";
import { cellsOf, cut } from "./width.ts";

/** Text from outside, harmless and on one line. */
export function flat(text: string): string {
  return visible(text).replaceAll("\n", "␊").replaceAll("\t", "␉");
}

/** The text with spaces after it, up to `width` columns. */
export function padEnd(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - cellsOf(text)));
}

/** The text with spaces before it, up to `width` columns. */
export function padStart(text: string, width: number): string {
  return " ".repeat(Math.max(0, width - cellsOf(text))) + text;
}

/** Parts put on lines of at most `width` columns, `separator` between those that share one. */
export function wrapParts(parts: readonly string[], separator: string, width: number): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    const joined = last === undefined ? part : last + separator + part;
    if (last !== undefined && cellsOf(joined) <= width) lines[lines.length - 1] = joined;
    else lines.push(part);
  }
  return lines.map((line) => cut(line, width));
}
