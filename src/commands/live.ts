import type { Messages, SeveralWords } from "../i18n/load.ts";
import { createPanes, type Panes } from "../render/live/panes.ts";
import type { Context } from "./context.ts";
import { guardScreen, sizeOf } from "./terminal.ts";

export type LiveOptions = {
  messages: Messages;
  words: SeveralWords["panes"];
  models: readonly string[];
  total: () => number | null;
  concurrency: number;
  stall: number;
  reasoning: "show" | "hide";
};

/** The live display on this terminal. */
export function openLive({ out }: Context, options: LiveOptions): Panes {
  const panes = createPanes({ ...options, sink: out, size: () => sizeOf(process.stdout) });
  const release = guardScreen(process.stdout, panes);
  return {
    ...panes,
    async close() {
      release();
      await panes.close?.();
    },
  };
}
