import type { ListenReason } from "../../config/user-error.ts";
import {
  missingFolder,
  nameOf,
  shellQuoted,
  shellWord,
  words,
  type ProblemOf,
  type Problems,
  type Words,
} from "../say.ts";
import { enConfigProblems } from "./config-problems.ts";
import { enLoadProblems } from "./load-problems.ts";
import { enInputProblems, enLine } from "./input-problems.ts";
import { enQueueProblems } from "./queue-problems.ts";
import { enKeyPolicy } from "./key-policy.ts";
import { either, enAccepted, enNeeded } from "./values.ts";
import { enSystem, EN_READ_TODO, EN_WRITE_TODO } from "./system.ts";
import { enOtherTools } from "./other-tools.ts";

function nearestOf(nearest: string | null): string | null {
  return nearest === null ? null : `Did you mean ${nearest}?`;
}

const LISTEN: Record<ListenReason, (address: string, detail: string) => string> = {
  no_such_host: (address) => `Nothing can listen at ${address}: there is no such host.`,
  not_here: (address, detail) => `Nothing can listen at ${address}: it is not an address of this machine (${detail}).`,
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

function enBadParam({ value, meant }: ProblemOf<"bad_param">): Words {
  if (meant === null)
    return words(`--param ${value} has no value.`, `Name and value are joined by =: --param ${value}=0.5`);
  return words(
    `--param ${value}: the value is not JSON.`,
    `${meant.includes('"') ? "A text goes in double quotes" : "Write"}: --param ${shellQuoted(meant)}`,
  );
}

function enConflict({ options: [first, second], why }: ProblemOf<"options_conflict">): Words {
  switch (why) {
    case "load":
      return words(
        "--concurrency keeps a number of requests going, --rate starts a number each second: a load is one or the other.",
        "Keep one of them.",
      );
    case "append":
      return words("--append adds to a file, --force replaces it: it is one or the other.", "Keep one of them.");
    case "param":
      return words(`${first} cannot be given: it is set by ${second}.`, "Leave it out.");
    case "records_twice":
      return words(`--json writes each record to standard output, and so would ${second}.`, `Leave out ${second}.`);
    case "prompts_stdin":
      return words(
        "--stdin adds standard input to a prompt of the command line, and the prompts come from --prompts.",
        "Leave out --stdin; with --prompts - they come from standard input.",
      );
    case "shard":
      return words(
        `${first} and ${second} cannot go together: a part would end, or be judged, without the others.`,
        second === "--requests"
          ? "Leave it out: --duration ends all shards at once."
          : `Leave it out: llmaas merge judges all shards together${second === "--abort-on-fail" ? "" : ", and llmaas compare the merged report"}.`,
      );
    default:
      return words(`${first} and ${second} cannot go together.`, "Keep one of them.");
  }
}

/** What is said of a wrong command line or configuration. */
export const enProblems: Problems = {
  unknown_verb: ({ verb, nearest }, command) => {
    // `batch nope`: a word behind a verb that has verbs of its own.
    const [parent = ""] = / /.test(verb) ? verb.split(/(?<= )/) : [];
    if (nearest !== null) return words(`There is no command ${verb}.`, `Did you mean ${command(parent + nearest)}?`);
    const prompt = parent === "" ? `; a prompt of one word is sent with: ${command(`stream ${shellWord(verb)}`)}` : ".";
    return words(`There is no command ${verb}.`, `The commands are listed by ${command(`${parent}--help`)}${prompt}`);
  },
  unknown_option: ({ option, verb, nearest }, command) =>
    words(
      `${nameOf(verb)} has no option ${option}.`,
      nearestOf(nearest) ?? `They are listed by: ${command(`${verb === "llmaas" ? "" : `${verb} `}--help`)}`,
    ),
  needs_option: ({ option, needed, example }) =>
    words(`${option} needs ${needed.join(" or ")}.`, `Add ${example}, for example.`),
  each_alone: () =>
    words(
      "--each asks each prompt of the command line on its own, and there is none.",
      'Add some: --each "one" "another"',
    ),
  missing_value: ({ option, hint, choices, example }, command) =>
    words(
      `${option} needs ${enNeeded(option, hint, choices, example)}.`,
      option === "--model" ? `The models there are: ${command("models")}` : null,
    ),
  missing_word: ({ verb, words: known }, command) =>
    verb === "config"
      ? words(`Say what ${nameOf(verb)} is to do: ${either(known)}.`, `For example: ${command("config show")}`)
      : words(`Say for which shell: ${either(known)}.`, `For example: ${command("completion bash")}`),
  unknown_word: ({ verb, word, words: known, nearest }) =>
    words(`${nameOf(verb)} does not know ${JSON.stringify(word)}.`, nearestOf(nearest) ?? `It takes ${either(known)}.`),
  unexpected_value: ({ option, value }) =>
    words(`${option} takes no value.`, `Leave out ${JSON.stringify(`=${value}`)}.`),
  repeated_option: ({ option }) => words(`${option} is given twice.`, "Give it once."),
  bad_option: ({ option, value, accepted, meant }) =>
    words(`${option} cannot be ${JSON.stringify(value)}.`, enAccepted(accepted, value, meant, "off")),
  unexpected_argument: ({ argument, verb }, command) =>
    words(
      `llmaas ${verb} does not know what to do with ${JSON.stringify(argument)}.`,
      `What it takes is told by: ${command(`${verb} --help`)}`,
    ),
  several_prompts: ({ count, word }) =>
    words(
      `These are ${count} prompts, and ${JSON.stringify(word)} is a single word: is a quote missing?`,
      "Put each prompt in quotes, or add --each if every word is a prompt.",
    ),
  empty_prompt: () =>
    words("A prompt is empty: there is nothing to ask.", 'Write one in quotes, such as "a question".'),
  file_unreadable: ({ path, why, kind }, command) =>
    why !== "ENOENT"
      ? words(`${path} cannot be read: ${enSystem(why)}.`, EN_READ_TODO[why] ?? null)
      : words(
          `There is no file ${path}.`,
          kind === "report"
            ? `To make one: ${command(`bench --report ${shellWord(path)}`)}`
            : "Check its name and folder.",
        ),
  file_size: ({ path, limit }) =>
    words(`${path} is larger than ${mebibytes(limit)} MiB.`, "No more is read: check that it is the right file."),
  image_not_file: () => words("An image is read from a file.", "Name it: --image photo.png"),
  image_type: ({ path, accepted }) =>
    words(`${path} is not an image that can be sent.`, `Convert it to one of these: ${accepted}`),
  image_size: ({ path, bytes, limit }) =>
    words(`${path} is too large: ${mebibytes(bytes)} MiB.`, `At most ${mebibytes(limit)} MiB can be sent.`),
  bad_header: () =>
    words(
      "--header is a name and a value with a colon between them.",
      "Write: --header 'x-team: blue', or --header x-api-key=@FILE for a value in a file.",
    ),
  stdin_twice: ({ readers }) =>
    words(`Standard input can be read once, and is asked for twice: ${readers.join(" and ")}.`, "Leave one out."),
  stdin_empty: () =>
    words("Standard input is empty: there is no prompt in it.", 'Give one in quotes, such as "a question".'),
  stdin_not_text: ({ line }) =>
    words(
      `stdin, line ${line}: ${enLine.not_text("")}.`,
      "Convert it on the way: iconv -f LATIN1 -t UTF-8, for example.",
    ),
  stdin_size: ({ limit }) =>
    words(
      `Standard input holds more than ${mebibytes(limit)} MiB: no model reads a prompt that long.`,
      "Send a part of it, or many prompts one a line with --prompts -.",
    ),
  stdin_silent: ({ seconds }) =>
    words(`Nothing came on standard input for ${seconds} s.`, 'Give the prompt as an argument, such as "a question".'),
  own_prompts: ({ maker, other }) =>
    words(
      maker === "--prompts" ? "The prompts come from the file of --prompts." : "--prompt-tokens makes its own prompts.",
      `Leave out ${other.startsWith("--") ? other : JSON.stringify(other)}.`,
    ),
  unknown_model: ({ model, nearest }, command) =>
    words(`The endpoint has no model ${model}.`, nearestOf(nearest) ?? `What there is: ${command("models")}`),
  port_in_use: ({ address }) =>
    words(`${address} is taken already.`, "Choose another with --port, or 0 for a free one."),
  cannot_listen: ({ address, why, detail }) => words(LISTEN[why](address, detail), LISTEN_TODO[why]),
  file_exists: ({ path, append }) =>
    words(`${path} exists already.`, append ? "--append adds to it, --force replaces it." : "--force replaces it."),
  same_file: ({ first, second }) =>
    words(
      first === second
        ? `${first} is read, and would be written over.`
        : `${first} and ${second} are the same file: one would spoil the other.`,
      first === second ? "Write to another file." : "Give each a file of its own.",
    ),
  file_unwritable: ({ path, why }) => {
    const folder = missingFolder(path, why);
    return folder === null
      ? words(`${path} cannot be written: ${enSystem(why)}.`, EN_WRITE_TODO[why] ?? "Check the folder and its rights.")
      : words(`The folder ${folder} does not exist.`, `Make it, or write elsewhere than into ${path}.`);
  },
  bad_param: enBadParam,
  options_conflict: enConflict,
  ...enLoadProblems,
  ...enConfigProblems,
  ...enKeyPolicy,
  ...enOtherTools,
  ...enInputProblems,
  ...enQueueProblems,
};
