import { closeSync, fstatSync, openSync } from "node:fs";
import * as v from "valibot";
import { UserError } from "../config/user-error.ts";
import { errorOfText } from "../wire/errors.ts";
import { createHistogram, type Histogram } from "../metrics/histogram.ts";
import { createFinished, keyOf } from "./finished.ts";
import { isTornHead, hasEnded, isGood, verdictOf } from "./head.ts";
import type { OnProgress } from "./journal.ts";
import { readJson } from "./json.ts";
import { judgeBody } from "./judge-answer.ts";
import { endOf, isBlank, readLines, unmarked } from "./lines.ts";

/** Figures of single answers that are told. */
export const REPORTED = ["ttft_ms", "duration_ms", "tokens_per_second"] as const;

type Reported = (typeof REPORTED)[number];

/** Requests that failed for one reason. */
type Group = { why: string; count: number; message: string; ids: string[] };

/** All that a file of results says of its batch. */
export type JournalReport = {
  results: number;
  answered: number;
  failed: number;
  /** Results of ids that stand there before. */
  twice: number;
  /** Bytes at the end that are no whole line, and lines before that are no results. */
  torn: number;
  broken: number;
  verdicts: Record<string, number>;
  /** The most frequent first. */
  failures: Group[];
  /** `null`: no answer says. */
  tokens: { prompt: number; cached: number | null; completion: number; reasoning: number | null };
  /** Answers whose tokens no server has counted. */
  uncounted: number;
  /** A sum for each currency. */
  cost: Record<string, number>;
  /** How often a request was sent again, and how often one was handed out again, for a worker or the queue was gone. */
  retries: number;
  taken_over: number;
  models: Record<string, number>;
  /** From the first request to the last answer. */
  first_sent: string | null;
  span_ms: number | null;
  figures: Record<Reported, Figure | null>;
};

type Figure = { count: number; p5: number; p50: number; p95: number; p99: number; max: number };

const amount = v.nullish(v.number());
const usage = v.looseObject({
  prompt_tokens: amount,
  completion_tokens: amount,
  input_tokens: amount,
  output_tokens: amount,
});

/** What is told of one that is ours. */
const ours = v.looseObject({
  verdict: v.string(),
  model: v.optional(v.string()),
  asked: v.optional(v.number()),
  taken_over: v.optional(v.number()),
  spent: v.optional(v.object({ prompt_tokens: v.number(), tokens: v.number(), cost: v.nullable(v.number()) })),
  sent_at: v.optional(v.string()),
  tokens_source: v.optional(v.string()),
  tokens: amount,
  prompt_tokens: amount,
  cached_prompt_tokens: amount,
  reasoning_tokens: amount,
  cost: amount,
  currency: v.nullish(v.string()),
  ...v.entriesFromList(REPORTED, amount),
});

/** A result, ours or a provider's. */
const result = v.pipe(
  v.looseObject({
    custom_id: v.string(),
    llmaas: v.optional(ours),
    response: v.nullish(
      v.looseObject({
        status_code: v.optional(v.number()),
        body: v.nullish(v.looseObject({ model: v.optional(v.string()), usage: v.nullish(usage) })),
      }),
    ),
    error: v.nullish(
      v.looseObject({ code: v.nullish(v.union([v.string(), v.number()])), message: v.nullish(v.string()) }),
    ),
  }),
  // A request of the same file has an id too.
  v.check((read) => hasEnded(read)),
);

type Result = v.InferOutput<typeof result>;

/** Ids that are named of each kind of failure, and letters of its message. */
const NAMED = 3;
const LONGEST_MESSAGE = 300;

/** Reads a file of results in one pass, whatever its length. */
export async function readReport(path: string, onProgress?: OnProgress): Promise<JournalReport> {
  const file = openSync(path, "r");
  const sums = createSums();
  const seen = createFinished();
  const report = { twice: 0, torn: 0, broken: 0 };
  try {
    const { size } = fstatSync(file);
    for await (const lines of readLines(file)) {
      for (const line of lines) {
        if (isBlank(line.bytes)) continue;
        const read = line.tooLong ? null : readJson(result, unmarked(line.bytes).toString());
        if (read === null) {
          if (!isTornHead(line)) throw new UserError({ code: "not_results", path, line: line.number });
          if (line.ended) report.broken++;
          else report.torn = size - line.offset;
        } else if (!seen.add(keyOf(read.custom_id), null, false)) report.twice++;
        else sums.add(await judged(read));
      }
      onProgress?.(endOf(lines), size);
    }
  } finally {
    closeSync(file);
  }
  return { ...sums.all(), ...report };
}

/** A result that another program has written, judged as any other: what is no answer is not taken for one. */
async function judged(read: Result): Promise<Result> {
  const { response, error } = read;
  if (read.llmaas !== undefined || !response || error) return read;
  const { status_code: status, body } = response;
  if (status !== 200) return { ...read, error: errorOfText(JSON.stringify(body ?? null)) };
  const { verdict, failure, figures } = await judgeBody(body);
  const llmaas = v.parse(ours, { ...figures, verdict });
  const code = failure === null ? null : "code" in failure ? (failure.code ?? failure.kind) : failure.kind;
  return { ...read, llmaas, error: failure === null ? null : { code, message: failure.message } };
}

/** A sum of what is known; `null` as long as nothing is. */
function plus(sum: number | null, more: number | null | undefined): number | null {
  return typeof more === "number" ? (sum ?? 0) + more : sum;
}

/** A map, for no name of a model may meet what every object has. */
function add(sums: Map<string, number>, name: string, more: number): void {
  sums.set(name, (sums.get(name) ?? 0) + more);
}

function createSums() {
  const verdicts = new Map<string, number>();
  const groups = new Map<string, Group>();
  const models = new Map<string, number>();
  const cost = new Map<string, number>();
  const tokens: JournalReport["tokens"] = { prompt: 0, cached: null, completion: 0, reasoning: null };
  const histograms = new Map<Reported, Histogram>(REPORTED.map((name) => [name, createHistogram()]));
  const counts = { results: 0, answered: 0, failed: 0, uncounted: 0, retries: 0, taken_over: 0 };
  let [first, last] = [Infinity, -Infinity];

  function fail({ custom_id: id, error, response }: Result, verdict: string): void {
    const status = response?.status_code ?? 200;
    const why = String(error?.code ?? (status === 200 ? verdict : status));
    const group = groups.get(why) ?? { why, count: 0, message: "", ids: [] };
    groups.set(why, group);
    group.count++;
    if (group.message === "") group.message = (error?.message ?? "").slice(0, LONGEST_MESSAGE);
    if (group.ids.length < NAMED) group.ids.push(id);
  }

  function spend({ llmaas, response }: Result): void {
    const used = response?.body?.usage;
    const spent = llmaas?.spent;
    tokens.prompt += spent?.prompt_tokens ?? llmaas?.prompt_tokens ?? used?.prompt_tokens ?? used?.input_tokens ?? 0;
    tokens.completion += spent?.tokens ?? llmaas?.tokens ?? used?.completion_tokens ?? used?.output_tokens ?? 0;
    tokens.cached = plus(tokens.cached, llmaas?.cached_prompt_tokens);
    tokens.reasoning = plus(tokens.reasoning, llmaas?.reasoning_tokens);
    if (llmaas?.tokens_source === "events" && (llmaas.tokens ?? 0) > 0) counts.uncounted++;
    const currency = llmaas?.currency;
    const paid = spent?.cost ?? llmaas?.cost;
    if (typeof currency === "string" && typeof paid === "number") add(cost, currency, paid);
  }

  return {
    add(read: Result): void {
      const { llmaas, response } = read;
      const verdict = verdictOf(read);
      counts.results++;
      add(verdicts, verdict, 1);
      if (isGood(verdict)) counts.answered++;
      else {
        counts.failed++;
        fail(read, verdict);
      }
      spend(read);
      counts.retries += Math.max(0, (llmaas?.asked ?? 1) - 1);
      counts.taken_over += llmaas?.taken_over ?? 0;
      const model = llmaas?.model ?? response?.body?.model;
      if (model !== undefined) add(models, model, 1);
      if (llmaas === undefined) return;
      // As everywhere, duration and speed are those of whole answers.
      for (const [name, histogram] of histograms) {
        const value = llmaas[name];
        if (typeof value === "number" && (name === "ttft_ms" || isGood(verdict))) histogram.record(value);
      }
      const sent = Date.parse(llmaas.sent_at ?? "");
      if (Number.isNaN(sent)) return;
      first = Math.min(first, sent);
      last = Math.max(last, sent + (llmaas.duration_ms ?? 0));
    },
    all: (): Omit<JournalReport, "twice" | "torn" | "broken"> => ({
      ...counts,
      verdicts: Object.fromEntries(verdicts),
      failures: [...groups.values()].toSorted((one, two) => two.count - one.count),
      tokens,
      cost: Object.fromEntries(cost),
      models: Object.fromEntries(models),
      first_sent: first === Infinity ? null : new Date(first).toISOString(),
      span_ms: first === Infinity ? null : Math.round(last - first),
      figures: {
        ttft_ms: figureOf(histograms.get("ttft_ms")),
        duration_ms: figureOf(histograms.get("duration_ms")),
        tokens_per_second: figureOf(histograms.get("tokens_per_second")),
      },
    }),
  };
}

function figureOf(histogram: Histogram | undefined): Figure | null {
  const at = (percent: number): number => histogram?.percentile(percent) ?? 0;
  const count = histogram?.count() ?? 0;
  return count === 0 ? null : { count, p5: at(5), p50: at(50), p95: at(95), p99: at(99), max: histogram?.max() ?? 0 };
}
