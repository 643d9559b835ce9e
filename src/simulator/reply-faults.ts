import { chunk, responseHead } from "./body.ts";
import { HOSTILE } from "./hostile.ts";
import { completionText, refusalReply, wholeReply, type Header } from "./replies.ts";
import { rateLimits, streamHead } from "./head.ts";
import { CLOSE, HANG, NO_TWIST, type Plan, type Script } from "./script.ts";

/** A fault in place of a stream; `null` when it does not concern this request. */
export type ReplyFault = { description: string; reply: (plan: Plan) => Script | null };

const JSON_TYPE = "application/json";
const HEADER_BYTES = 1024 * 1024;
const PIECE = " ".repeat(16 * 1024);

/** Replies that are no good stream from their first byte on. */
export const REPLY_FAULTS = {
  status: {
    description: "the HTTP status given as `status` (500), with `retry_after` and `rate_limit_reset`",
    reply: (plan) => wholeReply(plan.status ?? 500, JSON_TYPE, errorText(plan), waits(plan)),
  },
  redirect: {
    description: "a redirect (`status` 302) to `location`",
    reply: (plan) =>
      wholeReply(plan.status ?? 302, null, "", [
        ["Location", plan.location ?? "https://elsewhere.invalid/v1/chat/completions"],
      ]),
  },
  "html-200": {
    description: "200 with an HTML page",
    reply: () =>
      wholeReply(200, "text/html; charset=utf-8", "<!doctype html>\n<title>Welcome</title>\n<p>It works!</p>\n"),
  },
  "html-404": {
    description: "404 with an HTML page",
    reply: () => wholeReply(404, "text/html; charset=utf-8", "<!doctype html>\n<title>404 Not Found</title>\n"),
  },
  "text-200": {
    description: "200 with plain text",
    reply: (plan) =>
      wholeReply(200, "text/plain; charset=utf-8", plan.message ?? "The service is resting.\nCome back later.\n"),
  },
  "json-error-200": {
    description: "200 with an error object",
    reply: (plan) => wholeReply(200, JSON_TYPE, errorText({ ...plan, status: 500 })),
  },
  "whole-completion": {
    description: "200 with the whole answer in one piece of JSON",
    reply: (plan) => wholeReply(200, JSON_TYPE, completionText(plan), rateLimits(plan), plan.ttft),
  },
  "hostile-error": {
    description: "400 whose message holds escape sequences",
    reply: (plan) => wholeReply(400, JSON_TYPE, errorText({ ...plan, status: 400, message: HOSTILE.join("") })),
  },
  "no-content": { description: "204", reply: () => once(responseHead(204, [])) },
  "empty-body": {
    description: "200, an event stream of no bytes",
    reply: () => wholeReply(200, "text/event-stream", ""),
  },
  "refuse-stream-options": {
    description: "400 naming stream_options, when the request has them",
    reply: (plan) =>
      plan.names.has("stream_options") ? refuse("stream_options", "Unknown parameter: 'stream_options'.") : null,
  },
  "refuse-max-tokens": {
    description: "400 naming max_tokens and max_completion_tokens, when the request has the first",
    reply: (plan) =>
      plan.names.has("max_tokens")
        ? refuse(
            "max_tokens",
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
          )
        : null,
  },
  "endless-error-body": {
    description: "an error (`status` 500) whose body never ends, in pieces of 16 KiB `ms` (0) apart",
    reply: endlessError,
  },
  "never-answer": { description: "no byte at all", reply: () => silent() },
  "headers-only": {
    description: "headers of a stream, then silence",
    reply: (plan) => silent(streamHead(plan, NO_TWIST)),
  },
  "invalid-http": {
    description: "an answer that is not HTTP",
    reply: () => once("SIMULATOR SAYS HELLO\r\n\r\n", CLOSE),
  },
  "huge-headers": {
    description: "a header of `bytes` (1 MiB)",
    reply: (plan) =>
      once(responseHead(200, [["X-Huge", "x".repeat(Math.min(plan.bytes ?? HEADER_BYTES, 2 ** 28))]]), CLOSE),
  },
} satisfies Record<string, ReplyFault>;

function* once(data: string, ending: typeof CLOSE = { how: "keep" }): Script {
  yield { due: 0, data, token: -1 };
  return ending;
}

function* silent(head = ""): Script {
  if (head !== "") yield { due: 0, data: head, token: -1 };
  return HANG;
}

function* endlessError(plan: Plan): Script {
  const error = errorText(plan);
  const head: readonly Header[] = [
    ["Content-Type", JSON_TYPE],
    ["Transfer-Encoding", "chunked"],
  ];
  yield { due: 0, data: responseHead(plan.status ?? 500, head) + String(chunk(error)), token: -1 };
  for (let due = 0; ; due += plan.ms ?? 0) yield { due, data: chunk(PIECE), token: -1 };
}

function refuse(param: string, message: string): Script {
  return refusalReply({ status: 400, message, type: "invalid_request_error", param, code: "unsupported_parameter" });
}

/** The headers by which a server asks a client to wait. */
function waits({ retryAfter, rateLimitReset, now }: Plan): Header[] {
  const headers: Header[] = [];
  if (retryAfter !== undefined) headers.push(["Retry-After", retryAfter]);
  if (rateLimitReset !== undefined) {
    headers.push(["X-RateLimit-Limit-Requests", "1000"], ["X-RateLimit-Remaining-Requests", "0"]);
    headers.push(["X-RateLimit-Reset-Requests", String(Math.ceil(now / 1000 + rateLimitReset))]);
  }
  return headers;
}

type Words = { message: string; type: string; code?: string };

const WORDS: Readonly<Record<number, Words>> = {
  401: { message: "Invalid or missing API key.", type: "authentication_error" },
  403: { message: "The prompt was blocked for safety reasons.", type: "permission_error" },
  404: { message: "The model does not exist.", type: "invalid_request_error", code: "model_not_found" },
  429: { message: "Rate limit reached for requests.", type: "rate_limit_error", code: "rate_limit_exceeded" },
  503: { message: "The service is unavailable.", type: "service_unavailable_error" },
};

function errorText({ status = 500, message }: Pick<Plan, "status" | "message">): string {
  const ours = status >= 500 ? "server_error" : "invalid_request_error";
  const words: Words = WORDS[status] ?? { message: `The simulator answers ${status}.`, type: ours };
  return JSON.stringify({ error: { ...words, message: message ?? words.message } });
}
