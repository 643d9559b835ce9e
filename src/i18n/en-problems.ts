import type { SyntaxReason } from "../wire/json-syntax.ts";
import type { Messages, Words } from "./messages.ts";

function words(what: string, todo: string | null = null): Words {
  return { what, todo };
}

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

/** What is said of a wrong command line or configuration. */
export const enProblems: Messages["problem"] = {
  unknown_verb: ({ verb, nearest }) =>
    words(
      `There is no verb ${verb}.`,
      nearest === null
        ? "llmaas --help lists the verbs; a prompt of one word is given with llmaas stream."
        : `Did you mean llmaas ${nearest}?`,
    ),
  unknown_option: ({ option, verb, nearest }) =>
    words(`llmaas ${verb} has no option ${option}.`, nearestOf(nearest) ?? `llmaas ${verb} --help lists them.`),
  missing_value: ({ option, accepted }) => words(`${option} needs a value.`, `Accepted: ${accepted}`),
  unexpected_value: ({ option, value }) => words(`${option} takes no value, and got ${value}.`),
  repeated_option: ({ option }) => words(`${option} is given twice.`, "Give it once."),
  bad_option: ({ option, value, accepted }) =>
    words(`${option} cannot be ${JSON.stringify(value)}.`, `Accepted: ${accepted}`),
  unexpected_argument: ({ argument, verb }) =>
    words(
      `llmaas ${verb} does not know what to do with ${JSON.stringify(argument)}.`,
      `llmaas ${verb} --help says what it takes.`,
    ),
  several_prompts: ({ count }) =>
    words(
      `There are ${count} prompts, and this version sends one at a time.`,
      "Put a prompt of several words in quotes.",
    ),
  bad_header: () => words("--header wants 'name: value'."),
  bad_param: ({ value, why }) =>
    words(`--param wants key=JSON, and got ${value}: ${why}.`, `A text is quoted twice: --param 'user="me"'`),
  stdin_twice: ({ readers }) => words(`Standard input can be read once, and ${readers.join(" and ")} both want it.`),
  stdin_empty: () => words("Standard input is empty: there is no prompt.", 'Give one: llmaas stream "a question"'),
  stdin_silent: ({ seconds }) =>
    words(
      `Nothing came on standard input for ${seconds} s.`,
      'Give the prompt as an argument: llmaas stream "a question"',
    ),
  options_conflict: ({ options }) => words(`${options.join(" and ")} cannot go together.`),
  file_exists: ({ path }) => words(`${path} exists already.`, "--append adds to it, --force replaces it."),
  file_unwritable: ({ path, why }) => words(`${path} cannot be written: ${why}.`),
  config_missing: ({ path, origin }) =>
    words(
      `The configuration file ${path}, named by ${origin}, does not exist.`,
      "llmaas config init makes one; a key is made at console.cloud-temple.com, and docs.cloud-temple.com explains the service.",
    ),
  config_unreadable: ({ path, why }) => words(`The configuration file ${path} cannot be read: ${why}.`),
  config_syntax: ({ path, line, column, text, caret, why }) =>
    words(`${path}, line ${line}, column ${column}: ${SYNTAX[why]}.\n  ${text}\n  ${" ".repeat(caret)}^`),
  config_value: ({ where, key, found, accepted }) =>
    words(`${where}: ${key} cannot be ${found}.`, `Accepted: ${accepted}`),
  config_unknown_key: ({ path, key, nearest }) =>
    words(`${path}: there is no setting ${key}.`, nearestOf(nearest) ?? "llmaas config schema lists them."),
  reserved_header: ({ path, name }) =>
    words(`${path}: the header ${name} is ours to set.`, "Take it out; a key stands in api.token."),
  config_exists: ({ path }) => words(`${path} exists already and is left as it is.`),
  key_file_missing: ({ path, origin }) => words(`The key file ${path}, named by ${origin}, cannot be read.`),
  placeholder_key: ({ origin }) =>
    words(
      `The key in ${origin} is the placeholder of the example.`,
      "Put your own there: it is made at console.cloud-temple.com; docs.cloud-temple.com says how.",
    ),
  unconfigured: () =>
    words(
      "No key and no endpoint are configured.",
      "Set LLMAAS_API_KEY (made at console.cloud-temple.com; docs.cloud-temple.com says how), run llmaas config init, or try the built-in server with --demo.",
    ),
  key_from_file_elsewhere: ({ keyOrigin, file, fileEndpoint, endpoint }) =>
    words(
      `Nothing was sent: the key of ${keyOrigin} belongs to ${fileEndpoint}, and the endpoint is ${endpoint}.`,
      `For another endpoint give the key in LLMAAS_API_KEY, or change the endpoint in ${file}.`,
    ),
  key_from_environment_to_folder: ({ endpoint, file }) =>
    words(
      `Nothing was sent: the endpoint ${endpoint} comes from ${file} in this folder, and your key from the environment.`,
      `If that is meant: --endpoint ${endpoint}, or --config ${file}`,
    ),
  headers_from_file_elsewhere: ({ file, fileEndpoint, endpoint }) =>
    words(
      `Nothing was sent: the headers in ${file} belong to ${fileEndpoint}, and the endpoint is ${endpoint}.`,
      "Give them with --header.",
    ),
  headers_to_folder: ({ endpoint, file }) =>
    words(
      `Nothing was sent: the endpoint ${endpoint} comes from ${file} in this folder, and the headers from you.`,
      `If that is meant: --endpoint ${endpoint}, or --config ${file}`,
    ),
  key_over_http: ({ endpoint }) =>
    words(
      `Nothing was sent: over ${endpoint} the key would travel in clear.`,
      "Use https, or --allow-http if you know the network.",
    ),
};
