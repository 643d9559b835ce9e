import { enTerms } from "./terms.ts";

/** What is said of several streams; counts come written out where nothing bends to them. */
export const enSeveral = {
  comparison: {
    streams: "Streams",
    answeredBy: "Answered by",
    figure: enTerms.compared,
    mean: "mean of each figure",
    best: "★ the best",
    difference: "%: difference from the best",
    unsure: "no ★: under 5 streams a side, under 2% apart, or no more than chance makes",
    partly: (count: number, streams: number) => `(${count}/${streams}): mean of ${count} out of ${streams} streams`,
    estimated: "~: counted by events",
  },
  waterfall: {
    title: (streams: string) => `Where the time went: ${streams} streams`,
    left: (shown: string, streams: string, failed: string | null) =>
      `${shown} of ${streams} shown: failures, extremes, an even sample${failed === null ? "" : ` (${failed} more failed)`}`,
    phase: { waiting: "waiting", retrying: "wait before a retry", thinking: "thinking", stalled: "stall" },
    tokens: (fastest: string | null) => (fastest === null ? "tokens" : `tokens, up to ${fastest}/s`),
  },
  panes: {
    state: { waiting: "waiting", thinking: "thinking", streaming: "streaming", stalled: "stalled" },
    retrying: (attempt: number, wait: string) => `attempt ${attempt} in ${wait}`,
    tokens: (count: string) => `${count} tokens`,
    speed: (perSecond: string) => `${perSecond} tok/s`,
    ttft: (time: string) => `TTFT ${time}`,
    done: (count: string, total: string | null) => (total === null ? `${count} done` : `${count}/${total} done`),
    running: (count: string) => `${count} running`,
    failed: (count: string) => `${count} failed`,
    left: (time: string) => `~${time} left`,
    columns: { number: "#", model: "model", tokens: "tok", speed: "tok/s", pace: "pace", text: "last words" },
  },
  concurrency: (asked: string, max: string, mean: string) =>
    `Streams at once: ${asked} asked, ${max} at most, ${mean} on average`,
  short: "Fewer streams ran than were asked for: this machine could not keep up, and its figures are too slow.",
  total: (cost: string) => `Cost of all: ${cost}`,
  inLumps: (lumpy: string, streams: string) =>
    `${lumpy} of ${streams} answers came in lumps: something on the way (a proxy, compression) holds them back, and first token and gaps are its, not the model's.`,
  failures: {
    line: (who: string, what: string) => `${who}: ${what}`,
    of: (count: string, streams: string) => `${count} of ${streams}`,
    more: (count: string) => ` … and ${count} more`,
    left: (kinds: string) =>
      `… and ${kinds} more ${kinds === "1" ? "kind" : "kinds"} of failure: --records has them all.`,
  },
  answersLeft: (count: string) => `${count} more answers were too long to keep for the end: --records keeps them all.`,
};
