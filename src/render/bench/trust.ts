import { distributionsOf, type DistributionName } from "../../metrics/figures.ts";
import { isClientJudged } from "../../metrics/disturbance.ts";
import { hasTokens } from "../../metrics/verdict.ts";
import type { ClientCheckName, StepReport } from "../../metrics/report.ts";
import { tildeOf, type LeftOut, type ResultReport } from "../../metrics/result-report.ts";
import { noticesIn, type TrustReport } from "../../metrics/trust-report.ts";
import { labelledFlow, piece, type Piece, type Row } from "../../text/row.ts";
import { sayServer } from "../../i18n/say.ts";
import { sayCheck, sayNumber, sayShare, type Texts } from "./figures.ts";

const BETWEEN = piece(" · ", "dim");

type Part = [label: string, pieces: Piece[]];

/** How far the figures can be trusted: what was counted how, what ran, and what is not in them. */
export function trustRows(step: StepReport, result: ResultReport, width: number, texts: Texts): Row[] {
  const { label } = texts.words.row;
  const several = step.results.length > 1;
  if (!hasTokens([step])) {
    const some: Part[] = [
      [label.retries, result.trust.retries > 0 ? retriesOf(result.trust, texts) : []],
      [label.besides, besides(step, result, texts)],
    ];
    return rowsOf(some, width, texts);
  }
  const parts: Part[] = [
    [label.source, sources(result, texts)],
    ...serverParts(step, texts),
    ...(several ? [] : [[label.perEvent, perEvent(result, texts)] satisfies Part]),
    [label.retries, retriesOf(result.trust, texts)],
    [label.atOnce, atOnce(step, texts)],
    ...(isClientJudged(step) ? [[label.client, client(step, texts)] satisfies Part] : []),
    [label.besides, besides(step, result, texts)],
    [label.leftOut, leftOut(result, distributionsOf(step.load), texts)],
  ];
  return rowsOf(parts, width, texts);
}

function rowsOf(parts: readonly Part[], width: number, { columns }: Texts): Row[] {
  return parts.flatMap(([name, pieces]) =>
    labelledFlow(piece(name, "dim"), width, { pieces, between: BETWEEN }, columns),
  );
}

/** What the server says of its own work, of each model apart. */
function serverParts({ results }: StepReport, texts: Texts): Part[] {
  const { terms } = texts.words;
  const told = results.filter(({ model }) => model !== null || results.length === 1);
  return told.flatMap(({ model, server = null }): Part[] => {
    if (server === null) return [];
    const whose = results.length > 1 && model !== null ? [piece(texts.show(model), "dim")] : [];
    const said = sayServer(terms, server, texts.messages).map((text) => piece(text));
    return [[terms.server.title, [...whose, ...said]]];
  });
}

function sources({ trust }: ResultReport, { words }: Texts): Piece[] {
  const { usage, events } = trust.tokens_source;
  const { source } = words.row;
  const pieces = [
    ...(usage > 0 ? [piece(source.usage(usage))] : []),
    ...(events > 0 ? [piece(source.events(events), "yellow")] : []),
  ];
  return pieces.length > 0 ? pieces : [piece(source.none)];
}

function perEvent(result: ResultReport, texts: Texts): Piece[] {
  const { tokens_per_event, coalesced } = result.trust;
  const tilde = tokens_per_event === null ? "" : tildeOf(result);
  const share = coalesced === null ? [] : [piece(texts.words.row.coalesced(sayShare(coalesced, texts)))];
  return [piece(tilde + sayNumber(tokens_per_event, texts)), ...share];
}

/** How often it was tried again, and which attempt the first token counts from. */
export function retriesOf(trust: TrustReport, { words, messages }: Texts): Piece[] {
  const { row } = words;
  if (trust.retries === 0) return [piece(row.noRetries)];
  return [
    piece(row.retries(messages.count(trust.retries), messages.duration(trust.retry_wait_ms))),
    piece(row.ttftFrom[trust.ttft_from]),
  ];
}

function atOnce({ concurrency }: StepReport, texts: Texts): Piece[] {
  const { atOnce: say } = texts.words.row;
  const { asked, max, mean, short } = concurrency;
  return [
    ...(asked === null ? [] : [piece(say.asked(texts.messages.plain(asked)))]),
    piece(say.max(texts.messages.plain(max))),
    ...(mean === null ? [] : [piece(say.mean(texts.messages.plain(mean)))]),
    ...(short ? [piece(say.short, "yellow")] : []),
  ];
}

/** Checks that say by how much also when they are kept; the others stand in rows of their own, or are nought. */
const ALWAYS_TOLD: ReadonlySet<ClientCheckName> = new Set([
  "worker_lag_p99_ms",
  "dispatch_delay_p99_ms",
  "cpu_per_thread",
]);

function client({ client: report }: StepReport, texts: Texts): Piece[] {
  const told = report.checks.filter(({ name, passed }) => !passed || ALWAYS_TOLD.has(name));
  return [
    ...(report.healthy ? [piece(texts.words.row.healthy)] : [piece(texts.words.terms.client.limited, "yellow")]),
    ...told.map((check) => piece(sayCheck(check, texts), check.passed ? null : "yellow")),
  ];
}

function besides(step: StepReport, { trust }: ResultReport, texts: Texts): Piece[] {
  const { missed_starts, client: report } = step;
  const { words, messages, show } = texts;
  const { row } = words;
  const heldByClient = report.checks.some(({ name, passed }) => name === "held_ms" && !passed);
  return [
    ...lumps(step, texts),
    ...(missed_starts > 0 ? [piece(words.verdict.missed(missed_starts), "yellow")] : []),
    ...(trust.stale_connections > 0 ? [piece(row.stale(trust.stale_connections))] : []),
    ...(trust.stalls > 0 ? [piece(row.stalls(trust.stalls), "yellow")] : []),
    ...(trust.malformed > 0 ? [piece(row.malformed(trust.malformed), "yellow")] : []),
    ...(trust.held_ms > 0 && !heldByClient ? [piece(row.held(messages.duration(trust.held_ms)), "yellow")] : []),
    ...doubtsOf(trust, texts),
    ...noticesIn(trust).others.map(({ code, streams }) => piece(row.notice(show(code), messages.count(streams)))),
  ];
}

/** What the answers are worth, in words. */
export function doubtsOf(trust: TrustReport, { words }: Texts): Piece[] {
  return noticesIn(trust).doubts.map(({ code, streams }) => piece(words.terms.doubt[code](streams), "yellow"));
}

/** What must be known of first tokens and gaps where something on the way holds the answers back. */
export function lumps({ results }: StepReport, texts: Texts): Piece[] {
  const all = results.filter(({ trust }) => trust.in_lumps === true);
  const together = all.filter((result) => result === results.at(-1));
  return (together.length > 0 ? together : all).map(
    ({ model, trust: { lumped = null, lump_wait_ms: wait = null } }) => {
      const whose = model === null || results.length === 1 ? "" : `${texts.show(model)}: `;
      return piece(
        whose + texts.words.row.lumps(sayShare(lumped, texts), texts.messages.duration(wait ?? 0)),
        "yellow",
      );
    },
  );
}

/** Distributions that leave out the same streams share a sentence. */
function leftOut({ distributions }: ResultReport, all: readonly DistributionName[], texts: Texts): Piece[] {
  const groups = new Map<string, DistributionName[]>();
  for (const name of all) {
    if (distributions[name].missing === 0) continue;
    const why = reasons(distributions[name].left_out, texts);
    groups.set(why, [...(groups.get(why) ?? []), name]);
  }
  if (groups.size === 0) return [piece(texts.words.row.nothingLeftOut)];
  return [...groups].map(([why, names]) =>
    piece(`${why} (${names.map((name) => texts.words.terms.figure[name].short).join(", ")})`),
  );
}

function reasons({ failed, unfinished, no_value }: LeftOut, { words }: Texts): string {
  const { leftOut: say } = words.row;
  return [
    ...(failed > 0 ? [say.failed(failed)] : []),
    ...(unfinished > 0 ? [say.unfinished(unfinished)] : []),
    ...(no_value > 0 ? [say.noValue(no_value)] : []),
  ].join(", ");
}
