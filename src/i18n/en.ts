import { enFailures } from "./en-failures.ts";
import { enProblems } from "./en-problems.ts";
import type { Messages } from "./messages.ts";
import { enNumbers } from "./numbers.ts";

export const en: Messages = {
  lang: "en",
  ...enNumbers,
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
    attemptValues: (count, wait) => `${count} (${wait} of waiting between them)`,
    verdict: "Verdict: ",
    tool: "Tool call: ",
    invalidArguments: "(the arguments are not valid JSON)",
    demoBefore: "Nothing is configured: the built-in server answers, at the published speed of the model.",
    demoAfter:
      "That was the built-in server. For a real answer, make a key at console.cloud-temple.com, then set LLMAAS_API_KEY or run llmaas config init.",
  },
  ended: {
    complete: "Streaming finished!",
    length: "Streaming finished: max_tokens cut the answer (--max-tokens raises it).",
    empty: "The answer is empty.",
    filtered: "The answer was filtered.",
    truncated: "The answer is cut off.",
    failed: "The request failed.",
    timeout: "The answer took too long.",
    cancelled: "Stopped before the end.",
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
  retrying: (attempt, why, wait) => `${why} Attempt ${attempt} in ${wait}.`,
  notice: {
    adapted_stream_options: () => "The server does not know stream_options: it was asked again without.",
    adapted_max_tokens: () =>
      "The server wants max_completion_tokens in place of max_tokens: it was asked again that way.",
    content_type: (type) =>
      `The server ${type === "" ? "does not say what this stream is" : `calls this stream ${type}`}, and it is text/event-stream.`,
    not_streamed: () => "The server sent the answer whole: it was not streamed.",
    other_choices: () => "The server sends several choices: only the first is shown.",
    unknown_finish_reason: (reason) => `The server finished for a reason llmaas does not know: ${reason}.`,
    done_without_reason: () => "The server finished without saying why: no finish_reason came.",
  },
  failure: enFailures,
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
    foundInFolder: "Found in the current folder and not named: a key from the environment does not go to its endpoint.",
    noFile: "No configuration file.",
    ignored: (path) => `Ignored: ${path} (it has neither "api" nor "defaults", so it is another program's).`,
    untaken: (keys) => `Not taken from a file that was only found: ${keys}. Name the file with --config to allow it.`,
    off: "off",
    valid: (path) => `✅ ${path} is valid.`,
    validWithoutFile: "✅ No configuration file; the other settings are valid.",
    keyGoes: (keyOrigin, endpoint) => `🔑 The key (${keyOrigin}) goes to ${endpoint}, and nowhere else.`,
    noKey: (endpoint) => `🔑 No key: requests to ${endpoint} carry no Authorization header.`,
  },
  models: {
    columns: { model: "Model", owner: "Owner", context: "Context", size: "Size", speed: "Speed", use: "Good for" },
    unreachable: "The endpoint's own list could not be had; these are the four models LLMaaS recommends to begin with:",
    speed: (tokensPerSecond) => `~${tokensPerSecond} tokens/s`,
    unconfigured: "Nothing is configured; these are the four models LLMaaS recommends to begin with:",
    use: {
      "granite3.3:2b": "quick demonstrations",
      "gemma3:4b": "balanced quality",
      "qwen3:8b": "elaborate answers",
      "cogito:3b": "logical reasoning",
    },
  },
  simulate: {
    listening: (url) => `The built-in server listens at ${url}`,
    models: (names) => `Models: ${names}`,
    stop: "Ctrl+C stops it.",
    try: (command) => `Try: ${command}`,
  },
  warning: {
    insecureTls: "NODE_TLS_REJECT_UNAUTHORIZED=0 is set: whoever stands between here and the server can read the key.",
    outputFailed: (why) => `The output could not be written: ${why}.`,
    skippedLines: (count, first) =>
      `${count === 1 ? "1 line was" : `${count} lines were`} left out. The first: ${first}`,
    waitingForStdin: "Waiting for a prompt on standard input (Ctrl+D ends it).",
  },
  hint: { nearestModel: (model) => `Did you mean the model ${model}?` },
  bug: "This is a bug of llmaas: nothing you did wrong. Please report it with what follows.",
};
