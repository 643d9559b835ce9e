import { run } from "./child.ts";
import { alternate, least, median } from "./contest.ts";
import { atMost, ms, plain, times, type Line } from "./lines.ts";
import { BINARY, compilePeer, openFixture } from "./fixture.ts";

const TOKENS = 50;
const FLOOR = 2.2;
const SMALLEST_FLOOR = 1.3;
const VERSION_FLOOR = 1.5;
const RUNS = { discarded: 5, rounds: 50 };

/**
 * One answer of 50 tokens, whole process: the compiled program beside `curl -N`, in pipes and on a terminal, and beside
 * the smallest program that streams through a worker; then `--version` beside a program that does nothing.
 */
export async function* compareStart(): AsyncGenerator<Line> {
  const fixture = await openFixture({ rate: 0, ttft_ms: 0, tokens: TOKENS });
  const { cwd } = fixture;
  const curl = ["curl", "-sN", `${fixture.url}/chat/completions`, "-H", "content-type: application/json"];
  const command = [...curl, "-d", fixture.body(TOKENS)];
  const smallest = compilePeer(cwd, "smallest", "smallest-thread");
  const empty = compilePeer(cwd, "empty");
  try {
    const runs = await alternate(
      {
        llmaas: () => run(fixture.stream(), { cwd }),
        curl: () => run(command, { cwd }),
        smallest: () => run([smallest, fixture.url, fixture.body(TOKENS)], { cwd }),
        version: () => run([BINARY, "--version"], { cwd }),
        empty: () => run([empty], { cwd }),
        llmaasTerminal: () => run(fixture.stream(), { cwd, terminal: true }),
        curlTerminal: () => run(command, { cwd, terminal: true }),
      },
      RUNS,
    );
    const time = (name: keyof typeof runs): number[] => runs[name].map((one) => one.ms);
    const spread = (name: keyof typeof runs): string => `${ms(median(time(name)))} (least ${ms(least(time(name)))})`;
    const ratio = (ours: number[], theirs: number[]): number => median(ours) / median(theirs);
    yield* [
      plain("llmaas, in pipes", spread("llmaas")),
      plain("curl -N, in pipes", spread("curl")),
      atMost("llmaas ÷ curl", ratio(time("llmaas"), time("curl")), FLOOR, times),
      plain("of the least of each", times(least(time("llmaas")) / least(time("curl")))),
      plain("the smallest program with a worker", spread("smallest")),
      atMost("llmaas ÷ the smallest", ratio(time("llmaas"), time("smallest")), SMALLEST_FLOOR, times),
      plain("llmaas --version", spread("version")),
      plain("a program that does nothing", spread("empty")),
      atMost("llmaas --version ÷ it", ratio(time("version"), time("empty")), VERSION_FLOOR, times),
      plain("llmaas, on a terminal", spread("llmaasTerminal")),
      plain("curl -N, on a terminal", spread("curlTerminal")),
      plain("llmaas ÷ curl, on a terminal", times(ratio(time("llmaasTerminal"), time("curlTerminal")))),
    ];
  } finally {
    await fixture.close();
  }
}
