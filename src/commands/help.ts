import { rows } from "../config/settings.ts";
import type { VerbHelp } from "../i18n/en/help.ts";
import { load, type HelpTexts, type Lang } from "../i18n/load.ts";
import { optionOf, type OPTIONS, type OptionName } from "./args.ts";
import type { Verb } from "./context.ts";

const WIDTH = 80;
/** Column at which the description of an option begins. */
const TEXT = 33;

/** Each option that is not hidden: it does not compile without a description in both languages. */
type Shown = { [K in OptionName]: (typeof OPTIONS)[K] extends { hidden: true } ? never : K }[OptionName];

/** The options as they are read together; the order is the one of the help. */
const GROUPS = {
  ask: ["model", "system", "image", "max-tokens", "temperature", "top-p", "param", "stdin"],
  many: ["each", "prompts", "skip-invalid", "repeat", "concurrency", "fail-fast"],
  load: [
    "requests",
    "duration",
    "concurrency",
    "rate",
    "arrival",
    "max-in-flight",
    "warmup",
    "drain",
    "each",
    "prompts",
    "skip-invalid",
    "prompt-tokens",
    "seed",
  ],
  judge: ["slo", "abort-on-fail", "fail-if", "strict"],
  server: ["host", "port", "api-key"],
  speech: ["models", "rate", "ttft", "jitter", "tokens-per-event", "reasoning-tokens", "usage", "seed", "fault"],
  where: ["endpoint", "config", "header", "allow-http", "demo"],
  patience: ["timeout", "timeout-open", "timeout-first-token", "timeout-idle", "timeout-total", "retries"],
  output: [
    "quiet",
    "reasoning",
    "json",
    "report",
    "records",
    "append",
    "force",
    "debug",
    "lang",
    "color",
    "help",
    "help-numbers",
    "version",
  ],
} as const satisfies Record<string, readonly Shown[]>;

type Group = keyof typeof GROUPS;

/** A measured load has its own words for what others ask for many streams, or of the built-in server. */
const LOADING: ReadonlySet<string> = new Set(["bench", "selftest"]);
const isGroupOf = (verb: string, group: Group): boolean =>
  LOADING.has(verb) ? group !== "many" && group !== "speech" : group !== "load";

/** Defaults of what is no setting. */
const DEFAULTS: Partial<Record<Shown, string>> = {
  repeat: "1",
  host: "127.0.0.1",
  port: "8080",
  jitter: "0",
  "tokens-per-event": "1",
  "reasoning-tokens": "0",
  usage: "asked",
  requests: "20",
  drain: "30s",
  arrival: "constant",
  "max-in-flight": "1000",
};

/** Where a verb has a default of its own. */
const OWN_DEFAULTS: Readonly<Record<string, Partial<Record<Shown, string>>>> = {
  bench: { concurrency: "4", retries: "0" },
  selftest: { concurrency: "1,10,100,500,1000" },
};

/** The help of one verb: first what to type, then all of it. */
export async function renderHelp(lang: Lang, verb: Verb): Promise<string> {
  const texts: HelpTexts = await load(lang, "help");
  const own: VerbHelp<Shown> | undefined = textsOf(texts, verb.name);
  if (own === undefined) return renderOverview(lang);
  const groups = groupNames().flatMap((group) => {
    const names = GROUPS[group].filter((name) => verb.options.includes(name));
    if (names.length === 0 || !isGroupOf(verb.name, group)) return [];
    return [
      section(
        texts.groups[group],
        names.flatMap((name) => describe(name, texts, verb.name, own)),
      ),
    ];
  });
  const paragraphs = [
    section(
      texts.heads.examples,
      own.examples.map((line) => `  ${line}`),
    ),
    `${texts.heads.usage}${own.usage}`,
    wrap(own.about).join("\n"),
    ...groups,
    ...(verb.name === "simulate" ? [await faults(texts)] : []),
    ...exitCodes(verb.name, texts),
    wrap(texts.more).join("\n"),
  ];
  return `${paragraphs.join("\n\n")}\n`;
}

export type DescribedVerb = { name: string; summary: string; options: { name: Shown; description: string }[] };

/** Verbs and their options with one line each, as shells show them. */
export async function describedVerbs(lang: Lang, verbs: readonly Verb[]): Promise<DescribedVerb[]> {
  const texts: HelpTexts = await load(lang, "help");
  return verbs.map(({ name, options }) => {
    const own = textsOf(texts, name);
    const shown = [...new Set(Object.values(GROUPS).flat())].filter((option) => options.includes(option));
    const said = shown.map((option) => ({
      name: option,
      description: own?.options?.[option] ?? texts.options[option],
    }));
    return { name, summary: own?.summary ?? "", options: said };
  });
}

/** The help of `llmaas` alone: what it is, what it does, what to type, and where to read on. */
export async function renderOverview(lang: Lang): Promise<string> {
  const texts: HelpTexts = await load(lang, "help");
  const { overview, heads, verbs } = texts;
  const lines = Object.entries(verbs).map(([name, { summary }]) => `  ${name.padEnd(12)}${summary}`);
  const paragraphs = [
    wrap(overview.sentence).join("\n"),
    section(heads.verbs, lines),
    section(
      heads.examples,
      overview.examples.map((line) => `  ${line}`),
    ),
    wrap(overview.more).join("\n"),
  ];
  return `${paragraphs.join("\n\n")}\n`;
}

function describe(name: Shown, texts: HelpTexts, verb: string, own: VerbHelp<Shown>): string[] {
  const { short, value } = optionOf(name);
  const hint = value === undefined ? "" : ` ${texts.hint(value)}`;
  const head = `  ${short === undefined ? "    " : `-${short}, `}--${name}${hint}`;
  const byDefault = OWN_DEFAULTS[verb]?.[name] ?? defaultOf(name, texts);
  const said = own.options?.[name] ?? texts.options[name];
  const end = byDefault === null ? [] : [texts.byDefault(byDefault)];
  const [first = "", ...rest] = fill([...said.split(" "), ...end], WIDTH - TEXT);
  const indent = " ".repeat(TEXT);
  const lines = rest.map((line) => indent + line);
  return head.length < TEXT - 1 ? [head.padEnd(TEXT) + first, ...lines] : [head, indent + first, ...lines];
}

/** The value an option has when nobody gives it, as it would be written; `null` when there is nothing to say. */
function defaultOf(name: Shown, texts: HelpTexts): string | null {
  const { setting, value } = optionOf(name);
  if (setting === undefined || value === undefined) {
    const own = DEFAULTS[name] ?? null;
    return name === "requests" && own !== null ? texts.withoutDuration(own) : own;
  }
  if (setting === "lang") return texts.systemLanguage;
  const { kind, default: byDefault } = rows[setting];
  if (byDefault === null) return null;
  if (kind.toFile === undefined) return String(byDefault);
  return byDefault === 0 ? texts.off : `${kind.toFile(byDefault)}s`;
}

function exitCodes(verb: string, { heads, exit, ownExit }: HelpTexts): string[] {
  const [, own] = Object.entries({ stream: exit, ...ownExit }).find(([name]) => name === verb) ?? [];
  if (own === undefined) return [];
  const lines = own.map(([code, meaning]) => `  ${code.padEnd(5)}${meaning}`);
  return [section(heads.exit, lines)];
}

async function faults({ heads, faults: own }: HelpTexts): Promise<string> {
  const { FAULT_NAMES } = await import("../simulator/faults.ts");
  const names = wrap(FAULT_NAMES.join(", "), WIDTH - 2).map((line) => `  ${line}`);
  return section(heads.faults, [...names, ...wrap(own)]);
}

function section(head: string, lines: readonly string[]): string {
  return [head, ...lines].join("\n");
}

/** Only plain spaces are broken at. */
function wrap(text: string, width = WIDTH): string[] {
  return fill(text.split(" "), width);
}

/** Lines of at most `width` columns out of what must stay whole. */
function fill(words: readonly string[], width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of words) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (Bun.stringWidth(longer) <= width) {
      line = longer;
    } else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

function groupNames(): Group[] {
  return Object.keys(GROUPS).filter((name): name is Group => Object.hasOwn(GROUPS, name));
}

function textsOf({ verbs }: HelpTexts, name: string): VerbHelp<Shown> | undefined {
  return Object.entries(verbs).find(([verb]) => verb === name)?.[1];
}
