/** An element with a class and what it holds; strings become text, never markup. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = "",
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className !== "") element.className = className;
  element.append(...children);
  return element;
}

/** The element of an id; throws where the page has none. */
export function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`no element ${id}`);
  return element;
}

/** The first element for a selector inside another; throws where there is none. */
export function inside(element: ParentNode, selector: string): HTMLElement {
  const found = element.querySelector(selector);
  if (!(found instanceof HTMLElement)) throw new Error(`no element ${selector}`);
  return found;
}

/** A table of texts; the first column names the row. */
function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): HTMLElement {
  const cell = (text: string, index: number): HTMLElement =>
    index === 0 ? make("th", "", text) : make("td", "n", text);
  const titles = head.map((text, index) => make("th", index === 0 ? "" : "n", text));
  const body = make("tbody", "", ...rows.map((row) => make("tr", "", ...row.map(cell))));
  return make("div", "scroll", make("table", "", make("thead", "", make("tr", "", ...titles)), body));
}

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
