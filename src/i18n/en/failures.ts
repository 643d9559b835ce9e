import type { FailureOf } from "../../stream/event.ts";
import { enNumbers } from "../numbers.ts";
import {
  ended,
  hostOf,
  lacksVersion,
  unusable,
  withVersion,
  words,
  type About,
  type Failures,
  type Words,
} from "../say.ts";

const { count, duration } = enNumbers;

const YEAR = 365 * 24 * 3_600_000;

const STATUS: Readonly<Record<number, string>> = {
  401: "The server does not accept the key",
  404: "The server does not know this address or model",
  408: "The server waited too long for the request",
  413: "The request is too large for the server",
  429: "The rate limit is reached",
};

/** With which servers refuse an API that they do not speak. */
const NOT_SPOKEN: ReadonlySet<number> = new Set([404, 405, 501]);

/** Why a request was refused, and what helps. */
function enRefusal(failure: FailureOf<"http">, about: About): Words {
  const { status, message, refusedWait, html } = failure;
  const what = ended(`${meaning(failure, about)} (HTTP ${status})${html ? "" : said(message)}`);
  if (refusedWait === null) return words(what, httpTodo(failure, about));
  const tooLong =
    refusedWait > YEAR
      ? "for more than a year, which is too long"
      : `${duration(refusedWait)}, longer than retry.max_wait (${duration(about.maxWait)})`;
  return words(
    what,
    `It asks to wait ${tooLong}: try again later${refusedWait > YEAR ? "" : ", or raise retry.max_wait in the configuration"}.`,
  );
}

function meaning(failure: FailureOf<"http">, { keyOrigin, proxy, endpoint }: About): string {
  const { status, html, byProxy, lasting } = failure;
  if (byProxy && proxy !== null) return `The proxy ${proxy} ${EN_OF_PROXY[status] ?? "refused the request"}`;
  if (status === 407) return "A proxy on the way wants a name and a password";
  if (status === 401 && keyOrigin === null) return "The server asks for a key";
  if (lasting === "quota") return "No credit or quota is left";
  if (lacksVersion(failure, endpoint) === "surely") return "The server does not know this address";
  // Only over plain http can a proxy answer in the server's place.
  const who =
    html && proxy !== null && endpoint.startsWith("http:") ? `The server or the proxy ${proxy}` : "The server";
  if (status === 403) return `${who} forbids this request`;
  return STATUS[status] ?? (status >= 500 ? `${who} has a problem` : "The server refused the request");
}

/** What a proxy's own status means. */
const EN_OF_PROXY: Readonly<Record<number, string>> = {
  403: "does not let this request through",
  407: "wants a name and a password",
  502: "cannot reach the server",
  503: "cannot reach the server",
  504: "waited too long for the server",
};

function httpTodo(failure: FailureOf<"http">, about: About): string | null {
  const { status, byProxy, lasting } = failure;
  const { keyOrigin, endpoint, proxy } = about;
  if (status === 407) return "Put them into HTTP_PROXY or HTTPS_PROXY: http://NAME:PASSWORD@HOST:PORT";
  if (byProxy && proxy !== null) return "Ask whoever runs it, or name the host in NO_PROXY to go without it.";
  if (lasting === "quota") return `Trying again does not help: ${keyGiver(about)} says what is left and can raise it.`;
  if (status === 401 && keyOrigin === null)
    return `${keysAre(about)} Set LLMAAS_API_KEY, or begin a settings file: ${about.command("config init")}`;
  if (status === 401 && about.llmaas)
    return `The key came from ${keyOrigin}: check at console.cloud-temple.com that it is whole and still valid.`;
  if (status === 401)
    return `The key came from ${keyOrigin}: check that it is whole, and meant for it. ${keysAre(about)}`;
  if (status === 403) return "A safety filter may have stopped the prompt, or the key may lack a right.";
  if (lacksVersion(failure, endpoint) === "surely") return noVersion(endpoint);
  if (status === 404 && about.list) return "It may have none: ask for an answer, and name the model as its owner does.";
  if (about.api !== undefined && !about.list && NOT_SPOKEN.has(status))
    return `It may not speak the ${about.api} API: try --api chat. The models there are: ${about.command("models")}`;
  if (status === 404 && failure.html) return COMPATIBLE;
  const version = lacksVersion(failure, endpoint) === null ? "" : `${noVersion(endpoint)} `;
  if (status === 404) return `${version}The models there are: ${about.command("models")}`;
  if (lasting === "unsupported") return "Trying again does not help: change the request, or the model.";
  if (lasting === "told") return "It says itself that trying again does not help.";
  if (status === 429) return "Wait a little, then try again; --retries says how often to try.";
  return status >= 500 ? "Try again later; --retries says how often to try." : null;
}

function noVersion(endpoint: string): string {
  return `The endpoint ${endpoint} does not end in /v1, as most do: try -e ${withVersion(endpoint)}.`;
}

function keysAre(about: About): string {
  return about.llmaas ? "Keys are made at console.cloud-temple.com." : `Keys are given by ${keyGiver(about)}.`;
}

function keyGiver({ llmaas, endpoint }: About): string {
  return llmaas ? "console.cloud-temple.com" : `whoever runs ${hostOf(endpoint)}`;
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

/** The runtime does not tell which of the two failed. */
function orProxy(proxy: string | null): string {
  return proxy === null ? "" : ` (or of the proxy ${proxy})`;
}

function proxyRefused({ code, message, status }: FailureOf<"proxy">, { proxy }: About): Words {
  if (status)
    return words(
      `The proxy${proxy === null ? "" : ` ${proxy}`} ${EN_OF_PROXY[status] ?? "refused the connection"} (HTTP ${status}).`,
      status === 407
        ? "Put them into HTTPS_PROXY: http://NAME:PASSWORD@HOST:PORT"
        : "Check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY, or name the host in NO_PROXY.",
    );
  const why = unusable(code);
  if (why === null)
    return words(
      ended(`The proxy refused the connection${message === "" ? "" : `: ${message}`}`),
      "Check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY, or name the host in NO_PROXY.",
    );
  return words(
    why === "address"
      ? `Nothing was sent: ${proxy ?? "what is named"} is not the address of a proxy.`
      : `Nothing was sent: llmaas does not speak the language of the proxy${proxy === null ? "" : ` ${proxy}`} (${code}).`,
    "Name an http:// or https:// proxy in HTTPS_PROXY, HTTP_PROXY or ALL_PROXY, or the host in NO_PROXY.",
  );
}

/** What is said where no connection, or none that can be trusted, was made. */
const enNetwork: Pick<Failures, "dns" | "refused" | "proxy" | "too_many_files" | "tls"> = {
  dns: (_, { endpoint, proxy }) =>
    words(
      `The host of ${endpoint}${orProxy(proxy)} cannot be found.`,
      "Check the spelling of the endpoint, and the network.",
    ),
  refused: (_, { endpoint, proxy }) =>
    words(`Nothing listens at ${endpoint}${orProxy(proxy)}.`, "Check host and port, and that the server runs."),
  proxy: proxyRefused,
  too_many_files: () =>
    words("Too many files and connections are open.", "Raise the limit of this shell (ulimit -n), then try again."),
  tls: ({ problem, code }) => words(`The server cannot be trusted: ${TLS[problem][0]} (${code}).`, TLS[problem][1]),
};

const mebibytes = (units: number): string => `${units / 1024 / 1024} MiB`;

const SENTENCES: Record<FailureOf<"oversize">["reason"], (limit: number) => string> = {
  event: (limit) => `The server sent one event of more than ${mebibytes(limit)}.`,
  depth: (limit) => `The server sent JSON nested more than ${count(limit)} levels deep.`,
  values: (limit) => `The server sent one event of more than ${count(limit)} JSON values.`,
  tool_calls: (limit) => `The answer makes more than ${count(limit)} tool calls.`,
  arguments: (limit) => `The arguments of the answer's tool calls pass ${mebibytes(limit)}.`,
  refusal: (limit) => `The refusal passes ${mebibytes(limit)}.`,
  body: (limit) => `The answer passes ${mebibytes(limit)}.`,
};

/** What is said of an answer of which there is more than is read. */
function oversize({ reason, limit }: FailureOf<"oversize">): Words {
  return words(SENTENCES[reason](limit), "The answer is read no further; what came is kept.");
}

/** `: text`, or nothing for nothing. */
function said(text: string): string {
  return text === "" ? "" : `: ${text}`;
}

const PHASE = {
  open: "no response headers came",
  first_token: "no first token came",
  idle: "no further token came",
  total: "the answer was not finished",
} as const;

const OPEN_TODO = "Some servers and proxies send them only with the first token. --timeout-open sets that limit.";

const CANCELLED = {
  signal: "Interrupted: what came is kept.",
  fail_fast: "Stopped because another stream failed.",
  window: "Stopped at the end of the measured window.",
  abort: "Stopped.",
  reader_gone: "Stopped: nobody reads the output any more.",
};

const TRUNCATED = {
  reset: "The connection broke in the middle of the answer, which is not complete.",
  end: "The answer ended without saying that it was complete.",
  no_reason: "The server ended the answer without a finish_reason: something may have interrupted it.",
};

const TRUST =
  "If this server never gives one, --trust-done (api.trust_done) takes its [DONE] for the end of a whole answer.";

const TRY_AGAIN = "Try again; --retries says how often to try.";
const COMPATIBLE = "Check that the endpoint is an OpenAI-compatible one, and ends with /v1 if it has to.";

/** What is said of a stream that did not end well. */
export const enFailures: Failures = {
  http: enRefusal,
  redirect: ({ status, message }) =>
    words(
      `The server points ${message === "" ? "elsewhere" : `to ${message}`} (HTTP ${status}).`,
      "Nothing was sent there. If that is the right place, give it with --endpoint.",
    ),
  ...enNetwork,
  reset: () => words("The connection broke before the first token.", TRY_AGAIN),
  invalid_http: ({ message }) =>
    words(
      ended(`What answers there does not speak HTTP${said(message)}`),
      "Check the endpoint: https or http, and the port.",
    ),
  network: ({ message, code }) =>
    words(ended(`Network error (${code})${said(message)}`), "Check the network and the endpoint."),
  encoding: ({ code }) =>
    words(`The answer's compression is corrupt (${code}).`, "A proxy on the way may be the cause."),
  no_content: ({ status }) =>
    words(
      `The server answered without any content (HTTP ${status}).`,
      status === 200
        ? "Look into its log; if that says nothing, check that the endpoint is an OpenAI-compatible one."
        : COMPATIBLE,
    ),
  not_a_stream: ({ contentType, message }, { list }) =>
    words(
      `The server sent ${contentType || "something without a type"} instead of ${list ? "a list of models" : "a stream"}${message === "" ? "" : `: "${message}"`}.`,
      COMPATIBLE,
    ),
  ended_early: () => words("The answer ended before its first token.", TRY_AGAIN),
  malformed: ({ count: events, message }) =>
    words(
      `${events === 1 ? "The only event could not" : `None of the ${count(events)} events could`} be read: "${message}".`,
      "--debug shows them whole.",
    ),
  oversize,
  server_error: ({ message, code }) =>
    words(ended(`The server broke off${code === null ? "" : ` (${code})`}${said(message)}`), "Try again later."),
  finish_reason: ({ reason }) => words(`The server gave up: finish_reason ${reason}.`, "Try again."),
  truncated: ({ how, message }) =>
    words(
      TRUNCATED[how] + (message === "" ? "" : ` The server's last words: "${message}".`),
      how === "no_reason" ? TRUST : "Try again.",
    ),
  empty: ({ finishReason, byLength, reasoningTokens }) =>
    words(
      `The server finished (${finishReason ?? "[DONE]"}) without any visible text${reasoningTokens ? `: reasoning used ${count(reasoningTokens)} tokens` : ""}.`,
      byLength || reasoningTokens ? "Raise --max-tokens." : null,
    ),
  filtered: ({ reason }) => words(`The server held the answer back: ${reason}.`, "Try another wording."),
  timeout: ({ phase, after }, { list }) =>
    words(
      `Timeout (${phase}): ${PHASE[phase]} within ${duration(after)}.`,
      phase === "open" && list !== true ? OPEN_TODO : `--timeout-${phase.replace("_", "-")} sets that limit.`,
    ),
  cancelled: ({ reason }) => words(CANCELLED[reason]),
  worker_died: ({ message }) => words(ended(`The network thread died, and that is a bug of llmaas${said(message)}`)),
};
