import { visible } from "../text/visible.ts";
import { cut } from "../text/width.ts";
import type { ErrorOutput } from "./output.ts";
import { terminalColumns } from "./terminal.ts";

/** One line of a terminal that is drawn anew; `clear` takes it off before something else is said. */
export function createDrawnLine(err: Pick<ErrorOutput, "draw">): { draw(line: string): void; clear(): void } {
  let drawn = false;
  return {
    draw(line) {
      drawn = true;
      void err.draw(`\r${cut(visible(line), terminalColumns() - 1)}\u001B[K`);
    },
    clear() {
      if (drawn) void err.draw("\r\u001B[K");
      drawn = false;
    },
  };
}
