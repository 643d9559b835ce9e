import type { BatchRequest } from "../batch/input.ts";
import { sendableBody, type Sendable } from "../batch/submission.ts";
import type { ApiKind, Json } from "../stream/event.ts";
import type { Api } from "../wire/api.ts";
import { loadApi, pathOf } from "../wire/apis.ts";
import { createJobOf } from "./batch-options.ts";
import type { Target } from "./target.ts";

/** Makes the line that is uploaded of each request: in the form of the Batch API, and never streamed. */
export async function createSendable(
  target: Target,
  params: Record<string, Json>,
): Promise<(request: BatchRequest) => Sendable> {
  const jobOf = createJobOf(target, params, null);
  const own: ApiKind = target.settings.api;
  const api: Api = await loadApi(own);
  return (request) => {
    const { asked, id } = request;
    if (asked.kind === "body") return sendableBody({ ...request, asked });
    const { body: chat } = jobOf(request, 0).request;
    const { body } = api.body(chat);
    const { stream: _stream, stream_options: _options, ...whole } = body ?? {};
    const url = `/v1${pathOf(own)}`;
    return { url, model: chat.model, line: JSON.stringify({ custom_id: id, method: "POST", url, body: whole }) };
  };
}
