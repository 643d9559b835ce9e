import * as v from "valibot";
import type { Failure, Verdict } from "../stream/event.ts";
import type { FileAnswer } from "./judge-answer.ts";
import { hashText, keyOf, type Finished, type Key } from "./finished.ts";
import { readJson } from "./json.ts";
import { isFinal, type Provider, type ProviderBatch } from "./provider.ts";

/** A request that a batch was given. */
export type Wanted = { id: string; hash: number; line: number; model: string; ended: "no" | "answered" | "failed" };

/** Why a request has no answer and may be asked again; "missing": no file has a word of it. */
type OpenReason = { id: string; line: number; code: string; message: string };

/** What was found in the files of one batch. */
export type Collected = {
  batch: ProviderBatch;
  answered: number;
  failed: number;
  /** Requests to which the provider gave a good status, whatever their answer is worth. */
  came: number;
  /** Without an answer, and worth to be asked again, by the reason. */
  open: OpenReason[];
  /** Failures by their code. */
  codes: Record<string, number>;
  /** Ids that stand there more than once. */
  twice: number;
  /** Ids that nobody has asked, the first of them. */
  unknown: { count: number; first: string | null };
  /** Lines that are no results. */
  broken: number;
  /** Requests that end otherwise in the results already: under this id something else was asked. */
  others: number;
  /** Answered and failed as the provider counts them, where the files say otherwise. */
  miscounted: { completed: number; failed: number } | null;
};

const line = v.looseObject({
  custom_id: v.string(),
  id: v.optional(v.unknown()),
  response: v.nullish(
    v.looseObject({
      status_code: v.optional(v.unknown()),
      request_id: v.optional(v.unknown()),
      body: v.optional(v.unknown()),
    }),
  ),
  error: v.nullish(v.unknown()),
});
type ResultLine = v.InferOutput<typeof line>;

/** How a line ended, and what is said of it. */
type Ending = {
  ended: "answered" | "failed" | "open";
  verdict: Verdict;
  code: string;
  message: string;
  figures: Record<string, unknown>;
  /** With a good status. */
  came: boolean;
};

type CollectOptions = {
  provider: Provider;
  batch: ProviderBatch;
  /** The requests of the batch, by id; `null` where nobody knows them any more. */
  wanted: Map<string, Wanted> | null;
  finished: Finished;
  judge: (body: unknown, model: string) => FileAnswer;
  say: (failure: Failure) => string;
  /** Hides secrets in what is no answer of a model. */
  mask: (text: string) => string;
  /** Adds a line to the results. */
  add: (result: string, key: Key, hash: number, failed: boolean) => void;
  /** A line for a request that stands in the results as failed: it takes the place of that. */
  replace: (result: string, key: Key, hash: number) => void;
  onLine: () => void;
};

/** Codes of requests that the provider has not come to, or has given up for reasons of its own. */
const NOT_ASKED = /expired|cancel|timeout|rate_limit|overload|server_error|internal|unavailable/i;
const AGAIN = new Set([0, 408, 409, 425, 429]);

/** Reads the answers and the errors of a batch that is over; each request ends answered, failed, or open with a reason. */
export async function collect(options: CollectOptions): Promise<Collected> {
  const { batch, provider, wanted } = options;
  if (!isFinal(batch)) throw new TypeError(`batch ${batch.id} is ${batch.status}`);
  const found = createFound(options);
  for (const file of [batch.output_file_id, batch.error_file_id])
    if (file !== null && file !== "") for await (const text of provider.lines(file)) found.take(text);
  const collected = found.end();
  const counted = batch.request_counts;
  const lied = wanted !== null && counted !== null && counted.completed !== collected.came;
  return { ...collected, batch, miscounted: lied ? counted : null };
}

/** The code of a request of which no file has a word. */
export const MISSING = "missing";

function createFound({ batch, wanted, finished, judge, say, mask, add, replace, onLine }: CollectOptions) {
  const codes: Record<string, number> = {};
  const unknown: Collected["unknown"] = { count: 0, first: null };
  /** What ended without an answer is kept back: another line may have one. */
  const without = new Map<string, { ending: Ending; parsed: ResultLine; hash: number; line: number }>();
  const seen = new Set<string>();
  const came = new Set<string>();
  let [answered, twice, broken, others] = [0, 0, 0, 0];

  function take(text: string): void {
    if (text.trim() === "") return;
    onLine();
    const parsed = readJson(line, text);
    if (parsed === null) {
      broken++;
      return;
    }
    const { custom_id: id } = parsed;
    const asked = wanted === null ? { id, hash: 0, line: 0, model: "", ended: "no" as const } : wanted.get(id);
    if (asked === undefined) {
      unknown.count++;
      unknown.first ??= id;
      return;
    }
    if (seen.has(id)) twice++;
    seen.add(id);
    const ending = endingOf(parsed, asked.model);
    if (ending.came) came.add(id);
    if (ending.ended !== "answered") {
      if (asked.ended === "no" && !without.has(id)) keepBack(text, asked);
      return;
    }
    without.delete(id);
    if (asked.ended === "answered") return;
    asked.ended = "answered";
    answered++;
    write(parsed, ending, asked.hash, asked.line);
  }

  /** How the request of a line ended. */
  function endingOf({ response, error }: ResultLine, model: string): Ending {
    const status = response?.status_code;
    if (!isNothing(error)) return withoutAnswer(error, typeof status === "number" ? status : null);
    if (typeof status !== "number" || status < 200 || status > 299)
      return withoutAnswer(response?.body, typeof status === "number" ? status : 0);
    const { verdict, failure, figures } = judge(response?.body, model);
    if (failure === null) return { ended: "answered", verdict, code: "", message: "", figures, came: true };
    const own = "code" in failure && failure.code !== null && failure.code !== undefined ? failure.code : failure.kind;
    return { ended: "failed", verdict, code: own, message: say(failure), figures, came: true };
  }

  /** What is no answer may quote what was sent. */
  function keepBack(text: string, { id, hash, line: number, model }: Wanted): void {
    const parsed = readJson(line, mask(text));
    if (parsed !== null) without.set(id, { ending: endingOf(parsed, model), parsed, hash, line: number });
  }

  function write(parsed: ResultLine, ending: Ending, hash: number, number: number): void {
    const key = keyOf(parsed.custom_id);
    const result = resultOf(parsed, ending, { hash, line: number, batch: batch.id });
    const standing = finished.standing(key, hash);
    if (standing === "unknown") add(result, key, hash, ending.ended === "failed");
    else if (standing === "changed") others++;
    else if (standing === "failed" && ending.ended === "answered") replace(result, key, hash);
  }

  function end(): Omit<Collected, "batch" | "miscounted"> {
    const open: OpenReason[] = [];
    let failed = 0;
    for (const [id, { ending, parsed, hash, line: number }] of without) {
      codes[ending.code] = (codes[ending.code] ?? 0) + 1;
      if (ending.ended === "open") {
        open.push({ id, line: number, code: ending.code, message: ending.message });
        continue;
      }
      failed++;
      write(parsed, ending, hash, number);
    }
    for (const { id, line: number } of wanted?.values() ?? []) {
      if (seen.has(id)) continue;
      const why = batch.errors?.data.find((error) => error.line === null)?.message ?? batch.status;
      open.push({ id, line: number, code: MISSING, message: why });
    }
    return { answered, failed, came: came.size, open, codes, twice, unknown, broken, others };
  }

  return { take, end };
}

const errorShape = v.object({
  code: v.optional(v.fallback(v.nullable(v.union([v.string(), v.number()])), null), null),
  type: v.optional(v.fallback(v.nullable(v.string()), null), null),
  message: v.optional(v.fallback(v.string(), ""), ""),
});

function withoutAnswer(said: unknown, status: number | null): Ending {
  const inner = v.safeParse(v.object({ error: errorShape }), said);
  const direct = v.safeParse(errorShape, said);
  const error = inner.success ? inner.output.error : direct.success ? direct.output : null;
  const code = String(error?.code ?? error?.type ?? (status === null ? "error" : `status_${status}`));
  const again = status === null ? NOT_ASKED.test(code) : AGAIN.has(status) || status >= 500 || NOT_ASKED.test(code);
  const message = error?.message || (typeof said === "string" ? said : `status ${status ?? "?"}`);
  return { ended: again ? "open" : "failed", verdict: "failed", code, message, figures: {}, came: false };
}

/** Some providers write an empty error beside every answer. */
function isNothing(error: unknown): boolean {
  if (error === null || error === undefined || error === "" || error === false) return true;
  return typeof error === "object" && Object.values(error).every((value) => value === null || value === "");
}

type Known = { hash: number; line: number; batch: string };

/** The line as it came, with what we know of it in front, where a scan of the results looks for it. */
function resultOf(parsed: ResultLine, { ended, verdict, code, message, figures }: Ending, known: Known): string {
  const { custom_id: id, id: own = null, response = null, error = null, ...rest } = parsed;
  return JSON.stringify({
    custom_id: id,
    llmaas: { request: hashText(known.hash), verdict, line: known.line, batch: known.batch, ...figures },
    ...rest,
    id: own,
    response,
    error: ended === "failed" && isNothing(error) ? { code, message } : error,
  });
}
