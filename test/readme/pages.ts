import { Glob } from "bun";
import type { Lang } from "./sample-list.ts";

const ROOT = new URL("../../", import.meta.url);

/** A page for readers, by its path in the project. `name` is the same in both languages. */
export type Page = { lang: Lang; file: string; name: string; text: string };

/** The READMEs and all of docs/, English first. */
export const PAGES: readonly Page[] = await Promise.all(
  [
    ...["README.md", ...filesOf("docs/*.md")].map((file) => ({ lang: "en" as const, file, name: nameOf(file) })),
    ...["README.fr.md", ...filesOf("docs/fr/*.md")].map((file) => ({ lang: "fr" as const, file, name: nameOf(file) })),
  ].map(async (page) => ({ ...page, text: await Bun.file(new URL(page.file, ROOT)).text() })),
);

function filesOf(pattern: string): string[] {
  return [...new Glob(pattern).scanSync(ROOT.pathname)].toSorted();
}

function nameOf(file: string): string {
  return file.replace(/^.*\/|(\.fr)?\.md$/g, "");
}

/** The anchor of a heading, as the hosts of repositories make it. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\-_ ]/gu, "")
    .replaceAll(" ", "-");
}

/** The headings of a page at this depth, in order. */
export function headingsOf(text: string, depth: number): string[] {
  const prose = text.replaceAll(/```[\s\S]*?```/g, "");
  return [...prose.matchAll(new RegExp(`^#{${depth}} (.+)$`, "gm"))].map(([, heading = ""]) => heading);
}
