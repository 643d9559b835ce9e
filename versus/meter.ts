import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StreamRecord } from "../src/metrics/record.ts";
import { readReport } from "../src/report/json.ts";
import { readStamps } from "../src/simulator/stamp.ts";
import { run } from "./child.ts";
import { alternate, median } from "./contest.ts";
import { atMost, megabytes, ms, plain, type Line } from "./lines.ts";
import { BINARY, BUN, openFixture, peer } from "./fixture.ts";

/** TTFT 100 ms, then 99 gaps of 20 ms: each answer takes 2 080 ms. */
const SCHEDULE = { ttft_ms: 100, rate: 50, tokens: 100, stamp: true };
const DURATION = 2080;
const OFF = 2;
const LOAD = ["-j", "16", "--requests", "200", "--warmup", "16"];

const FEW = 100_000;
const MANY = 1_000_000;
const GROWTH = 20e6;

/** What `llmaas bench` makes of a schedule that is known, and how much memory the figures of a million streams take. */
export async function* compareMeter(): AsyncGenerator<Line> {
  yield* await measureSchedule();
  yield* await measureMemory();
}

async function measureSchedule(): Promise<Line[]> {
  const fixture = await openFixture(SCHEDULE);
  const { url, cwd } = fixture;
  try {
    const path = join(cwd, "report.json");
    const records = join(cwd, "records.jsonl");
    const command = [
      BINARY,
      "bench",
      "--endpoint",
      url,
      ...LOAD,
      "--max-tokens",
      "1000",
      "--report",
      path,
      "--records",
      records,
      "two words",
    ];
    await run([...command, "--config", join(cwd, "config.json")], { cwd });
    const [step] = readReport(await Bun.file(path).text(), path).steps;
    const figures = step?.results.at(-1)?.distributions;
    const mean = figures?.duration_ms.mean ?? NaN;
    return [
      plain("known schedule, mean duration", ms(mean)),
      plain("its p50, p99", `${ms(figures?.duration_ms.p50 ?? NaN)}, ${ms(figures?.duration_ms.p99 ?? NaN)}`),
      plain("its mean TTFT, mean gap", `${ms(figures?.ttft_ms.mean ?? NaN)}, ${ms(figures?.gap_ms.mean ?? NaN)}`),
      plain("first to last token, written and reported", spans(await Bun.file(records).text())),
      plain("client", step?.client.healthy === true ? "healthy" : "limited"),
      atMost(`away from ${DURATION} ms`, Math.abs(mean - DURATION), OFF, ms),
    ];
  } finally {
    await fixture.close();
  }
}

/** Mean time from the first token to the last: as the server stamped its writes, which a busy machine makes late, and as reported. */
function spans(jsonl: string): string {
  const records: StreamRecord[] = jsonl
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const written = records.map(({ text }) => {
    const stamps = readStamps(text);
    return (stamps.at(-1) ?? NaN) - (stamps[0] ?? NaN);
  });
  const reported = records.map(({ duration_ms: duration, ttft_ms: ttft }) => duration - (ttft ?? NaN));
  return [written, reported]
    .map((values) => ms(values.reduce((sum, value) => sum + value, 0) / values.length))
    .join(", ");
}

async function measureMemory(): Promise<Line[]> {
  const figures = (streams: number) => run([...BUN, peer("figures"), String(streams)], { cwd: tmpdir() });
  const runs = { discarded: 0, rounds: 1 };
  const { few, many } = await alternate({ few: () => figures(FEW), many: () => figures(MANY) }, runs);
  const [small, large] = [few, many].map((made) => median(made.map(({ peak }) => peak)));
  const growth = (large ?? NaN) - (small ?? NaN);
  return [
    plain("peak, figures of 100 000 streams", megabytes(small ?? NaN)),
    plain("peak, figures of 1 000 000 streams", megabytes(large ?? NaN)),
    atMost("growth", growth, GROWTH, megabytes),
  ];
}
