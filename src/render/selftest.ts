import type { BenchWords, Messages, SelftestWords } from "../i18n/load.ts";
import type { ArrivalErrors } from "../metrics/arrival-error.ts";
import type { ClientReport } from "../metrics/report.ts";
import { clocksApart, cameThrough, type SelftestLoad, type SelftestReport } from "../metrics/selftest.ts";
import { blocks, linesOf, merged, sentence, textOf, widthOf, type Row } from "../text/row.ts";
import { type Paint } from "../text/paint.ts";
import { table } from "../text/table.ts";
import { cellsOf } from "../text/width.ts";
import { packed } from "../text/wrap.ts";
import { NONE, sayCheck } from "./bench/figures.ts";

/** What a self-test is written with; `show` makes a text from outside fit for one line. */
export type SelftestTexts = {
  messages: Messages;
  words: SelftestWords;
  bench: BenchWords;
  show(text: string): string;
  /** Most cells of a line. */
  columns: number;
};

/** The verdict as one line: the error of the instrument, or what does not come out as it must. */
export function selftestVerdict(report: SelftestReport, texts: SelftestTexts): string {
  const { messages, words } = texts;
  const problems = problemsOf(report).map((problem) => words.problem[problem]);
  if (problems.length > 0) return `✗ ${words.verdict.failed(problems)}`;
  const { under_1_ms_up_to: least, under_5_ms_up_to: most } = report.limits;
  const parts = ([1, 5] as const).map((limit) => {
    const load = limit === 1 ? least : most;
    return words.verdict.under(messages.asked(limit), load === null ? null : messages.count(load));
  });
  return `✓ ${words.verdict.error(parts)}`;
}

/** The whole result, at most 80 columns wide. */
export function selftestResult(report: SelftestReport, texts: SelftestTexts, paint: Paint): string {
  const { machine, tool, passed } = report;
  const { messages, words, show } = texts;
  const verdict = sentence(selftestVerdict(report, texts), passed ? "green" : "red", texts.columns);
  const where = `${words.machine(messages.count(machine.cores), show(machine.cpu))}, Bun ${tool.bun}, llmaas ${tool.version}`;
  const said = [saidOf(report, texts), clocksOf(report, texts), clientOf(report, texts)];
  const rows = blocks(
    [...verdict, ...sentence(where, "dim", texts.columns)],
    [...tableOf(report.loads, texts), ...sentence(words.legend, "dim", texts.columns)],
    said.flatMap((text) => (text === "" ? [] : sentence(text, null, texts.columns))),
    busyOf(report, texts),
    saturatedOf(report, texts),
  );
  return linesOf(rows, paint);
}

function problemsOf({ loads, busy_main, saturated }: SelftestReport): (keyof SelftestWords["problem"])[] {
  const whole = [...loads, busy_main.quiet, busy_main.busy].every(cameThrough);
  return [
    ...(whole ? [] : (["lost"] as const)),
    ...(busy_main.held ? [] : (["moved"] as const)),
    ...(saturated.said ? [] : (["silent"] as const)),
  ];
}

/** Which percentiles of which error stand in the table. */
const GROUPS = [
  { name: "ttft", error: "ttft_ms", shown: ["p50", "p99", "max"] },
  { name: "gap", error: "gap_ms", shown: ["p50", "p99", "max"] },
  { name: "duration", error: "duration_ms", shown: ["p50", "p99", "max"] },
  { name: "request", error: "request_ms", shown: ["p50", "p99"] },
] as const;

/** One row a load, one group of columns a figure. */
function tableOf(loads: readonly SelftestLoad[], { messages, words, columns }: SelftestTexts): Row[] {
  const number = (value: number | undefined): string => (value === undefined ? NONE : messages.number(value));
  const groups = GROUPS.map(({ name, error, shown }) => {
    const figures = loads.map((load) => shown.map((key) => number(load.error[error]?.[key])));
    return [words.column[name], ...table([shown, ...figures], "r", [1]).map(textOf)];
  });
  const streams = ["", words.column.streams, ...loads.map(({ concurrency }) => messages.count(concurrency))];
  // Where they have no room side by side, they stand below each other.
  const widths = groups.map((group) => Math.max(...group.map(cellsOf)));
  const together = packed(
    [...groups.keys()],
    (at) => widths[at] ?? 0,
    2,
    columns - 2 - Math.max(...streams.map(cellsOf)),
  );
  const tables = together.map((shown) => {
    const cells = streams.map((first, at) => [first, ...shown.map((group) => groups[group]?.[at] ?? "")]);
    const [names = [], percentiles = [], ...rows] = table(cells, "r", [2]);
    return [merged(names, "bold"), merged(percentiles, "dim"), ...rows];
  });
  return [...sentence(words.title, "bold", columns), ...blocks(...tables)];
}

/** Whether what was injected came out, and where it did not. */
function saidOf({ loads, busy_main }: SelftestReport, { messages, words }: SelftestTexts): string {
  const { count } = messages;
  const all = [...loads, busy_main.quiet, busy_main.busy];
  const lost = all.filter((load) => !cameThrough(load));
  if (lost.length === 0) {
    const sum = (of: (load: SelftestLoad) => number): string => count(all.reduce((total, load) => total + of(load), 0));
    return words.whole(
      sum(({ streams }) => streams.measured),
      sum(({ tokens }) => tokens.expected),
    );
  }
  return lost
    .map(({ concurrency, streams, tokens }) =>
      words.lost(
        count(concurrency),
        [count(streams.complete), count(streams.measured)],
        [count(tokens.paired), count(tokens.expected)],
      ),
    )
    .join(" ");
}

function clocksOf({ loads, busy_main }: SelftestReport, { messages, words }: SelftestTexts): string {
  const apart = clocksApart([...loads, busy_main.quiet, busy_main.busy]);
  return apart === null ? "" : words.clocks(messages.duration(apart));
}

/** What the client says of itself at each load. */
function clientOf({ loads }: SelftestReport, { messages, words }: SelftestTexts): string {
  const named = (healthy: boolean): string =>
    loads
      .filter(({ client }) => client.healthy === healthy)
      .map(({ concurrency }) => messages.count(concurrency))
      .join(", ");
  return words.client(named(true), named(false));
}

function busyOf({ busy_main }: SelftestReport, texts: SelftestTexts): Row[] {
  const { messages, words } = texts;
  const { quiet, busy, blocked_ms, limits_ms, held } = busy_main;
  const pair = (name: keyof ArrivalErrors, at: "p50" | "p90"): readonly [string, string] => {
    const say = (load: SelftestLoad): string => {
      const found = load.error[name];
      return found === null ? NONE : messages.number(found[at]);
    };
    return [say(quiet), say(busy)];
  };
  const names = [
    ["ttft_ms", words.column.ttft],
    ["gap_ms", words.column.gap],
    ["arrival_ms", words.busy.arrival],
  ] as const;
  const title = words.busy.title(messages.asked(blocked_ms), messages.count(busy.concurrency));
  const verdict = held
    ? sentence(`✓ ${words.busy.held}`, "green", texts.columns)
    : sentence(
        `✗ ${words.busy.moved(messages.asked(limits_ms.p50), messages.asked(limits_ms.p90))}`,
        "red",
        texts.columns,
      );
  const figures = names.map(([name, said]) => ["", said, words.busy.figure(pair(name, "p50"), pair(name, "p90"))]);
  const beside = table(figures, "l", [2]);
  const rows = beside.every((row) => widthOf(row) <= texts.columns)
    ? beside
    : figures.flatMap((figure) => sentence(figure.slice(1).join(" "), null, texts.columns));
  return [...sentence(title, "bold", texts.columns), ...rows, ...verdict];
}

function saturatedOf({ saturated }: SelftestReport, texts: SelftestTexts): Row[] {
  const { messages, words } = texts;
  const verdict = saturated.said
    ? sentence(`✓ ${words.saturated.limited(causesOf(saturated.client, texts))}`, "green", texts.columns)
    : sentence(`✗ ${words.saturated.healthy}`, "red", texts.columns);
  return [...sentence(words.saturated.title(messages.count(saturated.concurrency)), "bold", texts.columns), ...verdict];
}

function causesOf({ checks }: ClientReport, { messages, bench, show, columns }: SelftestTexts): string {
  const texts = { messages, words: bench, show, columns };
  return checks
    .filter(({ passed }) => !passed)
    .map((check) => sayCheck(check, texts))
    .join(", ");
}
