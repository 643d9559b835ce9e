import { writeSync } from "node:fs";
import type { Messages } from "../i18n/messages.ts";
import type { PanesWords } from "../i18n/several.ts";
import { createPanes, type Panes } from "../render/live/panes.ts";
import type { Context } from "./context.ts";
import { beforePause } from "./pause.ts";

export type LiveOptions = {
  messages: Messages;
  words: PanesWords;
  models: readonly string[];
  total: () => number | null;
  concurrency: number;
  stall: number;
  reasoning: "show" | "hide";
};

/** The live display on this terminal; whatever ends the process, the terminal is as it was. */
export function openLive({ out }: Context, options: LiveOptions): Panes {
  const size = () => ({ columns: process.stdout.columns || 80, rows: process.stdout.rows || 24 });
  const panes = createPanes({ ...options, sink: out, size });
  const restore = (): void => {
    const end = panes.restore();
    if (end !== "") writeSync(1, end);
  };
  // Bun 1.4: inside a SIGWINCH handler the size is still the old one.
  process.stdout.on("resize", panes.resized);
  process.on("exit", restore);
  // Ctrl+\ ends the process without an "exit": the handler leaves the screen, then lets it.
  const quit = (): void => {
    restore();
    process.off("SIGQUIT", quit);
    process.kill(process.pid, "SIGQUIT");
  };
  process.on("SIGQUIT", quit);
  const unpause = beforePause(restore);
  return {
    ...panes,
    async close() {
      process.stdout.off("resize", panes.resized);
      process.off("exit", restore);
      process.off("SIGQUIT", quit);
      unpause();
      await panes.close?.();
    },
  };
}
