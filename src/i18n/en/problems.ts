import type { LineReason, ListenReason, SloReason } from "../../config/user-error.ts";
import type { SyntaxReason } from "../../wire/json-problem.ts";
import { missingFolder, nameOf, shellWord, words, type Problems } from "../say.ts";
import { enKeyPolicy } from "./key-policy.ts";

function nearestOf(nearest: string | null): string | null {
  return nearest === null ? null : `Did you mean ${nearest}?`;
}

const SYNTAX: Record<SyntaxReason, string> = {
  end_of_file: "the file ends too early: a } or ] is missing",
  value_expected: "a value is expected here",
  key_expected: "a key in double quotes is expected here",
  colon_expected: "a colon is expected here",
  comma_expected: "a comma or a closing bracket is expected here",
  trailing_comma: "no comma may follow the last element",
  after_end: "the file should end here",
  comment: "JSON has no comments",
  single_quotes: 'JSON wants straight double quotes (")',
  unterminated_string: "the closing quote of this text is missing on its line",
  control_character: "a raw control character (a tab?) must be written \\t or \\u0009",
  bad_escape: "unknown escape after \\ (a Windows path needs \\\\)",
  bad_number: "not a number JSON knows",
  unknown_word: "unknown word: text stands between double quotes",
};

/** What the system's codes mean; others are shown as they are. */
const SYSTEM: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist",
  EISDIR: "it is a folder",
  ENODEV: "it is a device",
  ENOTDIR: "a part of the path is no folder",
  EACCES: "this user may not",
  EPERM: "this user may not",
  EROFS: "the disk is read-only",
  EBADF: "it is closed",
  ENOSPC: "the disk is full",
  EDQUOT: "the quota is used up",
  EILSEQ: "it is not UTF-8 text",
  EMFILE: "too many files are open, ulimit -n raises the limit",
  ENFILE: "too many files are open on this machine",
  EFBIG: "the file may not grow any more",
};

export function enSystem(code: string): string {
  const meaning = SYSTEM[code];
  return meaning === undefined ? code : `${meaning} (${code})`;
}

const SKIP = "--skip-invalid leaves such lines out.";

const LINE: Record<LineReason, (key: string) => string> = {
  not_text: () => "this is not UTF-8 text",
  not_json: () => "this is not JSON",
  not_an_object: () => "a JSON object is wanted",
  no_prompt: () => "there is neither prompt nor messages",
  both: () => "there are both prompt and messages",
  bad_prompt: () => "prompt wants a text that is not empty",
  bad_messages: () => "messages wants a list of objects with role and content (beside tool_calls, role is enough)",
  bad_value: (key) => `the value of ${key} cannot be that`,
  missing_key: (key) => `${key} is missing`,
  reserved_key: (key) => `${key} is set by llmaas itself`,
  too_long: () => "this line is longer than 8 MiB",
};

const SLO: Record<SloReason, (part: string) => string> = {
  syntax: () => "this is no threshold",
  metric: (part) => `there is no figure ${part}`,
  function: (part) => `there is no ${part} of a distribution`,
  needs_function: (part) => `${part} cannot be judged stream by stream`,
  unit: (part) => `${part} is no value for this figure`,
  share: (part) => `${part} is no share of all streams`,
  no_objectives: () => "goodput needs a threshold for each stream, such as 'ttft < 1s'",
};

const LISTEN: Record<ListenReason, (address: string, detail: string) => string> = {
  no_such_host: (address) => `Nothing can listen at ${address}: there is no such host.`,
  not_here: (address, detail) => `Nothing can listen at ${address}: it is no address of this machine (${detail}).`,
  not_allowed: (address, detail) => `Nothing can listen at ${address}: this user may not (${detail}).`,
  other: (address, detail) => `Nothing can listen at ${address}: ${enSystem(detail)}.`,
};

const HOST = "Give --host an address of this machine: 127.0.0.1 for itself alone, 0.0.0.0 for all who reach it.";
const LISTEN_TODO: Record<ListenReason, string | null> = {
  no_such_host: HOST,
  not_here: HOST,
  not_allowed: "Choose a port from 1024 on with --port, or 0 for a free one.",
  other: null,
};

function mebibytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1).replace(/\.0$/, "");
}

/** What is said of a wrong command line or configuration. */
export const enProblems: Problems = {
  unknown_verb: ({ verb, nearest }, command) =>
    words(
      `There is no command ${verb}.`,
      nearest === null
        ? `The commands are listed by ${command("--help")}; a prompt of one word is sent with: ${command(`stream ${verb}`)}`
        : `Did you mean ${command(nearest)}?`,
    ),
  unknown_option: ({ option, verb, nearest }, command) =>
    words(
      `${nameOf(verb)} has no option ${option}.`,
      nearestOf(nearest) ?? `They are listed by: ${command(`${verb === "llmaas" ? "" : `${verb} `}--help`)}`,
    ),
  needs_option: ({ option, needed, example }) => words(`${option} needs ${needed}.`, `Add ${example}, for example.`),
  missing_value: ({ option, accepted }) => words(`${option} needs a value.`, `Accepted: ${accepted}`),
  unexpected_value: ({ option, value }) =>
    words(`${option} takes no value, and was given ${JSON.stringify(value)}.`, `Write: ${option}`),
  repeated_option: ({ option }) => words(`${option} is given twice.`, "Give it once."),
  bad_option: ({ option, value, accepted }) =>
    words(`${option} cannot be ${JSON.stringify(value)}.`, `Accepted: ${accepted}`),
  unexpected_argument: ({ argument, verb }, command) =>
    words(
      `llmaas ${verb} does not know what to do with ${JSON.stringify(argument)}.`,
      `What it takes is told by: ${command(`${verb} --help`)}`,
    ),
  several_prompts: ({ count, word }) =>
    words(
      `These are ${count} prompts, and ${JSON.stringify(word)} is a single word: was a quote forgotten?`,
      "Put each prompt in quotes, or add --each if every word is a prompt.",
    ),
  prompt_line: ({ source, line, why, key }) => words(`${source}, line ${line}: ${LINE[why](key)}.`, SKIP),
  no_prompts: ({ path }) => words(`${path} holds no prompt.`, "One prompt a line is wanted, or JSONL."),
  prompts_changed: ({ path, counted, found }) =>
    words(
      `${path} was changed during the run: it held ${counted} prompts, and gave ${found}.`,
      "What was answered is kept. Run again with a file that stays as it is.",
    ),
  empty_prompt: () =>
    words("A prompt is empty: there is nothing to ask.", 'Write one in quotes, such as "a question".'),
  file_unreadable: ({ path, why }) => words(`${path} cannot be read: ${enSystem(why)}.`),
  file_size: ({ path, limit }) =>
    words(`${path} is larger than ${mebibytes(limit)} MiB.`, "No more is read: check that it is the right file."),
  image_type: ({ path, accepted }) => words(`${path} is no image that can be sent.`, `Accepted: ${accepted}`),
  image_size: ({ path, bytes, limit }) =>
    words(`${path} is too large: ${mebibytes(bytes)} MiB.`, `At most ${mebibytes(limit)} MiB can be sent.`),
  bad_header: () =>
    words(
      "--header is a name and a value with a colon between them.",
      "Write: --header 'x-team: blue', or --header x-api-key=@FILE for a value that stands in a file.",
    ),
  bad_param: ({ value }) => words(`--param ${value} is not key=JSON.`, `A text keeps its quotes: --param 'user="me"'`),
  stdin_twice: ({ readers }) =>
    words(`Standard input can be read once, and is asked for twice: ${readers.join(" and ")}.`, "Leave one out."),
  stdin_empty: () =>
    words("Standard input is empty: there is no prompt in it.", 'Give one in quotes, such as "a question".'),
  stdin_not_text: ({ line }) =>
    words(
      `stdin, line ${line}: ${LINE.not_text("")}.`,
      "Convert it on the way: iconv -f LATIN1 -t UTF-8, for example.",
    ),
  stdin_size: ({ limit }) =>
    words(
      `Standard input holds more than ${mebibytes(limit)} MiB: no model reads a prompt that long.`,
      "Send a part of it, or many prompts one a line with --prompts -.",
    ),
  stdin_silent: ({ seconds }) =>
    words(`Nothing came on standard input for ${seconds} s.`, 'Give the prompt as an argument, such as "a question".'),
  options_conflict: ({ options }) => words(`${options.join(" and ")} cannot go together.`, "Keep one of them."),
  unknown_model: ({ model, nearest }, command) =>
    words(`The endpoint has no model ${model}.`, nearestOf(nearest) ?? `What there is: ${command("models")}`),
  port_in_use: ({ address }) =>
    words(`${address} is taken already.`, "Choose another with --port, or 0 for a free one."),
  cannot_listen: ({ address, why, detail }) => words(LISTEN[why](address, detail), LISTEN_TODO[why]),
  bad_slo: ({ file, value, why, part, accepted }) =>
    words(`${file === null ? "--slo" : `${file}, bench.slo:`} '${value}': ${SLO[why](part)}.`, `Accepted: ${accepted}`),
  bad_fail_if: ({ value, accepted }) => words(`--fail-if '${value}' cannot be read.`, `Accepted: ${accepted}`),
  report_kind: ({ path, accepted }) =>
    words(`The name ${path} does not say which report to write.`, `It must end in: ${accepted}`),
  report_unnamed: (_, command) =>
    words(
      "No report is named.",
      `Write: ${command("report run.json --html run.html")}; make one with: ${command("bench --report run.json")}`,
    ),
  report_invalid: ({ path, where }, command) =>
    words(
      `${path} is no report of llmaas bench${where === "" ? "" : `: ${where} is not as it should be`}.`,
      `Make one with: ${command("bench --report FILE.json")}`,
    ),
  compare_repeated: ({ first, second }, command) =>
    words(
      first === second ? `${first} stands twice on one side.` : `${first} and ${second} are reports of the same run.`,
      `Give each run of a side once; for another run: ${command("bench --report FILE.json")}`,
    ),
  compare_sides: ({ count }, command) =>
    words(
      `Two reports are compared, or several a side; this is ${count}.`,
      `Write: ${command("compare A.json B.json")}, or: ${command("compare A1.json A2.json A3.json vs B1.json B2.json B3.json")}`,
    ),
  compare_demo: ({ demo, real }) =>
    words(
      `${demo} measured the built-in server and ${real} a real one: nothing follows from the difference.`,
      "Compare runs of the same kind.",
    ),
  file_exists: ({ path, append }) =>
    words(`${path} exists already.`, append ? "--append adds to it, --force replaces it." : "--force replaces it."),
  same_file: ({ first, second }) =>
    words(`${first} and ${second} are the same file: one would spoil the other.`, "Give each a file of its own."),
  not_results: ({ path, line }) =>
    words(
      `${path} holds something else than results: line ${line} is none.`,
      "Nothing was written to it. Give --out a new name, or the file of an earlier run.",
    ),
  file_unwritable: ({ path, why }) => {
    const folder = missingFolder(path, why);
    return folder === null
      ? words(`${path} cannot be written: ${enSystem(why)}.`, "Check the folder and its rights.")
      : words(`The folder ${folder} does not exist.`, `Make it, or write elsewhere than into ${path}.`);
  },
  config_missing: ({ path, origin }, command) =>
    words(
      `The configuration file ${path}, named by ${origin}, does not exist.`,
      `To make one: ${command(`config init ${shellWord(path)}`)}`,
    ),
  config_unreadable: ({ path, why }) =>
    words(
      `The configuration file ${path} cannot be read: ${enSystem(why)}.`,
      "Check its rights, and that it is a file.",
    ),
  config_syntax: ({ path, line, column, text, caret, why, ours }) =>
    words(
      `${path}, line ${line}, column ${column}: ${SYNTAX[why]}.\n  ${text}\n  ${" ".repeat(caret)}^`,
      ours ? null : 'It names neither "api" nor "defaults": if it is another program\'s, name yours with --config.',
    ),
  config_value: ({ where, key, found, accepted }) =>
    words(`${where}: ${key} cannot be ${found}.`, `Accepted: ${accepted}`),
  config_unknown_key: ({ path, key, nearest }, command) =>
    words(
      `${path}: there is no setting ${key}.`,
      nearestOf(nearest) ?? `They are listed by: ${command("config schema")}`,
    ),
  reserved_header: ({ path, name }) =>
    words(
      `${path}: the header ${name} cannot be set in a file.`,
      name === "authorization" ? "Put the key in api.token." : "Take it out: llmaas sets it itself.",
    ),
  config_exists: ({ path }, command) =>
    words(`${path} exists already, and is left as it is.`, `Write elsewhere: ${command("config init PATH")}`),
  key_file_unreadable: ({ path, origin, why }) =>
    words(
      `The key file ${path}, named by ${origin}, cannot be read: ${enSystem(why)}.`,
      "Check the path and its rights.",
    ),
  placeholder_key: ({ origin }) =>
    words(
      `The key in ${origin} is the placeholder of the example.`,
      "Put your own there, or set LLMAAS_API_KEY. Keys are made at console.cloud-temple.com; docs.cloud-temple.com says how.",
    ),
  unconfigured: (_, command) =>
    words(
      "No key and no endpoint are configured.",
      `Set LLMAAS_API_KEY (keys are made at console.cloud-temple.com; docs.cloud-temple.com says how), or try the built-in server with --demo. A settings file to begin with: ${command("config init")}`,
    ),
  ...enKeyPolicy,
};
