import { expect } from "bun:test";
import { UserError } from "../../src/config/user-error.ts";
import { enProblems } from "../../src/i18n/en/problems.ts";
import { frProblems } from "../../src/i18n/fr/problems.ts";
import { sayProblem } from "../../src/i18n/say.ts";

/** What this error says in both languages; throws what is no error of the input. */
export function sentencesOf(error: unknown): string[] {
  if (!(error instanceof UserError)) throw error;
  return [enProblems, frProblems].map((problems) => {
    const { what, todo } = sayProblem(problems, error.problem, (line) => `llmaas ${line}`);
    expect(what).toMatch(/\S{2,}/);
    return `${what}\n${todo ?? ""}`;
  });
}
