import { load, type Lang } from "../../i18n/load.ts";
import { cellsOf, padEnd } from "../../text/width.ts";
import { wrap, COLUMNS } from "../../text/wrap.ts";

const INDENT = 2;

/** What each figure means, in lines of at most 80 cells. */
export async function renderNumbers(lang: Lang): Promise<string> {
  const { title, about, sections } = await load(lang, "numbersHelp");
  const width =
    Math.max(
      ...Object.values(sections)
        .flatMap(({ figures }) => Object.keys(figures))
        .map(cellsOf),
    ) + INDENT;
  const all = Object.values(sections).map((section): string[] => [
    section.title,
    ...(section.about === "" ? [] : wrap(section.about, COLUMNS).lines),
    ...Object.entries(section.figures).flatMap(([name, meaning]) =>
      wrap(meaning, COLUMNS - INDENT - width).lines.map(
        (line, at) => " ".repeat(INDENT) + padEnd(at === 0 ? name : "", width) + line,
      ),
    ),
  ]);
  const parts = [[title], wrap(about, COLUMNS).lines, ...all];
  return `${parts.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}
