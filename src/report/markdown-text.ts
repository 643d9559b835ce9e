import { withoutEmpty } from "../text/table.ts";
import { flat, visible } from "../text/visible.ts";

/** Longest text from outside in one place, UTF-16 units. */
const LONGEST = 300;

/** A text from outside as a span of code: no link, heading, mention or HTML can stand in it. */
export function code(text: string, most = LONGEST): string {
  const cut = text.length > most ? `${text.slice(0, most - 1)}…` : text;
  const line = visible(cut.toWellFormed()).replaceAll(/\s+/g, " ").trim();
  if (line === "") return "";
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const room = /^`|`$/.test(line) ? " " : "";
  return `${fence}${room}${line}${room}${fence}`;
}

/** A table of cells that are Markdown already; the last `figures` columns stand to the right, empty ones fall away. Nothing without rows. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], figures: number): string {
  if (rows.length === 0) return "";
  // A bar would end a cell within code too.
  const bounded = [head, ...rows].map((cells) => cells.map((cell) => cell.replaceAll("|", "\\|")));
  const [first = [], ...rest] = withoutEmpty(bounded);
  const rule = first.map((_, at) => (at < first.length - figures ? "---" : "---:"));
  return [first, rule, ...rest].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** A sentence of ours that may quote others: no link, emphasis, mention or HTML comes of it. */
export function plain(text: string): string {
  return flat(text.toWellFormed())
    .replace(/[\\`*_[\]<>|@#&~!]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replaceAll("://", "&#58;//")
    .replace(/www\./gi, (start) => start.replace(".", "&#46;"));
}
