import type { BatchProblem, LineReason, Unsayable } from "./batch-problem.ts";
import type { SyntaxReason } from "../wire/json-problem.ts";

/** What a value may be, as data; `example` is a notation that needs no translation. */
export type Accepted =
  | { kind: "integer" | "number"; min: number; max: number | null; off?: true; list?: true }
  | { kind: "duration" }
  | { kind: "choice"; words: readonly string[] }
  | { kind: "like"; example: string };

/** What is wrong with a key: what stands in it that cannot. */
export type KeyReason = "prefix" | "quotes" | "space" | "line_end" | "letter" | "empty";

/** What is wrong with a fault that the built-in server is to play. */
type FaultReason = "name" | "at" | "share";

/** Why two options do not go together, where more can be said than that. */
type ConflictReason = "records_twice" | "load" | "append" | "param" | "prompts_stdin" | "shard";

/** What a file is read for. */
export type FileKind = "report" | "prompts" | "image" | "value";

/** What keeps two reports from being parts of one load. */
export type MergeDifference = "shards" | "start" | "version" | "endpoint" | "slo" | "load" | "models";

/** What is wrong with a threshold. */
export type SloReason =
  | "syntax"
  | "metric"
  | "function"
  | "needs_function"
  | "unit"
  /** A bare number where its unit is wanted. */
  | "no_unit"
  | "comma"
  | "operator"
  /** Two thresholds in one. */
  | "several"
  | "share"
  | "no_objectives";

/** Why an engine, where machines share a batch, cannot be used. */
export type QueueReason =
  | "url"
  | "refused"
  | "dns"
  | "timeout"
  | "closed"
  | "certificate"
  | "wants_tls"
  | "no_tls"
  | "password"
  | "needs_password"
  | "not_allowed"
  | "busy"
  | "no_database"
  | "not_redis"
  | "too_old";

/** Why nothing can listen at an address. */
export type ListenReason = "no_such_host" | "not_here" | "not_allowed" | "other";

/** Why what an option of another tool does is done otherwise here. */
export type OtherReason =
  | "key"
  | "version"
  | "output"
  | "prompt"
  | "body"
  | "method"
  | "streamed"
  | "dry_run"
  | "file"
  | "insecure"
  | "authority"
  | "proxy"
  | "tokenizer";

/** What is wrong with the input, as data; the sentences stand in `i18n/`. */
export type Problem =
  // the command line
  | { code: "unknown_verb"; verb: string; nearest: string | null }
  | { code: "unknown_option"; option: string; verb: string; nearest: string | null }
  | { code: "needs_option"; option: string; needed: readonly string[]; example: string }
  /** Every argument is to be a prompt of its own, and there is none. */
  | { code: "each_alone" }
  /** Another tool's name, or another verb's option: `ours` with its `alias`; `write` it with its value, or with what stands for one. */
  | {
      code: "renamed_option";
      option: string;
      verb: string;
      elsewhere: string | null;
      ours: string;
      alias: string | null;
      write: string;
      value: string | null;
      hint: string | null;
    }
  | { code: "other_way"; option: string; verb: string; why: OtherReason }
  /** `hint` names the kind of value; `example`: its default, where there is one. */
  | { code: "missing_value"; option: string; hint: string; choices: readonly string[]; example: string | null }
  /** The word behind a verb that says what it is to do. */
  | { code: "missing_word"; verb: "config" | "completion"; words: readonly string[] }
  | {
      code: "unknown_word";
      verb: "config" | "completion";
      word: string;
      words: readonly string[];
      nearest: string | null;
    }
  | { code: "unexpected_value"; option: string; value: string }
  | { code: "repeated_option"; option: string }
  /** `meant`: how it should have been written, where that can be guessed. */
  | { code: "bad_option"; option: string; value: string; accepted: Accepted; meant: string | null }
  /** `part`: what is wrong in it. */
  | { code: "bad_fault"; value: string; why: FaultReason; part: string; nearest: string | null }
  | { code: "unexpected_argument"; argument: string; verb: string }
  | { code: "several_prompts"; count: number; word: string }
  | { code: "prompt_line"; source: string; line: number; why: LineReason; key: string }
  | ({ code: "unsaid" } & Unsayable)
  | ({ code: "prompt_unsaid"; source: string; line: number } & Unsayable)
  | { code: "no_prompts"; path: string }
  /** It was changed after its prompts were counted. */
  | { code: "prompts_changed"; path: string; counted: number; found: number }
  | { code: "empty_prompt" }
  | { code: "file_unreadable"; path: string; why: string; kind: FileKind }
  /** `limit`: most bytes that are read. */
  | { code: "file_size"; path: string; limit: number }
  | { code: "image_not_file" }
  | { code: "image_type"; path: string; accepted: string }
  | { code: "image_size"; path: string; bytes: number; limit: number }
  | { code: "bad_header"; value: string }
  /** `meant`: the whole of it, its value as JSON; `null` where there is no `=`. */
  | { code: "bad_param"; value: string; meant: string | null }
  | { code: "stdin_twice"; readers: string[] }
  | { code: "stdin_empty" }
  | { code: "stdin_not_text"; line: number }
  /** `limit`: most bytes that are read. */
  | { code: "stdin_size"; limit: number }
  | { code: "stdin_silent"; seconds: number }
  | { code: "options_conflict"; options: [string, string]; why?: ConflictReason }
  /** `maker` brings its own prompts, and there is another. */
  | { code: "own_prompts"; maker: "--prompt-tokens" | "--prompts"; other: string }
  | { code: "unknown_model"; model: string; nearest: string | null }
  /** `url`: as it may be shown; `detail`: the system's code, or what the engine said. */
  | { code: "bad_queue"; url: string; why: QueueReason; detail: string }
  /** Another machine feeds this batch. */
  | { code: "queue_owned"; name: string }
  | { code: "port_in_use"; address: string }
  /** `detail` is the system's code. */
  | { code: "cannot_listen"; address: string; why: ListenReason; detail: string }
  /**
   * `accepted` lists what could stand where `part` stands, `meant` is what should, where that can be told. `file`: where
   * it is written; `null` on the command line.
   */
  | {
      code: "bad_slo";
      file: string | null;
      value: string;
      why: SloReason;
      part: string;
      accepted: string;
      meant: string | null;
    }
  /** `why`: what is wrong with the name of its figure, where it is that. */
  | { code: "bad_fail_if"; value: string; why: SloReason | null; part: string; accepted: string; meant: string | null }
  /** So few streams cannot be shared among so many machines. */
  | { code: "shard_empty"; option: string; value: number; of: number }
  /** `late`: by how many ms; `at`: the instant that was read, in UTC. */
  | { code: "start_passed"; start: string; at: string; late: number }
  | { code: "merge_nothing" }
  /** `merged`: several were merged into it already. */
  | { code: "merge_no_shard"; path: string; merged: boolean }
  | { code: "merge_differs"; what: MergeDifference; first: string; second: string }
  | { code: "merge_repeated"; index: number; first: string; second: string }
  | { code: "merge_missing"; missing: readonly number[]; of: number }
  | { code: "report_kind"; path: string; accepted: string }
  | { code: "report_unnamed" }
  /** `options`: the loads that it has, as they are typed. */
  | { code: "baseline_load"; path: string; options: string[] }
  /** `where` is the path to the value in the report, such as `steps.0.columns`. */
  | { code: "report_invalid"; path: string; where: string }
  /** Two reports of one run on one side. */
  | { code: "compare_repeated"; first: string; second: string }
  /** `given`: all paths; `between`: whether `vs` stood among them. */
  | { code: "compare_sides"; given: readonly string[]; between: boolean }
  | { code: "compare_demo"; demo: string; real: string }
  /** `append`: whether `--append` would add to it. */
  | { code: "file_exists"; path: string; append: boolean }
  /** One would be written over the other. */
  | { code: "same_file"; first: string; second: string }
  | { code: "file_unwritable"; path: string; why: string }
  | BatchProblem
  // the configuration
  | { code: "config_missing"; path: string; origin: string }
  /** It is no file's name, but how many streams there are to be at once, as other tools have it. */
  | { code: "config_number"; value: string }
  | { code: "config_unreadable"; path: string; why: string }
  /** `text` is the line, cut when long and without secrets; `caret` is the position in it, from 0. */
  | {
      code: "config_syntax";
      path: string;
      line: number;
      column: number;
      text: string;
      caret: number;
      why: SyntaxReason;
      /** Whether it names `api` or `defaults`; else it may be another program's. */
      ours: boolean;
    }
  | { code: "config_value"; where: string; key: string; found: string; accepted: Accepted; meant: string | null }
  /** It does not even begin as a settings file does. */
  | { code: "config_not_json"; path: string }
  | { code: "bad_key"; origin: string; why: KeyReason }
  | { code: "config_unknown_key"; path: string; key: string; nearest: string | null }
  | { code: "reserved_header"; path: string; name: string }
  | { code: "config_exists"; path: string }
  | { code: "key_file_unreadable"; path: string; origin: string; why: string }
  /** `llmaas`: whether LLMaaS is asked, whose keys are made at its console. */
  | { code: "placeholder_key"; origin: string; llmaas: boolean }
  /** `demo`: whether the built-in server could answer. */
  | { code: "unconfigured"; demo: boolean }
  // where the key may go
  | { code: "key_from_file_elsewhere"; keyOrigin: string; file: string; fileEndpoint: string; endpoint: string }
  | { code: "key_from_environment_to_folder"; endpoint: string; file: string }
  | { code: "headers_from_file_elsewhere"; file: string; fileEndpoint: string; endpoint: string }
  | { code: "headers_to_folder"; endpoint: string; file: string }
  /** OPENAI_BASE_URL names it, and nothing of ours. */
  | { code: "key_to_borrowed_endpoint"; keyOrigin: string; endpoint: string }
  | { code: "key_over_http"; endpoint: string }
  /** `own`: the user's file whose place the found one takes; `changed`: it was trusted, and was another. */
  | { code: "found_endpoint_shadows"; endpoint: string; file: string; own: string; changed: boolean }
  | { code: "found_endpoint_unseen"; endpoint: string; file: string; changed: boolean }
  /** There is no folder in which it could be remembered. */
  | { code: "trust_nowhere" };

export type ProblemCode = Problem["code"];

/** The input is wrong: exit code 2, and a sentence that says what is accepted. */
export class UserError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.code);
    this.name = "UserError";
    this.problem = problem;
  }
}
