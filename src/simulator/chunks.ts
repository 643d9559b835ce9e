/** Who answers, as it stands in every chunk. */
export type Identity = {
  id: string;
  /** Seconds since the epoch. */
  created: number;
  model: string;
  backend: { engine_type: string; machine_name: string };
};

type UsageCounts = { prompt: number; content: number; reasoning: number };

/** Makes the JSON of chunks; all but the delta is written once, because this is the hot path. */
export type Chunks = {
  /** A chunk of choice 0 whose delta is the given JSON object. */
  delta(delta: string): string;
  /** A chunk with the given JSON array of choices; `extra` is JSON put before the final brace. */
  choices(choices: string, extra?: string): string;
  /** A chunk without `choices`. */
  bare(): string;
  role(): string;
  finish(reason: string, extra?: string): string;
};

export function createChunks({ id, created, model, backend }: Identity): Chunks {
  const tail = `,"created":${created},"id":${JSON.stringify(id)},"model":${JSON.stringify(model)},"object":"chat.completion.chunk"`;
  const afterDelta = `,"finish_reason":null,"index":0}]${tail}}`;
  const served = `,"backend":${JSON.stringify(backend)}`;

  function choices(list: string, extra = ""): string {
    return `{"choices":${list}${tail}${extra}}`;
  }

  return {
    delta: (delta) => `{"choices":[{"delta":${delta}${afterDelta}`,
    choices,
    bare: () => `{${tail.slice(1)}}`,
    role: () => choices('[{"delta":{"content":"","role":"assistant"},"finish_reason":null,"index":0}]', served),
    finish: (reason, extra = "") =>
      choices(`[{"delta":{},"finish_reason":${JSON.stringify(reason)},"index":0}]`, served + extra),
  };
}

/** `usage` as the API spells it. */
export function usageJson({ prompt, content, reasoning }: UsageCounts): string {
  const completion = content + reasoning;
  const thought =
    reasoning > 0 ? { reasoning_tokens: reasoning, completion_tokens_details: { reasoning_tokens: reasoning } } : {};
  return JSON.stringify({
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    ...thought,
  });
}

/** The body of an answer that is not streamed. */
export function completionJson(
  { id, created, model, backend }: Identity,
  message: Record<string, unknown>,
  finishReason: string,
  usage: string | null,
): string {
  const choice = { finish_reason: finishReason, index: 0, message: { role: "assistant", ...message } };
  const rest = { choices: [choice], created, id, model, object: "chat.completion" };
  const json = JSON.stringify({ backend, ...rest });
  return usage === null ? json : `${json.slice(0, -1)},"usage":${usage}}`;
}
