/** Longest quotation of what a server sent, in UTF-16 units. */
export const QUOTE = 200;

/** The first line with something in it, for quotation. */
export function firstLine(text: string): string {
  return (text.trimStart().split(/[\r\n]/, 1)[0] ?? "").slice(0, QUOTE);
}
