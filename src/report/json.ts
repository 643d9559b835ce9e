import type { RunReport } from "../metrics/report.ts";

/** Columns up to which an object of plain values stays on its line. */
const WIDTH = 100;

/** The report as a JSON text to be read by people too: indented, lists of plain values on one line, a final newline. */
export function toJson(report: RunReport): string {
  return `${write(report, "")}\n`;
}

function write(value: unknown, indent: string): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const list = Array.isArray(value);
  const entries = Object.entries(value).filter(([, inside]) => inside !== undefined);
  const [open, close] = list ? ["[", "]"] : ["{", "}"];
  const plain = entries.every(([, inside]) => typeof inside !== "object" || inside === null);
  const inner = plain ? "" : `${indent}  `;
  const parts = entries.map(([key, inside]) => (list ? "" : `${JSON.stringify(key)}: `) + write(inside, inner));
  const line = parts.join(", ");
  if (entries.length === 0 || (plain && (list || line.length + indent.length <= WIDTH))) {
    return list || entries.length === 0 ? `${open}${line}${close}` : `${open} ${line} ${close}`;
  }
  return `${open}\n${parts.map((part) => `${indent}  ${part}`).join(",\n")}\n${indent}${close}`;
}
