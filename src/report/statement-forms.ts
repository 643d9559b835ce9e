import { clip, foreign, markup, type Markup, NOTHING } from "./html-markup.ts";
import { code, table } from "./markdown-text.ts";
import style from "./page/statement.css" with { type: "text" };
import type { Said, Section, Text } from "./statement-text.ts";
import { statementOf } from "./statement.ts";

/** Longest text from elsewhere in a sentence, and in a table: the page has room for so much. */
const LONGEST = 72;
const LONGEST_CELL = 28;
/** Longest piece of a sentence of ours, which may list loads. */
const LONGEST_PIECE = 240;

/** The page as Markdown. */
export function statementMarkdown(said: Said): string {
  const { title, about, verdict, sections, foot } = statementOf(said);
  const inMarkdown = (text: Text, most = LONGEST): string =>
    text.map((piece) => (typeof piece === "string" ? piece : code(piece.foreign, most))).join("");
  const part = (section: Section): string[] => [
    `## ${section.title}`,
    section.lines
      .map(({ figure, text }) => `- ${figure === null ? "" : `**${figure}** · `}${inMarkdown(text)}`)
      .join("\n"),
    section.table === null
      ? ""
      : table(
          section.table.head,
          section.table.rows.map((row) => row.map((cell) => inMarkdown(cell, LONGEST_CELL))),
          0,
        ),
  ];
  const parts = [
    `# ${title}`,
    inMarkdown(about),
    `**${verdict}**`,
    ...sections.flatMap(part),
    `<sub>${inMarkdown(foot)}</sub>`,
  ];
  return `${parts.filter((text) => text !== "").join("\n\n")}\n`;
}

/** The page as HTML for one sheet of A4: no script, and nothing from anywhere. */
export function statementHtml(said: Said): string {
  const { title, about, verdict, sections, foot } = statementOf(said);
  const hash = new Bun.CryptoHasher("sha256").update(style).digest("base64");
  const styles: Markup = { markup: `<style>${style}</style>` };
  return markup`<!doctype html>
<html lang="${said.messages.lang}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
${styles}
</head>
<body>
<main>
<header><h1>${title}</h1><p class="about">${inHtml(about)}</p></header>
<p class="verdict">${clip(verdict, 400)}</p>
${sections.map(sectionHtml)}
<footer><p>${inHtml(foot)}</p></footer>
</main>
</body>
</html>
`.markup;
}

function inHtml(text: Text, most = LONGEST): Markup {
  return markup`${text.map((piece) => (typeof piece === "string" ? markup`${clip(piece, LONGEST_PIECE)}` : foreign(piece.foreign, most)))}`;
}

function sectionHtml({ title, lines, table: rows }: Section): Markup {
  const told = lines.filter(({ figure }) => figure === null);
  const shown = lines.filter(({ figure }) => figure !== null);
  const list = told.map(({ text }) => markup`<p>${inHtml(text)}</p>`);
  const figures = shown.map(({ figure, text }) => markup`<div><dt>${figure ?? ""}</dt><dd>${inHtml(text)}</dd></div>`);
  return markup`<section><h2>${title}</h2>
${figures.length === 0 ? NOTHING : markup`<dl>${figures}</dl>`}${list}${rows === null ? NOTHING : tableHtml(rows)}</section>
`;
}

function tableHtml({ head, rows }: NonNullable<Section["table"]>): Markup {
  const cells = (row: readonly Text[]): Markup =>
    markup`<tr>${row.map((cell, at) => (at === 0 ? markup`<th scope="row">${inHtml(cell, LONGEST_CELL)}</th>` : markup`<td>${inHtml(cell, LONGEST_CELL)}</td>`))}</tr>
`;
  return markup`<div class="scroll"><table><thead><tr>${head.map((word) => markup`<th scope="col">${word}</th>`)}</tr></thead><tbody>
${rows.map(cells)}</tbody></table></div>`;
}
