/** Colours, or none. */
export type Paint = {
  dim(text: string): string;
  bold(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
};

/** ANSI colours when `color`, else the text as it is. */
export function createPaint(color: boolean): Paint {
  const style = (open: number | string, close: number) => (text: string) =>
    color && text !== "" ? `\u001B[${open}m${text}\u001B[${close}m` : text;
  // The plain yellow (33) is hardly seen on white; this one has a contrast of 4.5 on white and on black.
  const yellow = style("38;5;130", 39);
  return { dim: style(2, 22), bold: style(1, 22), red: style(31, 39), green: style(32, 39), yellow };
}
