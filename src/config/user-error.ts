import type { SyntaxReason } from "../wire/json-problem.ts";

/** What is wrong with a line of a prompts file. */
export type LineReason =
  | "not_text"
  | "not_json"
  | "not_an_object"
  | "no_prompt"
  | "both"
  | "bad_prompt"
  | "bad_messages"
  | "bad_value"
  | "missing_key"
  | "reserved_key"
  | "too_long";

/** What is wrong with a threshold. */
export type SloReason = "syntax" | "metric" | "function" | "needs_function" | "unit" | "share" | "no_objectives";

/** Why nothing can listen at an address. */
export type ListenReason = "no_such_host" | "not_here" | "not_allowed" | "other";

/** What is wrong with the input, as data; the sentences stand in `i18n/`. */
export type Problem =
  // the command line
  | { code: "unknown_verb"; verb: string; nearest: string | null }
  | { code: "unknown_option"; option: string; verb: string; nearest: string | null }
  | { code: "needs_option"; option: string; needed: string; example: string }
  | { code: "missing_value"; option: string; accepted: string }
  | { code: "unexpected_value"; option: string; value: string }
  | { code: "repeated_option"; option: string }
  | { code: "bad_option"; option: string; value: string; accepted: string }
  | { code: "unexpected_argument"; argument: string; verb: string }
  | { code: "several_prompts"; count: number; word: string }
  | { code: "prompt_line"; source: string; line: number; why: LineReason; key: string }
  | { code: "no_prompts"; path: string }
  /** It was changed after its prompts were counted. */
  | { code: "prompts_changed"; path: string; counted: number; found: number }
  | { code: "empty_prompt" }
  | { code: "file_unreadable"; path: string; why: string }
  /** `limit`: most bytes that are read. */
  | { code: "file_size"; path: string; limit: number }
  | { code: "image_type"; path: string; accepted: string }
  | { code: "image_size"; path: string; bytes: number; limit: number }
  | { code: "bad_header"; value: string }
  | { code: "bad_param"; value: string; why: string }
  | { code: "stdin_twice"; readers: string[] }
  | { code: "stdin_empty" }
  | { code: "stdin_not_text"; line: number }
  /** `limit`: most bytes that are read. */
  | { code: "stdin_size"; limit: number }
  | { code: "stdin_silent"; seconds: number }
  | { code: "options_conflict"; options: string[] }
  | { code: "unknown_model"; model: string; nearest: string | null }
  | { code: "port_in_use"; address: string }
  /** `detail` is the system's code. */
  | { code: "cannot_listen"; address: string; why: ListenReason; detail: string }
  /** `accepted` lists what could stand where `part` stands. */
  /** `file`: where it is written; `null` on the command line. */
  | { code: "bad_slo"; file: string | null; value: string; why: SloReason; part: string; accepted: string }
  | { code: "bad_fail_if"; value: string; accepted: string }
  | { code: "report_kind"; path: string; accepted: string }
  | { code: "report_unnamed" }
  /** `where` is the path to the value in the report, such as `steps.0.columns`. */
  | { code: "report_invalid"; path: string; where: string }
  /** Two reports of one run on one side. */
  | { code: "compare_repeated"; first: string; second: string }
  | { code: "compare_sides"; count: number }
  | { code: "compare_demo"; demo: string; real: string }
  /** `append`: whether `--append` would add to it. */
  | { code: "file_exists"; path: string; append: boolean }
  /** One would be written over the other. */
  | { code: "same_file"; first: string; second: string }
  | { code: "file_unwritable"; path: string; why: string }
  /** Its line is no result of a batch. */
  | { code: "not_results"; path: string; line: number }
  // the configuration
  | { code: "config_missing"; path: string; origin: string }
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
  | { code: "config_value"; where: string; key: string; found: string; accepted: string }
  | { code: "config_unknown_key"; path: string; key: string; nearest: string | null }
  | { code: "reserved_header"; path: string; name: string }
  | { code: "config_exists"; path: string }
  | { code: "key_file_unreadable"; path: string; origin: string; why: string }
  | { code: "placeholder_key"; origin: string }
  | { code: "unconfigured" }
  // where the key may go
  | { code: "key_from_file_elsewhere"; keyOrigin: string; file: string; fileEndpoint: string; endpoint: string }
  | { code: "key_from_environment_to_folder"; endpoint: string; file: string }
  | { code: "headers_from_file_elsewhere"; file: string; fileEndpoint: string; endpoint: string }
  | { code: "headers_to_folder"; endpoint: string; file: string }
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
