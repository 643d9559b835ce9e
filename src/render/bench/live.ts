import type { BenchWords } from "../../i18n/load.ts";
import type { Numbers } from "../../i18n/numbers.ts";
import type { Progress, ProgressFigures } from "../../metrics/progress.ts";
import type { ClientCheck } from "../../metrics/report.ts";
import { bar, sparkline, topOf } from "../../text/bars.ts";
import { blank, encode, fit, fitting, piece, widthOf, type Field, type Piece, type Row } from "../../text/row.ts";
import { createPaint } from "../../text/paint.ts";
import { cellsOf, padEnd, padStart } from "../../text/width.ts";
import { BEGIN, createFrameWriter, END, roomOf, type Size } from "../live/screen.ts";
import type { Sink } from "../sink.ts";
import { sayCheck, sayLoad, sayNumber, sayRough, showFor, type Texts } from "./figures.ts";

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

/** Four frames a second at most; a little less apart, so that what comes four times a second is all drawn. */
const FRAME = 240;

/**
 * A run on a terminal, drawn where the cursor is and redrawn in place: no other screen, no mode that must be taken back.
 * Without a clock of its own: it draws when it is told something, and skips what comes while a write is under way.
 */
export function createBenchLive({
  sink,
  messages,
  words,
  size,
  now = () => performance.now(),
}: BenchLiveOptions): BenchLive {
  const texts: Texts = { messages, words, show: showFor(true) };
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
    put(`${BEGIN}${upFrom(current)}${lines}\u001B[J${END}`);
    shown = rows.map(widthOf);
  }

  /** To the first line of the block; a terminal that became narrower has broken the lines that no longer fit. */
  function upFrom({ columns }: Size): string {
    const lines = shown.reduce((sum, cells) => sum + Math.max(1, Math.ceil(cells / Math.max(1, columns))), 0);
    return lines === 0 ? "\r" : `\r\u001B[${lines}A`;
  }

  function restore(): string {
    // Not from the first line on: from the corner of the screen tmux takes it for all of it, and keeps that above.
    const end = shown.length > 0 ? `${upFrom(size())}\u001B[2K\r\n\u001B[J\u001B[A` : "";
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
  const texts: Texts = { messages, words, show: showFor(sink.terminal) };
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
    ...(ttft_ms === null ? [] : [`${live.label.ttft} p95 ${messages.duration(ttft_ms.p95)}`]),
    ...Object.entries(errors).map(([kind, count]) => `${show(kind)} ×${messages.count(count)}`),
    ...(client.healthy ? [] : [words.terms.client.limited]),
  ].join(" · ");
}

/** Narrower, only the rows of most worth are drawn. */
const NARROW = 40;
const NARROW_ROWS = 3;
/** Where there is room for the words alone, they leave this to the bar. */
const BAR_LEAST = 8;
/** A sparkline shorter than this shows nothing. */
const SPARK_LEAST = 6;
/** The cells a time takes at most while it counts: nothing shifts. */
const TIME_WIDTH = 7;

const BETWEEN = piece(" · ", "dim");

/** A row, and what it is worth where the screen is too low for all. */
type Line = { row: Row; worth: number };

/** The run at this instant, in rows that fit the screen with one line to spare. */
export function livePicture(progress: Progress, size: Size, texts: Texts): Row[] {
  const columns = roomOf(size);
  const height = Math.max(1, Math.min(size.rows - 1, size.columns < NARROW ? NARROW_ROWS : Infinity));
  const lines = linesOf(progress, columns, texts);
  const kept = new Set(lines.toSorted((one, other) => other.worth - one.worth).slice(0, height));
  return lines.filter((line) => kept.has(line)).map(({ row }) => row);
}

function linesOf(progress: Progress, columns: number, texts: Texts): Line[] {
  const { label } = texts.words.live;
  const width = Math.max(...Object.values(label).map(cellsOf)) + 2;
  const free = columns - width;
  const line = (name: string, worth: number, row: Row): Line => ({
    row: [piece(padEnd(name, width), "dim"), ...row],
    worth,
  });
  const { history, errors, client } = progress;
  const kinds = Object.entries(errors);
  return [
    { row: headRow(progress, columns, texts), worth: 8 },
    line(label.streams, 7, fitting(streamFields(progress, texts), free, BETWEEN)),
    line(label.atOnce, 2, fitting(concurrencyFields(progress, texts), free, BETWEEN)),
    line(label.rate, 4, sparked(fitting(rateFields(progress, texts), free, BETWEEN), history.events, free)),
    line(label.ttft, 6, timesRow(progress.ttft_ms, ["p50", "p95", "p99"], history.ttft_ms, free, texts)),
    line(label.gap, 3, timesRow(progress.gap_ms, ["p50", "p99"], history.gap_ms, free, texts)),
    ...(kinds.length === 0 ? [] : [line(label.errors, 5, fitting(errorFields(kinds, texts), free, BETWEEN))]),
    line(label.client, client.healthy ? 1 : 5.5, fitting(clientFields(client, texts), free, BETWEEN)),
  ];
}

/** How far the step is, and in which phase. */
function headRow({ share, left_ms, phase, step, steps, load }: Progress, columns: number, texts: Texts): Row {
  const { live } = texts.words;
  const fields: Field[] = [
    ...(steps > 1 ? [{ piece: piece(live.step(step + 1, steps), "bold"), worth: 4 }] : []),
    { piece: piece(sayLoad(load, texts)), worth: 3 },
    { piece: piece(live.phase[phase], phase === "measuring" ? null : "yellow"), worth: 5 },
    ...(left_ms === null ? [] : [{ piece: piece(leftTime(left_ms, texts), "dim"), worth: 2 }]),
  ];
  const barred = share !== null && columns >= NARROW - 1;
  const row = fitting(fields, barred ? columns - BAR_LEAST - 2 : columns, BETWEEN);
  const free = columns - widthOf(row) - 2;
  return barred ? [...bar(Math.max(0, Math.min(1, share)), free), blank(2), ...row] : row;
}

/** Whole seconds: more would only flicker. */
function leftTime(left: number, { words, messages }: Texts): string {
  const seconds = Math.ceil(left / 1000);
  return words.live.left(messages.asked(seconds * 1000));
}

function streamFields({ streams, phase, missed_starts }: Progress, { words, messages }: Texts): Field[] {
  const { live } = words;
  if (phase === "warmup") return [{ piece: piece(live.warmed(streams.warmup)), worth: 1 }];
  const of = streams.requests === null ? null : messages.count(streams.requests);
  return [
    { piece: piece(live.done(streams.ended, of), "bold"), worth: 4 },
    { piece: piece(live.ok(streams.ok)), worth: 1 },
    {
      piece: piece(live.failed(messages.count(streams.failed)), streams.failed > 0 ? "red" : "dim"),
      worth: streams.failed > 0 ? 3 : 0,
    },
    ...(missed_starts > 0 ? [{ piece: piece(live.missed(missed_starts), "yellow"), worth: 2 }] : []),
  ];
}

function concurrencyFields({ concurrency: { asked, now, mean } }: Progress, texts: Texts): Field[] {
  const { live } = texts.words;
  return [
    ...(asked === null ? [] : [{ piece: piece(live.asked(texts.messages.plain(asked))), worth: 2 }]),
    { piece: piece(live.now(texts.messages.plain(now))), worth: 3 },
    ...(mean === null ? [] : [{ piece: piece(live.mean(texts.messages.number(mean))), worth: 1 }]),
  ];
}

function rateFields({ requests_per_second, events_per_second }: Progress, texts: Texts): Field[] {
  const { live } = texts.words;
  return [
    { piece: piece(live.requests(padStart(sayNumber(requests_per_second, texts), 5))), worth: 1 },
    { piece: piece(live.tokens(padStart(sayRough(events_per_second, texts), 6))), worth: 2 },
  ];
}

function timesRow(
  figures: ProgressFigures | null,
  names: readonly (keyof ProgressFigures)[],
  history: readonly (number | null)[],
  free: number,
  { messages }: Texts,
): Row {
  const fields = names.map((name, at): Field => {
    const value = figures === null ? "–" : messages.duration(figures[name]);
    return { piece: piece(`${name} ${padStart(value, TIME_WIDTH)}`), worth: names.length - at };
  });
  return sparked(fitting(fields, free, BETWEEN), history, free);
}

/** The row, then its history in the cells that are left. */
function sparked(row: Row, history: readonly (number | null)[], free: number): Row {
  const cells = free - widthOf(row) - 2;
  if (cells < SPARK_LEAST) return row;
  const values = history.slice(-cells).map((value) => value ?? 0);
  return [...row, blank(2), piece(sparkline(values, topOf([values])), "green")];
}

function errorFields(kinds: readonly [kind: string, count: number][], { messages, show }: Texts): Field[] {
  return kinds
    .toSorted(([, one], [, other]) => other - one)
    .map(([kind, count], at) => ({ piece: piece(`${show(kind)} ×${messages.count(count)}`, "red"), worth: -at }));
}

function clientFields({ healthy, checks }: Progress["client"], texts: Texts): Field[] {
  if (healthy) return [{ piece: piece(texts.words.row.healthy, "green"), worth: 1 }];
  const broken = checks.filter(({ passed }: ClientCheck) => !passed);
  return [
    { piece: piece(texts.words.sweep.limited, "yellow"), worth: 1 },
    ...broken.map((check, at): Field => ({ piece: yellow(sayCheck(check, texts)), worth: -at })),
  ];
}

function yellow(text: string): Piece {
  return piece(text, "yellow");
}
