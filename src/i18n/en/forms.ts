import { enNumbers } from "../numbers.ts";

const { count, counted } = enNumbers;

type Operator = "<" | "<=" | ">" | ">=";

const OPERATOR: Readonly<Record<Operator, string>> = { "<": "under", "<=": "at most", ">": "over", ">=": "at least" };

/** The other forms of a report in English: Markdown, JUnit, and one page for management. */
export const enForms = {
  broken: (threshold: string, value: string, samples: number) =>
    `${threshold} failed: ${value} was measured (${counted(samples, "value")}).`,
  unjudged: (threshold: string, why: string) => `${threshold} not judged: ${why}.`,
  undecided: (threshold: string, value: string, samples: number) =>
    `${threshold} not decided: ${value} was measured (${counted(samples, "value")}), nearer to the limit than the client may have shifted it.`,
  answers: "at least one whole answer",
  more: (rows: string) => `… and ${rows} more rows: the .json and .csv reports have them all.`,
  kept: (command: string) => `The report is kept: ${command} makes a page of it.`,
  notKept: (folder: string, why: string) => `The report could not be kept in ${folder} (${why}).`,
  newest: (when: string, endpoint: string) => `The newest report that is kept: ${when}, ${endpoint}.`,
  newBaseline: (path: string) =>
    `There was no baseline: this run is now ${path}, and the next ones are compared with it.`,
  noBaseline: (path: string) =>
    `${path} was not written: a run that ended early, or in which no answer was whole, cannot be a baseline.`,
  ci: {
    elsewhere: "--ci speaks to GitHub Actions, and this is not it: --report FILE.xml is read by other CI systems.",
    more: (number: number) => `… and ${count(number)} more failed`,
    noSummary: (path: string, why: string) => `The step summary ${path} could not be written (${why}).`,
  },
  /** One page for management. */
  page: {
    wordsPerToken: 0.75,
    title: "How fast the language model answers",
    measured: "What was measured",
    felt: "What users see",
    agreed: "Against the thresholds",
    sure: "How sure this is",
    andMore: (models: string) => ` and ${models} more`,
    users: (number: number) =>
      number === 1
        ? "One user, who asks again as soon as the answer is whole."
        : `${counted(number, "user")} at once, each of whom asks again as soon as the answer is whole.`,
    arrivals: (rate: string, spacing: "constant" | "poisson") =>
      `${rate} questions a second, ${spacing === "poisson" ? "as independent users ask them" : "evenly spaced"}.`,
    steps: (loads: string) => `One load after another: ${loads}.`,
    questions: (number: number, time: string) => `${counted(number, "question")} in ${time}.`,
    prompts: (words: number, tokens: number) =>
      `Questions of about ${counted(words, "word")} (median: ${counted(tokens, "token")}).`,
    answers: (words: number, median: number, least: number, most: number) =>
      `Answers of about ${counted(words, "word")} (${least === most ? "" : "median: "}${counted(median, "token")}${least === most ? "" : `; from ${count(least)} to ${count(most)}`}).`,
    longest: (tokens: number) => `Answers were limited to ${counted(tokens, "token")}.`,
    samePrompt: "Always the same question: the server may have answered from a cache.",
    firstWord: (half: string, most: string | null) =>
      `Half of the users see the first word within ${half}${most === null ? "" : `, 95 of 100 within ${most}`}.`,
    speed: (half: string, most: string | null) =>
      `For half of the users the text then comes at ${half} words a minute or more${most === null ? "" : `, for 95 of 100 at ${most} or more`}. People read about 240.`,
    whole: (half: string, most: string | null) =>
      `Half of the answers are whole within ${half}${most === null ? "" : `, 95 of 100 within ${most}`}.`,
    nothing: "No answer came.",
    noneFailed: (answers: number) =>
      answers === 1 ? "The one answer is whole." : `None of ${count(answers)} answers failed.`,
    failed: (failed: number, all: number) => `${count(failed)} of ${counted(all, "question")} got no whole answer.`,
    cause: "The most frequent cause:",
    throughput: (perMinute: string) => `The service gives ${perMinute} whole answers a minute in all.`,
    ofAll: (part: string, all: string) => `${part} of ${all}`,
    head: {
      load: "Load",
      half: "First word: half within",
      most: "95 of 100 within",
      speed: "Words a minute (half)",
      failed: "Failed",
      thresholds: "Thresholds",
    },
    leftOut: (rows: string) => `Further rows in the full report: ${rows}.`,
    allLoads: (load: string) => `Every threshold is met at every load, up to ${load}.`,
    noLoad: (load: string, isDecided: boolean) =>
      isDecided
        ? `Not every threshold is met, even with the least load: ${load}.`
        : `Even with the least load, ${load}, it is not decided whether every threshold is met.`,
    upTo: (good: string, bad: string, isDecided: boolean) =>
      `Every threshold is met up to ${good}, ${isDecided ? `and no longer with ${bad}` : `and with ${bad} it is not decided`}.`,
    interval: (answers: string, low: string, high: string) =>
      `Measured on ${answers} answers. The time within which 95 of 100 users see the first word lies between ${low} and ${high} with 95% confidence, as far as one run can tell.`,
    tooFew: (answers: string) => `Measured on ${answers} answers: too few to say what 95 of 100 users see.`,
    tooShort: (answers: string) =>
      `Measured on ${answers} answers. The run is too short to say how much another one would differ.`,
    moreThresholds: (number: string) => `Further thresholds in the full report: ${number}.`,
    margin: "Margin",
    limit: (figure: string, who: string, operator: Operator, value: string) =>
      `${figure}${who === "" ? "" : `, ${who}`}: ${OPERATOR[operator]} ${value}`,
    who: { share: (number: string) => `${number} of 100`, mean: "on average", each: "every one" },
    foot: "A token is counted as 0.75 words. The first word is the first token that arrived (TTFT); the speed is that of the text once it has begun. Made by",
  },
};
