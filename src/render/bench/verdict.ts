import type { RunReport } from "../../metrics/summary.ts";
import { flow, COLUMNS } from "./block.ts";
import { piece, widthOf, type Piece, type Row } from "../live/row.ts";
import type { Texts } from "./figures.ts";

const BETWEEN = piece(" · ", "dim");

/** The first line: thresholds, streams and the client; what else must be known beside it or on the next. */
export function verdictRows({ verdict, partial }: RunReport, { words }: Texts): Row[] {
  const say = words.verdict;
  const { thresholds, streams, limited_by } = verdict;
  const good = verdict.exit_code === 0;
  const names = limited_by.map((name) => say.cause[name]).join(", ");
  const limited = verdict.client === "limited";
  const client = (text: string): Piece => piece(text, limited ? "yellow" : null);
  const essential = [
    piece(
      `${good ? "✓" : "✗"} ${say.thresholds(thresholds.passed, thresholds.total)}`,
      good ? "green" : thresholds.passed < thresholds.total ? "red" : null,
    ),
    piece(say.streams(streams.ok, streams.failed), streams.failed > 0 ? "red" : null),
  ];
  const whole = [...essential, client(limited && names !== "" ? say.limitedBy(names) : say.healthy)];
  const rest = restOf(partial, verdict, say);
  if (!limited) return flow([...whole, ...rest], BETWEEN, COLUMNS);
  // With the names the client's state would go to the second line: it stays, and they go.
  const fits = names !== "" && widthOf(flow(whole, BETWEEN, Infinity)[0] ?? []) <= COLUMNS;
  const begin = fits ? whole : [...essential, client(say.limited), ...(names === "" ? [] : [client(say.by(names))])];
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
