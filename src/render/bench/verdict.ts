import type { RunReport } from "../../metrics/summary.ts";
import { joined, piece, widthOf, type Piece, type Row, flow } from "../../text/row.ts";
import { COLUMNS } from "../../text/wrap.ts";
import type { Texts } from "./figures.ts";

const BETWEEN = piece(" · ", "dim");

/** The first line: thresholds, streams and the client; what else must be known beside it or on the next. */
export function verdictRows({ verdict, partial }: RunReport, { words }: Texts): Row[] {
  const say = words.verdict;
  const { thresholds, goodput, streams, limited_by } = verdict;
  const good = verdict.exit_code === 0;
  const kept =
    thresholds.total === 0 && goodput !== null
      ? say.goodput(words.percent(goodput))
      : say.thresholds(thresholds.passed, thresholds.total);
  const passed = `${good ? "✓" : "✗"} ${kept}`;
  const figures = [
    piece(passed, good ? "green" : thresholds.passed < thresholds.total ? "red" : null),
    piece(say.streams(streams.ok, streams.failed), streams.failed > 0 ? "red" : null),
  ];
  const rest = restOf(partial, verdict, say);
  if (verdict.client === "healthy") return flow([...figures, piece(say.healthy), ...rest], BETWEEN, COLUMNS);
  const names = limited_by.map((name) => say.cause[name]).join(", ");
  const whole = [...figures, piece(say.limitedBy(names), "yellow")];
  // Where the names have no room, they go to the second line, and not with them that the client limits.
  const begin =
    widthOf(joined(whole, BETWEEN)) <= COLUMNS
      ? whole
      : [...figures, piece(say.limited, "yellow"), piece(say.by(names), "yellow")];
  return flow([...begin, ...rest], BETWEEN, COLUMNS);
}

function restOf(
  partial: RunReport["partial"],
  { streams, window_too_short }: RunReport["verdict"],
  say: Texts["words"]["verdict"],
): Piece[] {
  return [
    ...(streams.unfinished > 0 ? [piece(say.unfinished(streams.unfinished))] : []),
    ...(streams.missed_starts > 0 ? [piece(say.missed(streams.missed_starts), "yellow")] : []),
    ...(partial === null ? [] : [piece(say.partial[partial], "yellow")]),
    ...(window_too_short ? [piece(say.tooShort, "yellow")] : []),
  ];
}
