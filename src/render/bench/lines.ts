import type { BenchWords } from "../../i18n/load.ts";
import type { Numbers } from "../../i18n/numbers.ts";
import type { Progress } from "../../metrics/progress.ts";
import type { Sink } from "../sink.ts";
import { sayLoad, sayNumber, sayRough, showFor, type Texts } from "./figures.ts";

/** What the lines need. */
export type BenchLinesOptions = {
  sink: Sink;
  messages: Numbers;
  words: BenchWords;
  /** Ms on a clock that does not jump. */
  now?(): number;
};

/** Ten seconds, less what a progress told once a second may be early. */
const EVERY = 9500;

/** A run where nothing can be redrawn: one plain line every ten seconds. */
export function createBenchLines({ sink, messages, words, now = () => performance.now() }: BenchLinesOptions): {
  progress(progress: Progress): void | Promise<void>;
} {
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
export function progressLine(progress: Progress, texts: Texts): string {
  const { words, messages, show } = texts;
  const { live } = words;
  const { step, steps, load, phase, share, streams, missed_starts, ttft_ms, errors, client } = progress;
  const of = streams.requests === null ? null : messages.count(streams.requests);
  const { ended, failed } = streams;
  return [
    ...(share === null ? [] : [words.percent(Math.round(Math.min(1, share) * 100) / 100)]),
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
    ...(client.healthy ? [] : [words.verdict.limited]),
  ].join(" · ");
}
