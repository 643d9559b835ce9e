import type { Chunk } from "../wire/chat.ts";
import { createFingerprint } from "../wire/fingerprint.ts";
import type { Pieces } from "./pieces.ts";

/** What an answer has said so far, to know it again where a server repeats the whole of it in its last event. */
export function createSaid(): {
  /** What was handed on. */
  add(pieces: Pieces): void;
  reasoning(): boolean;
  /** What a `message` says for the first time; `pending`: what came and was not handed on yet. */
  withoutRepetition(chunk: Chunk, pending: Pieces): Chunk;
} {
  const text = createFingerprint();
  const came = { text: false, reasoning: false, refusal: false, tools: false };

  function repeats({ form, content }: Chunk, pending: Pieces): boolean {
    return form === "completion" || (content !== "" && text.matches(content, pending.text));
  }

  return {
    add(pieces) {
      text.add(pieces.text);
      came.text ||= pieces.text !== "";
      came.reasoning ||= pieces.reasoning !== "";
      came.refusal ||= pieces.refusal !== "";
      came.tools ||= pieces.tools.length > 0;
    },
    reasoning: () => came.reasoning,
    withoutRepetition(chunk, pending) {
      if (!repeats(chunk, pending)) return chunk;
      return {
        ...chunk,
        content: came.text || pending.text !== "" ? "" : chunk.content,
        reasoning: came.reasoning || pending.reasoning !== "" ? "" : chunk.reasoning,
        refusal: came.refusal || pending.refusal !== "" ? "" : chunk.refusal,
        tools: came.tools || pending.tools.length > 0 ? [] : chunk.tools,
      };
    },
  };
}
