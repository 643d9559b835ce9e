import type { Accepted, ProblemCode, SloReason } from "../../src/config/user-error.ts";
import type { About, ProblemOf } from "../../src/i18n/say.ts";
import type { FailureKind, FailureOf, NoticeCode } from "../../src/stream/event.ts";

/** What the sentences are made with; a new kind does not compile until it has a sample. */

export const ABOUT: About = {
  endpoint: "https://host.example/v1",
  llmaas: true,
  keyOrigin: "LLMAAS_API_KEY",
  proxy: null,
  maxWait: 60_000,
  command: (line) => `llmaas ${line}`,
};
export const ABOUT_NO_KEY: About = { ...ABOUT, keyOrigin: null };
/** An endpoint that is not LLMaaS's, behind a proxy. */
export const ABOUT_OTHER: About = {
  ...ABOUT,
  endpoint: "http://host.example/v1",
  llmaas: false,
  proxy: "http://proxy.example:3128",
};

const http = (status: number, message = "", html = false, refusedWait: number | null = null): FailureOf<"http"> => {
  return { kind: "http", status, message, html, refusedWait, code: null };
};
const thrown = { message: "unable to do it", trace: "at x" };

export const FAILURES: { [K in FailureKind]: readonly FailureOf<K>[] } = {
  http: [
    http(400, "temperature is too high"),
    http(401, "Invalid API key."),
    http(403),
    http(404, "The model 'x' does not exist."),
    http(404, "<html>", true),
    http(408),
    http(413),
    http(418),
    http(429, "Too many requests"),
    http(429, "Slow down", false, 3_600_000),
    http(500, "oops"),
    http(503),
    http(503, "<html>", true),
    http(429, "Slow down", false, 1e15),
    { ...http(429, "You exceeded your quota."), lasting: "quota" },
    { ...http(500, "image input is not supported"), lasting: "unsupported" },
    { ...http(503, "do not come back"), lasting: "told" },
    { ...http(403, "<html>", true), byProxy: true },
    { ...http(407), byProxy: true },
    { ...http(502, "", true), byProxy: true },
  ],
  redirect: [
    { kind: "redirect", status: 302, message: "https://elsewhere.example/v1" },
    { kind: "redirect", status: 308, message: "" },
  ],
  dns: [{ kind: "dns", code: "ENOTFOUND", ...thrown }],
  refused: [{ kind: "refused", code: "ECONNREFUSED", ...thrown }],
  proxy: [
    { kind: "proxy", code: "ERR_PROXY_TUNNEL", ...thrown },
    { kind: "proxy", code: "ERR_INVALID_ARG_VALUE", ...thrown },
    { kind: "proxy", code: "UnsupportedProxyProtocol", ...thrown },
    { kind: "proxy", code: "ERR_PROXY_TUNNEL", status: 403, ...thrown },
    { kind: "proxy", code: "ERR_PROXY_TUNNEL", status: 407, ...thrown },
  ],
  too_many_files: [{ kind: "too_many_files", code: "EMFILE", ...thrown }],
  reset: [{ kind: "reset", code: "ECONNRESET", ...thrown }],
  invalid_http: [{ kind: "invalid_http", code: "Malformed_HTTP_Response", ...thrown }],
  network: [{ kind: "network", code: "EWHATEVER", ...thrown }],
  tls: [
    { kind: "tls", problem: "untrusted", code: "DEPTH_ZERO_SELF_SIGNED_CERT", ...thrown },
    { kind: "tls", problem: "expired", code: "CERT_HAS_EXPIRED", ...thrown },
    { kind: "tls", problem: "wrong_name", code: "ERR_TLS_CERT_ALTNAME_INVALID", ...thrown },
    { kind: "tls", problem: "other", code: "EPROTO", ...thrown },
  ],
  encoding: [{ kind: "encoding", code: "ZlibError", ...thrown }],
  no_content: [
    { kind: "no_content", status: 204, message: "" },
    { kind: "no_content", status: 200, message: "" },
  ],
  not_a_stream: [
    { kind: "not_a_stream", contentType: "text/html", message: "<!doctype html>" },
    { kind: "not_a_stream", contentType: "", message: "" },
  ],
  ended_early: [{ kind: "ended_early", message: "" }],
  malformed: [
    { kind: "malformed", count: 1, message: "{oops" },
    { kind: "malformed", count: 1234, message: "{oops" },
  ],
  oversize: [
    { kind: "oversize", reason: "event", limit: 8 * 1024 * 1024, message: "" },
    { kind: "oversize", reason: "depth", limit: 1000, message: "" },
    { kind: "oversize", reason: "values", limit: 1_000_000, message: "" },
    { kind: "oversize", reason: "tool_calls", limit: 1000, message: "" },
    { kind: "oversize", reason: "arguments", limit: 8 * 1024 * 1024, message: "" },
    { kind: "oversize", reason: "refusal", limit: 8 * 1024 * 1024, message: "" },
  ],
  server_error: [
    { kind: "server_error", code: "overloaded", message: "Come back later" },
    { kind: "server_error", code: null, message: "" },
  ],
  finish_reason: [{ kind: "finish_reason", reason: "error", message: "" }],
  truncated: [
    { kind: "truncated", how: "reset", code: "ECONNRESET", message: "upstream gone" },
    { kind: "truncated", how: "end", code: null, message: "" },
    { kind: "truncated", how: "no_reason", code: null, message: "" },
  ],
  empty: [
    { kind: "empty", finishReason: "MAX_TOKENS", byLength: true, reasoningTokens: 1300, message: "" },
    { kind: "empty", finishReason: null, byLength: false, reasoningTokens: null, message: "" },
  ],
  filtered: [{ kind: "filtered", reason: "content_filter", message: "" }],
  timeout: [
    { kind: "timeout", phase: "open", after: 30_000, message: "" },
    { kind: "timeout", phase: "first_token", after: 120_000, message: "" },
    { kind: "timeout", phase: "idle", after: 500, message: "" },
    { kind: "timeout", phase: "total", after: 3_600_000, message: "" },
  ],
  cancelled: (["signal", "fail_fast", "window", "abort", "reader_gone"] as const).map((reason) => {
    return { kind: "cancelled", reason, message: "" };
  }),
  worker_died: [{ kind: "worker_died", message: "out of memory" }],
};

export const NOTICES: Record<NoticeCode, readonly string[]> = {
  adapted_stream_options: [""],
  adapted_max_tokens: [""],
  stale_connection: [""],
  content_type: ["text/plain", ""],
  not_streamed: [""],
  other_choices: [""],
  other_model: ["llama3:8b"],
  usage_impossible: [""],
  usage_not_total: [""],
  unknown_finish_reason: ["unheard_of"],
  lost_events: ["1", "1234"],
  done_without_reason: [""],
  end_without_reason: [""],
  late_error: ["overloaded"],
};

const syntax = (why: ProblemOf<"config_syntax">["why"]): ProblemOf<"config_syntax"> => {
  const at = { line: 3, column: 7, text: '  "a" 1', caret: 6 };
  return { code: "config_syntax", path: "/home/me/config.json", ...at, why, ours: true };
};
const line = (why: ProblemOf<"prompt_line">["why"], key = "temperature"): ProblemOf<"prompt_line"> => {
  return { code: "prompt_line", source: "prompts.jsonl", line: 4, why, key };
};
function badOption(value: string, accepted: Accepted, meant: string | null = null): ProblemOf<"bad_option"> {
  return { code: "bad_option", option: "--temperature", value, accepted, meant };
}

function badSlo(
  value: string,
  why: SloReason,
  part: string,
  accepted: string,
  meant: string | null = null,
  file: string | null = null,
): ProblemOf<"bad_slo"> {
  return { code: "bad_slo", file, value, why, part, accepted, meant };
}

function configValue(
  key: string,
  found: string,
  accepted: Accepted,
  meant: string | null = null,
): ProblemOf<"config_value"> {
  return { code: "config_value", where: "c.json", key, found, accepted, meant };
}

const elsewhere = { file: "/project/config.json", fileEndpoint: "https://a.example", endpoint: "https://b.example" };

const RENAMED = { code: "renamed_option", verb: "models", elsewhere: null } as const;

export const PROBLEMS: { [K in ProblemCode]: readonly ProblemOf<K>[] } = {
  unknown_verb: [
    { code: "unknown_verb", verb: "strem", nearest: "stream" },
    { code: "unknown_verb", verb: "hello", nearest: null },
    { code: "unknown_verb", verb: "batch rnu", nearest: "run" },
    { code: "unknown_verb", verb: "batch hello", nearest: null },
  ],
  unknown_option: [
    { code: "unknown_option", option: "--modle", verb: "stream", nearest: "--model" },
    { code: "unknown_option", option: "--xyz", verb: "stream", nearest: null },
  ],
  needs_option: [{ code: "needs_option", option: "--arrival", needed: ["--rate"], example: "--rate 2" }],
  each_alone: [{ code: "each_alone" }],
  renamed_option: [
    { ...RENAMED, option: "--vus", ours: "--concurrency", alias: "-j", write: "-j", value: "10", hint: null },
    {
      ...RENAMED,
      option: "--headers",
      ours: "--header",
      alias: null,
      write: "--header",
      value: null,
      hint: "'NAME: VALUE'",
    },
    {
      ...RENAMED,
      option: "--qps",
      elsewhere: "bench",
      ours: "--rate",
      alias: null,
      write: "--rate",
      value: "5",
      hint: null,
    },
    {
      ...RENAMED,
      option: "--each",
      elsewhere: "stream",
      ours: "--each",
      alias: null,
      write: "--each",
      value: null,
      hint: null,
    },
  ],
  other_way: (
    [
      "key",
      "version",
      "output",
      "prompt",
      "body",
      "method",
      "streamed",
      "insecure",
      "authority",
      "proxy",
      "tokenizer",
      "dry_run",
      "file",
    ] as const
  ).flatMap((why) =>
    (why === "output" ? ["stream", "bench", "models"] : ["stream"]).map(
      (verb) => ({ code: "other_way", option: "--it", verb, why }) as const,
    ),
  ),
  missing_value: [
    { code: "missing_value", option: "--model", hint: "A,B", choices: [], example: null },
    { code: "missing_value", option: "--slo", hint: "EXPRESSION", choices: [], example: null },
    { code: "missing_value", option: "--fail-if", hint: "EXPRESSION", choices: [], example: null },
    { code: "missing_value", option: "--port", hint: "N", choices: [], example: "8080" },
    { code: "missing_value", option: "--reasoning", hint: "show|hide", choices: ["show", "hide"], example: null },
  ],
  missing_word: (["config", "completion"] as const).map((verb) => ({ code: "missing_word", verb, words: ["a", "b"] })),
  unknown_word: [
    { code: "unknown_word", verb: "config", word: "shw", words: ["show", "check"], nearest: "show" },
    { code: "unknown_word", verb: "completion", word: "x", words: ["bash", "zsh", "fish"], nearest: null },
  ],
  unexpected_value: [{ code: "unexpected_value", option: "--json", value: "yes" }],
  repeated_option: [{ code: "repeated_option", option: "--model" }],
  bad_option: [
    badOption("hot", { kind: "number", min: 0, max: 2, off: true }),
    badOption("0,8", { kind: "number", min: 0, max: 2, off: true }, "0.8"),
    badOption("x", { kind: "integer", min: 1, max: 65_535, list: true }),
    badOption("x", { kind: "integer", min: 1, max: null }),
    badOption("soon", { kind: "duration" }),
    badOption("30sec", { kind: "duration" }, "30s"),
    badOption("maybe", { kind: "choice", words: ["auto", "always", "never"] }),
    badOption("x", { kind: "like", example: "fast=500,slow=5" }),
  ],
  bad_fault: [
    { code: "bad_fault", value: "rest", why: "name", part: "rest", nearest: "reset" },
    { code: "bad_fault", value: "nope", why: "name", part: "nope", nearest: null },
    { code: "bad_fault", value: "@3", why: "name", part: "", nearest: null },
    { code: "bad_fault", value: "reset@x", why: "at", part: "x", nearest: "reset" },
    { code: "bad_fault", value: "reset:2", why: "share", part: "2", nearest: "reset" },
  ],
  unexpected_argument: [{ code: "unexpected_argument", argument: "more", verb: "models" }],
  several_prompts: [{ code: "several_prompts", count: 3, word: "me" }],
  prompt_line: [
    line("not_text"),
    line("not_json"),
    line("not_an_object"),
    line("no_prompt"),
    line("both"),
    line("bad_prompt"),
    line("bad_messages"),
    line("bad_value"),
    line("bad_url"),
    line("reserved_key"),
    line("missing_key"),
    line("duplicate_id"),
    line("too_long", "8"),
    line("cells", "3/5"),
  ],
  unsaid: [
    { code: "unsaid", api: "completions", what: "image", name: "" },
    { code: "unsaid", api: "responses", what: "parameter", name: "seed" },
    { code: "unsaid", api: "messages", what: "part", name: "input_audio" },
    { code: "unsaid", api: "messages", what: "role", name: "function" },
    { code: "unsaid", api: "completions", what: "conversation", name: "" },
    { code: "unsaid", api: "completions", what: "system", name: "" },
    { code: "unsaid", api: "chat", what: "token_ids", name: "" },
    { code: "unsaid", api: "messages", what: "limit", name: "" },
  ],
  prompt_unsaid: [
    { code: "prompt_unsaid", source: "prompts.jsonl", line: 3, api: "messages", what: "parameter", name: "seed" },
  ],
  no_prompts: [{ code: "no_prompts", path: "prompts.jsonl" }],
  prompts_changed: [{ code: "prompts_changed", path: "prompts.jsonl", counted: 200, found: 20 }],
  empty_prompt: [{ code: "empty_prompt" }],
  file_size: [{ code: "file_size", path: "/home/me/c.json", limit: 1_048_576 }],
  file_unreadable: [
    { code: "file_unreadable", path: "prompts.jsonl", why: "EACCES", kind: "prompts" },
    { code: "file_unreadable", path: "prompts.jsonl", why: "ENOENT", kind: "prompts" },
    { code: "file_unreadable", path: "base.json", why: "ENOENT", kind: "report" },
    { code: "file_unreadable", path: "/dev/zero", why: "ENODEV", kind: "image" },
    { code: "file_unreadable", path: "/etc", why: "EISDIR", kind: "value" },
    { code: "file_unreadable", path: "a/b", why: "ENOTDIR", kind: "value" },
  ],
  image_not_file: [{ code: "image_not_file" }],
  image_type: [{ code: "image_type", path: "cat.bmp", accepted: "png, jpeg, webp, gif" }],
  image_size: [{ code: "image_size", path: "cat.png", bytes: 30_000_000, limit: 20_971_520 }],
  bad_header: [{ code: "bad_header", value: "x" }],
  bad_param: [
    { code: "bad_param", value: "user=me", meant: 'user="me"' },
    { code: "bad_param", value: "top_p=0,8", meant: "top_p=0.8" },
    { code: "bad_param", value: "seed", meant: null },
  ],
  stdin_twice: [{ code: "stdin_twice", readers: ["-", "--stdin"] }],
  stdin_not_text: [{ code: "stdin_not_text", line: 3 }],
  stdin_empty: [{ code: "stdin_empty" }],
  stdin_size: [{ code: "stdin_size", limit: 67_108_864 }],
  stdin_silent: [{ code: "stdin_silent", seconds: 30 }],
  options_conflict: [
    { code: "options_conflict", options: ["--records", "--debug"] },
    { code: "options_conflict", options: ["--append", "--force"], why: "append" },
    { code: "options_conflict", options: ["--concurrency", "--rate"], why: "load" },
    { code: "options_conflict", options: ["--param model", "--model"], why: "param" },
    { code: "options_conflict", options: ["--prompts", "--stdin"], why: "prompts_stdin" },
    { code: "options_conflict", options: ["--json", "--records /dev/stdout"], why: "records_twice" },
    { code: "options_conflict", options: ["--shard", "--requests"], why: "shard" },
    { code: "options_conflict", options: ["--shard", "--abort-on-fail"], why: "shard" },
    { code: "options_conflict", options: ["--shard", "--baseline"], why: "shard" },
  ],
  own_prompts: [
    { code: "own_prompts", maker: "--prompt-tokens", other: "hello" },
    { code: "own_prompts", maker: "--prompt-tokens", other: "--stdin" },
    { code: "own_prompts", maker: "--prompts", other: "hello" },
  ],
  unknown_model: [
    { code: "unknown_model", model: "gema3", nearest: "gemma3:4b" },
    { code: "unknown_model", model: "x", nearest: null },
  ],
  bad_queue: (
    [
      "url",
      "refused",
      "dns",
      "timeout",
      "closed",
      "certificate",
      "wants_tls",
      "no_tls",
      "password",
      "needs_password",
      "not_allowed",
      "busy",
      "no_database",
      "not_redis",
      "too_old",
    ] as const
  ).map((why) => ({ code: "bad_queue", url: "redis://•••@queue.example:6379", why, detail: "DETAIL" })),
  queue_owned: [{ code: "queue_owned", name: "out-1a2b3c4d" }],
  port_in_use: [{ code: "port_in_use", address: "127.0.0.1:8080" }],
  cannot_listen: [
    { code: "cannot_listen", address: "no-such-host:8080", why: "no_such_host", detail: "ENOTFOUND" },
    { code: "cannot_listen", address: "192.0.2.1:8080", why: "not_here", detail: "EADDRNOTAVAIL" },
    { code: "cannot_listen", address: "127.0.0.1:80", why: "not_allowed", detail: "EACCES" },
    { code: "cannot_listen", address: "127.0.0.1:8080", why: "other", detail: "EMFILE" },
  ],
  bad_slo: [
    badSlo("fast", "syntax", "", "p95(ttft) < 800ms, error_rate < 1%", null, "./config.json"),
    badSlo("p95(x) < 1s", "metric", "x", "ttft, gap"),
    badSlo("p95() < 1s", "metric", "", "ttft, gap"),
    badSlo("p95(ttf) < 1s", "metric", "ttf", "ttft, gap", "p95(ttft) < 1s"),
    badSlo("ttft = 1s", "operator", "=", "<, <=, >, >=", "ttft < 1s"),
    badSlo("q(ttft) < 1s", "function", "q", "p50, mean"),
    badSlo("gap < 1s", "needs_function", "gap", "p95(gap)"),
    badSlo("p95(ttft) < 8%", "unit", "8%", "800ms, 1s"),
    badSlo("p95(ttft) < 800", "no_unit", "800", "800ms, 1s", "800ms"),
    badSlo("p95(ttft) < 0,8s", "comma", "0,8s", "800ms, 1s", "0.8s"),
    badSlo("ttft < 1s, gap < 1s", "several", "", "ttft < 1s"),
    badSlo("ttft < 1s, gap < 1s", "several", "", "ttft < 1s", null, "./config.json"),
    badSlo("error_rate < 200%", "share", "200%", "1%, 0.01"),
    badSlo("goodput > 95%", "no_objectives", "", "ttft < 1s"),
  ],
  bad_fail_if: [
    { code: "bad_fail_if", value: "ttft", why: null, part: "", accepted: "p95(ttft) +10%", meant: null },
    {
      code: "bad_fail_if",
      value: "p95(ttft) -10%",
      why: null,
      part: "",
      accepted: "p95(ttft) +10%",
      meant: "p95(ttft) +10%",
    },
    {
      code: "bad_fail_if",
      value: "p95(ttft) +7,5%",
      why: null,
      part: "",
      accepted: "p95(ttft) +10%",
      meant: "p95(ttft) +7.5%",
    },
    { code: "bad_fail_if", value: "nope +10%", why: "metric", part: "nope", accepted: "ttft, tpot", meant: null },
    {
      code: "bad_fail_if",
      value: "p95(tftt) +10%",
      why: "metric",
      part: "tftt",
      accepted: "ttft",
      meant: "p95(ttft) +10%",
    },
  ],
  report_kind: [{ code: "report_kind", path: "run.txt", accepted: ".json, .csv, .html" }],
  report_unnamed: [{ code: "report_unnamed" }],
  report_invalid: [
    { code: "report_invalid", path: "run.json", where: "" },
    { code: "report_invalid", path: "run.json", where: "steps.0.columns" },
  ],
  compare_repeated: [
    { code: "compare_repeated", first: "a.json", second: "b.json" },
    { code: "compare_repeated", first: "a.json", second: "a.json" },
  ],
  merge_nothing: [{ code: "merge_nothing" }],
  merge_no_shard: [
    { code: "merge_no_shard", path: "a.json", merged: false },
    { code: "merge_no_shard", path: "a.json", merged: true },
  ],
  merge_differs: (["shards", "start", "version", "endpoint", "slo", "load", "models"] as const).map((what) => ({
    code: "merge_differs" as const,
    what,
    first: "a.json",
    second: "b.json",
  })),
  merge_repeated: [
    { code: "merge_repeated", index: 1, first: "a.json", second: "b.json" },
    { code: "merge_repeated", index: 1, first: "a.json", second: "a.json" },
  ],
  merge_missing: [
    { code: "merge_missing", missing: [2], of: 3 },
    { code: "merge_missing", missing: [0, 4], of: 5 },
    { code: "merge_missing", missing: Array.from({ length: 90 }, (_, index) => index), of: 100 },
  ],
  shard_empty: [
    { code: "shard_empty", option: "--concurrency", value: 2, of: 3 },
    { code: "shard_empty", option: "--max-in-flight", value: 1, of: 3 },
  ],
  start_passed: [
    { code: "start_passed", start: "2026-11-26T08:00:00Z", at: "2026-11-26T08:00:00Z", late: 250 },
    { code: "start_passed", start: "1795680000", at: "2026-11-26T08:00:00Z", late: 61_000 },
    { code: "start_passed", start: "1577864841", at: "2020-01-01T07:47:21Z", late: 217_815_159_000 },
  ],
  compare_sides: [
    { code: "compare_sides", given: [], between: false },
    { code: "compare_sides", given: ["a.json"], between: false },
    { code: "compare_sides", given: ["a.json"], between: true },
    { code: "compare_sides", given: ["a.json", "b.json", "c.json"], between: false },
    { code: "compare_sides", given: [..."abcdefgh"].map((name) => `${name}.json`), between: false },
  ],
  baseline_load: [{ code: "baseline_load", path: "base.json", options: ["-j 4", "-j 8"] }],
  compare_demo: [{ code: "compare_demo", demo: "a.json", real: "b.json" }],
  file_exists: [
    { code: "file_exists", path: "run.jsonl", append: true },
    { code: "file_exists", path: "run.html", append: false },
  ],
  same_file: [
    { code: "same_file", first: "--prompts p.txt", second: "--records ./p.txt" },
    { code: "same_file", first: "a.jsonl", second: "a.jsonl" },
  ],
  file_unwritable: [
    { code: "file_unwritable", path: "/nope/dir/run.jsonl", why: "ENOENT" },
    { code: "file_unwritable", path: "run.jsonl", why: "EACCES" },
  ],
  not_results: [{ code: "not_results", path: "README.md", line: 1 }],
  batch_piped: [
    { code: "batch_piped", option: "--order" },
    { code: "batch_piped", option: "--csv" },
    { code: "batch_piped", option: "--json" },
  ],
  not_lines: (
    ["gzip", "bzip2", "xz", "zstd", "zip", "parquet", "utf16", "json_array", "json_object", "table"] as const
  ).flatMap((found) => [
    { code: "not_lines", path: "in file", found, isTable: false } as const,
    ...(found === "gzip" ? [{ code: "not_lines", path: "in.csv.gz", found, isTable: true } as const] : []),
    ...(found === "json_array" ? [{ code: "not_lines", path: "-", found, isTable: false } as const] : []),
  ]),
  batch_not_table: [{ code: "batch_not_table", path: "out.csv", instead: "out.jsonl" }],
  batch_table_exists: [{ code: "batch_table_exists", path: "out.csv" }],
  bad_csv: (["quotes", "not_text", "too_long"] as const).map((why) => {
    return { code: "bad_csv", path: "in.csv", line: 7, why };
  }),
  bad_schema: [
    { code: "bad_schema", path: "schema.json", why: "" },
    { code: "bad_schema", path: "schema.json", why: "type must be a string" },
  ],
  no_prices: [{ code: "no_prices", endpoint: "https://host/v1" }],
  batch_locked: [{ code: "batch_locked", path: "out.jsonl", pid: 4711, host: "machine" }],
  not_batches: [{ code: "not_batches", path: "in.jsonl.batches.json" }],
  batches_locked: [{ code: "batches_locked", path: "in.jsonl", pid: 4711, host: "machine" }],
  submit_pipe: [{ code: "submit_pipe" }],
  not_submitted: [{ code: "not_submitted", path: "in.jsonl" }],
  submitted_changed: [{ code: "submitted_changed", path: "in.jsonl", state: "in.jsonl.batches.json" }],
  batches_elsewhere: [
    {
      code: "batches_elsewhere",
      path: "in.jsonl",
      submitted: "https://a.example/v1",
      endpoint: "https://b.example/v1",
    },
  ],
  batch_lines: [
    {
      code: "batch_lines",
      path: "in.jsonl",
      count: 12,
      lines: [
        { line: 3, why: "not_json", key: "" },
        { line: 7, why: "duplicate_id", key: "req-1" },
      ],
    },
    { code: "batch_lines", path: "in.jsonl", count: 1, lines: [{ line: 3, why: "missing_key", key: "url" }] },
  ],
  batch_changed: [
    { code: "batch_changed", path: "in.jsonl", count: 1, lines: [2] },
    { code: "batch_changed", path: "in.jsonl", count: 40, lines: [2, 3, 5] },
  ],
  config_missing: [{ code: "config_missing", path: "/home/me/c.json", origin: "--config" }],
  config_number: [{ code: "config_number", value: "4" }],
  config_unreadable: [{ code: "config_unreadable", path: "/home/me/c.json", why: "EACCES" }],
  config_syntax: [
    syntax("empty"),
    syntax("end_of_file"),
    syntax("value_expected"),
    syntax("key_expected"),
    syntax("colon_expected"),
    syntax("comma_expected"),
    syntax("trailing_comma"),
    syntax("after_end"),
    syntax("comment"),
    syntax("single_quotes"),
    syntax("unterminated_string"),
    syntax("control_character"),
    syntax("bad_escape"),
    syntax("bad_number"),
    syntax("unknown_word"),
    { ...syntax("comment"), ours: false },
  ],
  config_value: [
    configValue("defaults.temperature", '"0,8"', { kind: "number", min: 0, max: 2, off: true }, "0.8"),
    configValue("defaults.max_tokens", '"off"', { kind: "integer", min: 1, max: null, off: true }),
    configValue("lang", '"de"', { kind: "choice", words: ["fr", "en"] }),
    { ...configValue("lang", '"de"', { kind: "choice", words: ["fr", "en"] }), where: "LLMAAS_LANG" },
  ],
  config_not_json: [{ code: "config_not_json", path: "README.md" }],
  bad_key: (["prefix", "quotes", "space", "line_end", "letter", "empty"] as const).map((why) => {
    return { code: "bad_key", origin: "LLMAAS_API_KEY", why };
  }),
  config_unknown_key: [
    { code: "config_unknown_key", path: "c.json", key: "defaults.modle", nearest: "defaults.model" },
    { code: "config_unknown_key", path: "c.json", key: "xyz", nearest: null },
  ],
  reserved_header: [
    { code: "reserved_header", path: "c.json", name: "authorization" },
    { code: "reserved_header", path: "c.json", name: "content-length" },
  ],
  config_exists: [{ code: "config_exists", path: "/home/me/config.json" }],
  key_file_unreadable: [
    { code: "key_file_unreadable", path: "/run/key", origin: "LLMAAS_API_KEY_FILE", why: "ENOENT" },
  ],
  placeholder_key: [true, false].map((llmaas) => ({ code: "placeholder_key", origin: "/home/me/config.json", llmaas })),
  unconfigured: [true, false].map((demo) => ({ code: "unconfigured", demo })),
  key_from_file_elsewhere: [{ code: "key_from_file_elsewhere", keyOrigin: "api.token", ...elsewhere }],
  key_from_environment_to_folder: [
    { code: "key_from_environment_to_folder", endpoint: "https://b.example", file: "/project/config.json" },
  ],
  headers_from_file_elsewhere: [{ code: "headers_from_file_elsewhere", ...elsewhere }],
  headers_to_folder: [{ code: "headers_to_folder", endpoint: "https://b.example", file: "/project/config.json" }],
  found_endpoint_shadows: [false, true].map((changed) => ({
    code: "found_endpoint_shadows",
    endpoint: "https://b.example",
    file: "/project/config.json",
    own: "/home/me/.config/llmaas/config.json",
    changed,
  })),
  found_endpoint_unseen: [false, true].map((changed) => ({
    code: "found_endpoint_unseen",
    endpoint: "https://b.example",
    file: "/project/config.json",
    changed,
  })),
  key_to_borrowed_endpoint: [
    { code: "key_to_borrowed_endpoint", keyOrigin: "LLMAAS_API_KEY", endpoint: "https://b.example" },
  ],
  trust_nowhere: [{ code: "trust_nowhere" }],
  key_over_http: [{ code: "key_over_http", endpoint: "http://b.example" }],
};
