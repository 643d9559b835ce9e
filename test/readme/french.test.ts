import { describe, expect, test } from "bun:test";
import { typographyProblems } from "../i18n/typography.ts";
import { PAGES } from "./pages.ts";

/** What a page says in sentences and in tables: no code, no address, no mark of Markdown. */
function proseOf(text: string): string {
  return text
    .replace(/```[\s\S]*?```|^ {4}.*$|<!--.*?-->/gm, "x")
    .replace(/`[^`\n]*`/g, "x")
    .replace(/\]\([^)\n]*\)/g, "]")
    .replace(/^\|[\s|:-]+\|$/gm, "")
    .replace(/ *\| */g, "\n")
    .replace(/[[\]]|\*\*|^#+ |^(-|\d+\.) /gm, "");
}

const SHUNNED =
  /(?<!\p{L})(la maison|tubes?|porte d’entrée|boucle fermée|tableau vivant|coude|seuils? (non )?tenus?|client (sain|limité)|blocages?)(?!\p{L})/giu;

test("every page is there in both languages", () => {
  const named = (lang: string): string[] => PAGES.filter((page) => page.lang === lang).map(({ name }) => name);
  expect(named("fr")).toEqual(named("en"));
});

describe.each(PAGES.filter(({ lang }) => lang === "fr"))("$file", ({ text }) => {
  const prose = proseOf(text);

  test("keeps the rules of French typography, in its tables too", () => {
    expect(typographyProblems(prose)).toEqual([]);
    expect(prose.match(/(?<![\p{L}\d,.-])\d{1,3} \d{3}(?!\d)/gu) ?? []).toEqual([]);
  });

  test("calls things by the names the program has for them", () => {
    expect(prose.match(SHUNNED) ?? []).toEqual([]);
  });
});
