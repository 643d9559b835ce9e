import { bootstrapVariance, openBlocks } from "../compare/bootstrap.ts";
import { intervalOf } from "../metrics/welch.ts";
import { sayLoad } from "../i18n/say.ts";
import type { DistributionName, Figure } from "../metrics/figures.ts";
import type { StepReport } from "../metrics/report.ts";
import { figureIn, type ResultReport } from "../metrics/result-report.ts";
import { errorKinds, limitsIn, MARKS, outcomeOf, standingOf } from "../metrics/verdict.ts";
import { headlineOf, pointsOf, SIGNS } from "./headline.ts";
import type { Line, Place, Said, Section, Text } from "./statement-text.ts";
import { thresholdSection } from "./statement-thresholds.ts";

/** What a manager reads on one page, in no form yet. */
type Statement = { title: string; about: Text; verdict: string; sections: readonly Section[]; foot: Text };

/** Rows of a table, models, and remarks that have room on the page beside everything else. */
const MOST_ROWS = 6;
const MOST_MODELS = 3;
const MOST_POINTS = 4;
const WEIGHT = { bad: 0, warn: 1, note: 2, good: 3 } as const;

/** One page for whoever has to decide: for how many users, how soon, how fast, how sure. */
export function statementOf(said: Said): Statement {
  const { report, words, forms } = said;
  const say = forms.page;
  const places = report.steps.flatMap((step) => step.results.map((result) => ({ step, result })));
  const [first] = places;
  const only = places.length === 1 && first !== undefined ? first : null;
  const sections = [
    { title: say.measured, lines: measuredLines(said), table: null },
    only === null ? loadsSection(said, places) : { title: say.felt, lines: feltLines(said, only), table: null },
    thresholdSection(said, places),
    { title: say.sure, lines: sureLines(said, only), table: null },
  ];
  return {
    title: say.title,
    about: [...modelsOf(said), " · ", { foreign: report.endpoint }, ` · ${words.instant(report.started_at)}`],
    verdict: `${MARKS[standingOf(report)]} ${headlineOf(said)}`,
    sections: sections.filter(({ lines, table }) => lines.length > 0 || table !== null),
    foot: [say.foot, " ", { foreign: `${report.tool.name} ${report.tool.version}` }],
  };
}

function plain(text: string): Line {
  return { figure: null, text: [text] };
}

function modelsOf({ report, messages, forms }: Said): Text {
  const shown = report.models.slice(0, MOST_MODELS);
  const left = report.models.length - shown.length;
  return [
    ...shown.flatMap((foreign, at) => (at === 0 ? [{ foreign }] : [", ", { foreign }])),
    ...(left > 0 ? [forms.page.andMore(messages.count(left))] : []),
  ];
}

/** For how many users, and what they asked. */
function measuredLines({ report, messages, words, forms }: Said): Line[] {
  const say = forms.page;
  const { loads } = report.plan;
  const results = report.steps.flatMap(({ results: all }) => all.slice(-1));
  const started = results.reduce((sum, { streams }) => sum + streams.started, 0);
  const length = report.steps.reduce((sum, { window }) => sum + window.length_ms, 0);
  const [only] = loads;
  const asked =
    only === undefined
      ? []
      : loads.length > 1
        ? [
            say.steps(
              loads
                .slice(0, MOST_ROWS)
                .map((each) => sayLoad(words.terms, each))
                .join(", "),
            ),
          ]
        : [
            only.kind === "closed"
              ? say.users(only.concurrency)
              : say.arrivals(messages.plain(only.rate), only.arrival),
          ];
  const lengths = results[0]?.lengths;
  const { prompt_tokens: prompts = null, answer_tokens: answers = null } = lengths ?? {};
  const inWords = (tokens: number): number => Math.round(rounded(tokens * say.wordsPerToken));
  const lengthsOf = [
    ...(prompts === null ? [] : [say.prompts(inWords(prompts.p50), prompts.p50)]),
    ...(answers === null ? [] : [say.answers(inWords(answers.p50), answers.p50, answers.min, answers.max)]),
    ...(report.plan.max_tokens === null ? [] : [say.longest(report.plan.max_tokens)]),
    ...(lengths?.different_prompts === 1 && started > 1 ? [say.samePrompt] : []),
  ];
  const load = [...asked, say.questions(started, messages.duration(length))];
  return [load, lengthsOf].filter((sentences) => sentences.length > 0).map((sentences) => plain(sentences.join(" ")));
}

/** What users see: how soon, how fast, how long, how often not at all. */
function feltLines(said: Said, { result }: Place): Line[] {
  const { messages, forms } = said;
  const say = forms.page;
  const first = halfAnd95(said, result, "ttft_ms", 95);
  const whole = halfAnd95(said, result, "duration_ms", 95);
  const speed = halfAnd95(said, result, "decode_tokens_per_second", 5);
  const { ok, failed } = result.streams;
  const answers = result.requests_per_second;
  return [
    ...(first.half === null ? [] : [{ figure: first.half, text: [say.firstWord(first.half, first.most)] }]),
    ...(speed.half === null ? [] : [{ figure: speed.half, text: [say.speed(speed.half, speed.most)] }]),
    ...(whole.half === null ? [] : [{ figure: whole.half, text: [say.whole(whole.half, whole.most)] }]),
    {
      figure: messages.count(failed),
      text:
        failed === 0
          ? [ok === 0 ? say.nothing : say.noneFailed(ok)]
          : [say.failed(failed, ok + failed), ...causeOf(said)],
    },
    ...(answers === null || answers === 0
      ? []
      : [{ figure: messages.number(answers * 60), text: [say.throughput(messages.number(answers * 60))] }]),
  ];
}

function causeOf({ report, forms }: Said): Text {
  const [most] = errorKinds(report.steps);
  return most === undefined ? [] : [` ${forms.page.cause} `, { foreign: most.example }];
}

type Halves = { half: string | null; most: string | null };

/** The median, and what 95 of 100 have at least as good; `null` where so few values tell neither. */
function halfAnd95(said: Said, result: ResultReport, of: DistributionName, bad: number): Halves {
  const at = (percent: number): string | null => {
    const { value, samples } = figureIn(result, { kind: "statistic", of, statistic: { name: "percentile", percent } });
    const known = percent === 50 ? samples > 0 : samples >= 20;
    return value === null || !known ? null : sayForPeople(said, of, value);
  };
  return { half: at(50), most: at(bad) };
}

/** Seconds, and words a minute. */
function sayForPeople({ messages, forms }: Said, of: DistributionName, value: number): string {
  if (of === "decode_tokens_per_second") return messages.count(rounded(value * 60 * forms.page.wordsPerToken));
  return messages.seconds(value / 1000, value < 9_995 ? 2 : 1);
}

/** Two digits: of words nobody counted more. */
function rounded(value: number): number {
  return Number(value.toPrecision(2));
}

/** A row a load and model; as many as have room, the first and last among them. */
function loadsSection(said: Said, places: readonly Place[]): Section {
  const { report, messages, words, forms } = said;
  const say = forms.page;
  // Models together stand for none of them.
  const apart = places.filter(({ step, result }) => result.model !== null || step.results.length === 1);
  const shown = spread(apart, MOST_ROWS);
  const rows = shown.map(({ step, result }): Text[] => {
    const model = report.models.length > 1 ? [", ", { foreign: result.model ?? words.table.all }] : [];
    const first = halfAnd95(said, result, "ttft_ms", 95);
    const speed = halfAnd95(said, result, "decode_tokens_per_second", 5);
    const { ok, failed } = result.streams;
    const { length } = result.thresholds;
    const outcomes = result.thresholds.map(outcomeOf);
    const passed = outcomes.filter((outcome) => outcome === "passed").length;
    const worst = (["failed", "unjudged", "undecided"] as const).find((outcome) => outcomes.includes(outcome));
    return [
      [sayLoad(words.terms, step.load), ...model],
      [first.half ?? "–"],
      [first.most ?? "–"],
      [speed.half ?? "–"],
      [say.ofAll(messages.count(failed), messages.count(ok + failed))],
      [length === 0 ? "–" : `${MARKS[worst ?? "passed"]} ${say.ofAll(String(passed), String(length))}`],
    ];
  });
  const { head } = say;
  const titles = [head.load, head.half, head.most, head.speed, head.failed];
  const left = apart.length - shown.length;
  return {
    title: say.felt,
    lines: [...capacityLines(said), ...(left > 0 ? [plain(say.leftOut(messages.count(left)))] : [])],
    table: rows.length === 0 ? null : { head: [...titles, head.thresholds], rows },
  };
}

function spread<T>(all: readonly T[], most: number): readonly T[] {
  if (all.length <= most) return all;
  return Array.from({ length: most }, (_, at) => all[Math.round((at * (all.length - 1)) / (most - 1))]).filter(
    (one) => one !== undefined,
  );
}

/** Up to which load every threshold is met. */
function capacityLines({ report, words, forms }: Said): Line[] {
  const judged = report.steps
    .map(({ load, results }) => ({ load, checked: results.flatMap(({ thresholds }) => thresholds) }))
    .toSorted((a, b) => sizeOf(a) - sizeOf(b));
  if (judged.length < 2 || judged.some(({ checked }) => checked.length === 0)) return [];
  const failing = judged.findIndex(({ checked }) => checked.some(({ passed }) => !passed));
  const name = (at: number): string => {
    const found = judged.at(at);
    return found === undefined ? "" : sayLoad(words.terms, found.load);
  };
  const say = forms.page;
  if (failing === -1) return [plain(say.allLoads(name(-1)))];
  const open = judged[failing]?.checked.filter(({ passed }) => !passed) ?? [];
  const isDecided = open.some(({ undecided }) => undecided !== true);
  const [good, bad] = [name(failing - 1), name(failing)];
  return [plain(failing === 0 ? say.noLoad(bad, isDecided) : say.upTo(good, bad, isDecided))];
}

function sizeOf({ load }: Pick<StepReport, "load">): number {
  return load.kind === "closed" ? load.concurrency : load.rate;
}

const FIRST_95: Figure = { kind: "statistic", of: "ttft_ms", statistic: { name: "percentile", percent: 95 } };

/** How far the figures would move, and what may have disturbed them. */
function sureLines(said: Said, only: Place | null): Line[] {
  const { report, words } = said;
  const { passed, total } = limitsIn(report);
  const { ok, failed } = report.verdict.streams;
  const elsewhere = new Set([
    words.verdict.thresholds(passed, total),
    words.verdict.streams(ok, failed),
    words.verdict.noThresholds,
  ]);
  return [
    ...(only === null ? [] : [plain(intervalText(said, only))]),
    ...pointsOf(said)
      .filter(({ text }) => !elsewhere.has(text))
      .toSorted((x, y) => WEIGHT[x.mood] - WEIGHT[y.mood])
      .slice(0, MOST_POINTS)
      .map(({ mood, text }) => plain(`${SIGNS[mood]} ${text}`)),
  ];
}

function intervalText(said: Said, { result }: Place): string {
  const say = said.forms.page;
  const { value, samples } = figureIn(result, FIRST_95);
  const counted = said.messages.count(samples);
  if (value === null || samples < 20) return say.tooFew(counted);
  const blocks = openBlocks(result.blocks)(FIRST_95);
  const estimate = blocks === null ? null : bootstrapVariance(blocks);
  if (estimate === null) return say.tooShort(counted);
  const [low, high] = intervalOf({ value, ...estimate });
  const seconds = (ms: number): string => sayForPeople(said, "ttft_ms", ms);
  return say.interval(counted, seconds(Math.max(0, low)), seconds(high));
}
