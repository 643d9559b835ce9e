import { describe, expect, test } from "bun:test";
import { loadExitCode } from "../../src/commands/load-exit.ts";
import { enBench } from "../../src/i18n/en/bench.ts";
import { frBench } from "../../src/i18n/fr/bench.ts";
import type { IfDisturbed, RunReport } from "../../src/metrics/report.ts";
import { MARKS, standingOf } from "../../src/metrics/verdict.ts";
import { renderResult, renderVerdict } from "../../src/render/bench/result.ts";
import { createPaint } from "../../src/text/paint.ts";
import { delta, ended, opened, sent } from "../contract/samples.ts";
import { arriving, playStep, PLAN, reportOf, type Script } from "../fixtures/report.ts";
import { en, fr } from "../render/words.ts";

/** What came of streams that are asked one after the other. */
type Came = {
  /** TTFT of each stream that ends well, ms. */
  ttft: readonly number[];
  failed?: number;
  unfinished?: number;
  /** Ms by which the thread that reads was late. */
  lag?: number;
  slo?: readonly string[];
  ifDisturbed?: IfDisturbed;
  missed?: number;
  short?: boolean;
  message?: string;
  /** Ms from one stream to the next. */
  apart?: number;
};

const EVERY = "ttft < 300ms";
const MOST = "goodput >= 50%";

function streamOf(due: number, ttft: number): Script {
  const usage = { prompt_tokens: 1, completion_tokens: 4, total_tokens: 5, reasoning_tokens: null };
  return {
    due,
    events: [
      [due, sent()],
      [due + ttft / 2, opened()],
      ...Array.from({ length: 4 }, (_, at) => [due + ttft + at * 20, delta("a")] as const),
      [due + ttft + 70, ended("complete", { finishReason: "stop", usage: { ...usage, cached_prompt_tokens: null } })],
    ],
  };
}

function cutOf(due: number, message: string | null): Script {
  const failure =
    message === null
      ? ({ kind: "cancelled", reason: "window", message: "" } as const)
      : ({ kind: "ended_early", message } as const);
  return {
    due,
    events: [
      [due, sent()],
      [due + 10, ended(message === null ? "cancelled" : "failed", { failure })],
    ],
  };
}

function runOf({ ttft, failed = 0, unfinished = 0, lag = 0.4, slo = [], ...rest }: Came): RunReport {
  const {
    missed = 0,
    short = false,
    ifDisturbed = "undecided",
    message = "Nothing listens there.",
    apart = 1000,
  } = rest;
  const scripts = [
    ...ttft.map((ms, at) => streamOf(at * apart, ms)),
    ...Array.from({ length: failed }, (_, at) => cutOf((ttft.length + at) * apart, message)),
    ...Array.from({ length: unfinished }, (_, at) => cutOf((ttft.length + failed + at) * apart, null)),
  ];
  const plan = { ...PLAN, requests: scripts.length, slo: [...slo], if_disturbed: ifDisturbed };
  const played = playStep(scripts, plan, { lag, models: ["m"], load: arriving(1) });
  const report = reportOf([{ ...played.report, missed_starts: missed, window_too_short: short }], plan);
  const end = { partial: null, died: false, failure: null };
  const exit_code = loadExitCode(end, report.verdict, { signalled: null, ifDisturbed });
  return { ...report, verdict: { ...report.verdict, exit_code } };
}

const LANGS = { en: { messages: en, words: enBench }, fr: { messages: fr, words: frBench } };

function lines(report: RunReport, lang: "en" | "fr" = "en", quiet = false): string[] {
  const render = quiet ? renderVerdict : renderResult;
  return render(report, { ...LANGS[lang], paint: createPaint(false), terminal: true }).split("\n");
}

const fast = [200, 210, 220, 230];
const mixed = [200, 210, 400, 420];
const slow = [400, 410, 420, 430];
/** Within 6 ms of the limit, on one side of it or on both. */
const near = [200, 210, 220, 297];
const beyond = [200, 210, 220, 303];

describe("the decision table", () => {
  test.each<[what: string, came: Came, mark: string, exit: number, first: string]>([
    ["nothing is judged", { ttft: fast }, "–", 0, "no thresholds given · 4 streams ok, 0 failed · client healthy"],
    [
      "all streams meet it",
      { ttft: fast, slo: [EVERY] },
      "✓",
      0,
      "1/1 threshold passed · 4 streams ok, 0 failed · client healthy",
    ],
    ["some streams meet it", { ttft: mixed, slo: [EVERY] }, "✗", 5, "0/1 threshold passed · 4 streams ok"],
    ["no stream meets it", { ttft: slow, slo: [EVERY] }, "✗", 5, "0/1 threshold passed · 4 streams ok"],
    ["all meet it, goodput asks for half", { ttft: fast, slo: [EVERY, MOST] }, "✓", 0, "1/1 threshold passed"],
    ["some meet it, goodput asks for half", { ttft: mixed, slo: [EVERY, MOST] }, "✓", 0, "1/1 threshold passed"],
    ["none meets it, goodput asks for half", { ttft: slow, slo: [EVERY, MOST] }, "✗", 5, "0/1 threshold passed"],
    [
      "nothing is judged, the client limits",
      { ttft: fast, lag: 6 },
      "–",
      0,
      "no thresholds given · 4 streams ok, 0 failed · limited by the client",
    ],
    ["all meet it by more than the disturbance", { ttft: fast, slo: [EVERY], lag: 6 }, "✓", 0, "1/1 threshold passed"],
    [
      "all meet it, one by less than that",
      { ttft: near, slo: [EVERY], lag: 6 },
      "?",
      6,
      "0/1 threshold passed, 1 not decided",
    ],
    [
      "one misses it by less than that",
      { ttft: beyond, slo: [EVERY], lag: 6 },
      "?",
      6,
      "0/1 threshold passed, 1 not decided",
    ],
    ["one misses it by more than that", { ttft: mixed, slo: [EVERY], lag: 6 }, "✗", 5, "0/1 threshold passed · 4"],
    ["one is near, and the client healthy", { ttft: near, slo: [EVERY] }, "✓", 0, "1/1 threshold passed"],
    [
      "one misses it by little, and the client healthy",
      { ttft: beyond, slo: [EVERY] },
      "✗",
      5,
      "0/1 threshold passed · 4",
    ],
    [
      "goodput hangs on one that is near",
      { ttft: [...near], slo: [EVERY, "goodput > 90%"], lag: 6 },
      "?",
      6,
      "0/1 threshold passed, 1 not decided",
    ],
    ["goodput does not hang on it", { ttft: near, slo: [EVERY, MOST], lag: 6 }, "✓", 0, "1/1"],
    [
      "undecided counts as passed",
      { ttft: near, slo: [EVERY], lag: 6, ifDisturbed: "pass" },
      "!",
      0,
      "0/1 threshold passed, 1 not decided, taken as passed",
    ],
    [
      "undecided counts as failed",
      { ttft: near, slo: [EVERY], lag: 6, ifDisturbed: "fail" },
      "✗",
      5,
      "0/1 threshold passed, 1 not decided, taken as failed",
    ],
    [
      "one is undecided, another failed",
      { ttft: near, slo: [EVERY, "p50(ttft) < 1ms"], lag: 6 },
      "✗",
      5,
      "0/2 thresholds passed, 1 not decided",
    ],
    [
      "a stream failed, nothing is judged",
      { ttft: fast, failed: 1 },
      "!",
      0,
      "no thresholds given · 4 streams ok, 1 failed",
    ],
    [
      "a stream failed, all others meet it",
      { ttft: fast, failed: 1, slo: [EVERY] },
      "✗",
      5,
      "0/1 threshold passed · 4 streams ok, 1 failed",
    ],
    [
      "a stream failed, near ones do not excuse it",
      { ttft: near, failed: 1, slo: [EVERY], lag: 6 },
      "✗",
      5,
      "0/1 threshold passed · 4 streams ok, 1 failed",
    ],
    [
      "a stream failed, goodput allows it",
      { ttft: fast, failed: 1, slo: [EVERY, MOST] },
      "!",
      0,
      "1/1 threshold passed · 4 streams ok, 1 failed",
    ],
    [
      "a stream failed, a percentile does not mind",
      { ttft: fast, failed: 1, slo: ["p50(ttft) < 1s"] },
      "!",
      0,
      "1/1 threshold passed",
    ],
    [
      "starts were missed",
      { ttft: fast, slo: [EVERY], missed: 2 },
      "!",
      0,
      "1/1 threshold passed · 4 streams ok, 0 failed",
    ],
    ["the window was too short", { ttft: fast, slo: [EVERY], short: true }, "!", 0, "1/1 threshold passed"],
    ["the window was too short, nothing is judged", { ttft: fast, short: true }, "!", 0, "no thresholds given"],
    [
      "a threshold had nothing to judge",
      { ttft: fast, slo: ["p50(dispatch_delay) < 1s", "p50(ttft) < 1s"] },
      "✓",
      0,
      "2/2",
    ],
    ["nothing ended well", { ttft: [], failed: 3, slo: [EVERY] }, "✗", 1, "3 of 3 failed: nothing listens there."],
    ["the window cut all", { ttft: [], unfinished: 3 }, "✗", 1, "no stream ended well"],
  ])("when %s", (_, came, mark, exit, first) => {
    const report = runOf(came);
    const [line = ""] = lines(report);
    expect([line.slice(0, 2), report.verdict.exit_code]).toEqual([`${mark} `, exit]);
    expect(line.slice(2)).toStartWith(first);
    expect(MARKS[standingOf(report)]).toBe(mark);
  });

  test("ticks no run whose exit code is another than 0, and none that has something else to say first", () => {
    const slos = [[], [EVERY], [EVERY, MOST]];
    const all = [fast, mixed, slow, near].flatMap((ttft) =>
      slos.flatMap((slo) =>
        [0, 1].flatMap((failed) => [0.4, 6].map((lag): RunReport => runOf({ ttft, slo, failed, lag }))),
      ),
    );
    for (const report of all) {
      const { verdict } = report;
      if (standingOf(report) !== "passed") continue;
      expect([verdict.exit_code, verdict.streams.failed, verdict.thresholds.passed]).toEqual([
        0,
        0,
        verdict.thresholds.total,
      ]);
      expect(verdict.thresholds.total).toBeGreaterThan(0);
    }
  });
});

describe("an objective", () => {
  test("says how many streams meet it, and the worst of them", () => {
    expect(lines(runOf({ ttft: mixed, slo: [EVERY] })).join("\n")).toContain(
      "ttft < 300ms (every stream)  ✗ 2 of 4 streams, at worst 420 ms",
    );
    expect(lines(runOf({ ttft: mixed, slo: [EVERY] }), "fr").join("\n")).toContain(
      "✗ 2 flux sur 4, au pire 420\u202Fms",
    );
  });

  test("is no threshold of its own where goodput says how many are enough", () => {
    const [result] = runOf({ ttft: mixed, slo: [EVERY, MOST] }).steps.flatMap(({ results }) => results);
    expect(result?.thresholds.map(({ text }) => text)).toEqual([MOST]);
  });

  test.each([
    ["tokens_per_second > 1", "✓"],
    ["tokens_per_second > 100000", "✗"],
    ["duration <= 1s", "✓"],
    ["tpot < 1ms", "✗"],
  ])("on another figure holds for every stream: %s", (text, mark) => {
    expect(lines(runOf({ ttft: fast, slo: [text] }))[0]).toStartWith(mark);
  });

  test("without streams that could keep it has nothing to judge", () => {
    const report = runOf({ ttft: [], unfinished: 2, slo: [EVERY] });
    expect(lines(report).join("\n")).toContain("– no samples");
  });
});

describe("when nothing came", () => {
  const report = runOf({ ttft: [], failed: 20, message: "The server does not accept the key (HTTP 401)." });

  test.each([
    ["en", "✗ 20 of 20 failed: the server does not accept the key (HTTP 401)."],
    ["fr", "✗ 20 échecs sur 20\u00A0: the server does not accept the key (HTTP 401)."],
  ] as const)("the cause is the first line, and there is no table and no word of the client: %s", (lang, first) => {
    const said = lines(report, lang);
    expect(said[0]).toBe(first);
    expect(said.slice(1).join("\n")).not.toMatch(/–|client|mesure perturbée|mesure fiable|p95/);
  });

  test("the most frequent cause is named with its count, and all of them below", () => {
    const models = ["m"];
    const plan = { ...PLAN, requests: 3 };
    const scripts = ["A first reason.", "A second reason.", "A second reason."].map((message, at) => {
      const failure = { kind: "ended_early", message } as const;
      const other = { kind: "truncated", how: "end", code: null, message } as const;
      return {
        due: at,
        events: [
          [at, sent()],
          [at + 1, ended("failed", { failure: at === 0 ? other : failure })],
        ] as const,
      };
    });
    const mixedCauses = reportOf([playStep(scripts, plan, { models }).report], plan);
    const said = lines(mixedCauses);
    expect(said[0]).toBe("✗ 3 of 3 failed, 2 of them: a second reason.");
    expect(said.join("\n")).toContain("A first reason.");
  });

  test("a window under 1 s says nothing of the client, however late it was", () => {
    const report = runOf({ ttft: [20, 30], slo: ["ttft < 31ms"], lag: 50, apart: 1 });
    expect(report.verdict).toMatchObject({ client: "healthy", client_judged: false, limited_by: [], exit_code: 0 });
    expect(lines(report).join("\n")).not.toContain("client");
  });
});

describe("with --quiet", () => {
  test("each threshold that did not pass is named with its value, and the first cause of failures", () => {
    const report = runOf({ ttft: mixed, failed: 2, slo: ["p50(ttft) < 1ms", "error_rate < 1%", "p50(ttft) < 1s"] });
    expect(lines(report, "en", true)).toEqual([
      "✗ 1/3 thresholds passed · 4 streams ok, 2 failed · client healthy",
      "✗ p50(ttft) < 1ms: 210 ms",
      "✗ error_rate < 1%: 33.3%",
      "2 of 6 failed: nothing listens there.",
      "",
    ]);
  });

  test("a run that passed is one line", () => {
    expect(lines(runOf({ ttft: fast, slo: [EVERY] }), "en", true)).toHaveLength(2);
  });
});
