import { visible } from "../text/visible.ts";

/** A piece of HTML that is safe to put into a page: made by `markup` alone. */
export type Markup = { readonly markup: string };

type Piece = Markup | readonly Markup[] | string | number;

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** HTML from a template: what stands in `${}` is text and is escaped, unless it is markup already. */
export function markup(parts: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  const text = parts.map((part, index) => part + (index < pieces.length ? piece(pieces[index] ?? "") : "")).join("");
  return { markup: text };
}

function piece(value: Piece): string {
  if (typeof value === "string" || typeof value === "number") return escape(String(value));
  if ("markup" in value) return value.markup;
  return value.map(({ markup: text }) => text).join("");
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? "");
}

/** Nothing, where something may stand. */
export const NOTHING: Markup = { markup: "" };

/** Text from a server or a user, cut to `most` UTF-16 units, that turns the direction of nothing around it. */
export function foreign(text: string, most = 300): Markup {
  return markup`<bdi>${clip(text, most)}</bdi>`;
}

/**
 * At most `most` UTF-16 units of a text, cut between characters, with … where something was cut. What nobody sees is then
 * marked, by eight units for one: U+2069 in it would end what isolates it, and let an override turn the line.
 */
export function clip(text: string, most: number): string {
  if (text.length <= most) return visible(text);
  const cut = text.slice(0, Math.max(0, most - 1));
  return `${visible(/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut)}…`;
}

/** JSON that can stand in a script element: nothing in it ends the element, opens a comment, or ends a line of script. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
