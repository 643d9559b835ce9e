/** Longest quotation of what a server sent, in UTF-16 units. */
export const QUOTE = 200;

/** Longest message of a server that is passed on, in UTF-16 units. */
const MESSAGE_LIMIT = 1000;

/** A message as it may be shown: whole, but for one that would fill the screen. */
export function clip(message: string): string {
  return message.length > MESSAGE_LIMIT ? `${message.slice(0, MESSAGE_LIMIT)}…` : message;
}

/** The first line with something in it, for quotation. */
export function firstLine(text: string): string {
  return (text.trimStart().split(/[\r\n]/, 1)[0] ?? "").slice(0, QUOTE);
}
