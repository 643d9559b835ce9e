import type { Exemplar } from "../metrics/exemplars.ts";
import { clip } from "./html-markup.ts";
import type { PageStream, StreamColumns } from "./page/data.ts";

/** The streams as columns and the texts they share, each of at most `length` UTF-16 units. */
export function packStreams(
  streams: readonly Exemplar[],
  models: readonly string[],
  length: number,
): { texts: string[]; streams: StreamColumns } {
  const texts = new Map<string, number>();
  const intern = (text: string): number => {
    const short = clip(text, length);
    const known = texts.get(short);
    if (known !== undefined) return known;
    texts.set(short, texts.size);
    return texts.size - 1;
  };
  const rows = streams.toSorted((a, b) => a.sent - b.sent).map((stream) => rowOf(stream, models, intern));
  return { texts: [...texts.keys()], streams: columnsOf(rows) };
}

function rowOf(stream: Exemplar, models: readonly string[], intern: (text: string) => number): PageStream {
  return {
    stream: stream.stream,
    step: stream.step,
    model: models.indexOf(stream.model),
    prompt: intern(stream.prompt),
    warmup: stream.warmup ? 1 : 0,
    verdict: intern(stream.verdict),
    due: tenth(stream.due),
    sent: tenth(stream.sent),
    first_token: tenthOrNull(stream.first_token),
    first_output: tenthOrNull(stream.first_output),
    last_token: tenthOrNull(stream.last_token),
    ended: tenth(stream.ended),
    tokens: stream.tokens,
    estimated: stream.tokens_source === "events" ? 1 : 0,
    ttft_ms: stream.ttft_ms,
    duration_ms: stream.duration_ms,
    tpot_ms: stream.tpot_ms,
    tokens_per_second: stream.tokens_per_second,
    gap_p50_ms: stream.gap_p50_ms,
    gap_p99_ms: stream.gap_p99_ms,
    gap_max_ms: stream.gap_max_ms,
    stalls: stream.stalls,
    attempts: stream.attempts,
    error_kind: stream.error === null ? null : intern(stream.error.kind),
    error: stream.error === null ? null : intern(stream.error.message),
    kept: intern(stream.kept),
  };
}

/** Rows as columns: the same keys in the same order, whatever the rows are. */
function columnsOf(rows: readonly PageStream[]): StreamColumns {
  const column = <K extends keyof PageStream>(key: K): PageStream[K][] => rows.map((row) => row[key]);
  return {
    stream: column("stream"),
    step: column("step"),
    model: column("model"),
    prompt: column("prompt"),
    warmup: column("warmup"),
    verdict: column("verdict"),
    due: column("due"),
    sent: column("sent"),
    first_token: column("first_token"),
    first_output: column("first_output"),
    last_token: column("last_token"),
    ended: column("ended"),
    tokens: column("tokens"),
    estimated: column("estimated"),
    ttft_ms: column("ttft_ms"),
    duration_ms: column("duration_ms"),
    tpot_ms: column("tpot_ms"),
    tokens_per_second: column("tokens_per_second"),
    gap_p50_ms: column("gap_p50_ms"),
    gap_p99_ms: column("gap_p99_ms"),
    gap_max_ms: column("gap_max_ms"),
    stalls: column("stalls"),
    attempts: column("attempts"),
    error_kind: column("error_kind"),
    error: column("error"),
    kept: column("kept"),
  };
}

/** Instants to a tenth of a ms: a pixel of the chart is far more. */
function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}

function tenthOrNull(value: number | null): number | null {
  return value === null ? null : tenth(value);
}
