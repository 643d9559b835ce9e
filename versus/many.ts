import { run, type Run } from "./child.ts";
import { alternate, median } from "./contest.ts";
import { measureArrival, measureDrop, measureLive, measureProgram } from "./concurrency.ts";
import type { Arrived, Crowd, Display } from "./concurrency.ts";
import { atLeast, atMost, count, megabytes, ms, perSecond, plain, times, type Line } from "./lines.ts";
import { BUN, openSite, peer } from "./fixture.ts";

const ROUNDS = 3;
const THOUSAND: Crowd = { streams: 1000, seconds: 20 };
const MEMORY_FLOOR = 300e6;
const DIFFERENCE_FLOOR = 1;

const FAST = { streams: 10, tokens: 100_000, few: 50 };
const PEER_FLOOR = 4;

const DISPLAYS: Readonly<Record<Display, string>> = { panes: "live panes", null: "/dev/null" };

/** Many streams at once: whether all run and none is lost, in how much memory, how late tokens are stamped; then at full speed. */
export async function compareMany(): Promise<Line[]> {
  return [...(await showProgram()), ...(await showThousand()), ...(await showDisplays()), ...(await compareFast())];
}

/** The program as it is delivered. */
async function showProgram(): Promise<Line[]> {
  const { streams } = THOUSAND;
  const runs = await inTurn(ROUNDS, () => measureProgram(THOUSAND));
  const live = await inTurn(ROUNDS, () => measureLive(THOUSAND));
  return [
    atLeast("llmaas: at once, as the server counts", Math.min(...runs.map(({ peak }) => peak)), streams, count),
    atLeast("llmaas: answers with their whole text", Math.min(...runs.map(({ whole }) => whole)), streams, count),
    atMost("llmaas in a pipe: peak resident size", median(runs.map((one) => one.run.peak)), MEMORY_FLOOR, megabytes),
    atLeast("llmaas with live panes: at once", Math.min(...live.map(({ peak }) => peak)), streams, count),
    atMost(
      "llmaas with live panes: peak resident size",
      median(live.map((one) => one.run.peak)),
      MEMORY_FLOOR,
      megabytes,
    ),
  ];
}

type Arrivals = readonly Arrived[];

/** The same crowd with each output in turn. */
async function measureBoth(crowd: Crowd): Promise<Record<Display, Arrivals>> {
  const found: Record<Display, Arrived[]> = { panes: [], null: [] };
  await inTurn(ROUNDS, async () => {
    found.panes.push(await measureArrival(crowd, "panes"));
    found.null.push(await measureArrival(crowd, "null"));
  });
  return found;
}

function middle(runs: Arrivals, share: "p50" | "p99"): number {
  return median(runs.map(({ arrival }) => arrival[share]));
}

function arrivalLine({ streams }: Crowd, who: string, runs: Arrivals): Line {
  const each = runs.map(({ arrival }) => arrival.p99.toFixed(1)).join(", ");
  const value = `p50 ${ms(middle(runs, "p50"))}, p99 ${ms(middle(runs, "p99"))} (of ${each})`;
  return plain(`arrival error, ${streams} streams, ${who}`, value);
}

async function showThousand(): Promise<Line[]> {
  const { streams } = THOUSAND;
  const { panes, null: nothing } = await measureBoth(THOUSAND);
  const peaks = (runs: Arrivals): number => median(runs.map((one) => one.run.peak));
  return [
    atLeast("measuring: at once", Math.min(...[...panes, ...nothing].map(({ peak }) => peak)), streams, count),
    atMost("measuring: peak resident size, live panes", peaks(panes), MEMORY_FLOOR, megabytes),
    atMost("measuring: peak resident size, /dev/null", peaks(nothing), MEMORY_FLOOR, megabytes),
    arrivalLine(THOUSAND, DISPLAYS.panes, panes),
    arrivalLine(THOUSAND, DISPLAYS.null, nothing),
    arrivalLine(THOUSAND, "a loop that reads and drops", await inTurn(ROUNDS, () => measureDrop(THOUSAND))),
  ];
}

/** What drawing does to the stamps: at 50 streams next to nothing, at 500 as it is. */
async function showDisplays(): Promise<Line[]> {
  const lines: Line[] = [];
  for (const streams of [50, 500]) {
    const crowd = { streams, seconds: 20 };
    const { panes, null: nothing } = await measureBoth(crowd);
    const difference = Math.abs(middle(panes, "p99") - middle(nothing, "p99"));
    const name = `${streams} streams: between the two p99`;
    const told = streams === 50 ? atMost(name, difference, DIFFERENCE_FLOOR, ms) : plain(name, ms(difference));
    lines.push(arrivalLine(crowd, DISPLAYS.panes, panes), arrivalLine(crowd, DISPLAYS.null, nothing), told);
  }
  return lines;
}

/** 10 answers as fast as the server writes, whole process less one of 10 short answers, beside the `openai` package. */
async function compareFast(): Promise<Line[]> {
  const { streams, tokens, few } = FAST;
  const site = await openSite({ rate: 0, ttft_ms: 0 });
  const { cwd } = site;
  const ours = (each: number) => () =>
    run([...site.stream(each), "--repeat", String(streams), "-j", String(streams)], { cwd });
  const theirs = (each: number) => () =>
    run([...BUN, peer("openai-many"), site.url, site.body(each), String(streams)], { cwd });
  try {
    const contestants = { ours: ours(tokens), theirs: theirs(tokens), oursFew: ours(few), theirsFew: theirs(few) };
    const runs = await alternate(contestants, { discarded: 1, rounds: 5 });
    const time = (list: readonly Run[]): number => median(list.map((one) => one.ms));
    const speed = (long: readonly Run[], short: readonly Run[]): number =>
      (1000 * streams * (tokens - few)) / (time(long) - time(short));
    const [our, their] = [speed(runs.ours, runs.oursFew), speed(runs.theirs, runs.theirsFew)];
    return [
      plain("llmaas, 10 × 100 000 tokens", perSecond(our)),
      plain("openai 7.57.0, the same", perSecond(their)),
      atLeast("llmaas ÷ openai", our / their, PEER_FLOOR, times),
    ];
  } finally {
    await site.close();
  }
}

async function inTurn<T>(rounds: number, make: () => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  for (let round = 0; round < rounds; round++) made.push(await make());
  return made;
}
