import type { Chunk } from "../wire/chat.ts";
import { createFingerprint } from "../wire/fingerprint.ts";

/** What an answer has said so far, to know it again where a server repeats the whole of it in its last event. */
export function createSaid(): {
  /** A token event. */
  add(chunk: Chunk): void;
  /** Visible text that was handed on. */
  text(text: string): void;
  reasoning(): boolean;
  /** What a `message` says for the first time; `pending`: text that came and was not handed on yet. */
  withoutRepetition(chunk: Chunk, pending: string): Chunk;
} {
  const handedOn = createFingerprint();
  const came = { text: false, reasoning: false, refusal: false, tools: false };

  function repeats({ form, content }: Chunk, pending: string): boolean {
    return form === "completion" || (content !== "" && handedOn.matches(content, pending));
  }

  return {
    add({ content, reasoning, refusal, tools }) {
      came.text ||= content !== "";
      came.reasoning ||= reasoning !== "";
      came.refusal ||= refusal !== "";
      came.tools ||= tools.length > 0;
    },
    text: handedOn.add,
    reasoning: () => came.reasoning,
    withoutRepetition(chunk, pending) {
      if (!repeats(chunk, pending)) return chunk;
      return {
        ...chunk,
        content: came.text ? "" : chunk.content,
        reasoning: came.reasoning ? "" : chunk.reasoning,
        refusal: came.refusal ? "" : chunk.refusal,
        tools: came.tools ? [] : chunk.tools,
      };
    },
  };
}
