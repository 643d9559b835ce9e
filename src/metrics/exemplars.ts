import { knownP99 } from "./distribution.ts";
import type { Ms, Verdict } from "../stream/event.ts";
import { createRandom } from "../run/random.ts";
import { round } from "./distribution.ts";
import { isUnfinished, type LoadRecord } from "./load-record.ts";
import type { StreamState } from "./timeline.ts";
import type { RunWatcher } from "./watched.ts";

/** A stream as the charts draw it; instants in ms since the run's first request. */
export type Exemplar = {
  stream: number;
  step: number;
  model: string;
  prompt: string;
  warmup: boolean;
  verdict: Verdict;
  due: number;
  sent: number;
  first_token: number | null;
  first_output: number | null;
  last_token: number | null;
  ended: number;
  tokens: number;
  tokens_source: "usage" | "events";
  ttft_ms: number | null;
  duration_ms: number;
  tpot_ms: number | null;
  tokens_per_second: number | null;
  gap_p50_ms: number | null;
  gap_p99_ms: number | null;
  gap_max_ms: number | null;
  stalls: number;
  attempts: number;
  error: { kind: string; message: string } | null;
  /** Why it was kept, or that all were. */
  kept: "slow" | "failed" | "sample" | "all";
};

/** Most streams that a page draws: the slowest, failures, and a sample of the rest. */
const DRAWN = { slow: 200, failed: 200, all: 2000 } as const;
/** Most of a prompt, and of an error, that is shown; UTF-16 units. */
const LONGEST_TEXT = 300;

/** Chooses the streams to be drawn; keeps no more than those. The same seed and the same streams: the same choice. */
export function createExemplars(seed: number): RunWatcher<LoadRecord> & {
  /** In the order of their start, and how many there were in all; instants count from the first request. */
  streams(): { streams: Exemplar[]; left: number };
} {
  const random = createRandom(seed);
  const slow: Exemplar[] = [];
  const failed: Exemplar[] = [];
  const rest: Exemplar[] = [];
  let origin: Ms | null = null;
  let seen = 0;
  let offered = 0;

  /** Reservoir sampling (Vitter, algorithm R): each of those offered is kept with the same chance. */
  function sample(stream: Exemplar): void {
    offered++;
    const room = DRAWN.all - DRAWN.slow - DRAWN.failed;
    if (rest.length < room) {
      rest.push(stream);
      return;
    }
    const place = Math.floor(random() * offered);
    if (place < room) rest[place] = stream;
  }

  function keepSlow(stream: Exemplar): void {
    if (slow.length === DRAWN.slow && stream.duration_ms <= (slow.at(-1)?.duration_ms ?? 0)) return sample(stream);
    const place = slow.findIndex(({ duration_ms: duration }) => duration < stream.duration_ms);
    slow.splice(place < 0 ? slow.length : place, 0, stream);
    const fastest = slow.length > DRAWN.slow ? slow.pop() : undefined;
    if (fastest !== undefined) sample(fastest);
  }

  return {
    on(event) {
      if (event.type !== "record") return;
      const { record, state } = event;
      seen++;
      const begin = state.sent ?? state.due;
      origin = Math.min(origin ?? begin, begin);
      const stream = draw(record, state);
      if (record.error === null) keepSlow(stream);
      else if (!isUnfinished(record) && failed.length < DRAWN.failed) failed.push(stream);
      else sample(stream);
    },
    streams() {
      const kept = [
        ...slow.map((stream) => ({ ...stream, kept: "slow" as const })),
        ...failed.map((stream) => ({ ...stream, kept: "failed" as const })),
        ...rest,
      ].toSorted((a, b) => a.sent - b.sent);
      const left = seen - kept.length;
      const streams = left === 0 ? kept.map((stream) => ({ ...stream, kept: "all" as const })) : kept;
      return { streams: streams.map((stream) => sinceOrigin(stream, origin ?? 0)), left };
    },
  };
}

/** Instants are ms since the epoch until the first request of all is known. */
function draw(record: LoadRecord, state: StreamState): Exemplar {
  const { due, sent, firstToken, firstOutput, lastToken, ended } = state;
  const { stream, step, model, warmup, verdict, tokens, error } = record;
  return {
    stream,
    step,
    model,
    prompt: record.prompt.slice(0, LONGEST_TEXT),
    warmup,
    verdict,
    due,
    sent: sent ?? due,
    first_token: firstToken,
    first_output: firstOutput,
    last_token: lastToken,
    ended: ended ?? due,
    tokens,
    tokens_source: record.tokens_source,
    ttft_ms: record.ttft_ms,
    duration_ms: record.duration_ms,
    tpot_ms: record.tpot_ms,
    tokens_per_second: record.tokens_per_second,
    gap_p50_ms: record.gap_ms?.p50 ?? null,
    gap_p99_ms: record.gap_ms === null ? null : knownP99(record.gap_ms),
    gap_max_ms: record.gap_ms?.max ?? null,
    stalls: record.stalls,
    attempts: record.attempts,
    error: error === null ? null : { kind: error.kind, message: error.message.slice(0, LONGEST_TEXT) },
    kept: "sample",
  };
}

function sinceOrigin(stream: Exemplar, origin: Ms): Exemplar {
  const since = (at: Ms): number => round(at - origin);
  const sinceOrNull = (at: Ms | null): number | null => (at === null ? null : since(at));
  return {
    ...stream,
    due: since(stream.due),
    sent: since(stream.sent),
    first_token: sinceOrNull(stream.first_token),
    first_output: sinceOrNull(stream.first_output),
    last_token: sinceOrNull(stream.last_token),
    ended: since(stream.ended),
  };
}
