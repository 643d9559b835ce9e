import { describe, expect, test } from "bun:test";
import { type Lang, load } from "../../src/i18n/load.ts";
import { exactDistribution, type Distribution } from "../../src/metrics/distribution.ts";
import type { SelftestLoad, SelftestReport } from "../../src/metrics/selftest.ts";
import { selftestResult, selftestVerdict, type SelftestTexts } from "../../src/render/selftest.ts";
import { createPaint } from "../../src/text/paint.ts";
import { flat } from "../../src/text/visible.ts";
import { typographyProblems } from "../i18n/typography.ts";

const LANGS = ["en", "fr"] as const;

async function textsOf(lang: Lang): Promise<SelftestTexts> {
  const [messages, words, bench] = await Promise.all([
    load(lang, "messages"),
    load(lang, "selftest"),
    load(lang, "bench"),
  ]);
  return { messages, words, bench, show: flat, columns: 80 };
}

const around = (middle: number): Distribution | null =>
  exactDistribution(Float64Array.of(middle / 2, middle, 5 * middle));

function loadOf(concurrency: number, late: number, healthy = true): SelftestLoad {
  const figures = { ttft_ms: around(late), gap_ms: around(2 * late), duration_ms: around(3 * late) };
  return {
    concurrency,
    tokens_per_second: 50,
    tokens_per_stream: 75,
    streams: { measured: 2 * concurrency, complete: 2 * concurrency },
    tokens: { expected: 150 * concurrency, paired: 150 * concurrency, coalesced: 0.01 },
    injected: figures,
    reported: figures,
    error: { ...figures, arrival_ms: around(late), request_ms: around(0.3) },
    clock_ahead_ms: { min: -0.04, max: 0.121 },
    client: clientOf(healthy),
  };
}

function clientOf(healthy: boolean): SelftestLoad["client"] {
  return {
    healthy,
    checks: [
      { name: "worker_lag_p99_ms", value: healthy ? 1 : 338, limit: 5, passed: healthy },
      { name: "cpu_per_thread", value: healthy ? 0.2 : 0.97, limit: 0.8, passed: healthy },
      { name: "concurrency", value: 20, limit: 20, passed: true },
      { name: "held_ms", value: healthy ? 0 : 8140, limit: 0, passed: healthy },
    ],
  };
}

const GOOD: SelftestReport = {
  v: 1,
  type: "selftest",
  tool: { name: "llmaas", version: "0.1.0", bun: "1.4.5" },
  machine: { os: "linux 6.1", arch: "x64", cpu: "A \u001B[31mprocessor", cores: 2, memory_bytes: 8e9 },
  started_at: "2026-11-22T10:00:00.000Z",
  ended_at: "2026-11-22T10:00:36.000Z",
  schedule: { ttft_ms: 100, tokens_per_second: 50 },
  loads: [loadOf(1, 0.05), loadOf(100, 0.12), loadOf(1000, 25.5, false)],
  limits: { under_1_ms_up_to: 100, under_5_ms_up_to: 1000 },
  busy_main: {
    blocked_ms: 50,
    quiet: loadOf(20, 0.1),
    busy: loadOf(20, 0.12),
    limits_ms: { p50: 5, p90: 20 },
    held: true,
  },
  saturated: { concurrency: 20, tokens_per_second: 0, client: clientOf(false), said: true },
  passed: true,
};

const lost = loadOf(1000, 300, false);
const BAD: SelftestReport = {
  ...GOOD,
  loads: [{ ...lost, streams: { measured: 2000, complete: 1999 }, tokens: { ...lost.tokens, paired: 149_990 } }],
  limits: { under_1_ms_up_to: null, under_5_ms_up_to: null },
  busy_main: { ...GOOD.busy_main, busy: loadOf(20, 26), held: false },
  saturated: { ...GOOD.saturated, client: clientOf(true), said: false },
  passed: false,
};

const REPORTS = [
  ["all is well", GOOD],
  ["nothing is", BAD],
] as const;

describe.each(LANGS)("the result of a self-test in %s", (lang) => {
  test.each(REPORTS)("when %s is this", async (_, report) => {
    const result = selftestResult(report, await textsOf(lang), createPaint(false));
    expect(result.split("\n").filter((line) => Bun.stringWidth(line) > 80)).toEqual([]);
    expect(result).toMatchSnapshot();
  });

  test("fits terminals from 40 columns on", async () => {
    const texts = await textsOf(lang);
    for (const [, report] of REPORTS)
      for (const columns of [40, 47, 55, 60, 68, 79]) {
        const lines = selftestResult(report, { ...texts, columns }, createPaint(false)).split("\n");
        expect({ columns, wide: lines.filter((line) => Bun.stringWidth(line) > columns) }).toEqual({
          columns,
          wide: [],
        });
      }
  });

  test("begins with the verdict, which stands alone on one line when nothing else is wanted", async () => {
    const texts = await textsOf(lang);
    for (const [, report] of REPORTS) {
      const verdict = selftestVerdict(report, texts);
      expect(verdict).not.toContain("\n");
      const begin = selftestResult(report, texts, createPaint(false)).replaceAll(/\n {2}/g, " ");
      expect(begin).toStartWith(verdict);
    }
  });
});

test("the result in French keeps the rules of French typography", async () => {
  const texts = await textsOf("fr");
  for (const [, report] of REPORTS) {
    const result = selftestResult(report, texts, createPaint(false)).replaceAll(/\n {2}(?=\S)/g, " ");
    // Figures stand in columns there.
    const prose = result.split("\n").filter((line) => !/\S {2,}\S/.test(line));
    expect(prose.flatMap(typographyProblems)).toEqual([]);
  }
});

test("what the machine calls itself is shown and not obeyed", async () => {
  const result = selftestResult(GOOD, await textsOf("en"), createPaint(false));
  expect(result).not.toContain("\u001B");
  expect(result).toContain("processor");
});
