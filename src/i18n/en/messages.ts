import type { NoticeCode, Verdict } from "../../stream/event.ts";
import { enNumbers } from "../numbers.ts";
import { ended, words, type Failures } from "../say.ts";
import { enFrame } from "./frame.ts";
import { enNetwork } from "./network.ts";
import { oversize } from "./oversize.ts";
import { enProblems, enSystem } from "./problems.ts";
import { enRefusal } from "./refusals.ts";

const { count, duration } = enNumbers;

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

const OPEN_TODO =
  "Some servers and proxies send them only with the first token: this limit is the same as for that, unless --timeout-open sets it.";

const CANCELLED = {
  signal: "Interrupted: what came is kept.",
  fail_fast: "Stopped because another stream failed.",
  window: "Stopped at the end of the measured window.",
  abort: "Stopped.",
  reader_gone: "Stopped: nobody reads the output any more.",
};

const TRUNCATED = {
  reset: "The connection broke in the middle of the answer: it is not complete.",
  end: "The answer ended without saying that it was complete.",
  no_reason: "The server ended the answer without a finish_reason: something may have interrupted it.",
};

const TRUST =
  "If this server never gives one, --trust-done (api.trust_done) takes its [DONE] for the end of a whole answer.";

const TRY_AGAIN = "Try again; --retries says how often to try.";
const COMPATIBLE = "Check that the endpoint is an OpenAI-compatible one, and ends with /v1 if it has to.";

/** What is said of a stream that did not end well. */
const failure: Failures = {
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
    words(ended(`The network failed (${code})${said(message)}`), "Check the network and the endpoint."),
  encoding: ({ code }) =>
    words(`The answer's compression is corrupt (${code}).`, "A proxy on the way may be the cause."),
  no_content: ({ status }) =>
    words(
      `The server answered without any content (HTTP ${status}).`,
      status === 200
        ? "Its log may say why: look there. If it says nothing, check that the endpoint is an OpenAI-compatible one."
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
    words(ended(`The server broke off${code === null ? "" : ` (${code})`}${said(message)}`)),
  finish_reason: ({ reason }) => words(`The server gave up: finish_reason ${reason}.`, "Try again."),
  truncated: ({ how, message }) =>
    words(
      TRUNCATED[how] + (message === "" ? "" : ` Its last words: "${message}".`),
      how === "no_reason" ? TRUST : null,
    ),
  empty: ({ finishReason, byLength, reasoningTokens }) =>
    words(
      `The server finished (${finishReason ?? "[DONE]"}) without any visible text${reasoningTokens ? `: reasoning used ${count(reasoningTokens)} tokens` : ""}.`,
      byLength || reasoningTokens ? "Raise --max-tokens." : null,
    ),
  filtered: ({ reason }) => words(`The server held the answer back: ${reason}.`, "Another wording may pass."),
  timeout: ({ phase, after }, { list }) =>
    words(
      `Timeout (${phase}): ${PHASE[phase]} within ${duration(after)}.`,
      phase === "open" && list !== true ? OPEN_TODO : `--timeout-${phase.replace("_", "-")} sets that limit.`,
    ),
  cancelled: ({ reason }) => words(CANCELLED[reason]),
  worker_died: ({ message }) => words(ended(`The network thread died, and that is a bug of llmaas${said(message)}`)),
};

/** What every command may say. */
export const en = {
  ...enNumbers,
  defaultPrompt: "Write me a short story about a robot who discovers art.",
  frame: enFrame,
  ended: {
    complete: "Streaming finished!",
    length: "Streaming finished: max_tokens cut the answer (--max-tokens raises it).",
    empty: "The answer is empty.",
    filtered: "The answer was filtered.",
    truncated: "The answer is cut off.",
    failed: "The request failed.",
    timeout: "The answer took too long.",
    cancelled: "Stopped before the end.",
  } satisfies Record<Verdict, string>,
  inLumps: (share: string) =>
    `The answer came in lumps: ${share} of its token events shared a read with an earlier one, after a wait. Something on the way (a proxy, compression) holds it back: first token and gaps are its, not the model's.`,
  retrying: (attempt: number, why: string, wait: string) => `${why} Attempt ${attempt} in ${wait}.`,
  notice: {
    adapted_stream_options: () => "The server does not know stream_options: it was asked again without.",
    adapted_max_tokens: () =>
      "The server wants max_completion_tokens in place of max_tokens: it was asked again that way.",
    stale_connection: () => "The server had closed the connection that was kept open: it was asked again on a new one.",
    content_type: (type) =>
      `The server ${type === "" ? "does not say what this stream is" : `calls this stream ${type}`}, and it is text/event-stream.`,
    not_streamed: () => "The server sent the answer whole: it was not streamed.",
    other_choices: () => "The server sends several choices: only the first is shown.",
    usage_impossible: () =>
      "The server's token counts cannot be true of this answer: llmaas counts the events instead.",
    usage_not_total: () =>
      "The server's token count does not grow with the answer, so it is no total: llmaas counts the events instead.",
    unknown_finish_reason: (reason) => `The server finished for a reason llmaas does not know: ${reason}.`,
    lost_events: (number) =>
      `${number === "1" ? "1 event" : `${count(Number(number))} events`} could not be read: the answer lacks what stood there. --debug shows ${number === "1" ? "it" : "them"}.`,
    done_without_reason: () =>
      "The server ended without a finish_reason; the answer counts as whole because of --trust-done (api.trust_done).",
  } satisfies Record<NoticeCode, (detail: string) => string>,
  failure,
  problem: enProblems,
  origin: {
    default: "the default",
    file: (path: string) => path,
    environment: (name: string) => `${name} (environment)`,
    flag: (name: string) => name,
  },
  config: {
    created: (path: string, schemaPath: string) =>
      `✅ Wrote ${path} (readable by you only) and ${schemaPath}.\n` +
      "   Put your key in api.token, or leave the placeholder and set LLMAAS_API_KEY.\n" +
      "   Keys: https://console.cloud-temple.com · documentation: https://docs.cloud-temple.com",
    file: (path: string) => `Configuration file: ${path}`,
    foundInFolder:
      "Found in the current folder and not named: an endpoint of its own gets no key from the environment and, on another machine, no prompt that nobody sees. If the file is yours: llmaas config trust",
    trusted: (path: string, endpoint: string) =>
      `✅ ${path} is trusted as it is: your key and your prompts go to ${endpoint}, without a word.\n` +
      "   When the file changes you are asked again.",
    noFile: "No configuration file.",
    ignored: (path: string) => `Ignored: ${path} (it has neither "api" nor "defaults", so it is another program's).`,
    ignoredUnread: (path: string) => `Ignored: ${path} (it cannot be read as JSON: llmaas config check says why).`,
    untaken: (keys: string) =>
      `Not taken from a file that was only found: ${keys}. Name the file with --config to allow it.`,
    off: "off",
    valid: (path: string) => `✅ ${path} is valid.`,
    validWithoutFile: "✅ No configuration file; the other settings are valid.",
    keyGoes: (keyOrigin: string, endpoint: string) =>
      `🔑 The key (${keyOrigin}) goes to ${endpoint}, and nowhere else.`,
    noKey: (endpoint: string) => `🔑 No key: requests to ${endpoint} carry no Authorization header.`,
  },
  models: {
    columns: { model: "Model", owner: "Owner", context: "Context", size: "Size", speed: "Speed", use: "Good for" },
    none: (endpoint: string) => `${endpoint} lists no models.`,
    unreachable: "The endpoint's own list could not be had; these are the four models LLMaaS recommends to begin with:",
    speed: (tokensPerSecond: number) => `~${tokensPerSecond} tokens/s`,
    unconfigured: "Nothing is configured; these are the four models LLMaaS recommends to begin with:",
    use: {
      "granite3.3:2b": "quick demonstrations",
      "gemma3:4b": "balanced quality",
      "qwen3:8b": "elaborate answers",
      "cogito:3b": "logical reasoning",
    },
  },
  simulate: {
    listening: (url: string) => `The built-in server listens at ${url}`,
    models: (names: string) => `Models: ${names}`,
    stop: "Ctrl+C stops it.",
    try: (command: string) => `Try: ${command}`,
  },
  warning: {
    insecureTls: "NODE_TLS_REJECT_UNAUTHORIZED=0 is set: whoever stands between here and the server can read the key.",
    shortKey: (keyOrigin: string) =>
      `The key (${keyOrigin}) has fewer than 4 characters, too few for a key: it is sent, and not masked where it is shown.`,
    readable: (path: string) => `${path} holds a key, and others on this machine can read it: chmod 600 ${path}`,
    foundEndpoint: (endpoint: string, path: string) =>
      `The endpoint is ${endpoint}, which only ${path} names, a file that was found here. If it is yours: llmaas config trust`,
    outputFailed: (why: string) => `The output could not be written: ${enSystem(why)}.`,
    kept: (path: string) => `What was written until then stands in ${path}.`,
    skippedLines: (count: number, first: string) =>
      `${count === 1 ? "1 line was" : `${count} lines were`} left out. The first: ${first}`,
    notShown: (units: number) =>
      `The terminal was too slow for the end of it: ${count(units)} characters that came are not shown.`,
    demoInstead: "With --demo the built-in server answers: --endpoint has no effect.",
    waitingForStdin: "Waiting for a prompt on standard input (Ctrl+D ends it).",
  },
  hint: { nearestModel: (model: string) => `Did you mean the model ${model}?` },
  bug: "This is a bug of llmaas: nothing you did wrong. Please report it with what follows.",
};
