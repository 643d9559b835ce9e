import { expect } from "bun:test";
import { UserError } from "../../src/config/user-error.ts";
import { en } from "../../src/i18n/en/messages.ts";
import { fr } from "../../src/i18n/fr/messages.ts";
import { sayProblem } from "../../src/i18n/say.ts";

/** What this error says in both languages; throws what is no error of the input. */
export function sentencesOf(error: unknown): string[] {
  if (!(error instanceof UserError)) throw error;
  return [en, fr].map((messages) => {
    const { what, todo } = sayProblem(messages, error.problem, (line) => `llmaas ${line}`);
    expect(what).toMatch(/\S{2,}/);
    return `${what}\n${todo ?? ""}`;
  });
}
