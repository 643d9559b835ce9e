import { run, type Run } from "./child.ts";
import { alternate, median } from "./contest.ts";
import { atMost, megabytes, plain, type Line } from "./lines.ts";
import { openFixture } from "./fixture.ts";

const FEW = 100_000;
const MANY = 3_000_000;
const FLOOR = 20e6;
const RUNS = { discarded: 0, rounds: 5 };

/** How the peak resident size of the compiled program grows with the length of an answer. */
export async function* compareMemory(): AsyncGenerator<Line> {
  const fixture = await openFixture({ rate: 0, ttft_ms: 0 });
  const { cwd } = fixture;
  try {
    const { few, many } = await alternate(
      { few: () => run(fixture.stream(FEW), { cwd }), many: () => run(fixture.stream(MANY), { cwd }) },
      RUNS,
    );
    const middle = (runs: readonly Run[], key: "peak" | "bytes"): number => median(runs.map((one) => one[key]));
    const text = middle(many, "bytes") - middle(few, "bytes");
    const growth = middle(many, "peak") - middle(few, "peak");
    yield* [
      plain("peak, 100 000 tokens", megabytes(middle(few, "peak"))),
      plain("peak, 3 000 000 tokens", megabytes(middle(many, "peak"))),
      plain("growth of the text", megabytes(text)),
      plain("growth of the peak", megabytes(growth)),
      atMost("growth beyond the text", growth - text, FLOOR, megabytes),
    ];
  } finally {
    await fixture.close();
  }
}
