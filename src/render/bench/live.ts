import type { BenchWords } from "../../i18n/load.ts";
import type { Numbers } from "../../i18n/numbers.ts";
import type { Progress } from "../../metrics/progress.ts";
import { MARKS } from "../../metrics/verdict.ts";
import { encode, fit, widthOf } from "../../text/row.ts";
import { createPaint } from "../../text/paint.ts";
import { BEGIN, createFrameWriter, END, roomOf, type Size } from "../live/screen.ts";
import type { Sink } from "../sink.ts";
import { COLUMNS } from "../../text/wrap.ts";
import { sayLimit, sayLoad, sayNumber, sayRough, sayThreshold, showFor, type Texts } from "./figures.ts";
import { livePicture, sayFirstTokens } from "./picture.ts";

/** What a run is shown with while it goes on. */
type BenchLiveOptions = {
  /** The terminal; nothing else may be written to it until `close`. */
  sink: Sink;
  messages: Numbers;
  words: BenchWords;
  size(): Size;
  /** Ms on a clock that does not jump. */
  now?(): number;
};

/** A live display; its calls may come at any pace. */
type BenchLive = {
  progress(progress: Progress): void;
  /** The size changed: the last state is drawn again at once. */
  resized(): void;
  /** What takes the block off the screen, to be written at once; the next one is drawn where the cursor is then. */
  restore(): string;
  /** Erases the block: what is written next stands where it stood. Rejects when the terminal is gone. */
  close(): Promise<void>;
};

const HIDE = "\u001B[?25l";
const SHOW = "\u001B[?25h";

/** Four frames a second at most; a little less apart, so that what comes four times a second is all drawn. */
const FRAME = 240;

/**
 * A run on a terminal, drawn where the cursor is and redrawn in place: no other screen, and of its modes only the cursor is hidden meanwhile.
 * Without a clock of its own: it draws when it is told something, and skips what comes while a write is under way.
 */
export function createBenchLive({
  sink,
  messages,
  words,
  size,
  now = () => performance.now(),
}: BenchLiveOptions): BenchLive {
  const texts: Texts = { messages, words, show: showFor(true), columns: COLUMNS };
  const paint = createPaint(sink.color);
  let last: Progress | null = null;
  let drawnAt = -Infinity;
  /** The cells of each line on the screen. */
  let shown: number[] = [];
  /** Told at the end that the terminal is gone, and nothing more is drawn. */
  const { put, isBusy, lost, settled } = createFrameWriter(sink);

  function draw(progress: Progress): void {
    const current = size();
    const rows = livePicture(progress, current, texts).map((row) =>
      widthOf(row) <= roomOf(current) ? row : fit(row, roomOf(current)),
    );
    // Erased before and not after: what a terminal had wrapped would stay one line with the next for it (tmux 3.3).
    const lines = rows.map((row) => `\u001B[2K${encode(row, paint)}\r\n`).join("");
    put(`${BEGIN}${shown.length === 0 ? HIDE : ""}${upFrom(current)}${lines}\u001B[J${END}`);
    shown = rows.map(widthOf);
  }

  /** To the first line of the block; a terminal that became narrower has broken the lines that no longer fit. */
  function upFrom({ columns }: Size): string {
    const lines = shown.reduce((sum, cells) => sum + Math.max(1, Math.ceil(cells / Math.max(1, columns))), 0);
    return lines === 0 ? "\r" : `\r\u001B[${lines}A`;
  }

  function restore(): string {
    // Not from the first line on: from the corner of the screen tmux takes it for all of it, and keeps that above.
    const end = shown.length > 0 ? `${upFrom(size())}\u001B[2K\r\n\u001B[J\u001B[A${SHOW}` : "";
    shown = [];
    return end;
  }

  return {
    progress(progress) {
      last = progress;
      if (lost() !== null || isBusy() || now() - drawnAt < FRAME) return;
      drawnAt = now();
      draw(progress);
    },
    resized() {
      if (last !== null && lost() === null && !isBusy()) draw(last);
    },
    restore,
    async close() {
      await settled();
      const end = restore();
      if (end !== "") put(end);
      last = null;
      await settled();
    },
  };
}

/** Ten seconds, less what a progress told once a second may be early. */
const EVERY = 9500;

/** A run where nothing can be redrawn: one plain line every ten seconds. */
export function createBenchLines(options: Omit<BenchLiveOptions, "size">): {
  progress(progress: Progress): void | Promise<void>;
} {
  const { sink, messages, words, now = () => performance.now() } = options;
  const texts: Texts = { messages, words, show: showFor(sink.terminal), columns: COLUMNS };
  let saidAt = now();
  return {
    progress(progress) {
      if (now() - saidAt < EVERY) return;
      saidAt = now();
      return sink.write(`${progressLine(progress, texts)}\n`);
    },
  };
}

/** How a run stands, in one line. */
function progressLine(progress: Progress, texts: Texts): string {
  const { words, messages, show } = texts;
  const { live } = words;
  const { step, steps, load, phase, share, streams, missed_starts, ttft_ms, errors, client } = progress;
  const of = streams.requests === null ? null : messages.count(streams.requests);
  const { ended, failed } = streams;
  return [
    ...(share === null ? [] : [messages.percent(Math.round(Math.min(1, share) * 100) / 100)]),
    ...(steps > 1 ? [live.step(step + 1, steps)] : []),
    sayLoad(load, texts),
    live.phase[phase],
    phase === "warmup" ? live.warmed(streams.warmup) : live.done(ended, of),
    ...(failed > 0 ? [live.failed(messages.count(failed))] : []),
    ...(missed_starts > 0 ? [live.missed(missed_starts)] : []),
    live.requests(sayNumber(progress.requests_per_second, texts)),
    live.tokens(sayRough(progress.events_per_second, texts)),
    ...(ttft_ms === null ? [] : [`${live.label.ttft} ${sayFirstTokens(ttft_ms, texts)}`]),
    ...progress.thresholds
      .filter(({ passed }) => passed === false)
      .map((one) => `${MARKS.failed} ${sayLimit(one, texts)} (${sayThreshold(one, texts)})`),
    ...Object.entries(errors).map(([kind, count]) => `${show(kind)} ×${messages.count(count)}`),
    ...(client.healthy ? [] : [words.terms.client.limited]),
  ].join(" · ");
}
