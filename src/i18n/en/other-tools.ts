import type { OtherReason } from "../../config/user-error.ts";
import { nameOf, words, type Command, type Problems, type Words } from "../say.ts";

/** Where an answer or figures go; verbs that measure make reports. */
function output(option: string, verb: string): Words {
  const what = `${option}: the result goes to standard output.`;
  if (verb === "bench")
    return words(`${option}: a report is written to the file that --report names.`, "Write: --report run.html");
  return words(
    what,
    verb === "stream"
      ? "Write > FILE behind the command, or for the figures: --records FILE.jsonl"
      : "Write > FILE behind the command.",
  );
}

const WAYS: Record<OtherReason, (option: string, verb: string, command: Command) => Words> = {
  key: (option) =>
    words(
      `${option}: a key on the command line is seen by everyone on this machine, and stays in the shell's history.`,
      "Set LLMAAS_API_KEY, or LLMAAS_API_KEY_FILE to the name of a file that holds it.",
    ),
  version: (option, _, command) =>
    words(
      `${option} is not known here.`,
      `The version is -V; all that goes over the wire is shown by: ${command("stream --debug")}`,
    ),
  output,
  prompt: (option, verb, command) =>
    words(`${option}: a prompt needs no option.`, `Write it in quotes: ${command(`${verb} "…"`)}`),
  body: (option) =>
    words(
      `${option}: llmaas writes the request itself.`,
      "The prompt is an argument in quotes; for further fields of the request: --param KEY=JSON",
    ),
  method: (option) => words(`${option}: llmaas knows what the API wants.`, `Leave ${option} out.`),
  streamed: (option) => words(`${option}: llmaas always streams.`, `Leave ${option} out.`),
  file: (option, verb, command) =>
    words(`${option}: the file of requests needs no option.`, `Write its name: ${command(`${verb} FILE`)}`),
  dry_run: (option, verb, command) =>
    words(
      `${option}: ${nameOf(verb)} always sends its requests.`,
      `To try it without an endpoint: ${command(`${verb} --demo`)}. What a file of prompts would take is estimated by: ${command("batch run FILE --dry-run")}`,
    ),
  insecure: (option) =>
    words(
      `${option}: certificates are checked, and no option turns that off.`,
      "If the server's authority is your own, name it: NODE_EXTRA_CA_CERTS=FILE.pem",
    ),
  authority: (option) =>
    words(`${option}: authorities of your own are named in the environment.`, "Write: NODE_EXTRA_CA_CERTS=FILE.pem"),
  proxy: (option) => words(`${option}: a proxy is named in the environment.`, "Write: HTTPS_PROXY=http://HOST:PORT"),
  tokenizer: (option) =>
    words(`${option}: tokens are counted by the server, which says so in usage.`, `Leave ${option} out.`),
};

/** What is said of names that other tools have for what is there, and of options of another verb. */
export const enOtherTools = {
  renamed_option: ({ option, verb, elsewhere, ours, alias, write, value, hint }, command) => {
    const typed = [write, value ?? hint ?? ""].join(" ").trim();
    if (ours === "--param") return words(`${option} is given with --param here.`, `Write: ${typed}`);
    if (elsewhere === null)
      return words(`${option} is called ${ours}${alias === null ? "" : ` (${alias})`} here.`, `Write: ${typed}`);
    const there = option === ours ? "has it" : `has ${ours}`;
    return words(
      `${nameOf(verb)} has no ${option}; ${nameOf(elsewhere)} ${there}.`,
      `Write: ${command(`${elsewhere} ${typed}`)}`,
    );
  },
  config_number: ({ value }) =>
    words(`-c names a settings file, and none is called ${value}.`, `Streams at once: -j ${value}`),
  other_way: ({ option, verb, why }, command) => WAYS[why](option, verb, command),
} satisfies Partial<Problems>;
