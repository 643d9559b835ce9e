import { stream } from "../../src/commands/stream.ts";
import { load } from "../../src/i18n/load.ts";
import { BATCH_OUTCOME_NAMES, BATCH_OUTCOMES } from "../../src/simulator/batch-outcomes.ts";
import { canHave, FAULTS } from "../../src/simulator/faults.ts";
import { API_KINDS } from "../../src/wire/apis.ts";
import { FAULTS_FR, OUTCOMES_FR } from "./faults-fr.ts";
import type { Lang } from "./sample-list.ts";
import { fields, rows, type Field } from "../../src/config/settings.ts";

/** The settings as a table: key in the file, option, variable, default. */
export function settingsTable(lang: Lang): string {
  const head = {
    en: ["In the file", "Option", "Variable", "Default"],
    fr: ["Dans le fichier", "Option", "Variable", "Défaut"],
  }[lang];
  const lines = fields.map((field) => [
    code(rows[field].key),
    code(optionFor(field)),
    code(variableFor(field)),
    code(defaultOf(field)),
  ]);
  return table(head, lines);
}

/** One part of the glossary as a table: the name in JSON, what the screen calls it, what it is. */
export async function figuresTable(section: string, lang: Lang): Promise<string> {
  const { figure, help } = await load(lang, "terms");
  const { sections } = help;
  if (!isSection(section, sections)) throw new Error(`there is no part ${section} in the glossary`);
  const head = { en: ["Name", "On screen", "What it is"], fr: ["Nom", "À l’écran", "Définition"] }[lang];
  const screen = new Map<string, string>(Object.entries(figure).map(([name, term]) => [name, term.row]));
  const lines = Object.entries(sections[section].figures).map(([name, about]) => [
    code(name),
    screen.get(name) ?? "–",
    about,
  ]);
  const named = lines.some(([, label]) => label !== "–");
  return named
    ? table(head, lines)
    : table(
        [head[0] ?? "", head[2] ?? ""],
        lines.map(([name = "", , about = ""]) => [name, about]),
      );
}

/** Every fault of the simulator, and what it does. */
export function faultsTable(lang: Lang): string {
  const head = {
    en: ["Fault", "What the server does", "APIs"],
    fr: ["Panne", "Ce que fait le serveur", "API"],
  }[lang];
  const all = { en: "all", fr: "toutes" }[lang];
  const lines = FAULTS.map(({ name, description }) => {
    const apis = API_KINDS.filter((api) => canHave(api, name));
    return [
      code(name),
      lang === "fr" ? FAULTS_FR[name] : description,
      apis.length === API_KINDS.length ? all : apis.join(", "),
    ];
  });
  return table(head, lines);
}

/** What may become of a batch at the simulator. */
export function outcomesTable(lang: Lang): string {
  const head = { en: ["Outcome", "What becomes of the batch"], fr: ["Issue", "Ce que devient le lot"] }[lang];
  const about = lang === "fr" ? OUTCOMES_FR : BATCH_OUTCOMES;
  return table(
    head,
    BATCH_OUTCOME_NAMES.map((name) => [code(name), about[name]]),
  );
}

function isSection<T extends object>(name: string, sections: T): name is Extract<keyof T, string> {
  return Object.hasOwn(sections, name);
}

function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const widths = head.map((_, at) => Math.max(...[head, ...lines].map((cells) => Bun.stringWidth(cells[at] ?? ""))));
  const rule = widths.map((width) => "-".repeat(width));
  const row = (cells: readonly string[]): string => {
    return `| ${cells.map((cell, at) => cell + " ".repeat((widths[at] ?? 0) - Bun.stringWidth(cell))).join(" | ")} |\n`;
  };
  return [head, rule, ...lines].map(row).join("");
}

function optionFor(field: Field): string {
  // A list is no value of one setting: each occurrence counts.
  if (field === "slo") return "--slo";
  const found = Object.entries(stream.args).find(([, { setting }]) => setting === field);
  if (found === undefined) return "";
  const [name, { alias }] = found;
  return alias === undefined ? `--${name}` : `-${alias}, --${name}`;
}

function variableFor(field: Field): string {
  return field === "token" ? "LLMAAS_API_KEY" : (rows[field].env ?? "");
}

function defaultOf(field: Field): string {
  const { kind, default: byDefault } = rows[field];
  if (byDefault === null) return "";
  const value = kind.toFile ? kind.toFile(byDefault) : byDefault;
  return typeof value === "string" ? value : JSON.stringify(value);
}

function code(text: string): string {
  return text === "" ? "–" : `\`${text}\``;
}
