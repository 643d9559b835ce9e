import type { BenchWords } from "../../i18n/load.ts";
import type { Numbers } from "../../i18n/numbers.ts";
import { firstShards } from "../../i18n/say.ts";
import { allModels, type RunReport, type StepReport } from "../../metrics/report.ts";
import type { BoundsRange, ClockReport, MergedFrom, MergedReport } from "../../metrics/shard-report.ts";
import { blank, flow, labelled, piece, sentence, type Row } from "../../text/row.ts";
import type { Texts } from "./figures.ts";

type Words = BenchWords["shard"];

/** Shards that are listed; of a hundred the first ones, and those that something is to be said of. */
const LISTED = 12;

/** What the reader of a merged report must know of its parts, in sentences. */
type SaidShards = {
  /** How many, how far apart they began, and what is known of their clocks. */
  summary: string[];
  /** Each of them; `isWell`: its client kept up, and its plan ended it. */
  parts: { name: string; facts: string[]; isWell: boolean }[];
  more: string | null;
  /** What is only known within bounds. */
  bounds: string | null;
};

/** Says of which parts a report was made; `null` of one that is whole. */
export function sayShards(report: RunReport, words: Words, numbers: Numbers): SaidShards | null {
  const { merged, merged_from: from = [] } = report;
  if (merged === undefined) return null;
  const [first] = from;
  const same = new Set(from.map((part) => machineOf(part, words))).size === 1;
  const ordered = from.length > LISTED ? from.toSorted((a, b) => Number(isWell(a)) - Number(isWell(b))) : from;
  const listed = ordered.slice(0, LISTED).toSorted((a, b) => a.index - b.index);
  return {
    summary: [
      ...summaryOf(merged, from, words, numbers),
      ...(same && first !== undefined ? [words.each(machineOf(first, words))] : []),
    ],
    parts: listed.map((part) => ({
      name: words.name(part.index, merged.of),
      facts: [...factsOf(part, merged, words, numbers), ...(same ? [] : [machineOf(part, words)])],
      isWell: isWell(part),
    })),
    more: from.length > LISTED ? words.more(from.length - LISTED) : null,
    bounds: boundsOf(report.steps, words, numbers),
  };
}

function isWell({ healthy, partial }: MergedFrom): boolean {
  return healthy && partial === null;
}

function summaryOf(merged: MergedReport, from: readonly MergedFrom[], words: Words, numbers: Numbers): string[] {
  const { of, missing, start_spread_ms: spread, common_window: common } = merged;
  return [
    missing.length === 0 ? words.all(of) : words.missing(from.length, of, firstShards(missing, of)),
    ...(spread === null ? [] : [words.spread(numbers.duration(spread))]),
    ...(common === null ? [] : [words.common(numbers.percent(common))]),
    clocksOf(from, words, numbers),
  ];
}

/** By how much the clocks may differ: from the earliest to the latest that any of them can be. */
function clocksOf(from: readonly MergedFrom[], words: Words, numbers: Numbers): string {
  const clocks = from.flatMap(({ clock }) => (clock === undefined ? [] : reachOf(clock)));
  if (clocks.length < from.length || clocks.length === 0) return words.clocks.unknown;
  const apart = Math.max(...clocks.map(({ to }) => to)) - Math.min(...clocks.map(({ from }) => from));
  return words.clocks.within(numbers.duration(apart));
}

function reachOf({ offset_ms: offset, error_ms: error }: ClockReport): { from: number; to: number }[] {
  return offset === null || error === null ? [] : [{ from: offset - error, to: offset + error }];
}

function factsOf(part: MergedFrom, merged: MergedReport, words: Words, numbers: Numbers): string[] {
  const { healthy, partial, steps } = part;
  const streams = steps.reduce((sum, step) => sum + step.streams, 0);
  const sent = steps[0]?.first_sent_ms ?? null;
  return [
    words.streams(streams),
    sent === null ? words.none : words.first(numbers.duration(Math.max(0, sent - Date.parse(merged.start_at)))),
    healthy ? words.healthy : words.limited,
    ...(partial === null ? [] : [words.partial]),
  ];
}

function machineOf({ machine }: MergedFrom, words: Words): string {
  return words.machine(machine.cores, machine.cpu, `${machine.os} ${machine.arch}`);
}

/** Each figure once, over all steps from the least to the most. */
function boundsOf(steps: readonly StepReport[], words: Words, numbers: Numbers): string | null {
  const { bounded } = words;
  const found = new Map<string, BoundsRange>();
  const put = (name: string, range: BoundsRange | undefined): void => {
    if (range === undefined) return;
    const known = found.get(name) ?? range;
    found.set(name, { least: Math.min(known.least, range.least), most: Math.max(known.most, range.most) });
  };
  for (const step of steps) {
    const bounds = allModels(step)?.bounds ?? {};
    put(bounded.requests, bounds.requests_per_second);
    put(bounded.tokens, bounds.output_tokens_per_second);
    put(bounded.goodput, bounds.goodput_per_second);
    put(bounded.peak, bounds.peak_tokens_per_second);
    put(bounded.prompts, bounds.different_prompts);
    put(bounded.atOnce, step.bounds?.concurrency_max);
    put(bounded.mean, step.bounds?.concurrency_mean);
  }
  if (found.size === 0) return null;
  const said = [...found].map(
    ([name, { least, most }]) => `${name} ${words.between(plain(least, numbers), plain(most, numbers))}`,
  );
  return words.bounds(said.join(" · "));
}

function plain(value: number, numbers: Numbers): string {
  return Number.isInteger(value) ? numbers.count(value) : numbers.number(value);
}

/** What is said of the parts that were joined; of one part, that it is one. */
export function shardRows(report: RunReport, texts: Texts): Row[] {
  const { words, messages, columns, show } = texts;
  const { shard } = report;
  if (shard !== undefined) return sentence(words.shard.part(shard.index, shard.of), null, columns);
  const said = sayShards(report, words.shard, messages);
  if (said === null) return [];
  const between = piece(" · ", "dim");
  const width = Math.max(...said.parts.map(({ name }) => name.length)) + 4;
  return [
    [piece(words.shard.title, "bold")],
    ...flow(
      said.summary.map((text) => piece(text)),
      between,
      columns - 2,
    ).map((row) => [blank(2), ...row]),
    ...said.parts.flatMap(({ name, facts, isWell }) =>
      labelled(
        piece(`  ${name}`, "dim"),
        width,
        flow(
          facts.map((text) => piece(show(text), isWell ? "dim" : "yellow")),
          between,
          columns - width,
        ),
      ),
    ),
    ...(said.more === null ? [] : sentence(`  ${said.more}`, "dim", columns)),
    ...(said.bounds === null ? [] : sentence(said.bounds, "yellow", columns)),
  ];
}
