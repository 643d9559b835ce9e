import type { Kind } from "../batch/breaker.ts";
import type { Fit } from "../batch/coordinator.ts";
import { estimateOf } from "../batch/estimate.ts";
import type { AnswerSchema } from "../batch/schema.ts";
import type { BatchRequest } from "../batch/input.ts";
import { decimal, integer } from "../config/kinds.ts";
import { UserError } from "../config/user-error.ts";
import type { Settings } from "../config/settings.ts";
import type { Rates } from "../batch/limits.ts";
import type { StreamRecord } from "../metrics/record.ts";
import type { Job } from "../run/event.ts";
import type { Shard } from "../run/shard.ts";
import { createJob } from "../run/jobs.ts";
import { plainPrompt } from "../run/prompts.ts";
import type { ApiKind, Json, StreamRequest } from "../stream/event.ts";
import { onlyWord, readGiven, readOption, type Args } from "./args.ts";
import { isStdout } from "./output-file.ts";
import { shardOf } from "./shard.ts";
import type { Context } from "./context.ts";
import { jobOptions, type Target } from "./target.ts";

/** What is asked for each row of a table where nothing is said. */
export const ANY_PROMPT = "{prompt}";

/** What a batch is asked to do. */
export type BatchOptions = {
  /** The file of requests, or the table they are made of. */
  input: string;
  /** What is asked for each row of a table; `null` where there is none. */
  template: string | null;
  /** Where the table goes with its results, which are in `out` then too. */
  table: string | null;
  /** Where the results go; "" where a plan alone is asked for, and where they go to standard output. */
  out: string;
  /** They go to standard output, and are no record of what is done. */
  piped: boolean;
  dryRun: boolean;
  retryFailed: boolean;
  /** What becomes of requests that ended and were others. */
  changed: "refuse" | "rerun";
  skipInvalid: boolean;
  orderInput: boolean;
  shard: Shard | null;
  rates: Rates;
  /** Tokens that the rates count: those of prompt and answer, or of the answer alone. */
  counts: "all" | "output";
  /** In the currency of the prices. */
  maxCost: number | null;
  maxTokens: number | null;
  /** The file of the schema that answers must fit. */
  schema: string | null;
  /** How often an answer that does not fit is asked for again. */
  schemaRetries: number;
};

/** Output tokens an hour of LLMaaS's tiers. */
const TIERS: Readonly<Record<string, number>> = { "1": 150_000, "2": 300_000, "3": 450_000, "4": 600_000 };

/** Reads the options of `batch run`. */
export function readBatchOptions(args: Args): BatchOptions {
  const [file] = args.positionals;
  const table = args.one("csv");
  if (table !== undefined && file !== undefined)
    throw new UserError({ code: "options_conflict", options: ["--csv", file] });
  const input = table ?? onlyWord(args, "batch run", "FILE.jsonl");
  const out = args.one("out");
  if (out === undefined && !args.has("dry-run"))
    throw new UserError({
      code: "needs_option",
      option: "batch run",
      needed: ["--out"],
      example: "--out results.jsonl",
    });
  const piped = out === "-" || (out !== undefined && isStdout(out));
  if (piped) checkPiped(args);
  const isTable = table !== undefined && !/\.(jsonl|ndjson)$/i.test(out ?? "");
  if (table === undefined && out !== undefined) checkNoTable(out);
  const most = integer({ min: 1, max: 1_000_000_000_000 });
  return {
    input,
    template: table === undefined ? null : (args.one("prompt") ?? ANY_PROMPT),
    table: isTable ? (out ?? "") : null,
    out: out === undefined || piped ? "" : isTable ? `${out}.jsonl` : out,
    piped,
    dryRun: args.has("dry-run"),
    retryFailed: args.has("retry-failed"),
    changed: args.value("changed") === "rerun" ? "rerun" : "refuse",
    skipInvalid: args.has("skip-invalid"),
    orderInput: args.has("order"),
    shard: shardOf(args),
    ...ratesOf(args),
    maxCost: readGiven(args, "max-cost", decimal({ min: 0, max: 1_000_000_000 })) ?? null,
    maxTokens: readGiven(args, "max-tokens-total", most) ?? null,
    schema: args.one("schema") ?? null,
    schemaRetries: readOption(args, "schema-retries", integer({ min: 0, max: 100 })),
  };
}

/** Results are JSON, an object a line, and have no name that says otherwise. */
export function checkNoTable(out: string): void {
  if (/\.(csv|tsv)$/i.test(out))
    throw new UserError({ code: "batch_not_table", path: out, instead: out.replace(/\.\w+$/, ".jsonl") });
}

/** Keeps the password of the queue off the command line, which everybody on a machine can read. */
export const QUEUE_VARIABLE = "LLMAAS_QUEUE";

/** The address of the queue, if one was given. */
export function queueUrl({ args, env }: Pick<Context, "args" | "env">): string | null {
  return args.one("queue") ?? env[QUEUE_VARIABLE] ?? null;
}

/** What needs a file of results, or standard output for itself. */
function checkPiped(args: Args): void {
  const option = (["csv", "retry-failed", "changed", "order", "json"] as const).find((name) => args.has(name));
  if (option !== undefined && !(option === "json" && args.has("dry-run")))
    throw new UserError({ code: "batch_piped", option: `--${option}` });
}

function ratesOf(args: Args): Pick<BatchOptions, "rates" | "counts"> {
  const most = integer({ min: 1, max: 1_000_000_000_000 });
  const tier = args.one("tier");
  const given = (["tokens-per-minute", "tokens-per-hour"] as const).find((name) => args.has(name));
  if (tier !== undefined && given !== undefined)
    throw new UserError({ code: "options_conflict", options: ["--tier", `--${given}`] });
  const requestsPerMinute = readGiven(args, "requests-per-minute", most) ?? null;
  if (tier !== undefined)
    return {
      counts: "output",
      rates: { requestsPerMinute, tokensPerMinute: null, tokensPerHour: TIERS[tier] ?? null },
    };
  const tokensPerMinute = readGiven(args, "tokens-per-minute", most) ?? null;
  const tokensPerHour = readGiven(args, "tokens-per-hour", most) ?? null;
  return { counts: "all", rates: { requestsPerMinute, tokensPerMinute, tokensPerHour } };
}

/** Tokens of what is counted that a request will take, as far as one can tell before. */
export function reservedFor({ asked }: BatchRequest, counts: BatchOptions["counts"], settings: Settings): number {
  const { prompt, answer } = estimateOf(asked, settings);
  return counts === "output" ? answer : prompt + answer;
}

/** What it took; `null` where the server does not say. */
export function usedBy(record: StreamRecord, counts: BatchOptions["counts"]): number | null {
  if (counts === "output") return record.tokens;
  return record.prompt_tokens === null ? null : record.prompt_tokens + record.tokens;
}

/** What the command line and the settings add to a prompt; requests that are bodies stand for themselves. */
export function addedHash({ settings }: Target, params: Record<string, Json>): number {
  const { api, model, system, maxTokens, temperature, topP, params: ofFile } = settings;
  return Bun.hash.crc32(JSON.stringify([api, model, system, maxTokens, temperature, topP, ofFile, params]));
}

/** What makes the jobs of a batch. */
export function createJobOf(
  target: Target,
  params: Record<string, Json>,
  schema: AnswerSchema | null,
): (request: BatchRequest, stream: number) => Job {
  const asking = { prompts: [], models: [], repeat: 1, params, images: [], observe: false };
  const { model: standard } = target.settings;
  // The coordinator asks again, within the limits.
  const options = { ...jobOptions(target, asking), assemble: true, settings: { ...target.settings, retries: 0 } };
  /** What all requests share that are bodies; nothing of the settings goes into these. */
  const bare = createJob(options, plainPrompt(""), standard, { stream: 0, promptIndex: 0, repeat: 0 });
  /** The same object for all of an API and a model: what was sent for the one before is not sent again. */
  let shared: StreamRequest | null = null;
  return ({ asked: given, line }, stream) => {
    const api = given.kind === "body" ? given.api : target.settings.api;
    const asked = schema === null ? given : schema.asking(given, api);
    const numbers = { stream, promptIndex: line - 1, repeat: 0 };
    if (asked.kind === "prompt") return createJob(options, asked.prompt, asked.prompt.model ?? standard, numbers);
    const { model } = asked.body;
    if (shared?.body.model !== model || shared.api !== asked.api)
      shared = { ...bare.request, api: asked.api, body: { model, messages: [], stream: true } };
    return { ...bare, ...numbers, request: shared, own: JSON.stringify(asked.body) };
  };
}

/** What of a request a server may refuse altogether. */
export function kindOf({ asked }: BatchRequest, { api, model }: Pick<Settings, "api" | "model">): Kind {
  return asked.kind === "body"
    ? { api: asked.api, model: asked.body.model }
    : { api, model: asked.prompt.model ?? model };
}

/** The API of a request. */
export function apiOf({ asked }: BatchRequest, standard: ApiKind): ApiKind {
  return asked.kind === "body" ? asked.api : standard;
}

/** Whether answers fit a schema; one that was cut would be cut again. */
export function createFit(schema: AnswerSchema, retries: number, standard: ApiKind) {
  return (request: BatchRequest, { verdict, text }: StreamRecord, misfits: number): Fit => {
    const problem = schema.problemOf(text);
    if (problem === null) return { fits: true };
    if (verdict === "length" || misfits >= retries) return { fits: false, problem, again: null };
    const asked = schema.askingAgain(request.asked, apiOf(request, standard), text, problem);
    return { fits: false, problem, again: { ...request, asked } };
  };
}
