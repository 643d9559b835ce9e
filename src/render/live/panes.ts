import type { RunWatcher } from "../../metrics/watched.ts";
import { now as clock, type Ms } from "../../stream/event.ts";
import { createPaint } from "../../text/paint.ts";
import type { Sink } from "../sink.ts";
import type { Texts } from "./rows.ts";
import { createFrameWriter, createScreen, ENTER, LEAVE, roomOf, type Size } from "./screen.ts";
import { createLiveState } from "./state.ts";
import { createView } from "./view.ts";

export type PanesOptions = Texts & {
  /** The terminal; nothing else may be written to it while streams run. */
  sink: Sink;
  size(): Size;
  models: readonly string[];
  /** How many streams there will be; `null` while nobody knows. */
  total(): number | null;
  /** Most streams at once. */
  concurrency: number;
  /** Ms without a token from which a stream is stalled. */
  stall: number;
  reasoning: "show" | "hide";
  /** The clock that stamps the events. */
  now?(): Ms;
  framesPerSecond?: number;
  /** Calls back every so many ms, until what it returns is called. */
  schedule?(tick: () => void, every: Ms): () => void;
};

export type Panes = RunWatcher & {
  /** The size changed, or something else wrote on the screen: all of it is drawn again. */
  resized(): void;
  /** What must be written, at once, before the process ends or stops; a frame drawn later begins anew. */
  restore(): string;
};

/** Without an event, so many of the frames are left out: only clocks go on. */
const IDLE_FRAMES = 5;

/** Text kept for all streams together, and for each at least and at most, in UTF-16 units. */
const KEEP = { all: 1 << 20, least: 512, most: 8192 };

/** Several streams live on a terminal, drawn by a clock: reading never waits for it, it skips what it cannot show. */
export function createPanes(options: PanesOptions): Panes {
  const { sink, size, models, total, concurrency, stall, reasoning, words, messages } = options;
  const { now = clock, framesPerSecond = 20, schedule = every } = options;
  const keep = Math.max(KEEP.least, Math.min(KEEP.most, Math.floor(KEEP.all / concurrency)));
  const state = createLiveState(models, { stall, keep, reasoning });
  const view = createView({ words, messages });
  const screen = createScreen(createPaint(sink.color));
  let stop: (() => void) | null = null;
  let entered = false;
  let changed = false;
  let idle = 0;
  // The run hears of a terminal that is gone at its next event.
  const { put, isBusy, lost, settled } = createFrameWriter(sink, () => stop?.());

  function tick(): void {
    if (isBusy()) return;
    idle = changed ? 0 : idle + 1;
    if (idle % IDLE_FRAMES !== 0) return;
    changed = false;
    const current = size();
    const many = total();
    const slots = Math.max(1, Math.min(many ?? concurrency, concurrency));
    const rows = view(state.snapshot(now(), many), slots, { ...current, columns: roomOf(current) });
    const frame = screen.frame(rows, current);
    if (frame === "") return;
    put(entered ? frame : ENTER + frame);
    entered = true;
  }

  function leave(): void {
    stop?.();
    const end = restore();
    if (end !== "" && lost() === null) put(end);
  }

  function restore(): string {
    if (!entered) return "";
    entered = false;
    screen.forget();
    return LEAVE;
  }

  return {
    on(event) {
      const gone = lost();
      if (gone !== null) throw gone.error;
      changed = true;
      if (event.type === "finished") return leave();
      state.on(event);
      stop ??= schedule(tick, 1000 / framesPerSecond);
    },
    close() {
      leave();
      return settled();
    },
    resized() {
      changed = true;
      screen.forget();
    },
    restore,
  };
}

/** Does not keep the process alive. */
function every(tick: () => void, ms: Ms): () => void {
  const timer = setInterval(tick, ms);
  timer.unref();
  return () => clearInterval(timer);
}
