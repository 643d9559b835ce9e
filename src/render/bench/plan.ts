import type { BenchWords } from "../../i18n/load.ts";
import type { Numbers } from "../../i18n/numbers.ts";
import type { PlanReport } from "../../metrics/report.ts";
import type { ApiKind } from "../../stream/event.ts";
import { flow, hanging, linesOf, piece } from "../../text/row.ts";
import { COLUMNS } from "../../text/wrap.ts";
import { parseSlo } from "../../metrics/thresholds.ts";
import { showFor, valueOf, type Texts } from "./figures.ts";

/** Most models that are named; prompts may name any number. */
const MOST_MODELS = 8;

/** What is planned, and for whom. */
export type PlanToSay = {
  plan: PlanReport;
  endpoint: string;
  /** Which is named where it is not chat completions. */
  api?: ApiKind;
  demo: boolean;
  models: readonly string[];
  /** How many of the user's; `null` when they are synthetic, or nobody has counted. */
  prompts: number | null;
  /** No prompt asks for an answer of its own length. */
  bounded: boolean;
};

/** What it is said with. */
type PlanOptions = {
  messages: Numbers;
  words: BenchWords;
  /** Text from outside is made harmless. */
  terminal: boolean;
  columns?: number;
};

/** What is about to be sent, in lines of so many cells at most: how much of what load, to whom, and which prompts. */
export function sayPlan(asked: PlanToSay, { messages, words, terminal, columns = COLUMNS }: PlanOptions): string {
  const { plan: say } = words;
  const show = showFor(terminal);
  const { plan, endpoint, api = "chat", demo, models, prompts, bounded } = asked;
  const most = bounded ? mostTokens(plan) : null;
  const lines = [
    loadParts(plan, { messages, words }).map((part, at) => (at === 0 ? `${say.title}${part}` : part)),
    [
      say.to(namesOf(models.map(show)), demo ? say.demo : show(endpoint)),
      ...(api === "chat" ? [] : [words.terms.api(api)]),
    ],
    [
      promptsPart(plan.prompt_tokens, prompts, { messages, words }),
      ...(most === null ? [] : [say.atMost(messages.count(most))]),
    ],
  ];
  const limits = limitParts(plan.slo, { show, words });
  if (limits.length > 0) lines.push(limits);
  const rows = lines.map((parts) => parts.map((part) => piece(part)));
  return linesOf(rows.flatMap((row) => hanging(flow(row, piece(" · "), columns - 2))));
}

/** What must hold, and of which each stream is held to it. */
function limitParts(slo: readonly string[], { show, words }: Pick<Texts, "show" | "words">): string[] {
  const { thresholds, objectives, everyStream } = parseSlo(slo);
  const say = everyStream ? words.terms.everyStream : words.plan.forGoodput;
  const limits = [...thresholds.map(({ text }) => show(text)), ...objectives.map(({ text }) => say(show(text)))];
  return limits.map((limit, at) => (at === 0 ? words.plan.thresholds(limit) : limit));
}

/** The first of them, and of how many. */
function namesOf(models: readonly string[]): string {
  const shown = models.slice(0, MOST_MODELS).join(", ");
  return models.length > MOST_MODELS ? `${shown}, … (${models.length})` : shown;
}

function loadParts(plan: PlanReport, { messages, words }: Pick<PlanOptions, "messages" | "words">): string[] {
  const { plan: say } = words;
  const { loads, requests, duration_ms, warmup, retries } = plan;
  const [first] = loads;
  const amount = [
    ...(requests === null ? [] : [say.requests(requests)]),
    ...(duration_ms === null ? [] : [say.lasting(messages.asked(duration_ms), requests === null)]),
  ].join(", ");
  const values = loads.map((load) => messages.plain(valueOf(load))).join(", ");
  return [
    loads.length > 1 ? say.steps(loads.length, amount) : amount,
    ...(first === undefined ? [] : [say.loads[first.kind](values)]),
    ...(first?.kind === "arrival"
      ? [`${say.arrival[first.arrival]}, ${say.inFlight(messages.count(first.max_in_flight))}`]
      : []),
    ...(warmup === null
      ? []
      : ["streams" in warmup ? say.warmupStreams(warmup.streams) : say.warmupTime(messages.asked(warmup.length_ms))]),
    ...(retries === 0 ? [] : [say.retries(retries)]),
  ];
}

function promptsPart(
  tokens: number | null,
  count: number | null,
  { messages, words }: Pick<PlanOptions, "messages" | "words">,
): string {
  const { plan: say } = words;
  if (tokens !== null) return say.synthetic(messages.count(tokens));
  return count === null ? say.uncounted : say.prompts(count);
}

/** Tokens that can come at most; `null` where time alone ends a step or its warm-up, or no limit is sent. */
function mostTokens({ requests, warmup, loads, max_tokens: most }: PlanReport): number | null {
  if (most === null || requests === null || (warmup !== null && !("streams" in warmup))) return null;
  return (requests + (warmup?.streams ?? 0)) * loads.length * most;
}
