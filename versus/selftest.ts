import { tmpdir } from "node:os";
import type { Distribution } from "../src/metrics/distribution.ts";
import type { SelftestLoad, SelftestReport } from "../src/metrics/selftest.ts";
import { run } from "./child.ts";
import { median } from "./contest.ts";
import { atMost, plain, type Line } from "./lines.ts";
import { BINARY } from "./fixture.ts";

const ROUNDS = 3;
/** What has to hold: p99 of the TTFT error up to so many streams, p50 up to so many. */
const P99 = { streams: 100, floor: 1 };
const P50 = { streams: 500, floor: 0.2 };

const exact = (value: number): string => `${value.toFixed(3)} ms`;

/** The program's own self-test: how far its TTFT is from what the server wrote, by load, and its two runs that must look bad. */
export async function* showSelftest(): AsyncGenerator<Line> {
  const reports: SelftestReport[] = [];
  for (let round = 0; round < ROUNDS; round++) reports.push(await test());
  const loads = reports[0]?.loads.map(({ concurrency }) => concurrency) ?? [];
  yield* loads.flatMap((streams) => linesOf(streams, reports));
  yield* badRuns(reports);
}

async function test(): Promise<SelftestReport> {
  // A run that does not look as bad as it must is a line of the table, not an end of it.
  const { text } = await run([BINARY, "selftest", "--json"], { cwd: tmpdir(), keep: true, codes: [0, 1] });
  const report: SelftestReport = JSON.parse(text);
  return report;
}

function linesOf(streams: number, reports: readonly SelftestReport[]): Line[] {
  const found = reports.flatMap(({ loads }) => loads.filter(({ concurrency }) => concurrency === streams));
  const middle = (key: "p50" | "p99", name: keyof SelftestLoad["error"] = "ttft_ms"): number =>
    median(found.map(({ error }) => error[name]?.[key satisfies keyof Distribution] ?? Number.NaN));
  const line = (key: "p50" | "p99", held: typeof P50): Line => {
    const name = `TTFT error ${key}, ${streams} streams`;
    return streams > held.streams ? plain(name, exact(middle(key))) : atMost(name, middle(key), held.floor, exact);
  };
  const besides = `gap p99 ${exact(middle("p99", "gap_ms"))}, every token p50 ${exact(middle("p50", "arrival_ms"))}`;
  return [line("p50", P50), line("p99", P99), plain(`other errors, ${streams} streams`, besides)];
}

function badRuns(reports: readonly SelftestReport[]): Line[] {
  const all = (holds: (report: SelftestReport) => boolean): string =>
    `${reports.filter(holds).length} of ${reports.length}`;
  return [
    plain(
      "busy main thread: the figures did not move",
      all(({ busy_main: busy }) => busy.held),
    ),
    plain(
      "saturated client: said so",
      all(({ saturated }) => saturated.said),
    ),
  ];
}
