import type { FailureOf } from "../../stream/event.ts";
import { enNumbers } from "../numbers.ts";
import { ended, words, type About, type Failures, type Words } from "../say.ts";

const { count, duration } = enNumbers;

const STATUS: Readonly<Record<number, string>> = {
  401: "The server does not accept the key",
  403: "The server forbids this request",
  404: "The server does not know this address or model",
  408: "The server waited too long for the request",
  413: "The request is too large for the server",
  429: "The rate limit is reached",
};

function http(failure: FailureOf<"http">, about: About): Words {
  const { status, message, refusedWait } = failure;
  const said = message === "" || failure.html ? "" : `: ${message}`;
  const what = ended(`${meaning(status, about)} (HTTP ${status})${said}`);
  if (refusedWait === null) return words(what, httpTodo(failure, about));
  return words(
    what,
    `It asks to wait ${duration(refusedWait)}, longer than retry.max_wait (${duration(about.maxWait)}): try again later, or raise retry.max_wait in the configuration.`,
  );
}

function meaning(status: number, { keyOrigin }: About): string {
  if (status === 401 && keyOrigin === null) return "The server asks for a key";
  return STATUS[status] ?? (status >= 500 ? "The server has a problem" : "The server refused the request");
}

function httpTodo({ status, html }: FailureOf<"http">, { keyOrigin, endpoint }: About): string | null {
  if (status === 401 && keyOrigin === null)
    return "Set LLMAAS_API_KEY, or run llmaas config init. Keys are made at console.cloud-temple.com.";
  if (status === 401)
    return `The key came from ${keyOrigin}: check at console.cloud-temple.com that it is whole and still valid.`;
  if (status === 403) return "A safety filter may have stopped the prompt, or the key may lack a right.";
  if (status === 404 && html) return `The endpoint may lack its /v1; it is ${endpoint} now.`;
  if (status === 404) return "llmaas models lists the models there are.";
  if (status === 429) return "Wait a little, then try again; --retries says how often to try.";
  return status >= 500 ? "Try again later; --retries says how often to try." : null;
}

/** `: text`, or nothing for nothing. */
function said(text: string): string {
  return text === "" ? "" : `: ${text}`;
}

const TLS = {
  untrusted: [
    "its certificate is signed by nobody this machine trusts",
    "Name your own authority, if you have one, with NODE_EXTRA_CA_CERTS=FILE.pem.",
  ],
  expired: [
    "its certificate has expired, or is not valid yet",
    "Check this machine's clock; if it is right, the server's owner must renew the certificate.",
  ],
  wrong_name: ["its certificate is for another name", "Check the host in the endpoint."],
  other: ["it does not speak TLS as expected", "Check the endpoint: https or http, and the port."],
} as const;

const PHASE = {
  open: "no response headers came",
  first_token: "no first token came",
  idle: "no further token came",
  total: "the answer was not finished",
} as const;

const CANCELLED = {
  signal: "Interrupted: what came is kept.",
  fail_fast: "Stopped because another stream failed.",
  window: "Stopped at the end of the measured window.",
  abort: "Stopped.",
  reader_gone: "Stopped: nobody reads the output any more.",
};

const TRY_AGAIN = "Try again; --retries says how often to try.";
const COMPATIBLE = "Check that the endpoint is an OpenAI-compatible one, and ends with /v1 if it has to.";

/** The runtime does not tell which of the two failed. */
function orProxy(proxy: string | null): string {
  return proxy === null ? "" : ` (or of the proxy ${proxy})`;
}

/** What is said of a stream that did not end well. */
export const enFailures: Failures = {
  http,
  redirect: ({ status, message }) =>
    words(
      `The server points ${message === "" ? "elsewhere" : `to ${message}`} (HTTP ${status}).`,
      "Nothing was sent there. If that is the right place, give it with --endpoint.",
    ),
  dns: (_, { endpoint, proxy }) =>
    words(
      `The host of ${endpoint}${orProxy(proxy)} cannot be found.`,
      "Check the spelling of the endpoint, and the network.",
    ),
  refused: (_, { endpoint, proxy }) =>
    words(`Nothing listens at ${endpoint}${orProxy(proxy)}.`, "Check host and port, and that the server runs."),
  proxy: ({ message }) =>
    words(
      ended(`The proxy refused the connection${said(message)}`),
      "Check HTTPS_PROXY and HTTP_PROXY, or name the host in NO_PROXY.",
    ),
  too_many_files: () =>
    words("Too many files and connections are open.", "Raise the limit of this shell (ulimit -n), then try again."),
  reset: () => words("The connection broke before the first token.", TRY_AGAIN),
  invalid_http: ({ message }) =>
    words(
      ended(`What answers there does not speak HTTP${said(message)}`),
      "Check the endpoint: https or http, and the port.",
    ),
  network: ({ message, code }) =>
    words(ended(`The network failed (${code})${said(message)}`), "Check the network and the endpoint."),
  tls: ({ problem, code }) => words(`The server cannot be trusted: ${TLS[problem][0]} (${code}).`, TLS[problem][1]),
  encoding: ({ code }) =>
    words(`The answer's compression is corrupt (${code}).`, "A proxy on the way may be the cause."),
  no_content: ({ status }) => words(`The server answered without any content (HTTP ${status}).`, COMPATIBLE),
  not_a_stream: ({ contentType, message }) =>
    words(
      `The server sent ${contentType || "something without a type"} instead of a stream${message === "" ? "" : `: "${message}"`}.`,
      COMPATIBLE,
    ),
  ended_early: () => words("The answer ended before its first token.", TRY_AGAIN),
  malformed: ({ count: events, message }) =>
    words(
      `${events === 1 ? "The only event could not" : `None of the ${count(events)} events could`} be read: "${message}".`,
      "--debug shows them whole.",
    ),
  oversize: ({ limit }) => words(`The server sent one event of more than ${limit / 1024 / 1024} MiB.`, COMPATIBLE),
  server_error: ({ message, code }) =>
    words(ended(`The server broke off${code === null ? "" : ` (${code})`}${said(message)}`)),
  finish_reason: ({ reason }) => words(`The server gave up: finish_reason ${reason}.`, "Try again."),
  truncated: ({ how }) =>
    words(
      how === "reset"
        ? "The connection broke in the middle of the answer: it is not complete."
        : "The answer ended without saying that it was complete.",
    ),
  empty: ({ finishReason, reasoningTokens }) =>
    words(
      `The server finished (${finishReason ?? "[DONE]"}) without any visible text${reasoningTokens ? `: reasoning used ${count(reasoningTokens)} tokens` : ""}.`,
      finishReason === "length" || finishReason === "max_tokens" || reasoningTokens ? "Raise --max-tokens." : null,
    ),
  filtered: ({ reason }) => words(`The server held the answer back: ${reason}.`, "Another wording may pass."),
  timeout: ({ phase, after }) =>
    words(
      `Timeout (${phase}): ${PHASE[phase]} within ${duration(after)}.`,
      `--timeout-${phase.replace("_", "-")} sets that limit.`,
    ),
  cancelled: ({ reason }) => words(CANCELLED[reason]),
  worker_died: ({ message }) => words(ended(`The network thread died, and that is a bug of llmaas${said(message)}`)),
};
