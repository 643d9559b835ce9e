import { run, type Run } from "./child.ts";
import { alternate, median } from "./contest.ts";
import { measureArrival, measureDrop, measureLive, measureProgram } from "./concurrency.ts";
import type { Arrived, Load, Display } from "./concurrency.ts";
import { atLeast, atMost, count, megabytes, ms, perSecond, plain, times, type Line } from "./lines.ts";
import { BUN, openFixture, peer } from "./fixture.ts";

const ROUNDS = 3;
/** As long as it takes for memory to be what it will be. */
const THOUSAND: Load = { streams: 1000, seconds: 20 };
/** As long as it takes for arrivals to be those of a warm program; all of it takes less than five minutes. */
const SECONDS = 7;
const MEMORY_FLOOR = 300e6;
const DIFFERENCE_FLOOR = 1;

const FAST = { streams: 10, tokens: 100_000, few: 50 };
const PEER_FLOOR = 4;

const DISPLAYS: Readonly<Record<Display, string>> = { panes: "live panes", null: "/dev/null" };

/** Many streams at once: whether all run and none is lost, in how much memory, how late tokens are stamped; then at full speed. */
export async function* compareMany(): AsyncGenerator<Line> {
  yield* showProgram();
  yield* showThousand();
  yield* showDisplays();
  yield* await compareFast();
}

/** The program as it is delivered. */
async function* showProgram(): AsyncGenerator<Line> {
  const { streams } = THOUSAND;
  const piped = await measureProgram(THOUSAND);
  yield atLeast("llmaas: at once, as the server counts", piped.peak, streams, count);
  yield atLeast("llmaas: answers with their whole text", piped.whole, streams, count);
  yield atMost("llmaas in a pipe: peak resident size", piped.run.peak, MEMORY_FLOOR, megabytes);
  const live = await measureLive(THOUSAND);
  yield atLeast("llmaas with live panes: at once", live.peak, streams, count);
  yield atMost("llmaas with live panes: peak resident size", live.run.peak, MEMORY_FLOOR, megabytes);
}

type Arrivals = readonly Arrived[];

/** The same load with each output in turn. */
async function measureBoth(load: Load): Promise<Record<Display, Arrivals>> {
  const found: Record<Display, Arrived[]> = { panes: [], null: [] };
  await inTurn(ROUNDS, async () => {
    found.panes.push(await measureArrival(load, "panes"));
    found.null.push(await measureArrival(load, "null"));
  });
  return found;
}

function middle(runs: Arrivals, share: "p50" | "p99"): number {
  return median(runs.map(({ arrival }) => arrival[share]));
}

function arrivalLine({ streams }: Load, who: string, runs: Arrivals): Line {
  const each = runs.map(({ arrival }) => arrival.p99.toFixed(1)).join(", ");
  const value = `p50 ${ms(middle(runs, "p50"))}, p99 ${ms(middle(runs, "p99"))} (of ${each})`;
  return plain(`arrival error, ${streams} streams, ${who}`, value);
}

async function* showThousand(): AsyncGenerator<Line> {
  const load = { ...THOUSAND, seconds: SECONDS };
  const { panes, null: nothing } = await measureBoth(load);
  const peaks = (runs: Arrivals): number => median(runs.map((one) => one.run.peak));
  yield atLeast("measuring: at once", Math.min(...[...panes, ...nothing].map(({ peak }) => peak)), load.streams, count);
  yield atMost("measuring: peak resident size, live panes", peaks(panes), MEMORY_FLOOR, megabytes);
  yield atMost("measuring: peak resident size, /dev/null", peaks(nothing), MEMORY_FLOOR, megabytes);
  yield arrivalLine(load, DISPLAYS.panes, panes);
  yield arrivalLine(load, DISPLAYS.null, nothing);
  yield arrivalLine(load, "a loop that reads and drops", await inTurn(ROUNDS, () => measureDrop(load)));
}

/** What drawing does to the stamps: at 50 streams next to nothing, at 500 as it is. */
async function* showDisplays(): AsyncGenerator<Line> {
  for (const streams of [50, 500]) {
    const load = { streams, seconds: SECONDS };
    const { panes, null: nothing } = await measureBoth(load);
    const difference = Math.abs(middle(panes, "p99") - middle(nothing, "p99"));
    const name = `${streams} streams: between the two p99`;
    const told = streams === 50 ? atMost(name, difference, DIFFERENCE_FLOOR, ms) : plain(name, ms(difference));
    yield* [arrivalLine(load, DISPLAYS.panes, panes), arrivalLine(load, DISPLAYS.null, nothing), told];
  }
}

/** 10 answers as fast as the server writes, whole process less one of 10 short answers, beside the `openai` package. */
async function compareFast(): Promise<Line[]> {
  const { streams, tokens, few } = FAST;
  const fixture = await openFixture({ rate: 0, ttft_ms: 0 });
  const { cwd } = fixture;
  const ours = (each: number) => () =>
    run([...fixture.stream(each), "--repeat", String(streams), "-j", String(streams)], { cwd });
  const theirs = (each: number) => () =>
    run([...BUN, peer("openai-many"), fixture.url, fixture.body(each), String(streams)], { cwd });
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
    await fixture.close();
  }
}

async function inTurn<T>(rounds: number, make: () => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  for (let round = 0; round < rounds; round++) made.push(await make());
  return made;
}
