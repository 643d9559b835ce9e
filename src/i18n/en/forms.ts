import { enNumbers } from "../numbers.ts";

const { counted } = enNumbers;

/** The other forms of a report in English: Markdown and JUnit. */
export const enForms = {
  broken: (threshold: string, value: string, samples: number) =>
    `${threshold} failed: ${value} was measured (${counted(samples, "value")}).`,
  answers: "at least one whole answer",
  more: (rows: string) => `… and ${rows} more rows: the .json and .csv reports have them all.`,
};
