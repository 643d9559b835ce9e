import { sayShards } from "../render/bench/shards.ts";
import { allModels, replacedIn } from "../metrics/report.ts";
import { cachedShareIn, type LengthsReport } from "../metrics/lengths.ts";
import {
  answeredBy,
  clip,
  foreign,
  isSweep,
  markup,
  type Markup,
  NOTHING,
  type Page,
  sayLoadInFull,
  shortLoad,
  term,
} from "./html-markup.ts";

type Row = readonly [name: string | Markup, value: Markup];

/** Under what conditions all figures were taken, and how to take them again. */
export function measurementPart(page: Page): Markup {
  const { report, messages, words } = page;
  const say = words.facts;
  const { machine, tool, plan } = report;
  const memory = words.gibibytes(messages.number(machine.memory_bytes / 2 ** 30));
  const rows: readonly Row[] = [
    [say.endpoint, foreign(report.endpoint)],
    ...apiOf(page),
    [say.models, modelsOf(page)],
    [say.load, markup`${loadsOf(page)}`],
    ...windowOf(page),
    [say.prompts, promptsOf(page)],
    ...answersOf(page),
    [say.maxTokens, markup`${plan.max_tokens === null ? say.noLimit : messages.count(plan.max_tokens)}`],
    ...(plan.temperature === undefined
      ? []
      : [
          [
            say.temperature,
            markup`${plan.temperature === null ? say.ofServer : asTyped(page, plan.temperature)}`,
          ] as const,
        ]),
    [say.started, markup`${words.instant(report.started_at)}`],
    [say.version, foreign(say.versionValue(tool.name, tool.version, tool.bun))],
    [
      say.machine,
      markup`${say.machineValue(clip(machine.cpu, 100), machine.cores, memory, `${machine.os} ${machine.arch}`)}`,
    ],
    ...shardsOf(page),
    ...(plan.slo.length === 0 ? [] : [[say.objectives, objectivesOf(plan.slo)] as const]),
    [say.arguments, commandOf(report.arguments, say.copy)],
    [say.seed, markup`${String(plan.seed)}`],
    [say.exit, markup`${String(report.verdict.exit_code)}`],
  ];
  return markup`<section class="measurement" aria-labelledby="run"><h2 id="run">${say.title}</h2>
<dl class="facts">${rows.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl></section>`;
}

/** Chat completions are what is meant where nothing is said. */
function apiOf({ report: { api = "chat" }, words }: Page): Row[] {
  return api === "chat" ? [] : [[words.facts.api, foreign(api, 40)]];
}

/** The parts that the report was made of, or which part it is. */
function shardsOf({ report, messages, words }: Page): Row[] {
  const { shard: say } = words;
  if (report.shard !== undefined) return [[say.title, markup`${say.part(report.shard.index, report.shard.of)}`]];
  const said = sayShards(report, say, messages);
  if (said === null) return [];
  const parts = said.parts.map(({ name, facts }) => markup`<br>${clip([name, ...facts].join(" · "), 300)}`);
  const more = said.more === null ? NOTHING : markup`<br>${said.more}`;
  const bounds = said.bounds === null ? NOTHING : markup`<span class="caution">${said.bounds}</span>`;
  return [[say.title, markup`<span class="shards">${said.summary.join(" · ")}</span>${parts}${more}${bounds}`]];
}

/** What they have in common is said of the last. */
function loadsOf(page: Page): string {
  const { loads } = page.report.plan;
  return loads
    .map((load, at) => (at < loads.length - 1 ? shortLoad(load, page.messages) : sayLoadInFull(page, load)))
    .join(" · ");
}

/** With the digits that somebody typed. */
function asTyped({ messages }: Page, value: number): string {
  return messages.fixed(value, /\.(\d+)$/.exec(String(value))?.[1]?.length ?? 0);
}

function modelsOf(page: Page): Markup {
  const { report } = page;
  const replaced = replacedIn(report.steps);
  const names = report.models.map((model) => markup`${foreign(model, 80)}${answeredBy(page, replaced.get(model))}`);
  return names.length === 0
    ? markup`–`
    : markup`${names.map((name, index) => (index === 0 ? name : markup`, ${name}`))}`;
}

/** With a sweep each step has its window, in the table of the steps. */
function windowOf(page: Page): Row[] {
  const { report, messages, words } = page;
  const [step] = report.steps;
  if (step === undefined || isSweep(page)) return [];
  const { window, warmup } = step;
  const drain = window.drain_ms === 0 ? null : messages.duration(window.drain_ms);
  const value = words.facts.windowValue(messages.duration(window.length_ms), drain);
  const before = words.facts.warmupValue(warmup.streams, messages.duration(warmup.length_ms));
  return [
    [term(page, words.facts.window, "window"), markup`${value}`],
    ...(warmup.streams === 0 ? [] : [[term(page, words.facts.warmup, "warmup"), markup`${before}`] as const]),
  ];
}

/** Of all steps together: they go on with the same prompts. */
function lengthsOf({ report }: Page) {
  return report.steps.flatMap((step) => allModels(step)?.lengths ?? []);
}

/** Most of the steps: a prompt that was sent in two of them is one. */
function promptsOf(page: Page): Markup {
  const { report, words } = page;
  const say = words.facts;
  const lengths = lengthsOf(page);
  const different = Math.max(0, ...lengths.map(({ different_prompts }) => different_prompts));
  const streams = report.steps.reduce((sum, step) => sum + (allModels(step)?.streams.started ?? 0), 0);
  const same = different === 1 && streams > 1;
  const answered = report.verdict.streams.ok > 1;
  const tokens = rangeOf(
    page,
    lengths.map(({ prompt_tokens }) => prompt_tokens),
  );
  const made = report.plan.prompt_tokens;
  const parts = [
    made === null ? (different === 0 ? null : same ? say.samePrompt : say.different(different)) : say.made(made),
    tokens,
  ].filter((part) => part !== null);
  const cache = cacheOf(page, lengths, same && answered);
  return markup`${parts.length === 0 ? "–" : parts.join(", ")}${cache === null ? NOTHING : markup`<span class="caution">${cache}</span>`}`;
}

/** A prompt that was read before is answered sooner than any user's will be. */
function cacheOf({ messages, words }: Page, lengths: readonly LengthsReport[], same: boolean): string | null {
  const share = cachedShareIn(lengths.map((each) => ({ lengths: each }))) ?? 0;
  if (share > 0) return words.facts.cached(messages.percent(share));
  return same ? words.facts.mayBeCached : null;
}

function answersOf(page: Page): Row[] {
  const lengths = lengthsOf(page);
  if (lengths.length === 0) return [];
  const text = rangeOf(
    page,
    lengths.map(({ answer_tokens }) => answer_tokens),
  );
  return [[page.words.facts.answers, markup`${text ?? "–"}`]];
}

/** From the least to the most of all steps; the median is that of one step alone. */
function rangeOf({ messages, words }: Page, ranges: readonly LengthsReport["answer_tokens"][]): string | null {
  const known = ranges.filter((range) => range !== null);
  const [first] = known;
  if (first === undefined) return null;
  const least = Math.min(...known.map(({ min }) => min));
  const most = Math.max(...known.map(({ max }) => max));
  const say = words.facts;
  if (least === most) return say.tokens(least);
  const [low, high] = [messages.count(least), messages.count(most)];
  return known.length === 1 ? say.tokensAround(first.p50, low, high) : say.tokensBetween(low, high);
}

function objectivesOf(texts: readonly string[]): Markup {
  return markup`<span class="args">${texts.map((text) => markup`<code>${foreign(text, 200)}</code> `)}</span>`;
}

/** The command as one line that a shell takes again. */
function commandOf(args: readonly string[], copy: string): Markup {
  const line = ["llmaas", ...args.map(shellWord)].join(" ");
  return markup`<span class="command"><code id="command">${foreign(line, 8000)}</code> <button type="button" id="copy" hidden>${copy}</button></span>`;
}

/** What nobody sees becomes an escape, which means the same to the shell (bash, zsh, ksh). */
const UNSEEN = /[\p{C}\u2028\u2029]/gu;

/** An argument as a shell reads it back, however hostile it is. */
function shellWord(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  if (text.search(UNSEEN) === -1) return `'${text.replaceAll("'", `'\\''`)}'`;
  const escaped = text.replace(/['\\]/g, "\\$&").replace(UNSEEN, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (character === "\n") return "\\n";
    if (character === "\t") return "\\t";
    if (code < 0x80) return `\\x${code.toString(16).padStart(2, "0")}`;
    return `\\U${code.toString(16).padStart(8, "0")}`;
  });
  return `$'${escaped}'`;
}
