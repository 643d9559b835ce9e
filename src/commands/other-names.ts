import { quotable } from "../config/file.ts";
import type { OtherReason, Problem } from "../config/user-error.ts";
import { shellWord } from "../i18n/say.ts";
import {
  asking,
  batching,
  comparing,
  everyOption,
  judging,
  listening,
  loading,
  multiple,
  queueing,
  reportForms,
  speaking,
  waiting,
  type Option,
  type OptionName,
  type Options,
} from "./options.ts";

/** What an option is called elsewhere, and here. */
type OtherName = {
  /** By curl, hey, wrk, oha, vegeta, k6, Locust, GuideLLM, AIPerf, vLLM's bench, LLMPerf, Ollama and their like. */
  theirs: string;
  /** Ours: the first that a verb has is meant. */
  ours: readonly OptionName[];
  /** What is given where this is meant, where it may mean something else too. */
  when?: RegExp;
  /** What ours is given, where that is not what theirs was. */
  value?: (name: string, given: string) => string;
};

/** What one expects to find, and why it is another way here. */
type OtherWay = {
  theirs: string;
  why: OtherReason;
  /** The verbs that have another way; all unless given. */
  of?: readonly string[];
};

const asParameter = (name: string, given: string): string => `${name.replace(/^-+/, "").replaceAll("-", "_")}=${given}`;

/** A name for a file, unless one was given that says what to write. */
function asReport(ending: string, known = new RegExp(`${ending.replaceAll(".", "\\.")}$`)) {
  return (_: string, given: string): string => (known.test(given) ? given : `run${ending}`);
}

const OUTPUT = "--output --output-file --output-path --output-dir --out -o -O";

// Functions, for nobody needs these lists but who has typed such a name.
const renamings = (): readonly OtherName[] => [
  { ours: ["concurrency"], theirs: "-u", when: /^\d+$/ },
  {
    ours: ["endpoint"],
    theirs:
      "--base-url --baseurl --url --uri --api-base --api-url --server --server-url --target --target-url --openai-base-url --host -u",
  },
  { ours: ["header"], theirs: "--headers -H --request-header --extra-headers" },
  { ours: ["model"], theirs: "--model-name --model-id --models --deployment --served-model-name" },
  { ours: ["system"], theirs: "--system-prompt --system-message --instructions" },
  {
    ours: ["prompts"],
    theirs: "--prompts-file --prompt-file --dataset --dataset-path --dataset-file --input --input-file --file -f -i",
  },
  {
    ours: ["concurrency"],
    theirs:
      "--users --vus --clients --connections --workers --threads --parallel --streams --concurrent --concurrent-requests --max-concurrency --num-concurrent --num-concurrent-requests -P -t",
  },
  {
    ours: ["rate"],
    theirs: "--qps --rps --request-rate --arrival-rate --requests-per-second --throughput --tps --speed -r -R",
  },
  { ours: ["arrival"], theirs: "--burstiness --poisson --distribution --request-rate-mode", value: () => "poisson" },
  { ours: ["max-in-flight"], theirs: "--max-vus --max-workers --max-outstanding --max-inflight" },
  {
    ours: ["requests", "repeat"],
    theirs:
      "--num-prompts --num-requests --request-count --max-requests --total-requests --max-num-completed-requests --number --count --iterations --runs --num-runs -n",
  },
  { ours: ["repeat", "requests"], theirs: "--times --loop --num-repeats --repetitions" },
  {
    ours: ["duration"],
    theirs:
      "--time --run-time --seconds --max-seconds --test-duration --max-duration --benchmark-duration --time-limit -d -z",
  },
  { ours: ["warmup"], theirs: "--warm-up --num-warmups --warmup-requests --warmup-request-count --ramp-up" },
  {
    ours: ["prompt-tokens"],
    theirs:
      "--input-len --input-length --input-tokens --prompt-len --prompt-length --random-input-len --isl --mean-input-tokens --synthetic-input-tokens-mean --input-sequence-length",
  },
  {
    ours: ["max-tokens"],
    theirs:
      "--output-len --output-length --output-tokens --random-output-len --osl --mean-output-tokens --output-tokens-mean --output-sequence-length --max-new-tokens --max-output-tokens --max-completion-tokens --num-predict --n-predict",
  },
  { ours: ["temperature"], theirs: "--temp" },
  {
    ours: ["param"],
    theirs:
      "--top-k --min-p --stop --seed --presence-penalty --frequency-penalty --repetition-penalty --logprobs --response-format --reasoning-effort --num-ctx --tools",
    value: asParameter,
  },
  {
    ours: ["param"],
    theirs: "--extra-body --extra-inputs --extra-params --additional-sampling-params --options",
    value: () => "KEY=JSON",
  },
  { ours: ["slo"], theirs: "--threshold --thresholds --goodput --sla --assert --objective" },
  { ours: ["fail-if"], theirs: "--threshold --thresholds --tolerance --regression --fail-on" },
  { ours: ["abort-on-fail"], theirs: "--abort-on-error" },
  { ours: ["fail-fast"], theirs: "--bail --exit-on-error --fail --stop-on-error" },
  { ours: ["timeout"], theirs: "--request-timeout --request-timeout-seconds --timeout-sec --max-time -T" },
  { ours: ["timeout-open"], theirs: "--connect-timeout --open-timeout" },
  { ours: ["timeout-idle"], theirs: "--read-timeout --idle-timeout" },
  { ours: ["retries"], theirs: "--retry --max-retries --num-retries" },
  { ours: ["report"], theirs: "--html", value: asReport(".html") },
  { ours: ["report"], theirs: "--csv", value: asReport(".csv") },
  { ours: ["report"], theirs: "--md --markdown", value: asReport(".md") },
  { ours: ["report"], theirs: "--junit --xml", value: asReport(".xml") },
  { ours: ["report"], theirs: "--vllm", value: asReport(".vllm.json") },
  { ours: ["report"], theirs: OUTPUT, value: asReport(".html", /\.(json|csv|html|md|xml)$/) },
  {
    ours: ["report"],
    theirs: "--save-result --save --result-dir --result-filename --summary-export --profile-export-file --export",
    value: asReport(".json"),
  },
  { ours: ["json"], theirs: "--format --output-format -F" },
  { ours: ["quiet"], theirs: "--silent --no-progress --no-tui --quietly -s" },
  { ours: ["debug"], theirs: "--verbose --trace --trace-ascii --log-level --http-debug" },
  {
    ours: ["color"],
    theirs: "--no-color --no-colour --nocolor --no-ansi --plain --monochrome",
    value: () => "never",
  },
  { ours: ["lang"], theirs: "--language --locale" },
  { ours: ["config"], theirs: "--conf --config-file --settings --profile" },
  { ours: ["image"], theirs: "--images --image-url --image-file" },
  { ours: ["force"], theirs: "--overwrite --yes --clobber -y" },
  { ours: ["demo"], theirs: "--mock --fake --simulate" },
  { ours: ["port"], theirs: "-p --listen" },
  { ours: ["ttft"], theirs: "--latency --delay" },
];

const otherWays = (): readonly OtherWay[] => [
  {
    why: "key",
    theirs:
      "--api-key --apikey --key --token --auth --auth-token --access-token --authorization --bearer --openai-api-key",
  },
  { why: "version", theirs: "-v" },
  { why: "output", theirs: OUTPUT },
  { why: "prompt", theirs: "--prompt --message --query --text --input-text -p" },
  { why: "body", theirs: "--data --data-raw --data-binary --body -d" },
  { why: "method", theirs: "--request --method -X" },
  { why: "streamed", theirs: "--stream --streaming --no-stream --sse --no-buffer -N" },
  {
    why: "insecure",
    theirs:
      "--insecure --no-verify --skip-tls-verify --insecure-skip-tls-verify --no-check-certificate --disable-tls-verification -k",
  },
  { why: "authority", theirs: "--cacert --ca-cert --ca-file --ca-bundle" },
  { why: "proxy", theirs: "--proxy -x" },
  {
    why: "file",
    theirs: "--prompts --prompts-file --prompt-file --dataset --input --input-file --in --file --requests-file -f -i",
    of: ["batch run", "batch submit"],
  },
  { why: "dry_run", theirs: "--dry-run --dryrun --plan --what-if --no-send", of: ["stream", "bench"] },
  { why: "tokenizer", theirs: "--tokenizer --tokenizer-path --tokenizer-mode --trust-remote-code" },
];

/** What was typed, and what stands behind it and may be its value. */
type Typed = { verb: string; option: string; given: string | null };

/** What somebody who typed an option that the verb does not have means by it; `null` where nobody can tell. */
export function problemOfName({ verb, option, given }: Typed, options: Options): Problem | null {
  const has = (name: string): name is OptionName => visibleOption(options, name) !== undefined;
  const name = option.replace(/^-+/, "");
  const long = name.length > 1 ? `--${name}` : option;
  const typed = { verb, option, given };
  if (has(name)) return renamed(typed, name, options[name], given);
  const other = otherName(long, has, given, verb);
  if (other !== null && "why" in other) return { code: "other_way", option, verb, why: other.why };
  const ours = other?.ours.find(has);
  if (other !== null && ours !== undefined) return renamed(typed, ours, options[ours], valueFor(other, long, given));
  const [elsewhere] = visibleOption(everyOption(), name) ? [name] : (other?.ours ?? []);
  return elsewhere === undefined ? null : inOtherVerb(typed, elsewhere, valueFor(other, long, given));
}

function visibleOption(options: Options, name: string): Option | undefined {
  const option = new Map<string, Option>(Object.entries(options)).get(name);
  return option?.group === undefined ? undefined : option;
}

function otherName(
  name: string,
  has: (option: string) => boolean,
  given: string | null = null,
  verb: string | null = null,
): OtherName | OtherWay | null {
  const named = ({ theirs }: { theirs: string }): boolean => theirs.split(" ").includes(name);
  const renamed = renamings().filter((other) => named(other) && (other.when?.test(given ?? "") ?? true));
  const way = otherWays().find((other) => named(other) && (verb === null || (other.of?.includes(verb) ?? true)));
  return renamed.find(({ ours }) => ours.some(has)) ?? way ?? renamed[0] ?? null;
}

/** The name that was typed where a whole word has one dash, as in Go's flags: here each letter would be an option. */
export function oneDash(arg: string): string | null {
  const word = /^-([a-z][\w-]+)(?:=|$)/.exec(arg)?.[1];
  if (word === undefined) return null;
  const isName = visibleOption(everyOption(), word) !== undefined || otherName(`--${word}`, () => true) !== null;
  return isName ? `-${word}` : null;
}

function valueFor(other: OtherName | null, name: string, given: string | null): string | null {
  return other?.value?.(name, given ?? "…") ?? given;
}

function inOtherVerb(typed: Typed, name: string, value: string | null): Problem | null {
  const elsewhere = verbOf(name);
  return elsewhere === null || elsewhere === typed.verb
    ? null
    : renamed(typed, name, visibleOption(everyOption(), name), value, elsewhere);
}

function renamed(
  { verb, option }: Typed,
  name: string,
  ours: Option | undefined,
  value: string | null,
  elsewhere: string | null = null,
): Problem {
  const { alias, type, valueHint = "" } = ours ?? {};
  const write = alias === undefined ? `--${name}` : `-${alias}`;
  // The value of a header is often a secret.
  const shown = value === null || name.startsWith("header") ? null : shellWord(quotable(value));
  const hint = type === "string" && shown === null ? valueHint : null;
  const named = { ours: `--${name}`, alias: alias === undefined ? null : write };
  return {
    code: "renamed_option",
    option,
    verb,
    elsewhere,
    ...named,
    write,
    value: type === "string" ? shown : null,
    hint,
  };
}

/** A verb that has an option: the first to think of. */
function verbOf(option: string): string | null {
  const homes = { stream: [asking, multiple, waiting], bench: [loading, judging], compare: [comparing] };
  const more = { simulate: [listening, speaking], report: [reportForms], "batch run": [batching, queueing] };
  const home = Object.entries({ ...homes, ...more }).find(([, groups]) =>
    groups.some((group) => Object.hasOwn(group, option)),
  );
  return home?.[0] ?? ELSEWHERE[option] ?? null;
}

const ELSEWHERE: Readonly<Record<string, string>> = {
  report: "bench",
  records: "stream",
  append: "stream",
  reasoning: "stream",
  debug: "stream",
  licenses: "version",
};
