/** What stands in straight quotes or is an address is typed by a machine and has no French rules. */
const CODE =
  /\{"[^{}\n]*\}|'[^'\n]*'|"stream": true|"[^"\n]*"|`[^`\n]*`|```[\s\S]*?```|https?:\/\/\S+|\b\d\d:\d\d\b|[\w.]*[a-z0-9]:\d\w*/g;

const RULES: readonly (readonly [what: string, wrong: RegExp])[] = [
  ["a no-break space before : »", /[^\u00A0][:»](?=[\s.,)]|$)/],
  ["a no-break space after «", /«[^\u00A0]/],
  ["a narrow no-break space before ; ! ?", /[^\u202F][;!?](?=[\s.,)]|$)/],
  ["a narrow no-break space in thousands", /(?<![\p{L}\d,.])\d{1,3}\u00A0\d{3}(?!\d)/u],
  ["a typographic apostrophe", /\p{L}'\p{L}/u],
  ["no double space", /\S[ \u00A0\u202F]{2,}\S/],
  ["a decimal comma", /\d\.\d+[\s\u00A0](s|ms|tokens)\b/],
  [
    "a narrow no-break space before a unit",
    /(?<![\p{L}\d])(\d[\d,.]*|\{\w+\})[ \u00A0](ms|s|min|Mio|Gio|Mo|Go|%|pt)(?=[\s.,;)]|$)/u,
  ],
  ["a narrow no-break space before a currency", /\d[ \u00A0](EUR|USD|€)(?=[\s.,;)]|$)/u],
];

/** The rules of French typography that a text breaks, each with the place. */
export function typographyProblems(text: string): string[] {
  const prose = text.replace(CODE, "x");
  return RULES.flatMap(([what, wrong]) => {
    const found = wrong.exec(prose);
    return found === null ? [] : [`${what}: ${prose.slice(Math.max(0, found.index - 20), found.index + 20)}`];
  });
}
