import type { MergeDifference, SloReason } from "../../config/user-error.ts";
import {
  ended,
  firstShards,
  shellWord,
  words,
  type Command,
  type ProblemOf,
  type Problems,
  type Words,
} from "../say.ts";
import { enNumbers } from "../numbers.ts";

const { duration } = enNumbers;
/** Ms after which a start was not missed, but meant otherwise. */
const LONG_AGO = 3_600_000;

function nearestOf(nearest: string | null): string | null {
  return nearest === null ? null : `Did you mean ${nearest}?`;
}

const SLO: Record<SloReason, (part: string) => string> = {
  syntax: () => "this is not a threshold",
  metric: (part) => (part === "" ? "the figure is missing" : `there is no figure ${part}`),
  function: (part) => `there is no ${part} of a distribution`,
  needs_function: (part) => `${part} has many values in each stream, and one of them must be chosen`,
  unit: (part) => `${part} is not a value of this figure`,
  no_unit: (part) => `${part} what?`,
  comma: (part) => `${part} has a comma`,
  operator: (part) => `${part} is not a comparison`,
  several: () => "these are several thresholds",
  share: (part) => `${part} is more than all`,
  no_objectives: () => "goodput needs a threshold for each stream",
};

function enBadSlo({ file, value, why, part, accepted, meant }: ProblemOf<"bad_slo">): Words {
  const what = ended(`${file === null ? "--slo" : `${file}, bench.slo:`} '${value}': ${SLO[why](part)}`);
  if (why === "several")
    return words(what, file === null ? "Give --slo once for each." : "Make each an entry of its own.");
  if (why === "comma") return words(what, `Write ${meant ?? ""}, with a point.`);
  if (why === "no_unit") return words(what, `Write ${meant ?? ""}.`);
  if (meant !== null) return words(what, `Did you mean ${meant}?`);
  return words(what, `${why === "metric" || why === "function" ? "There are" : "For example"}: ${accepted}`);
}

function enBadFault({ value, why, part, nearest }: ProblemOf<"bad_fault">, command: Command): Words {
  const example = nearest ?? "reset";
  switch (why) {
    case "name":
      return words(
        part === "" ? "--fault needs the name of a fault." : `There is no fault ${part}.`,
        nearestOf(nearest) ?? `They are listed by: ${command("simulate --help")}`,
      );
    case "at":
      return words(
        `--fault ${value}: after @ comes a number, that of the token events before the fault.`,
        `For example: ${example}@20`,
      );
    case "share":
      return words(
        `--fault ${value}: after the colon comes the share of answers that have the fault, from 0 to 1.`,
        `For example, for one in ten: ${example}:0.1`,
      );
  }
}

function enBadFailIf({ value, why, part, accepted, meant }: ProblemOf<"bad_fail_if">): Words {
  if (why !== null) {
    const named = ended(`--fail-if '${value}': ${SLO[why](part)}`);
    return words(named, meant === null ? `There are: ${accepted}` : `Did you mean ${meant}?`);
  }
  const what = `--fail-if '${value}' cannot be read.`;
  if (meant === null) return words(what, `For example: ${accepted}`);
  return words(what, value.includes(",") && !meant.includes(",") ? `Write ${meant}, with a point.` : `Write: ${meant}`);
}

function enCompareSides({ given, between }: ProblemOf<"compare_sides">, command: Command): Words {
  const [first = "before.json", ...others] = given.map(shellWord);
  if (given.length === 0)
    return words("Two reports are needed, and none is named.", `Write: ${command("compare before.json after.json")}`);
  if (given.length === 1)
    return words(
      `Two reports are needed, and only ${given[0] ?? ""} is named.`,
      `Name the other as well: ${command(`compare ${first} after.json`)}`,
    );
  if (between)
    return words(
      "vs is written once, with at least one report on either side of it.",
      `Write: ${command("compare before-1.json before-2.json vs after-1.json after-2.json")}`,
    );
  const sides = given.length > 6 ? "before-*.json vs after-*.json" : `${first} vs ${others.join(" ")}`;
  return words(
    `${given.length} reports are named, and not which of them belong together.`,
    `Put vs between the two sides: ${command(`compare ${sides}`)}`,
  );
}

const MERGE: Record<MergeDifference, string> = {
  shards: "they were shared among different numbers of machines",
  start: "they began at different instants (--start-at)",
  version: "they were measured by different versions of llmaas",
  endpoint: "they asked different endpoints, or APIs",
  slo: "their thresholds differ (--slo)",
  load: "their loads differ (steps, duration, warm-up, seed, answers asked for)",
  models: "they asked different models",
};

/** What is wrong with a load that is to be measured or played, and with its reports. */
export const enLoadProblems = {
  bad_fault: enBadFault,
  bad_slo: enBadSlo,
  bad_fail_if: enBadFailIf,
  shard_empty: ({ option, value, of }) =>
    words(
      `${option} ${value} cannot be shared among ${of} machines: some would have nothing to do.`,
      `Ask for at least ${of}, or share it among ${value === 1 ? "one" : value}.`,
    ),
  start_passed: ({ start, at, late }) =>
    late > LONG_AGO
      ? words(
          `--start-at ${start}${at === start ? "" : `, which is ${at},`} was ${duration(late)} ago: another instant was probably meant.`,
          "Check its date and its zone, and start all shards with the same one, some two minutes from now.",
        )
      : words(
          `--start-at ${start} passed ${duration(late)} ago: this shard would be late for the others.`,
          "Start all of them again with a later instant; two minutes leave time to load the program everywhere.",
        ),
  merge_nothing: (_, command) =>
    words(
      "No report is named.",
      `Write: ${command("merge shard-*.json --report all.html")}; a shard is made by llmaas bench --shard.`,
    ),
  merge_no_shard: ({ path, merged }, command) =>
    merged
      ? words(`${path} is a merged report already.`, "Name the reports of the shards themselves.")
      : words(
          `${path} is not a shard: it was measured without --shard.`,
          `Shards are made by ${command("bench --shard 0/3 --start-at INSTANT --duration 1m --report FILE.json")}; whole runs are compared with llmaas compare.`,
        ),
  merge_differs: ({ what, first, second }) =>
    words(
      `${first} and ${second} are not parts of the same load: ${MERGE[what]}.`,
      "Start all shards with the same command line but for --shard.",
    ),
  merge_repeated: ({ index, first, second }) =>
    words(
      first === second ? `${first} is named twice.` : `${first} and ${second} are both shard ${index}.`,
      "Give each shard once.",
    ),
  merge_missing: ({ missing, of }) =>
    words(
      `Of ${of} shards ${missing.length === 1 ? `one is missing: ${missing[0] ?? ""}/${of}` : `${missing.length} are missing: ${firstShards(missing, of)}`}.`,
      `Name ${missing.length === 1 ? "it" : "them"} too, or join what there is with --allow-missing: the load was less than planned then.`,
    ),
  report_kind: ({ path, accepted }) =>
    words(`The name ${path} does not say which kind of report is wanted.`, `Let it end in one of these: ${accepted}`),
  report_unnamed: (_, command) =>
    words(
      "No report is named.",
      `Write: ${command("report run.json --html run.html")}; make one with: ${command("bench --report run.json")}`,
    ),
  report_invalid: ({ path, where }, command) =>
    words(
      `${path} is not a report of llmaas bench${where === "" ? "" : `: ${where} is not as it should be`}.`,
      `Make one with: ${command("bench --report FILE.json")}`,
    ),
  compare_repeated: ({ first, second }, command) =>
    words(
      first === second ? `${first} is twice on one side.` : `${first} and ${second} are reports of the same run.`,
      `Give each run of a side once; for another run: ${command("bench --report FILE.json")}`,
    ),
  compare_sides: enCompareSides,
  baseline_load: ({ path, options }) =>
    words(`${path} was measured under other loads than this run would be.`, `It has: ${options.join(", ")}`),
  compare_demo: ({ demo, real }) =>
    words(
      `${demo} measured the built-in server and ${real} a real one: nothing follows from the difference.`,
      "Compare runs of the same kind.",
    ),
} satisfies Partial<Problems>;
