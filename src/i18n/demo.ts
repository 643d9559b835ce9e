import type { Lang } from "./messages.ts";

/** What the built-in server says, and that it is no model. */
export function demoAnswer(lang: Lang, model: string): string {
  return `${lang} ${model}`;
}
