import { make, tableOf } from "./dom.ts";

/** A chart as a table: its text alternative. */
export type Numbers = { head: readonly string[]; rows: readonly (readonly string[])[] };

const sources = new WeakMap<HTMLElement, () => Numbers>();

/** Puts the figures of a chart under its "as a table", made when it is opened. */
export function fillNumbers(details: HTMLElement, numbers: () => Numbers): void {
  const known = sources.has(details);
  sources.set(details, numbers);
  if (details instanceof HTMLDetailsElement && details.open) show(details);
  if (!known) details.addEventListener("toggle", () => show(details));
}

function show(details: HTMLElement): void {
  const numbers = sources.get(details);
  if (numbers === undefined || !(details instanceof HTMLDetailsElement)) return;
  details.querySelector(".scroll")?.remove();
  if (!details.open) return;
  const { head, rows } = numbers();
  const table = tableOf(head, rows);
  table.tabIndex = 0;
  details.append(rows.length === 0 ? make("div", "scroll", "–") : table);
}
