import { fieldsOf, isFields, type Fields } from "./fields.ts";

/** What a server says of its own work on one answer, in ms; `null` where it does not say. */
export type ServerFigures = {
  /** Before it began to read the prompt. */
  queue_ms: number | null;
  /** For reading the prompt. */
  prefill_ms: number | null;
  /** Up to the first token, as it sees it: queue and prefill are in it. */
  ttft_ms: number | null;
  /** From the first token to the last. */
  decode_ms: number | null;
  mean_itl_ms: number | null;
  tokens_per_second: number | null;
  /** Before it began to answer, as a header says: of a stream this is not the whole of its work. */
  processing_ms: number | null;
};

type Name = keyof ServerFigures;
type Source = { factor: number; names: readonly (readonly [Name, string])[] };

const NAMES = [
  "queue_ms",
  "prefill_ms",
  "ttft_ms",
  "decode_ms",
  "mean_itl_ms",
  "tokens_per_second",
  "processing_ms",
] as const satisfies readonly Name[];

const NONE: ServerFigures = {
  queue_ms: null,
  prefill_ms: null,
  ttft_ms: null,
  decode_ms: null,
  mean_itl_ms: null,
  tokens_per_second: null,
  processing_ms: null,
};

/** vLLM. */
const METRICS: Source = {
  factor: 1,
  names: [
    ["queue_ms", "queue_time_ms"],
    ["prefill_ms", "prefill_time_ms"],
    ["ttft_ms", "time_to_first_token_ms"],
    ["decode_ms", "generation_time_ms"],
    ["mean_itl_ms", "mean_itl_ms"],
    ["tokens_per_second", "tokens_per_second"],
  ],
};
/** llama.cpp. */
const TIMINGS: Source = {
  factor: 1,
  names: [
    ["prefill_ms", "prompt_ms"],
    ["decode_ms", "predicted_ms"],
    ["mean_itl_ms", "predicted_per_token_ms"],
    ["tokens_per_second", "predicted_per_second"],
  ],
};
/** In seconds: in the usage of Groq and SambaNova, beside it of Cerebras. */
const SECONDS: Source = {
  factor: 1000,
  names: [
    ["queue_ms", "queue_time"],
    ["prefill_ms", "prompt_time"],
    ["ttft_ms", "time_to_first_token"],
    ["decode_ms", "completion_time"],
    ["tokens_per_second", "completion_tokens_per_sec"],
  ],
};
/** Fireworks, in seconds: in the last event, and in headers with its name before. */
const FIREWORKS: Source = {
  factor: 1000,
  names: [
    ["queue_ms", "prefill-queue-duration"],
    ["prefill_ms", "prefill-duration"],
    ["ttft_ms", "server-time-to-first-token"],
  ],
};

/** OpenAI, in a header. */
const PROCESSING: Source = { factor: 1, names: [["processing_ms", "ms"]] };

/** Headers, with the names of what they say. */
const IN_HEADERS: readonly (readonly [header: string, name: string, source: Source])[] = [
  ...FIREWORKS.names.map(([, name]) => [`fireworks-${name}`, name, FIREWORKS] as const),
  ["openai-processing-ms", "ms", PROCESSING],
];

/** No answer takes longer (12 days): beyond it is no time. */
const LONGEST = 1e9;

/** What one event says, wherever it stands in it; `null` for nothing. */
export function readServer(event: Fields): ServerFigures | null {
  const { metrics, timings, usage, x_groq: groq, time_info: info, perf_metrics: perf } = event;
  let told = null;
  if (isFields(metrics)) told = add(told, metrics, METRICS);
  if (isFields(timings)) told = add(told, timings, TIMINGS);
  if (isFields(groq)) told = add(told, fieldsOf(groq["usage"]), SECONDS);
  if (isFields(usage)) told = add(told, usage, SECONDS);
  if (isFields(info)) told = add(told, info, SECONDS);
  if (isFields(perf)) told = add(told, plain(perf), FIREWORKS);
  return told;
}

/** What the headers of a response say; `null` for nothing. */
export function serverInHeaders(headers: Headers): ServerFigures | null {
  let told: ServerFigures | null = null;
  for (const [header, name, source] of IN_HEADERS) {
    const value = headers.get(header);
    if (value !== null) told = add(told, { [name]: value }, source);
  }
  return told;
}

/** The last word on each figure. */
export function mergeServer(before: ServerFigures | null, after: ServerFigures): ServerFigures {
  if (before === null) return after;
  const merged = { ...after };
  for (const name of NAMES) merged[name] ??= before[name];
  return merged;
}

/** Keys as headers have them, without the name of the service. */
function plain(perf: Fields): Fields {
  return Object.fromEntries(
    Object.entries(perf).map(([name, value]) => [name.replaceAll("_", "-").replace(/^fireworks-/, ""), value]),
  );
}

function add(told: ServerFigures | null, said: Fields, { factor, names }: Source): ServerFigures | null {
  let found = told;
  for (const [name, key] of names) {
    const value = numberIn(said[key]);
    if (value === null || (value === 0 && name !== "queue_ms" && name !== "prefill_ms")) continue;
    found ??= { ...NONE };
    found[name] = Math.round(value * (name === "tokens_per_second" ? 1 : factor) * 1000) / 1000;
  }
  return found;
}

/** A number that can be one of time; some servers write it as a text. */
function numberIn(value: unknown): number | null {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && number >= 0 && number <= LONGEST ? number : null;
}
