import type { Script } from "./script.ts";

/** What may become of a batch of the simulator, and of what is asked about it. */
export const BATCH_OUTCOMES = {
  completed: "every request has its answer",
  failed: "the file is refused when it is checked: no files, an error for its first line",
  expired: "half are answered, the others expired; the error file says so",
  cancelled: "half are answered when somebody cancels it, and no file mentions the others",
  partial: "every second request failed, with 400, 429 and 500 in turn",
  "status-zero": "every third line has status_code 0 and no body",
  missing: "every third request is in neither file, and the counts say that all were answered",
  "wrong-counts": "the counts say that none was answered, and all were",
  duplicates: "every answer is there twice, and in the error file as well",
  garbage: "between the answers are lines that are not JSON, and ids that nobody asked for",
  "not-yet": "the first two times it is asked for, the batch is not there (404)",
  "files-late": "it is completed before it names its files, and these are not there at the first download (404)",
  "cut-download": "each download breaks off after another third",
  "cut-download-whole": "the same, of a server that always starts from the beginning",
  "lost-upload": "the first upload of a file is taken, and the connection reset before its answer",
  "lost-create": "the first creation is done, and the connection reset before its answer",
  "no-list": "the same, and nothing is listed (404)",
  "rate-limited": "every second question is refused with 429",
  "empty-answers": "every answer is empty, with the status 200",
  stuck: "it is in progress until somebody cancels it",
} as const;

/** The name of such an outcome. */
export type BatchOutcome = keyof typeof BATCH_OUTCOMES;

/** All of them, in their order. */
export const BATCH_OUTCOME_NAMES: readonly BatchOutcome[] = Object.keys(BATCH_OUTCOMES).filter(isBatchOutcome);

/** Whether a name is one of them. */
export function isBatchOutcome(name: string): name is BatchOutcome {
  return Object.hasOwn(BATCH_OUTCOMES, name);
}

type Fields = Record<string, unknown>;

/** One request of a batch. */
type Asked = { id: string; url: string; body: unknown };

/** The requests in an uploaded file. */
export function requestsIn(bytes: Uint8Array | undefined): Asked[] {
  const lines = new TextDecoder().decode(bytes).split("\n");
  return lines.flatMap((line) => {
    const value = line.trim() === "" ? null : parse(Buffer.from(line));
    if (!isFields(value)) return [];
    const body = isFields(value["body"]) ? { ...value["body"], stream: false } : value["body"];
    return [{ id: String(value["custom_id"]), url: String(value["url"]), body }];
  });
}

/** What a request would have been answered by itself. */
export type AnswerOne = (path: string, body: Uint8Array, now: number) => { status: number; body: unknown };

/** What the files of a batch hold in the end, a line each. */
export type MadeFiles = {
  status: "completed" | "failed" | "expired" | "cancelled";
  output: string[];
  error: string[];
  counts: { total: number; completed: number; failed: number };
};

type Making = { id: string; isCancelled: boolean; now: number; outcome: BatchOutcome; answer: AnswerOne };

/** Makes the files of a batch that is over. */
export function makeFiles(
  asked: readonly Asked[],
  { id: batch, isCancelled, now, outcome, answer }: Making,
): MadeFiles {
  const total = asked.length;
  if (outcome === "failed")
    return { status: "failed", output: [], error: [], counts: { total: 0, completed: 0, failed: 0 } };
  const output: string[] = [];
  const error: string[] = [];
  const line = (id: string, response: unknown, problem: unknown = null): string =>
    JSON.stringify({ id: `batch_req_${batch}_${id}`, custom_id: id, response, error: problem });
  const half = isCancelled || outcome === "expired" ? Math.ceil(total / 2) : total;
  let [completed, failed] = [0, 0];
  for (const [at, { id, url, body }] of asked.entries()) {
    if (at >= half) {
      if (outcome === "expired" && !isCancelled) error.push(line(id, null, EXPIRED));
      continue;
    }
    const fails = failureOf(outcome, at);
    if (fails === "missing") continue;
    const { status, body: said } = fails ?? answer(url, Buffer.from(JSON.stringify(body)), now);
    const response = { status_code: status, request_id: `req_${at}`, body: said };
    if (status === 200) completed++;
    else failed++;
    if (status !== 200 && status !== 0) {
      error.push(line(id, response));
      continue;
    }
    output.push(line(id, response));
    if (outcome === "duplicates") output.push(line(id, response));
    if (outcome === "duplicates") error.push(line(id, null, EXPIRED));
    if (outcome === "garbage" && at % 3 === 0) output.push('{"id":"batch_req_', line(`nobody-${at}`, response));
  }
  const status = isCancelled ? "cancelled" : outcome === "expired" ? "expired" : "completed";
  const counts = outcome === "missing" ? { total, completed: total, failed: 0 } : { total, completed, failed };
  return {
    status,
    output,
    error,
    counts: outcome === "wrong-counts" ? { total, completed: 0, failed: total } : counts,
  };
}

const EXPIRED = {
  code: "batch_expired",
  message: "This request could not be executed before the completion window expired.",
};
const FAILED = { error: { message: "The server had an error.", type: "server_error", code: "server_error" } };
const REFUSALS = [
  {
    status: 400,
    body: {
      error: { message: "The prompt is too long.", type: "invalid_request_error", code: "context_length_exceeded" },
    },
  },
  {
    status: 429,
    body: { error: { message: "Rate limit reached.", type: "rate_limit_error", code: "rate_limit_exceeded" } },
  },
  { status: 500, body: FAILED },
];
const EMPTY = {
  object: "chat.completion",
  choices: [{ index: 0, message: { role: "assistant", content: "" }, finish_reason: "stop" }],
};

/** What becomes of a request in the place of an answer; `null`: it has one. */
function failureOf(outcome: BatchOutcome, at: number): { status: number; body: unknown } | "missing" | null {
  switch (outcome) {
    case "partial":
      return at % 2 === 1 ? (REFUSALS[((at - 1) / 2) % 3] ?? null) : null;
    case "status-zero":
      return at % 3 === 2 ? { status: 0, body: null } : null;
    case "missing":
      return at % 3 === 2 ? "missing" : null;
    case "empty-answers":
      return { status: 200, body: EMPTY };
    default:
      return null;
  }
}

/** Writes of a reply that are waited for. */
const MOST_STEPS = 100;

/** The status and the JSON of a reply, as if it had been sent; what is none is an error of the server. */
export function inOnePiece(script: Script): { status: number; body: unknown } {
  const parts: Uint8Array[] = [];
  for (let step = script.next(); step.done !== true && parts.length < MOST_STEPS; step = script.next())
    parts.push(Buffer.from(step.value.data));
  const [head = "", text = ""] = Buffer.concat(parts).toString().split("\r\n\r\n", 2);
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 500);
  const body = parse(Buffer.from(text));
  return body === undefined ? { status: 500, body: FAILED } : { status, body };
}

/** JSON, or `undefined`. */
export function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}

/** Whether a value is a JSON object. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
