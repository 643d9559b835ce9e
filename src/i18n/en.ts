import type { FailureOf } from "../stream/failure.ts";
import { enProblems } from "./en-problems.ts";
import type { About, Messages, Words } from "./messages.ts";
import { writeCount, writeDuration, writeNumber, type Writing } from "./numbers.ts";

const writing: Writing = { decimal: ".", group: "," };
const number = (value: number): string => writeNumber(value, writing);
const duration = (ms: number): string => writeDuration(ms, writing, " ");

const NOT_RETRIED_STATUS: Readonly<Record<number, string>> = {
  400: "The server refused the request",
  401: "The server does not accept the key",
  403: "The server forbids this request",
  404: "The server does not know this address or model",
  408: "The server waited too long for the request",
  413: "The request is too large for the server",
  422: "The server refused the request",
  429: "The rate limit is reached",
};

function http(failure: FailureOf<"http">, about: About): Words {
  const { status, message, refusedWait } = failure;
  const meaning =
    NOT_RETRIED_STATUS[status] ?? (status >= 500 ? "The server has a problem" : "The server refused the request");
  const said = message === "" || failure.html ? "" : `: ${message}`;
  const what = `${meaning} (HTTP ${status})${said}${/[.!?…]$/.test(said) ? "" : "."}`;
  if (refusedWait !== null) {
    const todo = `It asks to wait ${duration(refusedWait)}, longer than retry.max_wait (${duration(about.maxWait)}): try again later, or raise retry.max_wait in the configuration.`;
    return { what, todo };
  }
  return { what, todo: httpTodo(failure, about) };
}

function httpTodo({ status, html }: FailureOf<"http">, { keyOrigin, endpoint }: About): string | null {
  if (status === 401 && keyOrigin === null)
    return "No key was sent: set LLMAAS_API_KEY, or run llmaas config init. Keys are made at console.cloud-temple.com.";
  if (status === 401)
    return `The key came from ${keyOrigin}: check that it is whole and still valid at console.cloud-temple.com.`;
  if (status === 403) return "The prompt may have been stopped by a safety filter, or the key may lack a right.";
  if (status === 404 && html) return `Does the endpoint lack its /v1? It is ${endpoint}.`;
  if (status === 404) return "llmaas models lists the models there are.";
  if (status === 429) return "Wait a little, or ask for fewer streams at once.";
  return status >= 500 ? "Try again later; --retries says how often to try." : null;
}

function words(what: string, todo: string | null = null): Words {
  return { what, todo };
}

/** `": text"`, or nothing for nothing. */
function quoted(text: string): string {
  return text === "" ? "" : `: ${text}`;
}

const TLS = {
  untrusted: "its certificate is signed by nobody this machine trusts",
  expired: "its certificate has expired or is not valid yet",
  wrong_name: "its certificate is for another name",
  other: "no secure connection could be agreed on",
};

const PHASE = {
  open: ["no response headers came", "--timeout-open"],
  first_token: ["no first token came", "--timeout-first-token"],
  idle: ["no further token came", "--timeout-idle"],
  total: ["the answer was not finished", "--timeout-total"],
} as const;

const CANCELLED = {
  signal: "Interrupted.",
  fail_fast: "Stopped because another stream failed.",
  window: "Stopped at the end of the measured window.",
  abort: "Stopped.",
  budget: "Stopped: the budget is used up.",
  reader_gone: "Stopped: nobody reads the output any more.",
};

export const en: Messages = {
  lang: "en",
  number,
  count: (value) => writeCount(value, writing),
  duration,
  defaultPrompt: "Write me a short story about a robot who discovers art.",
  frame: {
    configuration: "Configuration:",
    api: "API: ",
    demo: "built-in server (demonstration)",
    model: "Model: ",
    streaming: "Streaming: ",
    enabled: "On (SSE)",
    title: "LLMaaS Streaming Demonstration",
    question: "Question: ",
    answer: "Streaming answer:",
    tokens: "Tokens received: ",
    duration: "Duration: ",
    speed: "Speed: ",
    ttft: "Time to first token: ",
    thinking: "Thinking: ",
    steady: "Steady speed: ",
    gaps: "Gap (ITL): ",
    gapValues: (p50, p99, max) => `median ${p50} · p99 ${p99} · max ${max}`,
    stalls: "Stalls: ",
    stallValues: (count, time) => `${count} (${time} in all)`,
    held: "Reading held by our own output: ",
    malformed: "Malformed events skipped: ",
    attempts: "Requests made: ",
    attemptValues: (count, wait) => `${count} (${wait} of waiting)`,
    verdict: "Verdict: ",
    tool: "Tool call: ",
    invalidArguments: "arguments are not valid JSON",
    refusal: "Refusal: ",
    reasoning: "Reasoning:",
    demoBefore: "Nothing is configured: the built-in server answers, at the published speed of the model.",
    demoAfter:
      "That was the built-in server. For the real one: set LLMAAS_API_KEY (console.cloud-temple.com), or run llmaas config init.",
  },
  ended: {
    complete: "Streaming finished!",
    length: "Streaming finished: max_tokens cut the answer.",
    empty: "The answer is empty",
    filtered: "The answer was filtered",
    truncated: "The answer was cut",
    failed: "The answer failed",
    timeout: "The answer took too long",
    cancelled: "Interrupted",
  },
  verdict: {
    complete: "complete",
    length: "length",
    empty: "empty",
    filtered: "filtered",
    truncated: "truncated",
    failed: "failed",
    timeout: "timeout",
    cancelled: "cancelled",
  },
  retrying: (attempt, why, wait) => `Attempt ${attempt} in ${wait}. ${why}`,
  notice: {
    adapted_stream_options: () => "The server does not know stream_options: asked again without.",
    adapted_max_tokens: () => "The server wants max_completion_tokens for max_tokens: asked again.",
    content_type: (type) =>
      `The server calls this stream ${type === "" ? "nothing at all" : type} instead of text/event-stream.`,
    not_streamed: () => "The server sent the answer whole: it was not streamed.",
    other_choices: () => "The server sends several choices: only the first is shown.",
    unknown_finish_reason: (reason) => `The server ended with an unknown finish_reason: ${reason}.`,
    done_without_reason: () => "The server ended without a finish_reason.",
  },
  failure: {
    http,
    redirect: ({ status, message }) =>
      words(
        `The server points elsewhere (HTTP ${status})${quoted(message)}.`,
        "Nothing was sent there. If that is the right place, give it with --endpoint.",
      ),
    dns: (_, { endpoint }) =>
      words(`No machine of that name is known: ${endpoint}.`, "Check the endpoint's spelling and the network."),
    refused: (_, { endpoint }) =>
      words(`Nothing listens at ${endpoint}.`, "Check the host and port, and that the server runs."),
    proxy: ({ message }) =>
      words(
        `The proxy refused the connection${quoted(message)}.`,
        "Check HTTPS_PROXY and HTTP_PROXY, or name the host in NO_PROXY.",
      ),
    too_many_files: () =>
      words("Too many connections are open for this process.", "Lower --concurrency, or raise the limit (ulimit -n)."),
    reset: () => words("The connection broke before the first token.", "Try again; --retries says how often to try."),
    invalid_http: ({ message }) =>
      words(
        `What answers there does not speak HTTP${quoted(message)}.`,
        "Check the endpoint's port and scheme (http, https).",
      ),
    network: ({ message, code }) =>
      words(`The network failed (${code})${quoted(message)}.`, "Check the network and the endpoint."),
    tls: ({ problem, code }) =>
      words(
        `The server cannot be trusted: ${TLS[problem]} (${code}).`,
        problem === "untrusted"
          ? "A company's own authority is named with NODE_EXTRA_CA_CERTS=file.pem."
          : "Check the endpoint, and this machine's clock.",
      ),
    encoding: ({ code }) =>
      words(`The answer's compression is corrupt (${code}).`, "A proxy on the way may be the cause."),
    no_content: ({ status }) =>
      words(`The server answered HTTP ${status} without any content.`, "Is the endpoint an OpenAI-compatible one?"),
    not_a_stream: ({ contentType, message }) =>
      words(
        `The server sent ${contentType || "something without a type"} instead of a stream${quoted(message)}`,
        "Is the endpoint an OpenAI-compatible one, with its /v1?",
      ),
    ended_early: () => words("The answer ended before its first token.", "Try again; --retries says how often to try."),
    malformed: ({ count, message }) =>
      words(`None of the ${count} events could be read; the first${quoted(message)}`, "--debug shows them whole."),
    oversize: ({ limit }) => words(`The server sent one event larger than ${limit / 1024 / 1024} MiB.`),
    server_error: ({ message, code }) =>
      words(`The server broke off${code === null ? "" : ` (${code})`}${quoted(message)}`),
    finish_reason: ({ reason }) => words(`The server gave up: finish_reason ${reason}.`),
    truncated: ({ how }) =>
      words(
        how === "reset"
          ? "The connection broke in the middle of the answer: it is not complete."
          : "The answer ended without saying that it was complete.",
      ),
    empty: ({ finishReason, reasoningTokens }) =>
      words(
        `The server finished (${finishReason ?? "[DONE]"}) without any visible text${reasoningTokens ? `: reasoning used ${reasoningTokens} tokens` : ""}.`,
        finishReason === "length" || finishReason === "max_tokens" || reasoningTokens ? "Raise --max-tokens." : null,
      ),
    filtered: ({ reason }) => words(`The server held the answer back: ${reason}.`),
    timeout: ({ phase, after }) =>
      words(`Timeout (${phase}): ${PHASE[phase][0]} within ${duration(after)}.`, `${PHASE[phase][1]} sets that limit.`),
    cancelled: ({ reason }) => words(CANCELLED[reason]),
    worker_died: ({ message }) => words(`The network thread died, which is a bug of this program${quoted(message)}`),
  },
  problem: enProblems,
  origin: {
    default: "the default",
    file: (path) => path,
    environment: (name) => `${name} (environment)`,
    flag: (name) => name,
  },
  config: {
    created: (path, schemaPath) =>
      `✅ Wrote ${path} (readable by you only) and ${schemaPath}.\n` +
      "   Put your key in api.token, or leave the placeholder and set LLMAAS_API_KEY.\n" +
      "   Keys: https://console.cloud-temple.com · documentation: https://docs.cloud-temple.com",
    file: (path) => `Configuration file: ${path}`,
    foundInFolder:
      "Found in the current folder and not named: a key from the environment does not go to its endpoint.",
    noFile: "No configuration file.",
    ignored: (path) => `Ignored: ${path} (it has neither "api" nor "defaults", so it is another program's).`,
    untaken: (keys) => `Not taken from a file that was only found: ${keys}. Name the file with --config to allow it.`,
    off: "off",
    valid: (path) => `✅ ${path} is valid.`,
    validWithoutFile: "✅ No configuration file; the other settings are valid.",
    keyGoes: (keyOrigin, endpoint) => `🔑 The key (${keyOrigin}) goes to ${endpoint}, and nowhere else.`,
    noKey: (endpoint) => `🔑 No key: requests to ${endpoint} carry no Authorization header.`,
  },
  warning: {
    insecureTls: "NODE_TLS_REJECT_UNAUTHORIZED=0 is set: whoever stands between here and the server can read the key.",
    outputFailed: (why) => `The output could not be written: ${why}.`,
    waitingForStdin: "Waiting for a prompt on standard input (end it with Ctrl+D).",
  },
  hint: { nearestModel: (model) => `Did you mean the model ${model}?` },
  bug: "This is a bug of llmaas, not of yours. Please report it with what follows.",
};
