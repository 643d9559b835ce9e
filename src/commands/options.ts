import type { BooleanArgDef, StringArgDef } from "citty";
import type { Flags } from "../config/load.ts";
import type { HelpTexts } from "../i18n/load.ts";
import { API_KINDS } from "../wire/apis.ts";

/** One option of the command line, as citty defines it, and what our reader and the help need besides. */
export type Option = (BooleanArgDef | StringArgDef) & {
  alias?: string;
  /** The only values there are. */
  choices?: readonly string[];
  /** May be repeated, and every occurrence counts. */
  repeatable?: true;
  /** The setting it stands for. */
  setting?: keyof Flags;
  /** Without one of these, among those that the verb takes, it means nothing. */
  needs?: readonly (keyof HelpTexts["options"])[];
  /** The settings may have what it needs: who reads them looks. */
  needsOrSetting?: true;
  /** A value for whoever is told to give one. */
  example?: string;
  /** Under what the help shows it; without one it is hidden. */
  group?: keyof HelpTexts["groups"];
};

/** Options that are read together: each has a description in both languages, or it does not compile. */
function group<Name extends keyof HelpTexts["options"]>(
  title: keyof HelpTexts["groups"],
  options: Record<Name, Option>,
): Record<Name, Option> {
  for (const option of Object.values<Option>(options)) option.group = title;
  return options;
}

/** What is asked of a model. */
export const asking = group("ask", {
  model: { type: "string", alias: "m", valueHint: "A,B", setting: "model" },
  system: { type: "string", alias: "s", valueHint: "TEXT", setting: "system" },
  image: { type: "string", valueHint: "FILE", repeatable: true },
  "max-tokens": { type: "string", valueHint: "N", setting: "maxTokens" },
  temperature: { type: "string", valueHint: "0…2", setting: "temperature" },
  "top-p": { type: "string", valueHint: "0…1", setting: "topP" },
  param: { type: "string", valueHint: "KEY=JSON", repeatable: true },
  stdin: { type: "boolean" },
});

const { image: _image, stdin: _stdin, ...ofEach } = asking;

/** What is asked of one model for the lines of a file. */
export const askingLines = { ...ofEach, model: { ...asking.model, valueHint: "MODEL" } };

/** Several prompts, models and repeats. */
export const multiple = group("many", {
  each: { type: "boolean" },
  prompts: { type: "string", valueHint: "FILE|-", example: "prompts.jsonl" },
  "skip-invalid": { type: "boolean", needs: ["prompts"] },
  repeat: { type: "string", alias: "n", valueHint: "N", default: "1" },
  concurrency: { type: "string", alias: "j", valueHint: "N", setting: "concurrency" },
  "fail-fast": { type: "boolean" },
});

/** A measured load, which has its own words for what others say of many streams. */
export const loading = group("load", {
  requests: { type: "string", valueHint: "N", default: "20" },
  duration: { type: "string", valueHint: "DURATION", example: "30s" },
  concurrency: { type: "string", alias: "j", valueHint: "N", default: "4" },
  rate: { type: "string", valueHint: "N", example: "2" },
  arrival: {
    type: "string",
    valueHint: "constant|poisson",
    choices: ["constant", "poisson"],
    default: "constant",
    needs: ["rate"],
  },
  "max-in-flight": { type: "string", valueHint: "N", default: "1000", needs: ["rate"] },
  warmup: { type: "string", valueHint: "N|DURATION" },
  drain: { type: "string", valueHint: "DURATION", default: "30s", needs: ["duration"] },
  each: { type: "boolean" },
  prompts: { type: "string", valueHint: "FILE|-", example: "prompts.jsonl" },
  "skip-invalid": { type: "boolean", needs: ["prompts"] },
  "prompt-tokens": { type: "string", valueHint: "N" },
  seed: { type: "string", valueHint: "N" },
  shard: { type: "string", valueHint: "I/N", example: "0/3" },
  "start-at": { type: "string", valueHint: "INSTANT", needs: ["shard"] },
  ntp: { type: "string", valueHint: "HOST", needs: ["shard"] },
});

const ifDisturbed = {
  type: "string",
  valueHint: "pass|fail|undecided",
  choices: ["pass", "fail", "undecided"],
  default: "undecided",
} satisfies Option;

/** What a measured load must meet. */
export const judging = group("judge", {
  slo: { type: "string", valueHint: "EXPRESSION", repeatable: true, example: "'p95(ttft) < 1s'" },
  "abort-on-fail": { type: "boolean", needs: ["slo"], needsOrSetting: true },
  "if-disturbed": { ...ifDisturbed, needs: ["slo"], needsOrSetting: true },
});

/** By how much a run may be worse than another. */
export const comparing = group("judge", {
  baseline: { type: "string", valueHint: "FILE.json", example: "base.json" },
  "fail-if": { type: "string", valueHint: "EXPRESSION", repeatable: true, example: "'p95(ttft) +10%'" },
  strict: { type: "boolean", needs: ["fail-if"] },
  "if-disturbed": { ...ifDisturbed, needs: ["fail-if"] },
});

/** A file of requests, and what it may take. */
export const batching = group("batch", {
  out: { type: "string", alias: "o", valueHint: "FILE.jsonl" },
  csv: { type: "string", valueHint: "FILE.csv|-", example: "FILE.csv" },
  prompt: { type: "string", valueHint: "TEMPLATE", needs: ["csv"] },
  "retry-failed": { type: "boolean" },
  changed: { type: "string", valueHint: "refuse|rerun", choices: ["refuse", "rerun"], default: "refuse" },
  order: { type: "string", valueHint: "input", choices: ["input"] },
  shard: { type: "string", valueHint: "I/N" },
  tier: { type: "string", valueHint: "1…4", choices: ["1", "2", "3", "4"] },
  "requests-per-minute": { type: "string", valueHint: "N" },
  "tokens-per-minute": { type: "string", valueHint: "N" },
  "tokens-per-hour": { type: "string", valueHint: "N" },
  "max-cost": { type: "string", valueHint: "AMOUNT" },
  "max-tokens-total": { type: "string", valueHint: "N" },
  schema: { type: "string", valueHint: "SCHEMA.json", example: "schema.json" },
  "schema-retries": { type: "string", valueHint: "N", default: "2", needs: ["schema"] },
  "dry-run": { type: "boolean" },
});

/** Batches that the provider works off. */
export const submitting = group("batch", {
  wait: { type: "boolean" },
  "part-requests": { type: "string", valueHint: "N", default: "50000" },
  again: { type: "boolean" },
});

/** A batch on many machines. */
export const queueing = group("queue", {
  queue: { type: "string", valueHint: "URL", example: "redis://:PASSWORD@HOST:6379" },
  "queue-timeout": { type: "string", valueHint: "DURATION", default: "10m" },
  lease: { type: "string", valueHint: "DURATION", default: "15s" },
});

/** Where the built-in server listens. */
export const listening = group("server", {
  host: { type: "string", valueHint: "ADDRESS", default: "127.0.0.1" },
  port: { type: "string", valueHint: "N", default: "8080" },
  "api-key": { type: "string", valueHint: "KEY" },
});

/** How the built-in server speaks. */
export const speaking = group("speech", {
  models: { type: "string", valueHint: "NAME=SPEED,…" },
  rate: { type: "string", valueHint: "N" },
  ttft: { type: "string", valueHint: "DURATION" },
  jitter: { type: "string", valueHint: "0…1", default: "0" },
  "tokens-per-event": { type: "string", valueHint: "N", default: "1" },
  "reasoning-tokens": { type: "string", valueHint: "N", default: "0" },
  "cached-tokens": { type: "string", valueHint: "N", default: "0" },
  usage: {
    type: "string",
    valueHint: "WHEN",
    choices: ["asked", "always", "null", "every", "on-finish", "never"],
    default: "asked",
  },
  seed: { type: "string", valueHint: "N" },
  fault: { type: "string", valueHint: "NAME[@N][:SHARE]", repeatable: true },
  "batch-outcome": { type: "string", valueHint: "OUTCOME", default: "completed" },
  "batch-time": { type: "string", valueHint: "DURATION", default: "1s" },
});

/** Whom to ask. */
export const connecting = group("where", {
  endpoint: { type: "string", alias: "e", valueHint: "URL", setting: "endpoint" },
  api: { type: "string", valueHint: API_KINDS.join("|"), choices: API_KINDS, setting: "api" },
  config: { type: "string", alias: "c", valueHint: "PATH" },
  header: { type: "string", valueHint: "'NAME: VALUE'", repeatable: true },
  "header-secret": { type: "string", valueHint: "'NAME: VALUE'", repeatable: true },
  "allow-http": { type: "boolean", setting: "allowHttp" },
  demo: { type: "boolean" },
});

/** How long to wait. */
export const waiting = group("patience", {
  timeout: { type: "string", valueHint: "DURATION", setting: "timeout" },
  "timeout-open": { type: "string", valueHint: "DURATION", setting: "timeoutOpen" },
  "timeout-first-token": { type: "string", valueHint: "DURATION", setting: "timeoutFirstToken" },
  "timeout-idle": { type: "string", valueHint: "DURATION", setting: "timeoutIdle" },
  "timeout-total": { type: "string", valueHint: "DURATION", setting: "timeoutTotal" },
  retries: { type: "string", valueHint: "N", setting: "retries" },
  "trust-done": { type: "boolean", setting: "trustDone" },
});

/** What is measured is retried only where that is asked for, whatever the settings say. */
export const measuring = group("patience", {
  retries: { type: "string", valueHint: "N", default: "0" },
});

/** What is shown and written; verbs name those they take. */
export const output = group("output", {
  quiet: { type: "boolean", alias: "q" },
  reasoning: { type: "string", valueHint: "show|hide", choices: ["show", "hide"], setting: "reasoning" },
  json: { type: "boolean" },
  report: { type: "string", valueHint: "FILE", repeatable: true },
  records: { type: "string", valueHint: "FILE.jsonl", example: "run.jsonl" },
  append: { type: "boolean", needs: ["records"] },
  force: { type: "boolean", needs: ["records", "report", "page", "html", "md", "junit", "csv", "vllm"] },
  "no-keep": { type: "boolean" },
  ci: { type: "boolean" },
  all: { type: "boolean" },
  debug: { type: "boolean", alias: "d" },
  "help-numbers": { type: "boolean" },
  licenses: { type: "boolean" },
});

/** Forms of a report that is there already. */
export const reportForms = group("forms", {
  page: { type: "string", valueHint: "FILE|-", example: "page.html" },
  html: { type: "string", valueHint: "FILE|-", example: "run.html" },
  md: { type: "string", valueHint: "FILE|-" },
  junit: { type: "string", valueHint: "FILE|-" },
  csv: { type: "string", valueHint: "FILE|-" },
  vllm: { type: "string", valueHint: "FILE|-" },
});

/** What joins the reports of several machines. */
export const merging = group("load", {
  "allow-missing": { type: "boolean" },
});

/** What every verb takes. */
export const everywhere = group("output", {
  lang: { type: "string", valueHint: "fr|en", choices: ["fr", "en"], setting: "lang" },
  color: {
    type: "string",
    valueHint: "auto|always|never",
    choices: ["auto", "always", "never"],
    setting: "color",
  },
  help: { type: "boolean", alias: "h" },
  version: { type: "boolean", alias: "V" },
});

/** What one part of the program, or of the project, asks of another. */
export const hidden = {
  "demo-if-unconfigured": { type: "boolean" },
  "while-stdin": { type: "boolean" },
} satisfies Record<string, Option>;

/** Every option there is, whichever verb takes it; where several have one of a name, each takes a value or none does. */
const GROUPS = [
  asking,
  multiple,
  loading,
  judging,
  comparing,
  batching,
  submitting,
  queueing,
  listening,
  speaking,
  connecting,
  waiting,
  output,
  reportForms,
  merging,
  everywhere,
  hidden,
] as const;

type NameIn<Group> = Group extends Group ? keyof Group : never;

export type OptionName = NameIn<(typeof GROUPS)[number]>;

/** The options that one verb takes, in the order in which the help shows them. */
export type Options = Readonly<Partial<Record<OptionName, Option>>>;

/** The options of all verbs together, for what is read before the verb is known. */
export function everyOption(): Options {
  const every: Partial<Record<OptionName, Option>> = {};
  for (const group of GROUPS) Object.assign(every, group);
  return every;
}
