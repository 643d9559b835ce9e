import type { PageStream } from "./data.ts";
import type { Entry } from "./plot.ts";
import { isFailed, isolated, modelOf, page, textAt, words, write } from "./state.ts";
import { fill } from "./text.ts";

/** The signs of the waterfall: those that are there. */
export function waterfallLegend(streams: readonly PageStream[]): Entry[] {
  const thinking = streams.some(({ first_token, first_output }) => (first_output ?? 0) > (first_token ?? Infinity));
  const writing = page.models.map((model, index) => ({
    key: `m${index % 6} bar`,
    text: page.models.length > 1 ? `${words.streaming}, ${model}` : words.streaming,
  }));
  return [
    { key: "wait", text: words.waiting },
    ...(thinking ? [{ key: "think", text: words.thinking }] : []),
    ...writing,
    ...(streams.some(isFailed) ? [{ key: "x", text: words.failedMark }] : []),
  ];
}

/** A stream in one line. */
export function waterfallLine(stream: PageStream): string {
  const ttft = stream.ttft_ms === null ? "–" : write.duration(stream.ttft_ms);
  return [
    fill(words.stream, { number: write.count(stream.stream) }),
    ...(page.models.length > 1 ? [isolated(modelOf(stream))] : []),
    `${words.ttft} ${ttft}`,
    `${words.duration} ${write.duration(stream.duration_ms)}`,
    textAt(stream.verdict),
  ].join(" · ");
}

/** The titles of the waterfall as a table. */
export function waterfallHead(): string[] {
  const { sent, ttft, duration, tokens, tokensPerSecond, verdict, model } = words;
  return [fill(words.stream, { number: "" }).trim(), model, sent, ttft, duration, tokens, tokensPerSecond, verdict];
}

/** A stream as a row of that table. */
export function waterfallRow(stream: PageStream): string[] {
  return [
    write.count(stream.stream),
    modelOf(stream),
    write.duration(stream.sent),
    stream.ttft_ms === null ? "–" : write.duration(stream.ttft_ms),
    write.duration(stream.duration_ms),
    write.count(stream.tokens),
    stream.tokens_per_second === null ? "–" : write.number(stream.tokens_per_second),
    textAt(stream.verdict),
  ];
}
