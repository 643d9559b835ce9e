import { run } from "./child.ts";
import { alternate, least, median } from "./contest.ts";
import { atMost, ms, plain, times, type Line } from "./lines.ts";
import { openSite } from "./fixture.ts";

const TOKENS = 50;
const FLOOR = 2.2;
const RUNS = { discarded: 5, rounds: 50 };

/** One answer of 50 tokens, whole process: the compiled program beside `curl -N`, in pipes and on a terminal. */
export async function compareStart(): Promise<Line[]> {
  const site = await openSite({ rate: 0, ttft_ms: 0, tokens: TOKENS });
  const { cwd } = site;
  const curl = ["curl", "-sN", `${site.url}/chat/completions`, "-H", "content-type: application/json"];
  const command = [...curl, "-d", site.body(TOKENS)];
  try {
    const runs = await alternate(
      {
        llmaas: () => run(site.stream(), { cwd }),
        curl: () => run(command, { cwd }),
        llmaasTerminal: () => run(site.stream(), { cwd, terminal: true }),
        curlTerminal: () => run(command, { cwd, terminal: true }),
      },
      RUNS,
    );
    const time = (name: keyof typeof runs): number[] => runs[name].map((one) => one.ms);
    const spread = (name: keyof typeof runs): string => `${ms(median(time(name)))} (least ${ms(least(time(name)))})`;
    const ratio = (ours: number[], theirs: number[]): number => median(ours) / median(theirs);
    return [
      plain("llmaas, in pipes", spread("llmaas")),
      plain("curl -N, in pipes", spread("curl")),
      atMost("llmaas ÷ curl", ratio(time("llmaas"), time("curl")), FLOOR, times),
      plain("of the least of each", times(least(time("llmaas")) / least(time("curl")))),
      plain("llmaas, on a terminal", spread("llmaasTerminal")),
      plain("curl -N, on a terminal", spread("curlTerminal")),
      plain("llmaas ÷ curl, on a terminal", times(ratio(time("llmaasTerminal"), time("curlTerminal")))),
    ];
  } finally {
    await site.close();
  }
}
