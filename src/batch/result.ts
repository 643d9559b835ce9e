import { isComplete } from "../stream/event.ts";
import type { StreamRecord } from "../metrics/record.ts";
import { WHOLE } from "../wire/whole.ts";
import type { Answered } from "./coordinator.ts";
import type { ApiKind } from "../stream/event.ts";

/** How a request whose answer did not fit its schema ended; no stream ends so. */
type BatchVerdict = StreamRecord["verdict"] | "invalid";

type Ending = { answered: Answered; api: ApiKind; verdict: BatchVerdict; message: string | null };

/**
 * One line of results in the format of the Batch API. What it is known by and how it ended stand first: a scan reads no
 * further. Our record is under `llmaas`, without what the line says already.
 */
export function resultLine({ answered, api, verdict, message }: Ending): string {
  const { request, record, attempts } = answered;
  const {
    v: _v,
    type: _type,
    verdict: _own,
    prompt: _prompt,
    prompt_index: _index,
    stream: _stream,
    repeat: _repeat,
    request: _request,
    api: _api,
    ...rest
  } = record;
  const { text, reasoning, tool_calls: tools, ...figures } = rest;
  const good = verdict !== "invalid" && isComplete({ verdict });
  const said = good ? {} : { text, reasoning, tool_calls: tools };
  return JSON.stringify({
    custom_id: request.id,
    llmaas: { request: hashText(request.hash), verdict, api, line: request.line, asked: attempts, ...figures, ...said },
    id: `batch_req_${hashText(request.hash)}_${request.line}`,
    response: good ? responseOf(record, api) : null,
    error: good
      ? null
      : {
          code: record.error?.code ?? record.error?.kind ?? verdict,
          message: message ?? record.error?.message ?? verdict,
        },
  });
}

function responseOf(record: StreamRecord, api: ApiKind) {
  const { response_id: id, response_model: model, finish_reason: finishReason, text, reasoning } = record;
  const usage =
    record.tokens_source === "usage" && record.prompt_tokens !== null
      ? {
          prompt: record.prompt_tokens,
          completion: record.tokens,
          reasoning: record.reasoning_tokens,
          cached: record.cached_prompt_tokens,
        }
      : null;
  const body = WHOLE[api]({
    id: id ?? "",
    model: model ?? record.model,
    created: Math.floor(Date.parse(record.sent_at) / 1000),
    text,
    reasoning,
    tools: record.tool_calls.map(({ id: call, name, arguments: given }) => ({
      id: call ?? "",
      name,
      arguments: given,
    })),
    finishReason,
    usage,
  });
  return { status_code: record.http_status ?? 200, request_id: id, body };
}

/** A hash as it stands in the results: eight digits. */
function hashText(hash: number): string {
  return (hash >>> 0).toString(16).padStart(8, "0");
}
