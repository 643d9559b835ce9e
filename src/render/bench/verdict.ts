import { allModels, type RunReport, type StepReport } from "../../metrics/report.ts";
import {
  clientOf,
  errorKinds,
  MARKS,
  outcomeOf,
  standingOf,
  limitsIn,
  type ErrorKind,
  type Standing,
} from "../../metrics/verdict.ts";
import { inSentence, sayShifts } from "../../i18n/say.ts";
import { blank, flow, hanging, piece, sentence, type Piece, type Row } from "../../text/row.ts";
import { wrap } from "../../text/wrap.ts";
import { sayLimit, sayThreshold, type Texts } from "./figures.ts";

const BETWEEN = piece(" · ", "dim");

/** How each standing is drawn. */
export const STYLES: Readonly<Record<Standing, Piece["style"]>> = {
  passed: "green",
  failed: "red",
  undecided: "yellow",
  careful: "yellow",
  unjudged: null,
};

/** The first line: how the run stands, its thresholds, streams and the client; or why nothing came. */
export function verdictRows(report: RunReport, texts: Texts): Row[] {
  const standing = standingOf(report);
  const mark = MARKS[standing];
  const style = STYLES[standing];
  const rest = restOf(report, texts.words);
  if (report.verdict.streams.ok === 0) {
    const cause = hanging(
      wrap(`${mark} ${sayNothing(report, texts)}`, texts.columns - 2).lines.map((line) => [piece(line, style)]),
    );
    return [
      ...cause,
      ...flow(rest, BETWEEN, texts.columns - 2).map((row) => [blank(2), ...row]),
      ...disturbedRows(report, texts),
    ];
  }
  const { streams } = report.verdict;
  const first = [
    piece(`${mark} ${sayThresholds(report, texts)}`, style),
    piece(texts.words.verdict.streams(streams.ok, streams.failed), streams.failed > 0 ? "red" : null),
    ...(report.verdict.in_lumps === true ? [piece(texts.words.verdict.inLumps, "yellow")] : []),
    ...clientPart(report, texts),
  ];
  return [...flow([...first, ...rest], BETWEEN, texts.columns), ...disturbedRows(report, texts)];
}

/** Whether no stream ended well: then the first line is the cause. */
export function isNothing(steps: readonly StepReport[]): boolean {
  return steps.every((step) => (allModels(step)?.streams.ok ?? 0) === 0);
}

/** The thresholds that did not pass, each with its value, and the first cause of failures. */
export function quietRows({ steps, verdict }: RunReport, texts: Texts): Row[] {
  const open = steps.flatMap(({ results }) =>
    results.flatMap(({ model, thresholds }) =>
      thresholds
        .filter(({ passed }) => !passed)
        .map((one) => ({ one, name: results.length === 1 ? "" : `${texts.show(model ?? texts.words.row.all)}, ` })),
    ),
  );
  const rows = open.flatMap(({ one, name }) => {
    const outcome = outcomeOf(one);
    const text = texts.words.verdict.cause(`${name}${sayLimit(one, texts)}`, sayThreshold(one, texts));
    return sentence(`${MARKS[outcome]} ${text}`, STYLES[outcome], texts.columns);
  });
  const [cause] = errorKinds(steps);
  if (cause === undefined || verdict.streams.ok === 0) return rows;
  const { verdict: say } = texts.words;
  const failed = verdict.streams.failed;
  const what = say.allFailed(failed, failed + verdict.streams.ok + verdict.streams.unfinished);
  return [...rows, ...sentence(sayCause(what, cause, failed, texts), "red", texts.columns)];
}

/** Why nothing ended well. */
function sayNothing({ steps, verdict: { streams } }: RunReport, texts: Texts): string {
  const { verdict: say } = texts.words;
  const [cause] = errorKinds(steps);
  if (cause === undefined) return say.nothing;
  const what = say.allFailed(streams.failed, streams.failed + streams.unfinished);
  return sayCause(what, cause, streams.failed, texts);
}

function sayCause(what: string, { count, example }: ErrorKind, failed: number, texts: Texts): string {
  const { verdict: say } = texts.words;
  const why = inSentence(texts.show(example));
  return count === failed ? say.cause(what, why) : say.causeOfSome(what, count, why);
}

function sayThresholds(report: RunReport, { words }: Texts): string {
  const { plan, shard } = report;
  const { verdict: say } = words;
  if (shard !== undefined && plan.slo.length > 0) return words.shard.judgedLater(plan.slo.length);
  const { passed, total, undecided } = limitsIn(report);
  const { if_disturbed: policy = "undecided" } = plan;
  const kept = say.thresholds(passed, total);
  if (undecided === 0) return kept;
  return `${kept}, ${policy === "undecided" ? say.undecided(undecided) : say.takenAs[policy](undecided)}`;
}

function clientPart({ steps }: RunReport, { words: { terms } }: Texts): Piece[] {
  const { judged, disturbance } = clientOf(steps);
  if (!judged) return [];
  return [disturbance === null ? piece(terms.client.healthy) : piece(terms.client.limited, "yellow")];
}

/** By how much the client may have shifted the figures, by what of it, and what to do. */
function disturbedRows({ steps, verdict }: RunReport, texts: Texts): Row[] {
  const { disturbance } = clientOf(steps);
  if (disturbance === null) return [];
  const { terms } = texts.words;
  const names = verdict.limited_by.map((name) => terms.check[name].name).join(", ");
  return sentence(
    terms.client.disturbed(names, sayShifts(terms, disturbance, texts.messages)),
    "yellow",
    texts.columns,
  );
}

function restOf(
  { partial, verdict: { streams, window_too_short: short } }: RunReport,
  { verdict: say, terms }: Texts["words"],
): Piece[] {
  return [
    ...(streams.unfinished > 0 ? [piece(say.unfinished(streams.unfinished))] : []),
    ...(streams.missed_starts > 0 ? [piece(say.missed(streams.missed_starts), "yellow")] : []),
    ...(partial === null ? [] : [piece(say.partial(terms.partial[partial].row), "yellow")]),
    ...(short ? [piece(say.tooShort, "yellow")] : []),
  ];
}
