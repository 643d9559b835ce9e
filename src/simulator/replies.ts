import { pathOf, type ApiKind } from "../wire/apis.ts";
import { WHOLE } from "./whole.ts";
import { chunk, rateLimits, responseHead, type Header } from "./body.ts";
import { errorJson, refusalOf, type Refusal } from "./errors.ts";
import { HOSTILE } from "./hostile.ts";
import {
  BEFORE_CUT,
  CLOSE,
  CUT,
  HANG,
  KEEP,
  NO_TWIST,
  type Ending,
  type Plan,
  type Script,
  type Step,
  type Twist,
} from "./script.ts";
import { createSpeech, type Kind } from "./speech.ts";
import { finishReasonOf, streamHead } from "./stream-script.ts";
import { finishWord, usageAfter } from "./writer.ts";

/** A complete reply with a length. */
export function* wholeReply(
  status: number,
  type: string | null,
  body: string,
  headers: readonly Header[] = [],
  due = 0,
  ending: Ending = KEEP,
): Script {
  yield { due, data: wholeText(status, type, body, headers), token: -1 };
  return ending;
}

/** A refusal in the shape of its API. */
export function refusalReply(
  refusal: Refusal,
  api: ApiKind = "chat",
  headers: readonly Header[] = [],
  ending: Ending = KEEP,
): Script {
  return wholeReply(refusal.status, JSON_TYPE, errorJson(api, refusal), headers, 0, ending);
}

/** The answer of a plan in one piece, when its last token is due. */
export function* completionScript(plan: Plan, fault: string | null, twist: Twist): Script {
  const tokens = plan.answer.count + plan.reasoning.count;
  const due = plan.ttft + (plan.rate > 0 ? (1000 * tokens) / plan.rate : 0);
  const text = wholeText(200, JSON_TYPE, completionText(plan, twist), rateLimits(plan.identity.created));
  const cut: Step = { due, data: text.slice(0, text.lastIndexOf("{") + 8), token: -1 };
  switch (fault) {
    case "reset":
      yield cut;
      return { how: "reset", after: plan.ms ?? BEFORE_CUT };
    case "cut-length":
      yield cut;
      return CUT;
    case "stall":
      if (plan.ms === undefined) return { how: "hang" };
      yield { due: due + plan.ms, data: text, token: -1 };
      return KEEP;
    default:
      yield { due, data: text, token: -1 };
      return KEEP;
  }
}

/** JSON of the whole answer. */
function completionText(plan: Plan, twist: Twist): string {
  const { api, identity } = plan;
  const { backend, ...about } = { ...identity, model: twist.model ?? identity.model };
  const speech = twist.speech ? twist.speech(plan) : createSpeech(plan);
  const textOf = (kind: Kind): string =>
    speech.sections.map((part) => (part.kind === kind ? part.text() : "")).join("");
  const calls = speech.sections.filter(({ kind }) => kind === "call");
  const refusal = textOf("refusal");
  const { usage, ...whole } = WHOLE[api]({
    ...about,
    text: textOf("content"),
    reasoning: textOf("reasoning"),
    refusal,
    tools: calls.map((call, i) => ({ id: `call_${1 + i}`, name: call.name, arguments: call.text() })),
    finishReason: finishWord(api, finishReasonOf(plan, speech, twist), refusal !== ""),
    usage: usageAfter(plan, speech.counts(speech.count)),
  });
  return JSON.stringify({ backend, ...whole, ...(plan.usage === "never" ? {} : { usage }) });
}

function wholeText(status: number, type: string | null, body: string, headers: readonly Header[]): string {
  return (
    responseHead(status, [
      ...(type === null ? [] : [["Content-Type", type] as const]),
      ...headers,
      ["Content-Length", String(Buffer.byteLength(body))],
    ]) + body
  );
}

/** A fault in place of a stream; `null` when it does not concern this request. */
export type ReplyFault = {
  description: string;
  reply: (plan: Plan) => Script | null;
  /** The APIs that can have it, unless all can. */
  apis?: readonly ApiKind[];
};

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
        ["Location", plan.location ?? `https://elsewhere.invalid/v1${pathOf(plan.api)}`],
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
    reply: (plan) =>
      wholeReply(200, JSON_TYPE, completionText(plan, NO_TWIST), rateLimits(plan.identity.created), plan.ttft),
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
      plan.names.has("stream_options") ? refuse(plan, "stream_options", "Unknown parameter: 'stream_options'.") : null,
    apis: ["chat", "responses", "completions"],
  },
  "refuse-max-tokens": {
    description: "400 naming max_tokens and max_completion_tokens, when the request has the first",
    reply: (plan) =>
      plan.names.has("max_tokens")
        ? refuse(
            plan,
            "max_tokens",
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
          )
        : null,
    apis: ["chat"],
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

function* once(data: string, ending = KEEP): Script {
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

function refuse({ api }: Plan, param: string, message: string): Script {
  const about = { status: 400, message, type: "invalid_request_error", param, code: "unsupported_parameter" };
  return refusalReply(about, api);
}

/** The headers by which a server asks a client to wait. */
function waits({ retry_after: retryAfter, rate_limit_reset: reset, now }: Plan): Header[] {
  const headers: Header[] = [];
  if (retryAfter !== undefined) headers.push(["Retry-After", String(retryAfter)]);
  if (reset !== undefined) {
    headers.push(["X-RateLimit-Limit-Requests", "1000"], ["X-RateLimit-Remaining-Requests", "0"]);
    headers.push(["X-RateLimit-Reset-Requests", String(Math.ceil(now / 1000 + reset))]);
  }
  return headers;
}

function errorText({ api, status = 500, message }: Pick<Plan, "api" | "status" | "message">): string {
  return errorJson(api, refusalOf(status, message));
}
