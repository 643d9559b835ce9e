import type { Brought, Chunk } from "../wire/api.ts";
import { wordsBetween } from "../wire/template.ts";

/**
 * An answer in full flow: its events differ in their words alone, and mostly each comes in a read of its own. Such a read
 * is known by its ends, and nothing else is asked of it. `last`: what the last event brought, where that was words and
 * nothing else. `before` and `after`: what stood around them in its read; "" where that is not known.
 */
type Steady = { last: Brought | null; before: string; after: string };

/** Nothing came yet. */
export function createSteady(): Steady {
  return { last: null, before: "", after: "" };
}

/** The words of a read that is one more such event; "" for any other. */
export function wordsOfRead({ before, after }: Steady, text: string): string {
  return before === "" ? "" : (wordsBetween(text, before, after) ?? "");
}

/**
 * The words of an event that brought them and nothing else, as the last one did: a template hands out the same chunk again.
 * "" for any other. `ahead`: what stood before its data in a read of its own.
 */
export function wordsOfNext(steady: Steady, brought: Brought, ahead: string): string {
  if (brought.kind !== "chunk" || brought !== steady.last) {
    steady.last = brought.kind === "chunk" && isPlain(brought.chunk) ? brought : null;
    steady.before = steady.after = "";
    return "";
  }
  if (ahead !== "" && brought.around !== undefined) {
    steady.before = ahead + brought.around.before;
    steady.after = `${brought.around.after}\n\n`;
  }
  return brought.chunk.content;
}

/** Whether a chunk brings a piece of the words and nothing else but who answers. */
function isPlain(chunk: Chunk): boolean {
  if (chunk.content === "" || chunk.reasoning !== "" || chunk.refusal !== "" || chunk.tools.length > 0) return false;
  if (chunk.finishReason !== null || chunk.usage !== null || chunk.server !== null || chunk.error !== null)
    return false;
  return chunk.form === "delta" && !chunk.otherChoices;
}
