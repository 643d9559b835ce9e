import { run, type Run } from "./child.ts";
import { alternate, median } from "./contest.ts";
import { atLeast, ms, perSecond, plain, times, type Line } from "./lines.ts";
import { BUN, openFixture, peer } from "./fixture.ts";

const MANY = 1_000_000;
const FEW = 50;
const FLOOR = 1_500_000;
const PEER_FLOOR = 4;
const RUNS = { discarded: 1, rounds: 5 };

/** A million tokens as fast as the server writes, whole process less one of 50 tokens, beside the `openai` package. */
export async function* compareBurst(): AsyncGenerator<Line> {
  const fixture = await openFixture({ rate: 0, ttft_ms: 0 });
  const { cwd } = fixture;
  const openai = (tokens: number): string[] => [...BUN, peer("openai"), fixture.url, fixture.body(tokens)];
  const drop = [...BUN, peer("drop"), `${fixture.url}/chat/completions`, fixture.body(MANY)];
  try {
    const runs = await alternate(
      {
        ours: () => run(fixture.stream(MANY), { cwd }),
        theirs: () => run(openai(MANY), { cwd }),
        oursFew: () => run(fixture.stream(FEW), { cwd }),
        theirsFew: () => run(openai(FEW), { cwd }),
        drop: () => run(drop, { cwd }),
      },
      RUNS,
    );
    const time = (list: readonly Run[]): number => median(list.map((one) => one.ms));
    const speed = (many: readonly Run[], few: readonly Run[]): number =>
      (1000 * (MANY - FEW)) / (time(many) - time(few));
    const ours = speed(runs.ours, runs.oursFew);
    const theirs = speed(runs.theirs, runs.theirsFew);
    yield* [
      plain("llmaas, 1 000 000 tokens", ms(time(runs.ours))),
      plain("openai 7.57.0, the same", ms(time(runs.theirs))),
      plain("a loop that reads and drops", ms(time(runs.drop))),
      atLeast("llmaas", ours, FLOOR, perSecond),
      plain("openai 7.57.0", perSecond(theirs)),
      atLeast("llmaas ÷ openai", ours / theirs, PEER_FLOOR, times),
    ];
  } finally {
    await fixture.close();
  }
}
