import type { KeyReason } from "../../config/user-error.ts";
import type { SyntaxReason } from "../../wire/json-problem.ts";
import { shellWord, words, type Problems } from "../say.ts";
import { enSystem, EN_READ_TODO } from "./system.ts";
import { enAccepted } from "./values.ts";

function nearestOf(nearest: string | null): string | null {
  return nearest === null ? null : `Did you mean ${nearest}?`;
}

const SYNTAX: Record<SyntaxReason, string> = {
  empty: "the file is empty",
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
  unknown_word: "unknown word: text goes between double quotes",
};

/** What is wrong with a key, and what to do. */
const KEY: Record<KeyReason, [what: (key: string) => string, todo: string]> = {
  prefix: [(key) => `${key} holds a space.`, 'Paste it without "Bearer ".'],
  quotes: [(key) => `${key} is in quotes.`, "Paste it without them."],
  space: [(key) => `${key} holds a space.`, "Paste it again, in one piece."],
  line_end: [(key) => `${key} spans several lines.`, "Paste it again, as one line."],
  letter: [
    (key) => `${key} holds a character that no key has, such as an accent.`,
    "Copy it again from where it was made.",
  ],
  empty: [(key) => `${key} is empty.`, "Paste the key there."],
};

/** The name of a variable of the environment. */
const VARIABLE = /^[A-Z_]+$/;

/** What is said of a wrong configuration. */
export const enConfigProblems = {
  config_missing: ({ path, origin }, command) =>
    words(
      `The configuration file ${path}, named by ${origin}, does not exist.`,
      `To make one: ${command(`config init ${shellWord(path)}`)}`,
    ),
  config_unreadable: ({ path, why }) =>
    words(
      `The settings file ${path} cannot be read: ${enSystem(why)}.`,
      EN_READ_TODO[why] ?? "Check its rights, and that it is a file.",
    ),
  config_syntax: ({ path, line, column, text, caret, why, ours }, command) =>
    why === "empty"
      ? words(`${path} is empty.`, `What it may say: ${command("config schema")}`)
      : words(
          `${path}, line ${line}, column ${column}: ${SYNTAX[why]}.\n  ${text}\n  ${" ".repeat(caret)}^`,
          ours ? null : 'It names neither "api" nor "defaults": if it is another program\'s, name yours with --config.',
        ),
  config_value: ({ where, key, found, accepted, meant }) =>
    words(
      VARIABLE.test(where) ? `${where} cannot be ${found}.` : `${where}: ${key} cannot be ${found}.`,
      enAccepted(accepted, found, meant, "null"),
    ),
  config_not_json: ({ path }, command) =>
    words(`${path} is not a JSON file, and settings are written in JSON.`, `To make one: ${command("config init")}`),
  bad_key: ({ origin, why }) => words(KEY[why][0](`The key in ${origin}`), KEY[why][1]),
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
      why === "ENOENT"
        ? `The key file ${path}, named by ${origin}, does not exist.`
        : `The key file ${path}, named by ${origin}, cannot be read: ${enSystem(why)}.`,
      "Check the path and its rights.",
    ),
  placeholder_key: ({ origin, llmaas }) =>
    words(
      `The key in ${origin} is the placeholder of the example.`,
      `Put your own there, or set LLMAAS_API_KEY.${llmaas ? " Keys are made at console.cloud-temple.com; docs.cloud-temple.com says how." : ""}`,
    ),
  unconfigured: ({ demo }, command) =>
    words(
      "No key and no endpoint are configured.",
      `Name a server with -e http://HOST:PORT/v1${demo ? "," : ", or"} set LLMAAS_API_KEY for LLMaaS (keys are made at console.cloud-temple.com, docs.cloud-temple.com says how)${demo ? ", or try --demo" : ""}. A settings file to begin with: ${command("config init")}`,
    ),
} satisfies Partial<Problems>;
