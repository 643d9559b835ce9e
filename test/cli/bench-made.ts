import type { LoadRecord } from "../../src/metrics/load-record.ts";
import type { ResultReport } from "../../src/metrics/result-report.ts";
import type { RunReport, StepReport } from "../../src/metrics/report.ts";
import { runProgram } from "./program.ts";

/** A measured load, and all that it wrote. */
export type Made = {
  code: number | null;
  report: RunReport;
  step: StepReport;
  whole: ResultReport;
  records: LoadRecord[];
};

/** Runs `llmaas bench` against a server, with a report and records. */
export async function bench(server: { url: string }, ...args: string[]): Promise<Made> {
  const fixed = ["--endpoint", server.url, "--records", "records.jsonl", "--report", "report.json"];
  const { code, files, stderr } = await runProgram(["bench", ...fixed, ...args, "a question"]);
  const written = files["report.json"];
  if (written === undefined) throw new Error(`no report: ${code} ${stderr}`);
  const report: RunReport = JSON.parse(written);
  const [step] = report.steps;
  const whole = step?.results.at(-1);
  if (step === undefined || whole === undefined) throw new Error("a report without a step");
  const lines = (files["records.jsonl"] ?? "").trim().split("\n");
  return { code, report, step, whole, records: lines.map((line): LoadRecord => JSON.parse(line)) };
}
