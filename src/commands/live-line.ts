import type { StartedEvent } from "../metrics/watched.ts";
import { createStatusLine, type StatusLine } from "../render/live/status-line.ts";
import type { Context } from "./context.ts";
import type { Target } from "./target.ts";
import { guardScreen, sizeOf } from "./terminal.ts";

/** Ms between two drawings. */
const EVERY = 100;

/** A line about the stream that runs, drawn by a clock until it is closed. */
export type LiveLine = Pick<StatusLine, "on"> & { close(): void };

/**
 * Below the answer on the terminal, or below what standard error says there where the answer goes into a file; `null`
 * where another program may write to that terminal meanwhile: the one behind a pipe.
 */
export async function openLiveLine(
  { out, err }: Context,
  { messages, settings }: Target,
  started: StartedEvent,
  opened: boolean,
): Promise<LiveLine | null> {
  const { color, footer } = out.terminal ? out : err;
  if (footer === null || !(await isAlone(out.terminal, err.terminal))) return null;
  const stream = out.terminal ? process.stdout : process.stderr;
  const { stall } = settings;
  const shown = { messages, started, opened, color, stall, size: () => sizeOf(stream), show: footer.show };
  const line = createStatusLine(shown);
  const release = guardScreen(stream, { resized: line.draw, restore: footer.lift });
  const timer = setInterval(line.draw, EVERY);
  // It keeps nobody alive.
  timer.unref();
  line.draw();
  return {
    on: line.on,
    close() {
      clearInterval(timer);
      release();
      footer.show("", 0);
    },
  };
}

/** Whether nobody else writes to the terminal: both outputs lead to it, or one of them to a file or a device. */
async function isAlone(...terminals: [out: boolean, err: boolean]): Promise<boolean> {
  // One that is closed leads nowhere.
  const stats = await Promise.all([Bun.stdout, Bun.stderr].map((file) => file.stat().catch(() => null)));
  const [out, err] = stats;
  if (terminals[0] && terminals[1]) return out?.rdev === err?.rdev && out?.ino === err?.ino;
  const other = terminals[0] ? err : out;
  return !other || other.isFile() || other.isCharacterDevice();
}
