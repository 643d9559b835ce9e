import { disturbanceOf, isClientJudged } from "../../metrics/disturbance.ts";
import { whyNoKnee } from "../../metrics/knee.ts";
import { allModels, replacedIn, type RunReport, type StepReport } from "../../metrics/report.ts";
import { knownPercentile, tildeOf, type ResultReport } from "../../metrics/result-report.ts";
import { type TrustReport } from "../../metrics/trust-report.ts";
import { MARKS, outcomeOf, type Outcome } from "../../metrics/verdict.ts";
import { blocks, labelledFlow, piece, sentence, widthOf, type Piece, type Row } from "../../text/row.ts";
import { sayShifts } from "../../i18n/say.ts";
import { table } from "../../text/table.ts";
import { cut } from "../../text/width.ts";
import {
  nameOf,
  NONE,
  sayCheck,
  sayFigure,
  sayLimit,
  sayLoad,
  sayNumber,
  sayShare,
  sayThreshold,
  valueOf,
  type Texts,
} from "./figures.ts";
import { doubtsOf, lumps, retriesOf } from "./trust.ts";
import { STYLES } from "./verdict.ts";

/** More notes than this are no longer read. */
const NOTES_SHOWN = 16;

/** What is left out first where 80 cells are too few. */
const LEAST: readonly Heading[] = ["gap99", "ttft50"];

type Heading = keyof Texts["words"]["sweep"]["title"];
type Cells = Record<Heading, Piece>;

/** A table of the steps for each model, and one of all together. */
export function sweepTables(report: RunReport, texts: Texts): Row[][] {
  const results = report.steps[0]?.results ?? [];
  const replaced = replacedIn(report.steps);
  return results.map(({ model }, at) => {
    const title = nameOf(model, replaced.get(model ?? ""), texts);
    const name: Row[] = results.length > 1 ? [[piece(cut(title, texts.columns), "bold")]] : [];
    return [...name, ...tableOf(report, at, texts)];
  });
}

function tableOf({ steps, knee }: RunReport, at: number, texts: Texts): Row[] {
  const { title, load } = texts.words.sweep;
  const all = Object.keys(title).filter((heading): heading is Heading => heading in title);
  const asked = all.filter((heading) => steps.some(({ results }) => isAsked(heading, results[at])));
  const first = piece(load[steps[0]?.load.kind ?? "closed"], "dim");
  const lines = steps.map((step) => ({ step, cells: cellsOf(step, step.results[at], texts) }));

  function rowsWith(gap: number, headings: readonly Heading[]): Row[] {
    const rows = lines.map(({ step, cells }, index) => [
      piece(texts.messages.plain(valueOf(step.load)), "bold"),
      ...(cells === null ? [] : headings.map((heading) => cells[heading])),
      piece(index === knee ? "◀" : "", "bold"),
    ]);
    return table([[first, ...headings.map((heading) => piece(title[heading], "dim"))], ...rows], "r", [gap]);
  }

  const fits = (rows: readonly Row[]): boolean => rows.every((row) => widthOf(row) <= texts.columns);
  const without = (count: number): Heading[] => asked.filter((heading) => !LEAST.slice(0, count).includes(heading));
  const tries = [rowsWith(2, asked), ...[0, 1, 2].map((count) => rowsWith(1, without(count)))];
  return (
    tries.find(fits) ??
    blocks(...groupsThatFit(asked, (headings) => fits(rowsWith(1, headings))).map((headings) => rowsWith(1, headings)))
  );
}

/** The headings in their order, as many together as fit, and at least one. */
function groupsThatFit(headings: readonly Heading[], fits: (group: readonly Heading[]) => boolean): Heading[][] {
  const groups: Heading[][] = [];
  for (const heading of headings) {
    const last = groups.at(-1);
    if (last !== undefined && fits([...last, heading])) last.push(heading);
    else groups.push([heading]);
  }
  return groups;
}

/** Thresholds and goodput are there where somebody wants them, the wait in its queue where the server says it. */
function isAsked(heading: Heading, result: ResultReport | undefined): boolean {
  if (heading === "queue") return (result?.server?.queue_ms ?? null) !== null;
  if (heading === "thresholds") return result !== undefined && result.thresholds.length > 0;
  return heading !== "goodput" || (result !== undefined && result.goodput !== null);
}

function cellsOf(step: StepReport, result: ResultReport | undefined, texts: Texts): Cells | null {
  if (result === undefined) return null;
  const { messages, words } = texts;
  const { thresholds, streams, goodput } = result;
  const outcomes = thresholds.map(outcomeOf);
  const passed = outcomes.filter((one) => one === "passed").length;
  const style = outcomes.every((one) => one === "passed") ? "green" : outcomes.every(isOpen) ? "yellow" : "red";
  const { output_tokens_per_second: tokens, server } = result;
  const queue = server?.queue_ms ?? null;
  return {
    requests: piece(sayNumber(result.requests_per_second, texts)),
    tokens: piece((tokens === null ? "" : tildeOf(result)) + sayNumber(tokens, texts)),
    ttft50: piece(sayFigure("ttft_ms", knownPercentile(result, "ttft_ms", 50), texts)),
    ttft95: piece(sayFigure("ttft_ms", knownPercentile(result, "ttft_ms", 95), texts)),
    queue: piece(queue === null ? NONE : messages.duration(queue.mean)),
    gap99: piece(sayFigure("gap_ms", knownPercentile(result, "gap_ms", 99), texts)),
    errors: piece(messages.count(streams.failed), streams.failed > 0 ? "red" : null),
    goodput: piece(sayShare(goodput?.share ?? null, texts)),
    thresholds: thresholds.length === 0 ? piece("–", "dim") : piece(`${passed}/${thresholds.length}`, style),
    client: !isClientJudged(step)
      ? piece(NONE, "dim")
      : step.client.healthy
        ? piece(MARKS.passed, "green")
        : piece(words.sweep.limited, "yellow"),
  };
}

function isOpen(outcome: Outcome): boolean {
  return outcome === "passed" || outcome === "undecided";
}

/** Where more load stopped to bring more. */
export function kneeRows({ steps, knee }: RunReport, texts: Texts): Row[] {
  const step = knee === null ? undefined : steps[knee];
  const { sweep } = texts.words;
  if (step !== undefined) return sentence(sweep.knee(sayLoad(step.load, texts)), null, texts.columns);
  return sentence(texts.words.terms.noKnee[whyNoKnee(steps)], null, texts.columns);
}

/** What the table has no room for: why a client limits, which threshold failed, what did not start. */
export function noteRows({ steps }: RunReport, texts: Texts): Row[] {
  const notes = steps.flatMap((step) => {
    const found = notesOf(step, texts);
    return found.length === 0 ? [] : [{ step, found }];
  });
  const width = Math.max(0, ...notes.map(({ step }) => sayLoad(step.load, texts).length)) + 2;
  const rows = notes.flatMap(({ step, found }) =>
    labelledFlow(
      piece(sayLoad(step.load, texts), "dim"),
      width,
      { pieces: found, between: piece(" · ", "dim") },
      texts.columns,
    ),
  );
  return rows.length > NOTES_SHOWN ? [...rows.slice(0, NOTES_SHOWN), [piece("…", "dim")]] : rows;
}

function notesOf(step: StepReport, texts: Texts): Piece[] {
  const { words, show } = texts;
  const { streams, trust } = allModels(step) ?? {};
  const { unfinished = 0 } = streams ?? {};
  const disturbance = disturbanceOf(step);
  const shifts = disturbance === null ? null : sayShifts(words.terms, disturbance, texts.messages);
  const broken = disturbance === null ? [] : step.client.checks.filter(({ passed }) => !passed);
  const open = step.results.flatMap(({ model, thresholds }) => {
    const name = step.results.length === 1 ? "" : `${model === null ? words.row.all : show(model)} `;
    return thresholds
      .filter(({ passed }) => !passed)
      .map((one) => {
        const outcome = outcomeOf(one);
        return piece(`${MARKS[outcome]} ${name}${sayLimit(one, texts)} (${sayThreshold(one, texts)})`, STYLES[outcome]);
      });
  });
  return [
    ...broken.map((check) => piece(sayCheck(check, texts), "yellow")),
    ...(shifts === null ? [] : [piece(shifts, "yellow")]),
    ...open,
    ...lumps(step, texts),
    ...(trust === undefined || trust.retries === 0 ? [] : retried(trust, texts)),
    ...(trust === undefined ? [] : doubtsOf(trust, texts)),
    ...(unfinished > 0 ? [piece(words.verdict.unfinished(unfinished))] : []),
    ...(step.missed_starts > 0 ? [piece(words.verdict.missed(step.missed_starts), "yellow")] : []),
    ...(step.window_too_short ? [piece(words.sweep.tooShort, "yellow")] : []),
  ];
}

function retried(trust: TrustReport, texts: Texts): Piece[] {
  const [count, ...rest] = retriesOf(trust, texts);
  return count === undefined ? [] : [piece(`${texts.words.row.label.retries} ${count.text}`), ...rest];
}
