import { Terminal } from "@xterm/headless";
import type { Size } from "../../src/render/live/screen.ts";

/**
 * How many cells terminals give a code point differs. `old`: emoji take one cell; `wide`: emoji take two, and every part
 * of a sequence counts; `odd`: joiners and variation selectors take a cell too.
 */
export type Opinion = "old" | "wide" | "odd";

export const OPINIONS: readonly Opinion[] = ["old", "wide", "odd"];

export type Emulator = ReturnType<typeof createEmulator>;

/** A terminal without a window: what it is sent becomes cells. */
export function createEmulator({ columns, rows }: Size, opinion: Opinion = "old") {
  const terminal = new Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 1000 });
  if (opinion !== "old") {
    terminal.unicode.register({
      version: opinion,
      wcwidth: (code) => widthOf(code, opinion),
      charProperties: (code) => propertiesOf(widthOf(code, opinion)),
    });
    terminal.unicode.activeVersion = opinion;
  }

  const line = (row: number) => terminal.buffer.active.getLine(terminal.buffer.active.baseY + row);

  return {
    write: (text: string): Promise<void> => new Promise((resolve) => terminal.write(text, resolve)),
    resize: (size: Size): void => terminal.resize(size.columns, size.rows),
    size: (): Size => ({ columns: terminal.cols, rows: terminal.rows }),
    /** The rows as text, without the blanks at their ends. */
    text: (): string[] => Array.from({ length: terminal.rows }, (_, row) => line(row)?.translateToString(true) ?? ""),
    /** Everything the terminal has, with what scrolled away. */
    history: (): string[] =>
      Array.from(
        { length: terminal.buffer.normal.length },
        (_, row) => terminal.buffer.normal.getLine(row)?.translateToString(true) ?? "",
      ),
    /** What is written in the cell at the given place, from 0. */
    at: (row: number, column: number): string => line(row)?.getCell(column)?.getChars() ?? "",
    /** Each cell with its looks, so that two screens can be compared. */
    cells: (columns = terminal.cols): string[] =>
      Array.from({ length: terminal.rows }, (_, row) =>
        Array.from({ length: columns }, (_, column) => {
          const cell = line(row)?.getCell(column);
          const looks = `${cell?.getFgColor()}${cell?.isBold() ? "b" : ""}${cell?.isDim() ? "d" : ""}`;
          const chars = cell?.getChars() ?? "";
          return chars.trim() === "" ? " " : `${chars}${looks}`;
        }).join("|"),
      ),
    screen: () => terminal.buffer.active.type,
    cursor: () => ({ column: terminal.buffer.active.cursorX, row: terminal.buffer.active.cursorY }),
    /** Whether a private mode is set, as the terminal answers. */
    async isSet(mode: number): Promise<boolean> {
      let answer = "";
      const listening = terminal.onData((data) => {
        answer += data;
      });
      await new Promise<void>((resolve) => terminal.write(`\u001B[?${mode}$p`, resolve));
      listening.dispose();
      return answer.includes(`?${mode};1$y`);
    },
  };
}

type Width = 0 | 1 | 2;

function widthOf(code: number, opinion: Opinion): Width {
  const character = String.fromCodePoint(code);
  const joining = code === 0x200d || (code >= 0xfe00 && code <= 0xfe0f);
  if (joining) return opinion === "odd" ? 1 : 0;
  if (Bun.stringWidth(`a${character}`) === 1) return 0;
  return Bun.stringWidth(character) === 2 ? 2 : 1;
}

/** The emulator's own packing: bit 0 joins with the character before, bits 1 and 2 are the width. */
function propertiesOf(width: Width): number {
  return (width << 1) | (width === 0 ? 1 : 0);
}
