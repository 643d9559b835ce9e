import { enNumbers } from "../numbers.ts";

const { count, counted } = enNumbers;

/** What is said of a load that several machines share. */
export const enShards = {
  name: (index: number, of: number) => `shard ${index}/${of}`,
  begins: (index: number, of: number, start: string, wait: string) =>
    `Shard ${index}/${of} of a load that several machines share: it begins at ${start}, in ${wait}.`,
  clock: (server: string, offset: string, isBehind: boolean, error: string) =>
    `The clock of this machine is ${offset} ${isBehind ? "behind" : "ahead of"} that of ${server}, give or take ${error}.`,
  noClock: (server: string) =>
    `${server} gave no answer that could be used as a time: how far the clock of this machine is off stays unknown.`,
  part: (index: number, of: number) =>
    `Shard ${index}/${of}: the part of one machine. Thresholds are judged when all parts are joined, by llmaas merge.`,
  title: "Shards",
  all: (of: number) => `${count(of)} joined`,
  missing: (found: number, of: number, missing: string) => `${count(found)} of ${count(of)} joined, without ${missing}`,
  spread: (time: string) => `first requests within ${time}`,
  common: (share: string) => `${share} of the windows in common`,
  clocks: {
    unknown:
      "clocks not compared: what they differ by blurs what is shown over time, but no duration and no percentile",
    within: (time: string) => `clocks within ${time}`,
  },
  more: (parts: number) => `… and ${counted(parts, "shard")} more`,
  judgedLater: (thresholds: number) => `${counted(thresholds, "threshold")} to be judged by llmaas merge`,
  streams: (number: number) => counted(number, "stream"),
  first: (time: string) => `first request after ${time}`,
  none: "no request",
  healthy: "client healthy",
  limited: "client limited",
  partial: "ended early",
  each: (machine: string) => `each on ${machine}`,
  machine: (cores: number, cpu: string, system: string) => `${count(cores)} × ${cpu}, ${system}`,
  bounds: (figures: string) => `Known within bounds only: ${figures}.`,
  between: (least: string, most: string) => `${least} to ${most}`,
  bounded: {
    peak: "tokens/s of the best second",
    requests: "requests/s",
    tokens: "tokens/s",
    goodput: "goodput per second",
    prompts: "different prompts",
    atOnce: "most streams at once",
    mean: "streams at once on average",
  },
};
