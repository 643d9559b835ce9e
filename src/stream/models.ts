import { parseApiError } from "../wire/chat.ts";
import { apiUrl, isLoopback } from "../wire/endpoint.ts";
import type { Fetch } from "./attempt.ts";
import { classify } from "./classify.ts";
import type { Failure } from "./failure.ts";
import { mask } from "./mask.ts";
import { clip, firstLine } from "./quote.ts";

/** Most bytes of a list of models that are read. */
const LIST_LIMIT = 4 * 1024 * 1024;

export type ModelsRequest = {
  endpoint: string;
  headers: Record<string, string>;
  secrets: readonly string[];
  /** Milliseconds for the whole exchange; 0 is off. */
  timeout: number;
};

/** One model as the endpoint lists it; only `id` can be relied on. */
export type Model = { id: string; ownedBy: string | null; contextLength: number | null };

export type ModelList = { models: Model[]; failure: null } | { models: null; failure: Failure };

/** What the endpoint offers: `GET /models`. Never rejects for a reason of the network. */
export async function listModels(fetch: Fetch, request: ModelsRequest): Promise<ModelList> {
  const controller = new AbortController();
  const timeout: Failure = { kind: "timeout", phase: "open", after: request.timeout, message: "" };
  const timer = request.timeout > 0 ? setTimeout(() => controller.abort(), request.timeout) : undefined;
  try {
    return await exchange(fetch, request, controller.signal);
  } catch (error) {
    const failure = controller.signal.aborted ? timeout : classify(error, request.secrets);
    if (failure === null) throw error;
    return { models: null, failure };
  } finally {
    clearTimeout(timer);
  }
}

async function exchange(fetch: Fetch, request: ModelsRequest, signal: AbortSignal): Promise<ModelList> {
  const url = apiUrl(request.endpoint, "models");
  const response = await fetch(url, {
    headers: request.headers,
    signal,
    redirect: "manual",
    timeout: false,
    verbose: false,
    ...(isLoopback(url) ? { proxy: false } : {}),
  });
  const { status } = response;
  if (status >= 300 && status < 400) {
    response.body?.cancel().catch(() => undefined);
    return failed({ kind: "redirect", status, message: mask(response.headers.get("location") ?? "", request.secrets) });
  }
  const text = await readLimited(response);
  const contentType = response.headers.get("content-type") ?? "";
  if (status < 200 || status > 299) {
    const error = parseApiError(text);
    const message =
      error === null ? firstLine(mask(text, request.secrets)) : clip(mask(error.message, request.secrets));
    const html = contentType.includes("html");
    return failed({ kind: "http", status, code: error?.code ?? null, message, html, refusedWait: null });
  }
  const models = parseModels(text);
  if (models !== null) return { models, failure: null };
  return failed({
    kind: "not_a_stream",
    contentType: mask(contentType, request.secrets),
    message: firstLine(mask(text, request.secrets)),
  });
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

function failed(failure: Failure): ModelList {
  return { models: null, failure };
}

function parseModels(text: string): Model[] | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const data = isObject(value) ? value["data"] : value;
  if (!Array.isArray(data)) return null;
  const models: Model[] = [];
  for (const entry of data) {
    if (!isObject(entry) || typeof entry["id"] !== "string") continue;
    const owner = entry["owned_by"];
    const length = entry["max_model_len"];
    models.push({
      id: entry["id"],
      ownedBy: typeof owner === "string" ? owner : null,
      contextLength: typeof length === "number" ? length : null,
    });
  }
  return models;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
