import * as v from "valibot";
import { fieldOf, type Entry } from "./entries.ts";
import type { Arrived, Author, Held, Reply } from "./queue.ts";

/** One that was taken away while it was pending has no fields. */
export function isHeld({ fields }: Entry): boolean {
  return fields.length > 0;
}

/** A request as it stands in an entry, and the name of that. Few fields make few values: each costs as much as a short text. */
export function requestArgs({ entry, id, hash, line, given, text }: Held): (string | number)[] {
  return [entry, `${hash} ${line} ${id}`, given, text];
}

/** What `requestArgs` has written. */
export function toHeld(entry: Entry): Held {
  const head = fieldOf(entry, "head");
  const hash = head.indexOf(" ");
  const line = head.indexOf(" ", hash + 1);
  return {
    entry: entry.entry,
    id: head.slice(line + 1),
    hash: Number(head.slice(0, hash)),
    line: Number(head.slice(hash + 1, line)),
    given: Number(fieldOf(entry, "given")),
    text: fieldOf(entry, "text"),
  };
}

const of = { id: v.string(), hash: v.number(), given: v.number() };
/** Apart: most replies are answers, and to find out which of several shapes one has takes as long as to check it. */
const answerHead = v.object({
  kind: v.literal("answer"),
  ...of,
  failed: v.boolean(),
  why: v.nullable(v.string()),
  prompt: v.number(),
  tokens: v.number(),
  cost: v.nullable(v.number()),
  currency: v.nullable(v.string()),
  refusal: v.optional(v.object({ of: v.picklist(["model", "api"]), same: v.string(), said: v.string() })),
});
const otherHead = v.variant("kind", [
  v.object({ kind: v.literal("back"), ...of }),
  v.object({ kind: v.literal("halt"), begun: v.number(), worker: v.string(), why: v.string(), said: v.string() }),
]);

const name = v.pipe(v.string(), v.maxLength(200));
/** What every version says, and reads, of a reply. */
const anyHead = v.object({
  id: v.fallback(v.nullable(v.string()), null),
  given: v.fallback(v.nullable(v.number()), null),
  worker: v.fallback(v.nullable(name), null),
  version: v.fallback(v.nullable(name), null),
});

/** A reply as it stands in an entry. */
export function replyArgs(reply: Reply, by: Author): [head: string, line: string] {
  if (reply.kind !== "answer") return [JSON.stringify({ ...by, ...reply }), ""];
  const { worker, version } = by;
  const { kind, id, hash, given, failed, why, prompt, tokens, cost, currency, refusal, line } = reply;
  // Named one by one: to copy two objects and take a field out costs three times as much as to write the text (Bun 1.4).
  const head = { worker, version, kind, id, hash, given, failed, why, prompt, tokens, cost, currency, refusal };
  return [JSON.stringify(head), line];
}

/** What `replyArgs` has written. */
export function toArrived(from: Entry): Arrived {
  const { entry } = from;
  const said = jsonOf(fieldOf(from, "head"));
  const answer = v.safeParse(answerHead, said);
  if (answer.success) {
    const line = fieldOf(from, "line");
    if (isResult(line)) return Object.assign(answer.output, { entry, line });
  }
  const other = v.safeParse(otherHead, said);
  if (other.success) return { ...other.output, entry };
  const any = v.safeParse(anyHead, said);
  return { kind: "unreadable", ...(any.success ? any.output : NOTHING), entry };
}

/** Whoever has put it there. */
const NOTHING = { id: null, given: null, worker: null, version: null };

/** Anything else among the results would cut them there when they are opened again. */
function isResult(line: string): boolean {
  return line.startsWith('{"custom_id":') && line.endsWith("}") && !line.includes("\n");
}

/** `null` where it is no JSON. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
