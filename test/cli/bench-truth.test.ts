import { describe, expect, test } from "bun:test";
import { bench } from "./bench-made.ts";
import { startKnownServer } from "./known-server.ts";

/** Figures of the program held against servers whose every deed is known. */

describe("coordinated omission", () => {
  const RATE = 20;
  const FREEZE = { from: 1000, until: 2000 };
  const SLOW = 300;
  const ascending = (a: number, b: number): number => a - b;
  const slowIn = (values: readonly (number | null)[]) =>
    values.filter((value) => value !== null && value > SLOW).length;

  test("at an arrival rate every user who came while the server stood still is counted with the wait they had", async () => {
    await using server = startKnownServer({ tokens: 1, ttft: 5, gap: 0, freeze: FREEZE });
    const { whole, step, records } = await bench(server, "--rate", String(RATE), "--duration", "3s");
    expect(whole.streams).toMatchObject({ started: 60, ok: 60, failed: 0, unfinished: 0 });
    expect(step.missed_starts).toBe(0);
    const [first] = records.toSorted((a, b) => a.stream - b.stream);
    const due = Date.parse(first?.sent_at ?? "") - (first?.dispatch_delay_ms ?? NaN) - performance.timeOrigin;
    const truth = server.deeds.map(({ last }, number) => last - due - (number * 1000) / RATE);
    const told = records.map((record) => record.latency_from_due_ms ?? NaN);
    // Whoever reads late on a busy machine tells more than was waited for, and never less; `sent_at` is in whole ms.
    const lessBy = told.toSorted(ascending).map((ms, rank) => (truth.toSorted(ascending)[rank] ?? NaN) - ms);
    expect(Math.max(...lessBy)).toBeLessThan(5);
    expect(slowIn(truth)).toBeGreaterThanOrEqual(10);
    expect(slowIn(told)).toBeGreaterThanOrEqual(10);
    expect(whole.distributions.latency_from_due_ms.max ?? 0).toBeGreaterThan(
      FREEZE.until - FREEZE.from - 1000 / RATE - 10,
    );
  });

  test("a closed loop of one meets the same standstill once, and does not pretend otherwise", async () => {
    await using server = startKnownServer({ tokens: 1, ttft: 5, gap: 0, freeze: FREEZE });
    const { whole, records } = await bench(server, "-j", "1", "--duration", "3s");
    const begun = server.requests[0]?.at ?? NaN;
    const frozen = server.deeds.filter(
      ({ request, last }) => last >= begun + FREEZE.until && request < begun + FREEZE.until,
    );
    expect(frozen.length).toBe(1);
    expect(records.filter(({ latency_from_due_ms: ms }) => (ms ?? 0) > 500).length).toBe(1);
    expect(whole.streams.ok).toBe(server.deeds.length);
  });

  test("starts that find no place are counted, and neither sent nor forgotten", async () => {
    await using server = startKnownServer({ tokens: 1, ttft: 5, gap: 0, freeze: FREEZE });
    const { step, whole, report } = await bench(server, "--rate", "20", "--duration", "3s", "--max-in-flight", "2");
    expect(step.missed_starts).toBeGreaterThan(5);
    expect(step.missed_starts + whole.streams.started).toBe(60);
    expect(server.requests.length).toBe(whole.streams.started);
    expect(report.verdict.streams.missed_starts).toBe(step.missed_starts);
  });
});

describe("a burst of starts", () => {
  test("does not land in the time to the first token", async () => {
    await using server = startKnownServer({ tokens: 2, ttft: 3000, gap: 20 });
    const { whole, step, records } = await bench(server, "-j", "150", "--requests", "150");
    const reported = records.map(({ ttft_ms: ttft }) => ttft ?? NaN);
    expect(whole.streams.ok).toBe(150);
    expect(step.concurrency.max).toBe(150);
    // What the server did before it wrote cannot be less than what is told.
    expect(Math.min(...reported)).toBeGreaterThanOrEqual(3000);
  });
});

describe("a saturated client", () => {
  test("says so, and by what; and still counts every token", async () => {
    await using server = startKnownServer({ tokens: 20_000, ttft: 0, gap: 0, burst: true });
    // In less than a second nothing is judged.
    const { whole, step, report } = await bench(server, "-j", "40", "--duration", "2s");
    const { ok } = whole.streams;
    expect(ok).toBeGreaterThanOrEqual(40);
    expect(whole.tokens.output).toBe(ok * 20_000);
    expect(whole.trust.tokens_source).toEqual({ usage: 0, events: ok, whole_by_events: ok });
    expect(whole.trust.coalesced ?? 0).toBeGreaterThan(0.9);
    expect(report.verdict.client).toBe("limited");
    expect(step.client.checks.filter(({ passed }) => !passed).map(({ name }) => name)).toEqual(
      report.verdict.limited_by,
    );
    expect(report.verdict.limited_by.length).toBeGreaterThan(0);
  });
});
