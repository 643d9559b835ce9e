import { loadApi, type ApiKind } from "../wire/apis.ts";
import { apiUrl } from "../wire/endpoint.ts";
import { errorOfText } from "../wire/errors.ts";
import { type Model, parseModels } from "../wire/models.ts";
import { classify } from "./classify.ts";
import type { Failure } from "./event.ts";
import { destinationOf, type Fetch, refusalOf, send } from "./http.ts";
import { clip, createMask, maskFailure, type Mask } from "./mask.ts";

/** Most bytes of a list of models that are read. */
const LIST_LIMIT = 4 * 1024 * 1024;

/** What it takes to ask for the list. */
type ModelsRequest = {
  endpoint: string;
  api: ApiKind;
  key: string | null;
  headers: Record<string, string>;
  secrets: readonly string[];
  /** A proxy that the runtime does not find by itself. */
  proxy?: string | undefined;
  /** Milliseconds for the whole exchange; 0 is off. */
  timeout: number;
};

/** The models, or why there are none. */
type ModelList = { models: Model[]; failure: null } | { models: null; failure: Failure };

/** What the endpoint offers: `GET /models`. Never rejects for a reason of the network. */
export async function listModels(fetch: Fetch, request: ModelsRequest): Promise<ModelList> {
  const controller = new AbortController();
  const timeout: Failure = { kind: "timeout", phase: "open", after: request.timeout, message: "" };
  const timer = request.timeout > 0 ? setTimeout(() => controller.abort(), request.timeout) : undefined;
  try {
    return await exchange(fetch, request, controller.signal);
  } catch (error) {
    const failure = controller.signal.aborted
      ? timeout
      : classify(error, createMask(request.secrets, request.endpoint));
    if (failure === null) throw error;
    return { models: null, failure };
  } finally {
    clearTimeout(timer);
  }
}

async function exchange(fetch: Fetch, request: ModelsRequest, signal: AbortSignal): Promise<ModelList> {
  const mask = createMask(request.secrets, request.endpoint);
  const headers = { ...(await loadApi(request.api)).headers(request.key), ...request.headers };
  const response = await send(fetch, destinationOf(apiUrl(request.endpoint, "/models"), request.proxy), {
    headers,
    signal,
  });
  if (!response.ok) return { models: null, failure: maskFailure((await refusalOf(response, mask)).failure, mask) };
  const text = await readLimited(response);
  const models = parseModels(text);
  if (models !== null) return { models, failure: null };
  return { models: null, failure: maskFailure(failureOf(response, text, mask), mask) };
}

/** Why a body is no list. */
function failureOf({ status, headers }: Response, text: string, mask: Mask): Failure {
  if (text.trim() === "") return { kind: "no_content", status, message: "" };
  const error = errorOfText(text);
  if (error !== null && error.message !== "")
    return { kind: "server_error", code: error.code ?? error.type, message: clip(mask(error.message)) };
  return { kind: "not_a_stream", contentType: headers.get("content-type") ?? "", message: text };
}

async function readLimited(response: Response): Promise<string> {
  if (response.body === null) return "";
  const reader = response.body.getReader();
  const chunks: Uint8Array[] = [];
  for (let bytes = 0; bytes < LIST_LIMIT;) {
    const { value } = await reader.read();
    if (value === undefined) break;
    bytes += value.byteLength;
    chunks.push(value);
  }
  reader.cancel().catch(() => undefined);
  return new TextDecoder().decode(Buffer.concat(chunks));
}
