import { describe, expect, test } from "bun:test";
import { UserError } from "../../src/config/user-error.ts";
import type { RunReport } from "../../src/metrics/report.ts";
import { DISTRIBUTIONS } from "../../src/metrics/figures.ts";
import { readReport, toJson } from "../../src/report/json.ts";
import { at, pathsIn, withAt } from "./paths.ts";
import { MODELS, playRun, sweep, type Wish } from "../fixtures/report.ts";

const small = shorten(playRun({ streams: 6, failed: 0.3, seed: 3 }).report);

/** With one entry in each list, so that every kind of place is there once. */
function shorten(report: RunReport): RunReport {
  const steps = report.steps.map((step) => ({
    ...step,
    results: step.results.map((column) => ({ ...column, blocks: column.blocks.slice(0, 1) })),
    series: { bucket_ms: 1000, tokens: [1], requests: [1], concurrency: [1] },
  }));
  return { ...report, steps };
}

/** Where reading finds it wrong; `null` where it does not. */
function whereWrong(content: unknown): string | null {
  return whereWrongText(JSON.stringify(content));
}

function whereWrongText(text: string): string | null {
  try {
    readReport(text, "runs/a.json");
    return null;
  } catch (error) {
    if (!(error instanceof UserError) || error.problem.code !== "report_invalid") throw error;
    expect(error.problem.path).toBe("runs/a.json");
    return error.problem.where;
  }
}

describe("a JSON report", () => {
  const cases: Record<string, Wish> = {
    "of one model": {},
    "of a sweep over models with failures": {
      models: MODELS.slice(0, 3),
      loads: sweep(3),
      failed: 0.2,
      unfinished: 0.1,
    },
    "of an open loop": { loads: [{ kind: "arrival", rate: 5, arrival: "constant", max_in_flight: 64 }] },
    "without a stream": { streams: 0 },
    "without thresholds": { slo: [] },
    "of a run that was ended": { partial: "signal", demo: true, limited: true },
  };

  for (const [name, options] of Object.entries(cases)) {
    test(`${name} is read as it was written`, () => {
      const report = playRun(options).report;
      expect(readReport(toJson(report), "a.json")).toStrictEqual(report);
    });
  }

  test("is what JSON itself would write, in other lines", () => {
    expect(JSON.stringify(JSON.parse(toJson(small)))).toBe(JSON.stringify(small));
  });

  test("has lists of numbers on one line, ends with a newline and has no other blank one", () => {
    const lines = toJson(playRun().report).split("\n");
    expect(lines.filter((line) => /^\s*-?[\d.]+,?$/.test(line))).toEqual([]);
    expect(lines.findIndex((line) => line.trim() === "")).toBe(lines.length - 1);
    expect(lines.filter((line) => /"tokens": \[[\d., ]+\],$/.test(line))).toHaveLength(1);
  });

  test("may hold more keys anywhere, which are left out", () => {
    const paths = ["", ...pathsIn(small)].filter((path) => isPlain(valueAt(path)));
    const more = paths.reduce<unknown>(
      (report, path) => withAt(report, `${path}.later`.replace(/^\./, ""), [1]),
      small,
    );
    expect(JSON.stringify(more).match(/"later"/g)?.length).toBeGreaterThan(40);
    expect(readReport(JSON.stringify(more), "a.json")).toStrictEqual(small);
  });
});

function valueAt(path: string): unknown {
  return path === "" ? small : path.split(".").reduce(at, small);
}

function isPlain(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Keys that are there only when there is something to count, and those that earlier reports lack. */
const OPTIONAL =
  /\.(verdicts|notices)\.\w+$|\.(in_lumps|lumped|lump_wait_ms|other_models|lengths|cached_out_of|server|client_judged|longest_hold_ms|p1|p5|needed)$/;

/** What is said of a wrong value: without its type a report is none, and the two kinds of warm-up share their place. */
function named(path: string): string {
  return path === "type" ? "" : path.replace(/^plan\.warmup\..*/, "plan.warmup");
}

describe("reading refuses", () => {
  test("a report without any one of its keys, naming it", () => {
    for (const path of pathsIn(small)) {
      if (/(^|\.)\d+$/.test(path)) continue;
      expect(whereWrong(withAt(small, path, undefined))).toBe(OPTIONAL.test(path) ? null : named(path));
    }
  });

  test("a value of another type anywhere, naming it", () => {
    for (const path of pathsIn(small)) {
      const wrong = typeof valueAt(path) === "boolean" ? "true" : true;
      expect(whereWrong(withAt(small, path, wrong))).toBe(named(path));
    }
  });

  test("a number written as text, and none where one must be", () => {
    const first = "steps.0.results.0";
    for (const path of [`${first}.streams.ok`, `${first}.tokens.output`, "steps.0.series.tokens.0", "plan.seed"]) {
      expect(whereWrong(withAt(small, path, String(valueAt(path))))).toBe(path);
      expect(whereWrong(withAt(small, path, NaN))).toBe(path);
    }
  });

  test("a number that no computer could have written, or that no chart could draw", () => {
    const cases = {
      "1e999": "machine.cores",
      "-1": "machine.cores",
      "0.5": "machine.cores",
      "9e99": "steps.0.window.start_ms",
      "-0.5": "steps.0.series.bucket_ms",
    };
    for (const [number, path] of Object.entries(cases)) {
      const text = JSON.stringify(withAt(small, path, "HERE")).replace('"HERE"', number);
      expect(whereWrongText(text)).toBe(path);
    }
  });

  test("instants and currencies that cannot be shown", () => {
    expect(whereWrong({ ...small, started_at: "yesterday" })).toBe("started_at");
    expect(whereWrong({ ...small, ended_at: "2026-19-22T10:00:00.000Z" })).toBe("ended_at");
    expect(whereWrong(withAt(small, "steps.0.results.0.cost.currency", "<b>"))).toBe("steps.0.results.0.cost.currency");
  });

  test("another version at v, before anything else", () => {
    expect(whereWrong({ ...small, v: 2, steps: "other" })).toBe("v");
    expect(whereWrong({ type: "report" })).toBe("v");
  });

  test("what is no report at all", () => {
    const texts = ["", "{", "null", "7", "[]", "{}", '{"v":1,"type":"record"}', '"report"', "\u0000", "[".repeat(1e6)];
    for (const text of texts) expect(whereWrongText(text)).toBe("");
    expect(whereWrongText(`${"[".repeat(1e5)}${"]".repeat(1e5)}`)).toBe("");
  });

  test("keys of the language's own, which change nothing outside", () => {
    const polluting = JSON.stringify(small).replace(
      /\{(?=")/g,
      '{"__proto__":{"polluted":1},"constructor":{"prototype":1},',
    );
    expect(whereWrongText(polluting)).toBeNull();
    expect(readReport(polluting, "a.json")).toStrictEqual(small);
    expect(at({}, "polluted")).toBeUndefined();
    const inherited = JSON.stringify(small).replace('"plan":', '"__proto__":');
    expect(whereWrongText(inherited)).toBe("plan");
  });

  test("a list of millions where an object must be, quickly", () => {
    const long = `[${"0,".repeat(2_000_000)}0]`;
    const text = JSON.stringify({ ...small, steps: "HERE" }).replace('"HERE"', long);
    expect(whereWrongText(text)).toBe("steps.0");
  });

  test("a distribution whose histogram is not there, or has another count", () => {
    for (const name of DISTRIBUTIONS) {
      const path = `steps.0.results.0.distributions.${name}`;
      expect(whereWrong(withAt(small, `${path}.hdr`, null))).toBe(`${path}.hdr`);
      expect(whereWrong(withAt(small, `${path}.count`, 0))).toBe(`${path}.hdr`);
      expect(whereWrong(withAt(small, `${path}.count`, 99_999))).toBe(`${path}.hdr`);
    }
  });
});
