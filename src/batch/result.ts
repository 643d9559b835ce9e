import { isComplete, type ApiKind } from "../stream/event.ts";
import type { StreamRecord } from "../metrics/record.ts";
import type { Answered } from "./coordinator.ts";
import { hashText } from "./finished.ts";
import type { BatchRequest } from "./input.ts";
import { MOST_BYTES } from "./lines.ts";

/** How a request whose answer did not fit its schema ended; no stream ends so. */
type BatchVerdict = StreamRecord["verdict"] | "invalid";

/** What was taken of the server for one request, over all times that it was asked. */
export type Spent = { prompt_tokens: number; tokens: number; cost: number | null };

/** With what one more answer took. */
export function plusSpent(sum: Spent | undefined, record: StreamRecord, cost: number | null): Spent {
  return {
    prompt_tokens: (sum?.prompt_tokens ?? 0) + (record.prompt_tokens ?? 0),
    tokens: (sum?.tokens ?? 0) + record.tokens,
    cost: cost === null ? (sum?.cost ?? null) : (sum?.cost ?? 0) + cost,
  };
}

/** `given`: how often the request was handed out again, for a worker was gone or the queue had forgotten it. */
type Ending = {
  answered: Omit<Answered, "failure" | "refusal">;
  api: ApiKind;
  given?: number;
  spent?: Spent | undefined;
};

/** What becomes of a request in the results; `why`: what is counted for it, `null` where it was answered. */
type Result = { line: string; failed: boolean; why: string | null };

/** What of a record the line says elsewhere; what is undefined is not written. */
const SAID_ALREADY = {
  v: undefined,
  type: undefined,
  prompt: undefined,
  prompt_index: undefined,
  stream: undefined,
  repeat: undefined,
  request: undefined,
  verdict: undefined,
  api: undefined,
};
const SAID_IN_RESPONSE = {
  ...SAID_ALREADY,
  text: undefined,
  reasoning: undefined,
  tool_calls: undefined,
  text_omitted: 0,
};

/**
 * The end of a request, as a line in the format of the Batch API. What it is known by and how it ended stand first: a scan
 * reads no further. Our record is under `llmaas`, without what the line says already.
 */
export function resultOf({ answered, api, given = 0, spent }: Ending): Result {
  const { request, record, attempts, body, requestId, invalid } = answered;
  const verdict: BatchVerdict = invalid === null ? record.verdict : "invalid";
  const good = invalid === null && isComplete(record);
  const hash = hashText(request.hash);
  // Answers that did not count were paid for, too.
  const isMore =
    spent !== undefined && spent.prompt_tokens + spent.tokens > (record.prompt_tokens ?? 0) + record.tokens;
  // Words of ours need no escapes.
  const known =
    `"request":"${hash}","verdict":"${verdict}","api":"${api}","line":${request.line},"asked":${attempts}` +
    `${given > 0 ? `,"taken_over":${given}` : ""}${isMore ? `,"spent":${JSON.stringify(spent)}` : ""}`;
  // One spread and no rest: to take fields out of an object costs twice as much (Bun 1.4).
  const figures = JSON.stringify({ ...record, ...(good ? SAID_IN_RESPONSE : SAID_ALREADY) });
  const head = `{"custom_id":${JSON.stringify(request.id)},"llmaas":{${known}`;
  const end = good
    ? `"response":${responseOf(record, requestId, body)},"error":null}`
    : `"response":null,"error":${JSON.stringify(errorOf(record, verdict, invalid))}}`;
  const line = `${head},${figures.slice(1)},"id":"${idOf(hash, request.line)}",${end}`;
  if (!good && hasWords(record) && isTooLong(line))
    return resultOf({ answered: { ...answered, record: withoutWords(record) }, api, given, spent });
  return { line, failed: !good, why: good ? null : String(record.error?.status ?? record.error?.kind ?? verdict) };
}

function errorOf({ error }: StreamRecord, verdict: BatchVerdict, invalid: string | null) {
  return { code: error?.code ?? error?.kind ?? verdict, message: invalid ?? error?.message ?? verdict };
}

/** A line that nobody could read again would make a whole file none of results. */
function isTooLong(line: string): boolean {
  return 3 * line.length > MOST_BYTES && Buffer.byteLength(line) > MOST_BYTES;
}

function hasWords({ text, reasoning, tool_calls: calls }: StreamRecord): boolean {
  return text !== "" || reasoning !== "" || calls.length > 0;
}

function withoutWords(record: StreamRecord): StreamRecord {
  const omitted = record.text_omitted + record.text.length + record.reasoning.length;
  return { ...record, text: "", reasoning: "", tool_calls: [], text_omitted: omitted };
}

/** One line for a request that nobody could answer: those who had it were gone each time. */
export function lostLine(
  request: Pick<BatchRequest, "id" | "hash" | "line">,
  { code, message, given }: { code: string; message: string; given: number },
): string {
  const verdict: BatchVerdict = "failed";
  const hash = hashText(request.hash);
  return JSON.stringify({
    custom_id: request.id,
    llmaas: { request: hash, verdict, line: request.line, taken_over: given },
    id: idOf(hash, request.line),
    response: null,
    error: { code, message },
  });
}

/** A line of results of a request, with what its writer did not know: how often it was handed out again. */
export function handedOutAgain(line: string, { id }: Pick<BatchRequest, "id">, given: number): string {
  const head = line.indexOf(',"asked":', JSON.stringify(id).length);
  return (
    line.slice(0, head) + line.slice(head).replace(/^(,"asked":\d+)(,"taken_over":\d+)?/, `$1,"taken_over":${given}`)
  );
}

function idOf(hash: string, line: number): string {
  return `batch_req_${hash}_${line}`;
}

/** The answer; its body is written already. Without a name of its own the exchange has that of the answer. */
function responseOf({ http_status: status, response_id: id }: StreamRecord, name: string | null, body: string | null) {
  return `{"status_code":${status ?? 200},"request_id":${JSON.stringify(name ?? id)},"body":${body ?? "null"}}`;
}
