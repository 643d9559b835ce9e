import type { DifferenceWord, FailIfReport, PairReport, PlanKey } from "../../metrics/comparison.ts";
import { enNumbers } from "../numbers.ts";
import { enTerms } from "./terms.ts";
import { sayLoad, sayShifts, sourceOf, type Notes } from "../say.ts";

const { count, counted, number, duration } = enNumbers;

function size(share: number): string {
  const percent = Math.abs(share) * 100;
  return percent < 9.95 ? percent.toFixed(1) : count(percent);
}

function share(of: number): string {
  return `${Math.round(of * 100)}%`;
}

/** What the verb `compare` says; figures and changes come written out. */
export const enCompare = {
  number,
  count,
  duration,
  terms: enTerms,
  verdict: {
    better: (list: string) => `B is better than A: ${list}`,
    worse: (list: string) => `B is worse than A: ${list}`,
    mixed: (better: string, worse: string) => `Mixed: B is better than A in ${better}; worse in ${worse}`,
    no_difference: "No difference found between A and B.",
    not_enough: (a: string, b: string) => `Not enough to tell: 30 streams a side are needed, A has ${a} and B ${b}.`,
    not_judged: "Nothing can be judged: the runs are too short or too few to tell chance from change.",
    nothing: "Nothing to compare: A and B have no load in common with the same model.",
  },
  mean: "mean",
  thisRun: "this run",
  side: (name: "A" | "B", paths: string) => `${name}: ${paths}`,
  word: {
    better: "better",
    worse: "worse",
    no_difference: "no difference",
    not_enough: "not enough",
    not_judged: "not judged",
  } satisfies Record<DifferenceWord, string>,
  doubtful: (word: string) => `${word}?`,
  columns: { change: "change", interval: "95%" },
  percent: (share: number) => `${size(share)}%`,
  signed: (share: number) => (size(share) === "0.0" ? "0.0" : `${share < 0 ? "−" : "+"}${size(share)}`),
  unit: { relative: "%", points: " pt" },
  streams: (a: string, b: string) => `${a} against ${b} streams`,
  runs: (a: number, b: number) => `${counted(a, "run")} against ${count(b)}`,
  method: {
    bootstrap: "intervals: bootstrap over blocks of time",
    welch: "intervals: Welch's t over the runs",
  } satisfies Record<PairReport["method"], string>,
  legend: {
    primary: "● these figures decide the verdict",
    chance: "? among so many figures, chance alone may do this",
    left: (left: string) => (left === "1" ? "one other figure: --all" : `the other ${left} figures: --all`),
  },
  note: {
    same_run: ({ a, b }) =>
      a === b
        ? `${a} is on both sides: a run does not differ from itself.`
        : `${a} in A and ${b} in B are the same run.`,
    one_run: () =>
      "One run a side: how much runs differ among themselves is unknown, and may be more than these intervals say. Three runs a side would tell.",
    few_runs: ({ a, b }) =>
      `${counted(a, "run")} against ${count(b)}: from three a side it is known how runs differ among themselves; with fewer, their blocks of time are taken together.`,
    tokens_source: ({ by_events: { a, b } }) => {
      const [inA, inB] = [sourceOf(a), sourceOf(b)];
      const counted =
        inA === null || inB === null
          ? `by events in ${share(a)} of A's answers and ${share(b)} of B's`
          : `by ${inA} in A and by ${inB} in B`;
      return `Tokens are counted ${counted}: tokens/s and TPOT cannot be compared.`;
    },
    in_lumps: ({ side }) =>
      `The answers of ${side.toUpperCase()} came in lumps: something on the way (a proxy, compression) held them back, so that TTFT, gaps and TPOT cannot be compared.`,
    plan_differs: ({ what, a, b }) => `The runs are not alike: ${PLAN[what]} ${a} in A, ${b} in B.`,
    models_differ: ({ a, b }) => `Two models are compared: A is ${a}, B is ${b}.`,
    other_model: ({ side, asked, answered }) =>
      `In ${side.toUpperCase()}, ${asked} was asked for, and ${answered.join(", ")} answered.`,
    load_alone: ({ side, load: asked }) => `Only in ${side.toUpperCase()}, not compared: ${sayLoad(enTerms, asked)}.`,
    model_alone: ({ side, load: asked, model }) =>
      `Only in ${side.toUpperCase()}, not compared: ${model ?? enTerms.allModels}, ${sayLoad(enTerms, asked)}.`,
    partial: ({ side, why }) => `A run of ${side.toUpperCase()} ended early (${enTerms.partial[why].name}).`,
    missed_starts: ({ side, count: missed }) =>
      `${counted(missed, "start")} of ${side.toUpperCase()} missed: its load was less than asked for.`,
    window_too_short: ({ side }) =>
      `The window of ${side.toUpperCase()} was too short: over 5% of its streams were cut by its end, or most ended after it.`,
    client_limited: ({ side, by, disturbance = null }) =>
      `${side.toUpperCase()} was limited by the client${by.length === 0 ? "" : ` (${by.map((name) => enTerms.check[name].name).join(", ")})`}${disturbance === null ? "" : `: ${sayShifts(enTerms, disturbance, enNumbers) ?? "by how much cannot be told"}`}. Its figures say more about that machine than about the service: use fewer streams or another machine, or run it again.`,
    others_differ: ({ figures }) =>
      `None of the figures that decide differs, but these do, beyond chance: ${figures.join(", ")}.`,
  } satisfies Notes,
  failIf: {
    line: (text: string, result: string) => `${text}: ${result}`,
    passed: (change: string) => `passed: ${change}`,
    worse: (change: string) => `failed: ${change}`,
    undecided: (change: string) => `not decided: ${change}; too near the limit, as the client disturbed a run`,
    certain: (bound: string | null) => (bound === null ? "none of it certain (95%)" : `${bound} of it certain (95%)`),
    fromZero: { better: "better than 0", worse: "worse than 0" },
    why: {
      no_data: "failed: there is nothing to compare",
      not_enough: "failed: under 30 streams a side",
      no_interval: "failed: how certain it is cannot be known from this; --strict takes the estimate",
    } satisfies Record<Exclude<NonNullable<FailIfReport["why"]>, "worse" | "undecided">, string>,
  },
};

const PLAN = {
  endpoint: "endpoint",
  api: "API",
  requests: "--requests",
  duration_ms: "--duration",
  max_tokens: "--max-tokens",
  prompt_tokens: "--prompt-tokens",
  retries: "--retries",
  warmup: "--warmup",
  arrival: "--arrival",
  max_in_flight: "--max-in-flight",
  objectives: "objectives of goodput",
  machine: "machine",
  version: "version of llmaas",
} satisfies Record<PlanKey, string>;
