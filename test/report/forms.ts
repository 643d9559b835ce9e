import { load, type Lang } from "../../src/i18n/load.ts";
import { openForm, type FormName } from "../../src/report/forms.ts";
import type { Played } from "../fixtures/report.ts";

/** A played run in one of its forms. */
export async function inForm(form: FormName, run: Played, lang: Lang = "en"): Promise<string> {
  const [make, messages] = await Promise.all([openForm(form, lang), load(lang, "messages")]);
  return make({ ...run, messages });
}

/** The run with these in place of its thresholds' sentences and of what else comes from outside. */
export function withTexts({ report, ...rest }: Played, text: string): Played {
  const steps = report.steps.map((step) => ({
    ...step,
    results: step.results.map((result) => ({
      ...result,
      thresholds: result.thresholds.map((threshold) => ({ ...threshold, text, passed: false })),
      errors: [{ kind: text, count: 3, example: text, stream: 0 }],
    })),
  }));
  return { ...rest, report: { ...report, steps, models: [text], endpoint: text } };
}
