import { run, type Run } from "./child.ts";
import { alternate, median } from "./contest.ts";
import { atMost, micros, plain, times, type Line } from "./lines.ts";
import { WARM_UP_MS } from "./peers/steady.ts";
import { BUN, openFixture, peer } from "./fixture.ts";

const STREAMS = 100;
const RATE = 50;
const SECONDS = 12;
const TOKENS = RATE * SECONDS;
const MEASURED = STREAMS * RATE * (SECONDS - WARM_UP_MS / 1000);
const FLOOR = 1.3;
const RUNS = { discarded: 0, rounds: 3 };

/** 100 streams of 50 tokens a second, one event a write: CPU of engine and worker beside reading and dropping. */
export async function* comparePaced(): AsyncGenerator<Line> {
  const fixture = await openFixture({ rate: RATE, ttft_ms: 0, jitter: 1, tokens: TOKENS });
  const contestant = (name: string) => () =>
    run([...BUN, peer(name), fixture.url, fixture.body(TOKENS), String(STREAMS)], { cwd: fixture.cwd, keep: true });
  try {
    const { ours, theirs } = await alternate(
      { ours: contestant("paced-engine"), theirs: contestant("paced-drop") },
      RUNS,
    );
    // Each process measures itself, once it is warm: its start is not the question here.
    const each = (runs: readonly Run[]): number => (1000 * median(runs.map(({ text }) => Number(text)))) / MEASURED;
    yield* [
      plain("engine and worker, CPU a token", micros(each(ours))),
      plain("a loop that reads and drops", micros(each(theirs))),
      atMost("engine and worker ÷ the loop", each(ours) / each(theirs), FLOOR, times),
    ];
  } finally {
    await fixture.close();
  }
}
