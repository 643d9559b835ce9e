import * as v from "valibot";
import { UserError } from "../config/user-error.ts";
import { runReport, type RunReport } from "../metrics/report.ts";
import { findBadHistogram } from "./histograms.ts";

/**
 * The report of a run from the text of its file, checked once and for all, histograms included; keys it does not know
 * are left out. Throws `report_invalid` with the dotted path to the first wrong value, "" when the text is no report.
 */
export function readReport(text: string, path: string): RunReport {
  const content = parse(text);
  const invalid = (where: string): UserError => new UserError({ code: "report_invalid", path, where });
  if (!isReport(content)) throw invalid("");
  const result = v.safeParse(runReport, content, { abortEarly: true });
  if (!result.success) throw invalid(v.getDotPath(result.issues[0]) ?? "");
  const where = findBadHistogram(result.output);
  if (where !== null) throw invalid(where);
  return result.output;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No JSON: where it breaks says nothing to those who took a wrong file.
    return null;
  }
}

function isReport(content: unknown): boolean {
  return typeof content === "object" && content !== null && "type" in content && content.type === "report";
}
