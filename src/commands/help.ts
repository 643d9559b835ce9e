import { nearest } from "../config/nearest.ts";
import { rows } from "../config/settings.ts";
import { UserError } from "../config/user-error.ts";
import { load, type HelpTexts, type Lang } from "../i18n/load.ts";
import type { Command } from "../i18n/say.ts";
import { cellsOf } from "../text/width.ts";
import { COLUMNS, packed, wrapParts } from "../text/wrap.ts";
import { partnersOf } from "./args.ts";
import type { Verb } from "./context.ts";
import { EXIT } from "./exit.ts";
import { helpColumns } from "./terminal.ts";
import { createCommand } from "./typed-command.ts";
import { everywhere, type Option, type Options } from "./options.ts";

/** Column at which the description of an option begins, and on a terminal that is too narrow for that. */
const TEXT = 33;
const NARROW = { below: 72, text: 24 };

type VerbName = keyof HelpTexts["verbs"];

/** What is said of one verb; `options`: where one means something else than with the others. */
type VerbTexts = { summary: string; examples: readonly string[]; usage: string; about: string; options?: Words };
type Words = Partial<Record<string, string>>;

/** `llmaas` without a verb: the short help, or the verb that was meant. */
export const overview: Verb = {
  meta: { name: "llmaas" },
  args: everywhere,
  async run({ args, verbs, out, messages, called, cwd }) {
    const [word] = args.positionals;
    if (word !== undefined) {
      throw new UserError({ code: "unknown_verb", verb: word, nearest: nearest(word, Object.keys(verbs)) });
    }
    await out.write(await renderOverview(messages.lang, createCommand(called, cwd, []), helpColumns(out)));
    return EXIT.ok;
  },
};

/** The help of one verb: first what to type, then all of it. */
export async function renderHelp(
  lang: Lang,
  { meta: { name }, args, verbs = {} }: Verb,
  command: Command = byName,
  columns = COLUMNS,
): Promise<string> {
  if (name === "llmaas") return renderOverview(lang, command, columns);
  const texts = await load(lang, "help");
  const own: VerbTexts = texts.verbs[name];
  const groups = Map.groupBy(describedOptions(texts, name, args), ({ group }) => group);
  const paragraphs = [
    section(
      texts.heads.examples,
      own.examples.flatMap((line) => typed(asCalled(line, command), columns)),
    ),
    hanging(texts.heads.usage, asCalled(own.usage, command), columns).join("\n"),
    wrap(own.about, columns).join("\n"),
    ...verbsOf(name, Object.keys(verbs), texts, columns),
    ...[...groups].map(([group, options]) =>
      section(
        wrap(texts.groups[group], columns).join("\n"),
        options.flatMap((option) => linesOf(option, texts, args, columns)),
      ),
    ),
    ...(name === "simulate" ? [await faults(texts, columns)] : []),
    ...exitCodes(name, texts, columns),
    wrap(asCalled(texts.more, command), columns).join("\n"),
  ];
  return `${paragraphs.join("\n\n")}\n`;
}

/** What its own verbs do, a line each. */
function verbsOf(name: string, own: readonly string[], { heads, verbs }: HelpTexts, columns: number): string[] {
  if (own.length === 0) return [];
  const said: Readonly<Record<string, VerbTexts>> = verbs;
  const lines = own.flatMap((word) =>
    hanging(`  ${word.padEnd(SUMMARY)}`, said[`${name} ${word}`]?.summary ?? "", columns),
  );
  return [section(heads.verbs, lines)];
}

/** Columns of the name of a verb. */
const SUMMARY = 12;

const byName: Command = (line) => `llmaas ${line}`;

/** What is to be typed, with the program as it was called in the place of its name. */
function asCalled(text: string, command: Command): string {
  return text.replace(/\bllmaas ([a-z]+|[A-Z]+)(?![\w-])/g, (_, verb: string) => command(verb));
}

/** An option as one verb has it, with what is said of it. */
type Described = { name: string; option: Option; group: NonNullable<Option["group"]>; description: string };

/** The options of a verb that are not hidden, in their order. */
export function describedOptions(texts: HelpTexts, name: VerbName, options: Options): Described[] {
  const [own, all]: [VerbTexts, Words] = [texts.verbs[name], texts.options];
  return Object.entries(options).flatMap(([name, option]) => {
    const { group } = option;
    const description = own.options?.[name] ?? all[name] ?? "";
    return group === undefined ? [] : [{ name, option, group, description }];
  });
}

/** The help of `llmaas` alone: what it is, what it does, what to type, and where to read on. */
export async function renderOverview(lang: Lang, command: Command = byName, columns = COLUMNS): Promise<string> {
  const texts = await load(lang, "help");
  const { overview, heads, verbs } = texts;
  const own = Object.entries(verbs).filter(([name]) => !name.includes(" "));
  const lines = own.flatMap(([name, { summary }]) => hanging(`  ${name.padEnd(SUMMARY)}`, summary, columns));
  const paragraphs = [
    wrap(overview.sentence, columns).join("\n"),
    section(heads.verbs, lines),
    section(
      heads.examples,
      overview.examples.flatMap((line) => typed(asCalled(line, command), columns)),
    ),
    wrap(asCalled(overview.more, command), columns).join("\n"),
  ];
  return `${paragraphs.join("\n\n")}\n`;
}

/** Options that are named after one that goes with any of them. */
const MOST_NAMED = 2;

function linesOf(
  { name, option, description }: Described,
  texts: HelpTexts,
  options: Options,
  columns: number,
): string[] {
  const { alias, valueHint } = option;
  const hint = valueHint === undefined ? "" : ` ${texts.hint(valueHint)}`;
  const head = `  ${alias === undefined ? "    " : `-${alias}, `}--${name}${hint}`;
  const byDefault = defaultOf(name, option, texts);
  const partners = partnersOf(option, options).map(([partner]) => `--${partner}`);
  const isSaid = partners.some((partner) => description.includes(partner));
  const end = [
    ...(isSaid || partners.length === 0 || partners.length > MOST_NAMED ? [] : [texts.with(partners)]),
    ...(byDefault === null ? [] : [texts.byDefault(byDefault)]),
  ];
  const at = columns < NARROW.below ? NARROW.text : TEXT;
  const [first = "", ...rest] = wrapParts([...description.split(" "), ...end], " ", columns - at);
  const indent = " ".repeat(at);
  const lines = rest.map((line) => indent + line);
  return head.length < at - 1 ? [head.padEnd(at) + first, ...lines] : [head, indent + first, ...lines];
}

/** The value an option has when nobody gives it, as it would be written; `null` when there is nothing to say. */
function defaultOf(name: string, { type, setting, default: own }: Option, texts: HelpTexts): string | null {
  if (own !== undefined) return name === "requests" ? texts.withoutDuration(String(own)) : String(own);
  if (setting === undefined || type !== "string") return null;
  if (setting === "lang") return texts.systemLanguage;
  const { kind, default: byDefault } = rows[setting];
  if (byDefault === null) return null;
  if (kind.toFile === undefined) return String(byDefault);
  return byDefault === 0 ? texts.off : `${kind.toFile(byDefault)}s`;
}

function exitCodes(verb: string, { heads, exit, ownExit }: HelpTexts, columns: number): string[] {
  const [, own] = Object.entries({ stream: exit, ...ownExit }).find(([name]) => name === verb) ?? [];
  if (own === undefined) return [];
  const lines = own.flatMap(([code, meaning]) => hanging(`  ${code.padEnd(5)}`, meaning, columns));
  return [section(heads.exit, lines)];
}

async function faults({ heads, faults: own }: HelpTexts, columns: number): Promise<string> {
  const [{ FAULT_NAMES }, { BATCH_OUTCOME_NAMES }] = await Promise.all([
    import("../simulator/faults.ts"),
    import("../simulator/batch-outcomes.ts"),
  ]);
  const list = (names: readonly string[]): string[] => wrap(names.join(", "), columns - 2).map((line) => `  ${line}`);
  return [
    section(heads.faults, [...list(FAULT_NAMES), ...wrap(own, columns)]),
    section(heads.outcomes, list(BATCH_OUTCOME_NAMES)),
  ].join("\n\n");
}

function section(head: string, lines: readonly string[]): string {
  return [head, ...lines].join("\n");
}

/** Only plain spaces are broken at. */
function wrap(text: string, columns: number): string[] {
  return wrapParts(text.split(" "), " ", columns);
}

/** A text behind its head, under which its further lines begin. */
function hanging(head: string, text: string, columns: number): string[] {
  const [first = "", ...rest] = wrap(text, columns - head.length);
  return [head + first, ...rest.map((line) => " ".repeat(head.length) + line)];
}

/** A word of a command line, with what is quoted in it. */
const WORD = /(?:'[^']*'|"[^"]*"|[^\s'"])+/g;

/** What is to be typed. A shell reads it as it stands where it takes several lines, too. */
function typed(line: string, columns: number): string[] {
  if (cellsOf(line) <= columns - 2) return [`  ${line}`];
  const lines = packed(line.match(WORD) ?? [], cellsOf, 1, columns - " \\".length - 4);
  return lines.map(
    (words, at) => `${at === 0 ? "  " : "    "}${words.join(" ")}${at === lines.length - 1 ? "" : " \\"}`,
  );
}
