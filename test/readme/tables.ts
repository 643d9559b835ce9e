import { stream } from "../../src/commands/stream.ts";
import { fields, rows, type Field } from "../../src/config/settings.ts";

/** The settings as a table: key in the file, option, variable, default. */
export function settingsTable(lang: "en" | "fr"): string {
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
