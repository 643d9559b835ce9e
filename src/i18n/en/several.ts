import { enNumbers } from "../numbers.ts";
import type { SeveralWords } from "../several.ts";

export const enSeveral: SeveralWords = {
  comparison: {
    streams: "Streams",
    figure: {
      ttft: "First token",
      speed: "Tokens/s",
      steady: "Steady tokens/s",
      duration: "Duration",
      tokens: "Tokens",
      gap_p50: "Gap, median",
      gap_p99: "Gap, p99",
      stalls: "Stalls",
      cost: (currency) => `Cost (${currency})`,
    },
    amount: enNumbers.amount,
    percent: (share) => `${enNumbers.signedPercent(share)}%`,
    mean: "mean of each figure",
    best: "★ the best",
    difference: "%: difference from the best",
    partly: (count, streams) => `(${count}/${streams}): mean of ${count} out of ${streams} streams`,
    estimated: "~: counted by events",
  },
  waterfall: {
    title: (streams) => `Where the time went: ${streams} streams`,
    left: (shown, streams, failed) =>
      `${shown} of ${streams} shown: failures, extremes, an even sample${failed === null ? "" : ` (${failed} more failed)`}`,
    phase: { waiting: "waiting", retrying: "wait before a retry", thinking: "thinking", stalled: "stall" },
    tokens: (fastest) => (fastest === null ? "tokens" : `tokens, up to ${fastest}/s`),
    seconds: (value, digits) => `${value.toFixed(digits)} s`,
  },
  panes: {
    state: { waiting: "waiting", thinking: "thinking", streaming: "streaming", stalled: "stalled" },
    retrying: (attempt, wait) => `attempt ${attempt} in ${wait}`,
    tokens: (count) => `${count} tokens`,
    speed: (perSecond) => `${perSecond} tok/s`,
    ttft: (time) => `TTFT ${time}`,
    seconds: (count) => `${count} s`,
    done: (count, total) => (total === null ? `${count} done` : `${count}/${total} done`),
    running: (count) => `${count} running`,
    failed: (count) => `${count} failed`,
    left: (time) => `~${time} left`,
    columns: { number: "#", model: "model", tokens: "tok", speed: "tok/s", pace: "pace", text: "last words" },
  },
  concurrency: (asked, max, mean) => `Streams at once: ${asked} asked, ${max} at most, ${mean} on average`,
  short: "Fewer streams ran than were asked for: this machine could not keep up, and its figures are too slow.",
  total: (cost) => `Cost of all: ${cost}`,
  notesLeft: (count) => `… and ${count} more like these: --records has them all.`,
  answersLeft: (count) => `${count} more answers were too long to keep for the end: --records keeps them all.`,
};
