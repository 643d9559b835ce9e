import { describe, expect, test } from "bun:test";
import { CSV_COLUMNS, toCsv } from "../../src/report/csv.ts";
import type { RunReport } from "../../src/metrics/report.ts";
import { DISTRIBUTIONS } from "../../src/metrics/figures.ts";
import { parseCsv, type Row } from "./parse-csv.ts";
import { MODELS, playRun, sweep } from "../fixtures/report.ts";

const report = playRun({ models: MODELS.slice(0, 2), loads: sweep(2), failed: 0.1 }).report;

function rowsOf(of: RunReport): Row[] {
  return parseCsv(toCsv(of));
}

function named(model: string): RunReport {
  return playRun({ models: [model], streams: 5 }).report;
}

function modelsIn(of: RunReport): string[] {
  return [...new Set(rowsOf(of).map((row) => row["model"] ?? ""))].filter((model) => model !== "");
}

describe("the CSV report", () => {
  test("has one head, rows of its length, and CRLF after each, the last included", () => {
    const text = toCsv(report);
    const lines = text.split("\r\n");
    expect(lines[0]).toBe(CSV_COLUMNS.join(","));
    expect(lines.at(-1)).toBe("");
    expect(text.replaceAll("\r\n", "")).not.toContain("\n");
    for (const line of lines.slice(0, -1)) expect(line.split(",")).toHaveLength(CSV_COLUMNS.length);
  });

  test("has every distribution of every column of every step, as in the report", () => {
    const rows = rowsOf(report);
    for (const [index, step] of report.steps.entries()) {
      for (const column of step.results) {
        for (const name of DISTRIBUTIONS) {
          const found = rows.filter(
            (row) => row["step"] === String(index) && row["model"] === (column.model ?? "") && row["figure"] === name,
          );
          const { count, missing, p50, p99, stdev } = column.distributions[name];
          expect(found).toHaveLength(1);
          expect(found[0]).toMatchObject({
            load: "closed",
            concurrency: String(4 * 2 ** index),
            rate: "",
            unit: name.endsWith("_ms") ? "ms" : "tokens/s",
            count: String(count),
            missing: String(missing),
            p50: String(p50),
            p99: String(p99),
            stdev: String(stdev),
            value: "",
          });
        }
      }
    }
  });

  test("says each figure once a step and model", () => {
    const keys = rowsOf(report).map((row) => [row["step"], row["model"], row["figure"]].join("|"));
    expect(new Set(keys).size).toBe(keys.length);
  });

  test("has scalars under value, with a unit, and nothing among the percentiles", () => {
    const row = rowsOf(report).find(({ figure, model }) => figure === "error_rate" && model === MODELS[0]);
    expect(row).toMatchObject({ unit: "share", count: "", p50: "", stdev: "" });
    expect(Number(row?.["value"])).toBe(report.steps[0]?.results[0]?.error_rate ?? NaN);
  });

  test("says of how many streams the tokens were counted by the server, and of how many by events", () => {
    const source = report.steps[0]?.results[0]?.trust.tokens_source;
    const rows = rowsOf(report).filter(({ model }) => model === MODELS[0]);
    for (const [name, count] of [
      ["tokens_by_usage", source?.usage],
      ["tokens_by_events", source?.events],
    ] as const)
      expect(rows.find(({ figure }) => figure === name)).toMatchObject({ unit: "streams", value: String(count) });
  });

  test("has the rate of an open loop and no concurrency that nobody asked for", () => {
    const load = { kind: "arrival", rate: 2.5, arrival: "poisson", max_in_flight: 100 } as const;
    const rows = rowsOf(playRun({ loads: [load], streams: 20 }).report);
    expect(new Set(rows.map((row) => `${row["load"]} ${row["concurrency"]} ${row["rate"]}`))).toEqual(
      new Set(["arrival  2.5"]),
    );
  });

  test("leaves the cell of a figure that does not exist empty", () => {
    const rows = rowsOf(playRun({ streams: 0, slo: [] }).report);
    const p50 = rows.filter(({ figure }) => figure === "ttft_ms").map((row) => [row["count"], row["p50"]]);
    expect(p50).toEqual([["0", ""]]);
    expect(rows.find(({ figure }) => figure === "goodput_met")).toMatchObject({ value: "" });
    expect(toCsv(playRun({ streams: 0 }).report)).not.toMatch(/null|NaN|undefined|Infinity/);
  });

  test("writes negative numbers as numbers", () => {
    const [step] = report.steps;
    if (!step) throw new Error("no step");
    const early = { ...step, window: { ...step.window, drain_ms: -1.5 } };
    const row = rowsOf({ ...report, steps: [early] }).find(({ figure }) => figure === "drain_ms");
    expect(row).toMatchObject({ value: "-1.5" });
  });
});

describe("a model's name in the CSV", () => {
  test("comes back as it was, whatever it holds", () => {
    for (const name of ["a,b", 'say "hi"', "two\nlines", "a;b", "modèle", "x=1", "a-b", "mail@host"]) {
      expect(modelsIn(named(name))).toEqual([name]);
    }
  });

  test("that a spreadsheet would run has an apostrophe before it", () => {
    for (const name of ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\rx", "\nx", " =1", "＝1", '"=1"', "'=1"]) {
      expect(modelsIn(named(name))).toEqual([`'${name}`]);
    }
  });

  test("is harmless too where a semicolon or a tab ends the cell", () => {
    expect(modelsIn(named("a;=1+1"))).toEqual(["a;'=1+1"]);
    expect(modelsIn(named("a\t@x,-1"))).toEqual(["a\t'@x,'-1"]);
    for (const cell of toCsv(named('a; "=cmd|calc')).split(/[;\r\n\t]/)) expect(cell).not.toMatch(/^[\s"]*[=+@]/);
  });
});
