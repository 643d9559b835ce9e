import { sayCame, sayLoad } from "../i18n/say.ts";
import { unitOfLimit } from "../metrics/figures.ts";
import type { FailIfReport } from "../metrics/comparison.ts";
import type { LoadReport, StepReport } from "../metrics/report.ts";
import type { ThresholdReport } from "../metrics/result-report.ts";
import { visible } from "../text/visible.ts";
import { errorKinds, outcomeOf } from "../metrics/verdict.ts";
import { failIfText } from "../render/difference-words.ts";
import { headlineOf } from "./headline.ts";
import type { Material } from "./forms.ts";

type Said = Omit<Material, "streams" | "left">;

/** `failure`: the sentence, where it failed. */
type Case = { classname: string; name: string; seconds: number; failure: string | null };

/**
 * The report as JUnit: one test case a threshold and a `--fail-if` of each load and model. The sentence stands in the
 * text of `<failure>`: GitLab drops its `message`, shows the classname, and keys cases by both names.
 */
export function toJunit(said: Said): string {
  const { report } = said;
  const cases = distinct(allCases(said));
  const failures = cases.filter(({ failure }) => failure !== null).length;
  const seconds = (Date.parse(report.ended_at) - Date.parse(report.started_at)) / 1000;
  const counts = `tests="${cases.length}" failures="${failures}" errors="0"`;
  const time = `time="${timeOf(seconds)}"`;
  const started = attribute(report.started_at.slice(0, 19));
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="llmaas bench" ${counts} ${time}>
  <testsuite name="llmaas bench" ${counts} skipped="0" timestamp="${started}" ${time}>
${cases.map(caseXml).join("")}  </testsuite>
</testsuites>
`;
}

/** All that failed, each with the sentence. */
export function failuresOf(said: Said): { title: string; text: string }[] {
  return allCases(said).flatMap(({ classname, name, failure }) =>
    failure === null ? [] : [{ title: `${classname} · ${name}`, text: failure }],
  );
}

function allCases(said: Said): Case[] {
  const { steps, fail_if: gates = [] } = said.report;
  return [
    ...steps.flatMap((step) => casesOf(said, step)),
    ...gates.map((gate) => gateCase(said, gate)),
    ...runCases(said),
  ];
}

function casesOf(said: Said, step: StepReport): Case[] {
  return step.results.flatMap((result) =>
    result.thresholds.map((threshold) => ({
      classname: placeOf(said, step.load, result.model),
      name: threshold.text,
      seconds: step.window.length_ms / 1000,
      failure: isTaken(said, threshold) ? null : brokenBy(said, threshold),
    })),
  );
}

/** Whether it passed, or is taken so where a disturbed measurement leaves it undecided. */
function isTaken({ report }: Said, { passed, undecided }: Pick<ThresholdReport, "passed" | "undecided">): boolean {
  return passed || (undecided === true && report.plan.if_disturbed === "pass");
}

function brokenBy({ messages, words, forms }: Said, threshold: ThresholdReport): string {
  const { text, samples, met, undecided } = threshold;
  const measured = sayCame(words.terms, threshold, unitOfLimit(text), messages);
  const limit = met === undefined ? text : words.terms.everyStream(text);
  if (outcomeOf(threshold) === "unjudged") return forms.unjudged(limit, measured);
  return (undecided === true ? forms.undecided : forms.broken)(limit, measured, samples);
}

function gateCase(said: Said, gate: FailIfReport): Case {
  return {
    classname: gate.load === null ? "llmaas" : placeOf(said, gate.load, gate.model),
    name: `--fail-if ${gate.text}`,
    seconds: 0,
    failure: isTaken(said, { passed: gate.passed, undecided: gate.why === "undecided" })
      ? null
      : failIfText(gate, said.compare),
  };
}

/** A run that came to nothing, or ended early, is none that passed; one without a threshold asks for one whole answer. */
function runCases(said: Said): Case[] {
  const { report, forms } = said;
  const { ok } = report.verdict.streams;
  const asked = report.steps.some(({ results }) => results.some(({ thresholds }) => thresholds.length > 0));
  if (asked && ok > 0 && report.partial === null) return [];
  const causes = errorKinds(report.steps).map(({ count, example }) => `${count} × ${example}`);
  const bad = ok === 0 || report.partial !== null;
  const failure = [headlineOf(said), ...causes].join("\n");
  const classname = report.models.join(", ") || "llmaas";
  return [{ classname, name: forms.answers, seconds: 0, failure: bad ? failure : null }];
}

function placeOf({ words }: Said, load: LoadReport, model: string | null): string {
  return `${model ?? words.table.all} · ${sayLoad(words.terms, load)}`;
}

/** Who reads these takes two of one name for one. */
function distinct(cases: readonly Case[]): Case[] {
  const seen = new Map<string, number>();
  return cases.map((one) => {
    const key = JSON.stringify([one.classname, one.name]);
    const times = (seen.get(key) ?? 0) + 1;
    seen.set(key, times);
    return times === 1 ? one : { ...one, name: `${one.name} (${times})` };
  });
}

function caseXml({ classname, name, seconds, failure }: Case): string {
  const head = `    <testcase classname="${attribute(classname)}" name="${attribute(name)}" time="${timeOf(seconds)}"`;
  if (failure === null) return `${head}/>\n`;
  return `${head}>\n      <failure type="threshold">${escape(failure)}</failure>\n    </testcase>\n`;
}

function timeOf(seconds: number): string {
  return Math.max(0, seconds).toFixed(3);
}

/** In an attribute a line end would become a space. */
function attribute(text: string): string {
  return escape(text).replaceAll("\n", "&#10;").replaceAll("\t", "&#9;");
}

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** What XML 1.0 may not hold, escaped or not: `visible` marks the rest of it. */
const ILLEGAL = /[\uFFFE\uFFFF]/g;

function escape(text: string): string {
  return visible(text.toWellFormed())
    .replace(ILLEGAL, "\uFFFD")
    .replace(/[&<>"]/g, (character) => ESCAPES[character] ?? "");
}
