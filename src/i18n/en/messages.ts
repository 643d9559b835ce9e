import type { NoticeCode, Verdict } from "../../stream/event.ts";
import { enNumbers } from "../numbers.ts";
import { enFailures } from "./failures.ts";
import type { Command } from "../say.ts";
import { enSystem } from "./system.ts";

const { count } = enNumbers;

/** What every command may say. */
export const en = {
  ...enNumbers,
  defaultPrompt: "Write me a short story about a robot who discovers art.",
  /** What stands around one answer. */
  frame: {
    configuration: "Configuration:",
    api: "API: ",
    demo: "built-in server (demonstration)",
    model: "Model: ",
    streaming: "Streaming: ",
    enabled: "On (SSE)",
    title: "LLMaaS Streaming Demonstration",
    question: "Question: ",
    moreLines: (number: number, about: boolean) =>
      `… ${about ? "about " : ""}${count(number)} more ${number === 1 ? "line" : "lines"}`,
    answer: "Streaming answer:",
    tokens: "Tokens received: ",
    duration: "Duration: ",
    speed: "Speed: ",
    ttft: "Time to first token: ",
    thinking: "Thinking: ",
    steady: "Steady speed: ",
    gaps: "Gap (ITL): ",
    gapValues: (p50: string, p99: string | null, max: string) =>
      `median ${p50} · ${p99 === null ? "" : `p99 ${p99} · `}max ${max}`,
    stalls: "Stalls: ",
    stallValues: (count: number, time: string) => `${count} (${time} in all)`,
    held: "Reading held on this side: ",
    malformed: "Malformed events skipped: ",
    attempts: "Requests made: ",
    attemptValues: (count: number, wait: string) => `${count} (${wait} of waiting between them)`,
    cost: "Cost: ",
    verdict: "Verdict: ",
    /** The verdict, and what the server gave as its reason. */
    verdictValue: (verdict: Verdict, why: string | null) =>
      verdict === "length"
        ? `length (cut by max_tokens${why === null || why === verdict ? "" : `: ${why}`})`
        : why === null
          ? verdict
          : `${verdict} (${why})`,
    trustedDone: "no finish_reason: --trust-done",
    tool: "Tool call: ",
    invalidArguments: "(the arguments are not valid JSON)",
    demoBefore: "Nothing is configured: the built-in server answers, at the published speed of the model.",
    demoAfter: (command: Command) =>
      `That was the built-in server. For a real answer, make a key at console.cloud-temple.com, then set LLMAAS_API_KEY or begin a settings file: ${command("config init")}`,
  },
  /** Below the answer while it comes. */
  live: {
    noResponse: "no response from the server yet",
    noToken: "waiting for the first token",
    attempt: (number: number) => `attempt ${number}`,
    retry: (attempt: number, wait: string) => `attempt ${attempt} in ${wait}`,
    tokens: (number: number, written: string) => `${written} ${number === 1 ? "token" : "tokens"}`,
    gaps: "gaps",
    longest: (time: string) => `max ${time}`,
    silent: (time: string) => `no token for ${time}`,
  },
  ended: {
    complete: "Streaming finished!",
    length: "Streaming finished: max_tokens cut the answer; raise --max-tokens to have all of it.",
    empty: "The answer is empty.",
    filtered: "The answer was filtered.",
    truncated: "The answer is cut off.",
    failed: "The request failed.",
    timeout: "The answer took too long.",
    cancelled: "Stopped before the end.",
  } satisfies Record<Verdict, string>,
  inLumps: (share: string) =>
    `The answer came in lumps: ${share} of its token events shared a read with an earlier one, after a wait. Something on the way (a proxy, compression) holds it back: first token and gaps are its, not the model's. To measure the model, turn off its buffering and compression.`,
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
    other_model: (model) => `The model that answered is not the one asked for: ${model}.`,
    usage_impossible: () =>
      "The server's token counts cannot be true of this answer: llmaas counts the events instead.",
    usage_not_total: () =>
      "The server's token count does not grow with the answer, so it is not a total: llmaas counts the events instead.",
    unknown_finish_reason: (reason) => `The server finished for a reason llmaas does not know: ${reason}.`,
    lost_events: (number) =>
      `${number === "1" ? "1 event" : `${count(Number(number))} events`} could not be read: the answer lacks what stood there. --debug shows ${number === "1" ? "it" : "them"}.`,
    done_without_reason: () =>
      "The server ended without a finish_reason; the answer counts as whole because of --trust-done (api.trust_done).",
    end_without_reason: () => "The server ended the answer without a stop_reason: nothing says why it ends there.",
    late_error: (words) => `After the end of the answer the server sent an error, which changes nothing: ${words}`,
  } satisfies Record<NoticeCode, (detail: string) => string>,
  failure: enFailures,
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
    foundInFolder: (command: Command) =>
      `Found in the current folder and not named: an endpoint that it names gets no key from the environment and, on another machine, no prompt that nobody would see leave. If the file is yours: ${command("config trust")}`,
    trusted: (path: string, endpoint: string) =>
      `✅ ${path} is trusted as it is: your key and your prompts go to ${endpoint}, and nobody is asked again.\n` +
      "   When the file changes you are asked again.",
    noFile: "No configuration file.",
    ignored: (path: string) => `Ignored: ${path} (it has neither "api" nor "defaults", so it is another program's).`,
    ignoredUnread: (path: string, command: Command) =>
      `Ignored: ${path} (it cannot be read as JSON: ${command("config check")} says why).`,
    untaken: (keys: string) =>
      `Not taken from a file that was only found: ${keys}. Name the file with --config to allow it.`,
    off: "off",
    valid: (path: string) => `✅ ${path} is valid.`,
    validWithoutFile: "✅ No configuration file; the other settings are valid.",
    placeholderGoes: (keyOrigin: string, endpoint: string) =>
      `🔑 The key (${keyOrigin}) is the placeholder of the example. ${endpoint} is on this machine and gets it as it is.`,
    keyGoes: (keyOrigin: string, endpoint: string) =>
      `🔑 The key (${keyOrigin}) goes to ${endpoint}, and nowhere else.`,
    noKey: (endpoint: string) => `🔑 No key: requests to ${endpoint} carry none.`,
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
    apis: (names: string) => `APIs: ${names}`,
    models: (names: string) => `Models: ${names}`,
    stop: "Ctrl+C stops it.",
    prompt: "What are you?",
    try: (command: string) => `Try: ${command}`,
  },
  warning: {
    insecureTls: "NODE_TLS_REJECT_UNAUTHORIZED=0 is set: whoever intercepts the connection can read the key.",
    shortKey: (keyOrigin: string) =>
      `The key from ${keyOrigin} has fewer than 4 characters, too few for a key: it is sent, and not masked where it is shown.`,
    readable: (path: string) => `${path} holds a key, and others on this machine can read it: chmod 600 ${path}`,
    foundEndpoint: (endpoint: string, path: string, command: Command) =>
      `The endpoint is ${endpoint}, which only ${path} names, a file that was found here. If it is yours: ${command("config trust")}`,
    outputFailed: (why: string) => `The output could not be written: ${enSystem(why)}.`,
    tooManyFiles:
      "Too many files and connections had to be open: raise the limit of this shell (ulimit -n), or run fewer streams at once (-j).",
    kept: (path: string) => `What was written until then is in ${path}.`,
    looksLikeJson: (source: string, line: number, name: string | null) =>
      `${source}: line ${line} looks like JSON, and is sent as it is, as text. ${
        name === null ? "To have it read, begin with a line of JSON." : `To have it read, name the file ${name}.`
      }`,
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
