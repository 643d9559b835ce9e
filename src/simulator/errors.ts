import type { ApiKind } from "../wire/apis.ts";

/** Why a request is refused, in the words of chat completions. */
export type Refusal = { status: number; message: string; type: string; code?: string; param?: string };

/** A refusal with status 400. */
export function invalid(message: string, param?: string): Refusal {
  return { status: 400, message, type: "invalid_request_error", ...(param === undefined ? {} : { param }) };
}

type Words = { message: string; type: string; code?: string };

const WORDS: Readonly<Record<number, Words>> = {
  401: { message: "Invalid or missing API key.", type: "authentication_error" },
  403: { message: "The prompt was blocked for safety reasons.", type: "permission_error" },
  404: { message: "The model does not exist.", type: "invalid_request_error", code: "model_not_found" },
  429: { message: "Rate limit reached for requests.", type: "rate_limit_error", code: "rate_limit_exceeded" },
  503: { message: "The service is unavailable.", type: "service_unavailable_error" },
  529: { message: "Overloaded", type: "overloaded_error" },
};

/** What the messages API calls an error, by its status. */
const MESSAGES_TYPES: Readonly<Record<number, string>> = {
  401: "authentication_error",
  402: "billing_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  504: "timeout_error",
  529: "overloaded_error",
};

/** What a server says that answers with this status. */
export function refusalOf(status: number, message: string | undefined): Refusal {
  const ours = status >= 500 ? "server_error" : "invalid_request_error";
  const words: Words = WORDS[status] ?? { message: `The simulator answers ${status}.`, type: ours };
  return { status, ...words, message: message ?? words.message };
}

/** An error in the shape of its API. */
export function errorJson(api: ApiKind, { status, ...error }: Refusal): string {
  if (api !== "messages") return JSON.stringify({ error });
  const type = MESSAGES_TYPES[status] ?? (status >= 500 ? "api_error" : "invalid_request_error");
  return JSON.stringify({ type: "error", error: { type, message: error.message } });
}
