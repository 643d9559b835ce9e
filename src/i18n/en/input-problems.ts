import type { BatchLineProblem, LineReason } from "../../config/batch-problem.ts";
import { enNumbers } from "../numbers.ts";
import { shellWord, words, type Problems } from "../say.ts";
import { enUnsaid } from "./unsaid.ts";

const { counted } = enNumbers;
const SKIP = "--skip-invalid leaves such lines out.";

/** What the fields of a request hold. */
const VALUES: Readonly<Record<string, string>> = {
  custom_id: 'a text that is not empty, in quotes: "42"',
  method: '"POST"',
  body: "a JSON object",
  "body.model": "the name of a model, in quotes",
  "body.messages": "a list of messages, each with a role",
  "body.input": "a text or a list",
  "body.prompt": "a text or a list",
};

/** What is wrong with a line of prompts, or of requests. */
export const enLine: Record<LineReason, (key: string) => string> = {
  not_text: () => "this is not UTF-8 text",
  not_json: () => "this is not JSON",
  not_an_object: () => 'a JSON object is needed, such as {"prompt": "…"}',
  no_prompt: () => "there is neither prompt nor messages",
  both: () => "there are both prompt and messages",
  bad_prompt: () => "prompt must be a text that is not empty, or a list of token ids",
  bad_messages: () => "messages must be a list of objects with role and content (beside tool_calls, role is enough)",
  bad_value: (key) => (key in VALUES ? `${key} must be ${VALUES[key]}` : `${key} cannot have this value`),
  bad_url: (urls) => `url must be one of these: ${urls}`,
  missing_key: (key) => `${key} is missing`,
  cells: (counts) => `this row does not have as many cells as the header (${counts})`,
  duplicate_id: (key) => `the id ${key} is used by an earlier line already`,
  reserved_key: (key) => `${key} is set by llmaas itself`,
  too_long: (mebibytes) => `this line is longer than ${mebibytes} MiB`,
  too_deep: (levels) => `this JSON is nested more than ${levels} levels deep`,
  several_answers: (key) =>
    `${key} asks for several answers, of which batch run keeps one; batch submit keeps them all`,
  inexact_number: (number) => `the number ${number} would be rounded on the way: write it as a text, in quotes`,
};

function badLine(bad: BatchLineProblem): string {
  return bad.why === "unsaid" ? enUnsaid(bad.unsaid).what : `${enLine[bad.why](bad.key)}.`;
}

/** What is wrong with files of prompts and requests, and with what is written of them. */
export const enInputProblems = {
  prompt_line: ({ source, line, why, key }) => words(`${source}, line ${line}: ${enLine[why](key)}.`, SKIP),
  unsaid: enUnsaid,
  prompt_unsaid({ source, line, ...unsaid }) {
    const { what, todo } = enUnsaid(unsaid);
    return words(`${source}, line ${line}: ${what}`, `${todo} ${SKIP}`);
  },
  no_prompts: ({ path }) =>
    words(
      `${path === "-" ? "Standard input" : path} holds no prompt.`,
      'Put one on each line, or JSON such as {"prompt": "…"} in a .jsonl file.',
    ),
  prompts_changed: ({ path, counted, found }) =>
    words(
      `${path} was changed during the run: it held ${counted} prompts, and gave ${found}.`,
      "What was answered is kept. Run again with a file that stays as it is.",
    ),
  not_results: ({ path, line }) =>
    words(
      `${path} is not a file of results: line ${line} is not a result.`,
      "It was left as it is. Name a file of results, as batch run and batch fetch write them; for --out, a new name will do.",
    ),
  batch_table_exists: ({ path }) =>
    words(`${path} exists already, and was not written by a batch.`, "Give --out another name, or remove it."),
  batch_piped: ({ option }) =>
    option === "--json"
      ? words("--out - writes the results to standard output, and so would --json its own lines.", "Leave out --json.")
      : words(
          `${option} needs a file of results, and --out - keeps none.`,
          `Name one: --out ${option === "--csv" ? "out.csv" : "out.jsonl"}`,
        ),
  not_lines({ path, found, isTable }, command) {
    const name = path === "-" ? "Standard input" : path;
    const file = path === "-" ? "FILE" : shellWord(path);
    switch (found) {
      case "table":
        return words(
          `${name} is a table: its rows are asked with --csv.`,
          `Write: ${command(`batch run --csv ${file} --prompt '… {COLUMN}'`)}`,
        );
      case "json_array":
      case "json_object":
        return words(
          `${name} is JSON in one piece, and not an object a line.`,
          `Make lines of it: jq -c ${found === "json_array" ? "'.[]'" : "'.'"} ${file} > lines.jsonl`,
        );
      case "utf16":
        return words(`${name} is UTF-16 text.`, "Save it as UTF-8.");
      case "zip":
        return words(
          `${name} is a ZIP archive, as spreadsheets are.`,
          'Unpack it; a sheet is saved as "CSV UTF-8", and asked with --csv.',
        );
      case "parquet":
        return words(`${name} is a Parquet file.`, "Make JSON of it, an object a line.");
      default:
        return words(
          `${name} is compressed (${found}).`,
          `Unpack it: ${found} -dc ${file} > ${isTable ? "rows.csv" : "requests.jsonl"}`,
        );
    }
  },
  batch_not_table: ({ path, instead }) =>
    words(
      `${path} has the name of a table, and the results are JSON, an object a line.`,
      `Write: --out ${shellWord(instead)}; rows come back where rows are asked, with --csv.`,
    ),
  bad_csv(problem) {
    const { path, line, why } = problem;
    if (problem.why === "twice")
      return words(`${path} has several columns called ${problem.column}.`, "Give each another name.");
    if (why === "unclosed")
      return words(
        `${path}, line ${line}: a quote of this row is never closed.`,
        "Close it; a quote inside a quoted cell is doubled.",
      );
    if (why === "not_text") return words(`${path}, line ${line}: this is not UTF-8 text.`, 'Save it as "CSV UTF-8".');
    if (why === "too_long")
      return words(`${path}, line ${line}: this row is too long.`, "A quote may be missing before it.");
    return words(
      `${path}, line ${line}: the quotes of this row are wrong.`,
      "A quote inside a quoted cell is doubled.",
    );
  },
  bad_schema: ({ path, why }) =>
    words(
      why === "" ? `${path} is not a JSON schema.` : `${path} is not a JSON schema (${why}).`,
      "Draft 7, 2019-09 and 2020-12 are accepted.",
    ),
  no_prices: ({ endpoint }) =>
    words(
      `--max-cost needs prices, and the settings have none for ${endpoint}.`,
      "Give prices in the settings file (config schema shows how), or limit with --max-tokens-total.",
    ),
  batch_locked: ({ path, pid, host }) =>
    words(
      `${path} is being written by another batch: process ${pid} on ${host}.`,
      "Wait for it, end it, or give another --out.",
    ),
  batch_lines: ({ path, count, lines }) =>
    words(
      [
        `${path}: ${counted(count, "line")} cannot be sent; nothing was.`,
        ...lines.map((bad) => `  line ${bad.line}: ${badLine(bad)}`),
        ...(count > lines.length ? [`  … and ${count - lines.length} more`] : []),
      ].join("\n"),
      "Correct them, or leave them out with --skip-invalid.",
    ),
  batch_changed: ({ path, count, lines }) =>
    words(
      `${path}: ${counted(count, "request")} ${count === 1 ? "was" : "were"} done before and ${count === 1 ? "has" : "have"} changed since, or a setting has: ${lines.length === 1 ? "line" : "lines"} ${lines.join(", ")}${count > lines.length ? "…" : "."}`,
      `--changed rerun asks ${count === 1 ? "it" : "them"} again; another --out starts afresh.`,
    ),
  not_batches: ({ path }) =>
    words(
      `${path} cannot be read: this file says which batches were submitted.`,
      "Put back a copy of it; without it, only llmaas batch list shows what was submitted.",
    ),
  batches_locked: ({ path, pid, host }) =>
    words(`${path} is already being submitted: process ${pid} on ${host}.`, "Wait for it, or end it."),
  submit_pipe: (_, command) =>
    words(
      "batch submit takes a file, not a pipe: the file is read again, and the ids of its batches are kept beside it.",
      `Save it first, then: ${command("batch submit FILE.jsonl")}`,
    ),
  not_submitted: ({ path }, command) =>
    words(`Nothing of ${path} has been submitted yet.`, `To submit it: ${command(`batch submit ${shellWord(path)}`)}`),
  submitted_changed: ({ path, state }, command) =>
    words(
      `${path}, or a setting that its prompts use, has changed since it was submitted; its batches are listed in ${state}.`,
      `Fetch their answers first. To submit it as it is now: ${command(`batch submit ${shellWord(path)} --again`)}`,
    ),
  batches_elsewhere: ({ path, submitted, endpoint }) =>
    words(
      `${path} was submitted to ${submitted}, and the settings name ${endpoint}.`,
      `Add --endpoint ${submitted}, with its key.`,
    ),
} satisfies Partial<Problems>;
