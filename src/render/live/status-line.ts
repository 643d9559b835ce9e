import type { Messages } from "../../i18n/load.ts";
import type { StartedEvent, WatchedEvent } from "../../metrics/watched.ts";
import { now as clock, type Ms } from "../../stream/event.ts";
import { sparkline } from "../../text/bars.ts";
import { encode, fitting, piece, widthOf, type Field, type Row } from "../../text/row.ts";
import { createPaint } from "../../text/paint.ts";
import { createGapPicture } from "./gap-picture.ts";
import { roomOf, type Size } from "./screen.ts";

type StatusLineOptions = {
  messages: Messages;
  /** The stream, and whether its server has answered already. */
  started: StartedEvent;
  opened: boolean;
  color: boolean;
  /** Ms without a token from which the stream is stalled. */
  stall: Ms;
  size(): Size;
  /** Shows it below the text; "": nothing. */
  show(line: string, columns: number): void;
  /** The clock that stamps the events. */
  now?(): Ms;
};

/** What one stream does, in one line below its answer; drawn when it is told to be. */
export type StatusLine = {
  on(event: WatchedEvent): void;
  draw(): void;
};

/** Ms after which it is worth saying what is waited for. */
const WORTH_SAYING = 2000;
/** A screen of fewer rows belongs to the text. */
const ROWS_LEAST = 4;
/** Fewer bars show nothing. */
const BARS_LEAST = 6;
/** A median gap is as high as a quarter of the picture at least: a steady stream looks steady. */
const STEADY = 4;

const BETWEEN = piece(" · ", "dim");

export function createStatusLine(options: StatusLineOptions): StatusLine {
  const { messages, started, stall, size, show, now = clock } = options;
  const { state, isBlocked } = started;
  const words = messages.live;
  const paint = createPaint(options.color);
  const gaps = createGapPicture();
  let { opened } = options;

  function onWay(at: Ms, columns: number): Row {
    const { attempts, waiting, firstTokenFrom } = state;
    if (waiting !== null) {
      const left = Math.ceil(Math.max(0, waiting.at + waiting.delay - at) / 1000);
      return [piece(`⏳ ${words.retry(waiting.attempt, messages.seconds(left))}`, "dim")];
    }
    const waited = Math.max(0, at - (firstTokenFrom ?? started.due));
    const fields: Field[] = [{ piece: piece(`⏳ ${time(waited)}`, "dim"), worth: 3 }];
    if (waited >= WORTH_SAYING && attempts > 0)
      fields.push({ piece: piece(opened ? words.noToken : words.noResponse, "dim"), worth: 1 });
    if (attempts > 1) fields.push({ piece: piece(words.attempt(attempts), "dim"), worth: 2 });
    return fitting(fields, columns, BETWEEN);
  }

  function arriving(at: Ms, lastToken: Ms, columns: number): Row {
    const { tokenEvents, lastSent, reasoned, firstOutput } = state;
    const mark = reasoned && firstOutput === null ? "🤔" : "📊";
    const spent = at - (lastSent ?? at);
    const silent = at - lastToken > stall && !isBlocked();
    const tokens = words.tokens(tokenEvents, `~${messages.count(tokenEvents)}`);
    const fields: Field[] = [{ piece: piece(`${mark} ${tokens}`, "dim"), worth: 3 }];
    if (tokenEvents > 1 && spent > 0)
      fields.push({ piece: piece(`~${messages.rate((1000 * tokenEvents) / spent)}`, "dim"), worth: 2 });
    if (silent) fields.push({ piece: piece(words.silent(time(at - lastToken)), "yellow"), worth: 4 });
    const row = fitting(fields, columns, BETWEEN);
    return [...row, ...pictureOf(gaps.slices(at, lastToken), columns - widthOf(row) - BETWEEN.cells)];
  }

  /** The gaps of the last seconds, in so many cells. */
  function pictureOf(all: readonly number[], columns: number): Row {
    const label = piece(`${words.gaps} `, "dim");
    const longest = (bars: readonly number[]): string => words.longest(messages.duration(Math.max(...bars)));
    const room = columns - label.cells - longest(all).length - 1;
    const bars = all.slice(-Math.max(BARS_LEAST, room));
    if (bars.length === 0 || room < Math.min(BARS_LEAST, bars.length)) return [];
    const median = bars.toSorted((one, other) => one - other)[bars.length >> 1] ?? 0;
    const picture = sparkline(bars, Math.max(STEADY * median, ...bars));
    return [BETWEEN, label, piece(picture, "dim"), piece(` ${longest(bars)}`, "dim")];
  }

  /** A tenth of a second is seen to go by; past a minute, whole seconds. */
  function time(ms: Ms): string {
    return ms < 59_950 ? messages.seconds(ms / 1000, 1) : messages.duration(1000 * Math.floor(ms / 1000));
  }

  return {
    on(event) {
      if (event.type === "gap") gaps.add(event.at, event.ms);
      else if (event.type === "stream" && event.event.type === "opened") opened = true;
      else if (event.type === "stream" && event.event.type === "sent") opened = false;
    },
    draw() {
      const current = size();
      const columns = roomOf(current);
      const at = now();
      const row = state.lastToken === null ? onWay(at, columns) : arriving(at, state.lastToken, columns);
      const fits = current.rows >= ROWS_LEAST && widthOf(row) <= columns;
      show(fits ? encode(row, paint) : "", current.columns);
    },
  };
}
