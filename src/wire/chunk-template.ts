import { parseChunk, type Chunk, type Parsed } from "./chat.ts";

/** What ends a JSON string or stands for something else in it. */
const SPECIAL = /["\\\u0000-\u001F]/;
/** A text that stands for the words while the rest of a chunk is learnt. No server can know it, so that none sends it. */
const PROBE = crypto.randomUUID();
/** Chunks in a row that are learnt in vain before we leave it: each costs two more parsings. */
const PATIENCE = 8;

type Form = { before: string; after: string; parsed: { kind: "chunk"; chunk: Chunk } };
/** As `parseChunk` has it. */
type Parse = (data: string) => Parsed;

/**
 * Reads the chunks of one body as `parseChunk` does. Those of one answer differ in their words alone: what stands
 * before and after them is compared with an earlier chunk, which costs a third of parsing it (0.3 µs less a token).
 * The result is good until the next call. Once choices shared a chunk, one that stands alone may be another one.
 */
export function createChunkReader(several = false): Parse {
  let form: Form | null = null;
  let vain = 0;
  let others = several;
  const parse: Parse = (data) => parseChunk(data, others);

  return (data) => {
    const fitting = form !== null && fits(data, form) ? form : null;
    if (fitting !== null) {
      const words = data.slice(fitting.before.length, data.length - fitting.after.length);
      if (words !== "" && !SPECIAL.test(words)) {
        vain = 0;
        fitting.parsed.chunk.content = words;
        return fitting.parsed;
      }
    }
    const parsed = parse(data);
    if (!others && parsed.kind === "chunk" && parsed.chunk.otherChoices) {
      others = true;
      form = null;
    }
    if (fitting === null && vain < PATIENCE && parsed.kind === "chunk" && parsed.chunk.content !== "") {
      vain++;
      form = formOf(data, parsed.chunk, parse);
    }
    return parsed;
  };
}

function fits(data: string, { before, after }: Form): boolean {
  return data.length >= before.length + after.length && data.startsWith(before) && data.endsWith(after);
}

/** What surrounds the words of a chunk; `null` when other words in their place would not make the same chunk. */
function formOf(data: string, chunk: Chunk, parse: Parse): Form | null {
  const words = JSON.stringify(chunk.content);
  const start = data.indexOf(words);
  if (start < 0) return null;
  const before = data.slice(0, start + 1);
  const after = data.slice(start + words.length - 1);
  const parsed = parse(before + PROBE + after);
  if (parsed.kind !== "chunk" || !Bun.deepEquals(parsed.chunk, { ...chunk, content: PROBE })) return null;
  return { before, after, parsed };
}
