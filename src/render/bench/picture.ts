import type { Progress, ProgressFigures } from "../../metrics/progress.ts";
import type { ClientCheck } from "../../metrics/report.ts";
import { canBeKnown } from "../../metrics/distribution.ts";
import { MARKS, type Outcome } from "../../metrics/verdict.ts";
import { bar, sparkline, topOf } from "../../text/bars.ts";
import { blank, fitting, piece, widthOf, type Field, type Piece, type Row } from "../../text/row.ts";
import { cellsOf, cut, padEnd, padStart } from "../../text/width.ts";
import { roomOf, type Size } from "../live/screen.ts";
import { NONE, sayCheck, sayLimit, sayLoad, sayNumber, sayRough, sayThreshold, type Texts } from "./figures.ts";
import { STYLES } from "./verdict.ts";

/** Narrower, only the rows of most worth are drawn. */
const NARROW = 40;
const NARROW_ROWS = 3;
/** Where there is room for the words alone, they leave this to the bar. */
const BAR_LEAST = 8;
/** A sparkline shorter than this shows nothing. */
const SPARK_LEAST = 6;
/** The cells a time takes at most while it counts: nothing shifts. */
const TIME_WIDTH = 7;

/** On a lower screen the steps have no row of their own. */
const SWEEP_HEIGHT = 6;

const BETWEEN = piece(" · ", "dim");

/** A row, and what it is worth where the screen is too low for all. */
type Line = { row: Row; worth: number };

/** The run at this instant, in rows that fit the screen with one line to spare. */
export function livePicture(progress: Progress, size: Size, texts: Texts): Row[] {
  const columns = roomOf(size);
  const height = Math.max(1, Math.min(size.rows - 1, size.columns < NARROW ? NARROW_ROWS : Infinity));
  const lines = linesOf(progress, columns, texts, progress.steps > 1 && height >= SWEEP_HEIGHT);
  const kept = new Set(lines.toSorted((one, other) => other.worth - one.worth).slice(0, height));
  return lines.filter((line) => kept.has(line)).map(({ row }) => row);
}

/** `sweep`: all steps have a row of their own. */
function linesOf(progress: Progress, columns: number, texts: Texts, sweep: boolean): Line[] {
  const { label } = texts.words.live;
  const { thresholds } = texts.words.row.label;
  const labels = progress.thresholds.length > 0 ? [...Object.values(label), thresholds] : Object.values(label);
  const width = Math.max(...labels.map(cellsOf)) + 2;
  const free = columns - width;
  const line = (name: string, worth: number, row: Row): Line => ({
    row: [piece(padEnd(name, width), "dim"), ...row],
    worth,
  });
  const { history, errors, client } = progress;
  const kinds = Object.entries(errors);
  return [
    ...(sweep ? [{ row: sweepRow(progress, columns, texts), worth: 7.5 }] : []),
    { row: headRow(progress, columns, texts, sweep), worth: 8 },
    line(label.streams, 7, fitting(streamFields(progress, texts), free, BETWEEN)),
    line(label.atOnce, 2, fitting(concurrencyFields(progress, texts), free, BETWEEN)),
    line(label.rate, 4, sparked(fitting(rateFields(progress, texts), free, BETWEEN), history.events, free)),
    line(label.ttft, 6, timesRow(progress.ttft_ms, ["p50", "p95", "p99"], history.ttft_ms, free, texts)),
    line(label.gap, 3, timesRow(progress.gap_ms, ["p50", "p99"], history.gap_ms, free, texts)),
    ...(kinds.length === 0 ? [] : [line(label.errors, 5, fitting(errorFields(kinds, texts), free, BETWEEN))]),
    ...progress.thresholds.map((one, at) =>
      line(at === 0 ? thresholds : "", one.passed === false ? 6.5 : 5.8, thresholdRow(one, free, texts)),
    ),
    line(label.client, client.healthy ? 1 : 5.5, fitting(clientFields(client, texts), free, BETWEEN)),
  ];
}

/** How far all steps are together. */
function sweepRow({ step, steps, run: { share, left_ms } }: Progress, columns: number, texts: Texts): Row {
  const { live } = texts.words;
  const fields: Field[] = [
    { piece: piece(live.step(step + 1, steps), "bold"), worth: 2 },
    ...(left_ms === null ? [] : [{ piece: piece(live.leftInAll(time(left_ms, texts)), "dim"), worth: 1 }]),
  ];
  return barred(share, fields, columns);
}

/** How far the step is, and in which phase. */
function headRow(progress: Progress, columns: number, texts: Texts, sweep: boolean): Row {
  const { share, left_ms, phase, step, steps, load } = progress;
  const { live } = texts.words;
  const fields: Field[] = [
    ...(steps > 1 && !sweep ? [{ piece: piece(live.step(step + 1, steps), "bold"), worth: 4 }] : []),
    { piece: piece(sayLoad(load, texts)), worth: 3 },
    { piece: piece(live.phase[phase], phase === "measuring" ? null : "yellow"), worth: 5 },
    ...(left_ms === null ? [] : [{ piece: piece(live.left(time(left_ms, texts)), "dim"), worth: 2 }]),
  ];
  return barred(share, fields, columns);
}

/** The fields behind a bar that is filled up to a share, where that is known and there is room. */
function barred(share: number | null, fields: readonly Field[], columns: number): Row {
  const shown = share !== null && columns >= NARROW - 1;
  const row = fitting(fields, shown ? columns - BAR_LEAST - 2 : columns, BETWEEN);
  const free = columns - widthOf(row) - 2;
  return shown ? [...bar(Math.max(0, Math.min(1, share)), free), blank(2), ...row] : row;
}

/** Whole seconds: more would only flicker. */
function time(ms: number, { messages }: Texts): string {
  return messages.asked(Math.ceil(ms / 1000) * 1000);
}

/** How a threshold stands, and what it came to in the steps before. */
function thresholdRow(threshold: Progress["thresholds"][number], free: number, texts: Texts): Row {
  const { passed, earlier } = threshold;
  const outcome = passed === null ? "unjudged" : passed ? "passed" : "failed";
  const said = passed === null ? NONE : sayThreshold(threshold, texts);
  const room = Math.max(8, free - cellsOf(said) - BETWEEN.cells - 2);
  const marks = piece(texts.words.live.earlier(marksOf(earlier)), "dim");
  const fields: Field[] = [
    { piece: piece(`${MARKS[outcome]} ${cut(sayLimit(threshold, texts), room)}`, STYLES[outcome]), worth: 3 },
    { piece: piece(said, STYLES[outcome]), worth: 2 },
    ...(earlier.length === 0 ? [] : [{ piece: marks, worth: 1 }]),
  ];
  return fitting(fields, free, BETWEEN);
}

/** Steps beyond these are left out, the first of them. */
const STEPS_SHOWN = 20;

function marksOf(earlier: readonly Outcome[]): string {
  const shown = earlier.slice(-STEPS_SHOWN).map((outcome) => MARKS[outcome]);
  return `${earlier.length > STEPS_SHOWN ? "… " : ""}${shown.join(" ")}`;
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

type Percentile = Exclude<keyof ProgressFigures, "count">;

/** Whether the values so far are enough for it. */
function isKnown({ count }: ProgressFigures, name: Percentile): boolean {
  return canBeKnown(Number(name.slice(1)), count);
}

/** The p95 of first tokens, or the p50 where so few came. */
export function sayFirstTokens(figures: ProgressFigures, { messages }: Texts): string {
  const name = isKnown(figures, "p95") ? "p95" : "p50";
  return `${name} ${messages.duration(figures[name])}`;
}

function timesRow(
  figures: ProgressFigures | null,
  names: readonly Percentile[],
  history: readonly (number | null)[],
  free: number,
  { messages }: Texts,
): Row {
  const fields = names.map((name, at): Field => {
    const value = figures === null || !isKnown(figures, name) ? NONE : messages.duration(figures[name]);
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
