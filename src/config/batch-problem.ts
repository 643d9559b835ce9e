import type { ApiKind } from "../wire/apis.ts";
import type { Unsaid } from "../wire/request.ts";

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
  | "bad_url"
  | "missing_key"
  | "duplicate_id"
  | "cells"
  | "reserved_key"
  | "too_long"
  | "too_deep"
  | "several_answers"
  | "inexact_number";

/** What of a request cannot be said in an API. */
export type Unsayable = Unsaid & { api: ApiKind };

/** Why a line of a batch cannot be sent; `key`: what in it is wrong, the id that an earlier line has, or the urls there are. */
export type BatchLineProblem = { why: LineReason; key: string } | { why: "unsaid"; unsaid: Unsayable };

/** What a file holds that is to hold a request a line. */
export type NotLines =
  | "gzip"
  | "bzip2"
  | "xz"
  | "zstd"
  | "zip"
  | "parquet"
  | "utf16"
  | "json_array"
  | "json_object"
  /** Rows, which are asked with `--csv`. */
  | "table";

/** What is wrong with the files of a batch, or with a table. */
export type BatchProblem =
  /** Its line is no result of a batch. */
  | { code: "not_results"; path: string; line: number }
  /** It holds something, and there are no results beside it that it could have been made of. */
  | { code: "batch_table_exists"; path: string }
  /** What `--out -` cannot do: it keeps nothing, and standard output is the results'. */
  | { code: "batch_piped"; option: string }
  /** It holds something else than lines of text; `isTable`: where a table is wanted. */
  | { code: "not_lines"; path: string; found: NotLines; isTable: boolean }
  /** Its name is that of a table, and what would be written there is none. */
  | { code: "batch_not_table"; path: string; instead: string }
  /** A table whose rows cannot be told apart, or that is no text. */
  | { code: "bad_csv"; path: string; line: number; why: "quotes" | "unclosed" | "not_text" | "too_long" }
  | { code: "bad_csv"; path: string; line: number; why: "twice"; column: string }
  /** No JSON schema; `why`: what its compiler says, or "" where it is no object at all. */
  | { code: "bad_schema"; path: string; why: string }
  /** Without prices nothing costs anything. */
  | { code: "no_prices"; endpoint: string }
  /** Another process writes them. */
  | { code: "batch_locked"; path: string; pid: number; host: string }
  /** The first lines that cannot be sent, of `count`. */
  | {
      code: "batch_lines";
      path: string;
      count: number;
      lines: readonly ({ line: number } & BatchLineProblem)[];
    }
  /** It is to hold what was submitted, and does not. */
  | { code: "not_batches"; path: string }
  /** Another process submits it. */
  | { code: "batches_locked"; path: string; pid: number; host: string }
  /** What is submitted is read more than once, and its ids are kept beside it. */
  | { code: "submit_pipe" }
  /** Nothing of it was submitted yet. */
  | { code: "not_submitted"; path: string }
  /** It is not what was submitted any more; `state`: where that is kept. */
  | { code: "submitted_changed"; path: string; state: string }
  /** Its batches are another endpoint's. */
  | { code: "batches_elsewhere"; path: string; submitted: string; endpoint: string }
  /** Requests that ended and were others, in these lines, the first of `count`. */
  | { code: "batch_changed"; path: string; count: number; lines: readonly number[] };
