/** A whole answer, as each API writes one that was not asked to be streamed. */

/** What an answer is made of; `finishReason` in the API's own word. */
type WholeAnswer = {
  id: string;
  model: string;
  /** Seconds since the epoch. */
  created: number;
  text: string;
  reasoning: string;
  tools: readonly { id: string; name: string; arguments: string }[];
  /** What the model refuses with, in the APIs that tell it apart. */
  refusal?: string;
  finishReason: string | null;
  usage: WholeUsage | null;
};

/** What an answer took; `null` where nobody says. */
export type WholeUsage = { prompt: number; completion: number; reasoning: number | null; cached: number | null };

type UsageWriter = (usage: WholeUsage) => Record<string, unknown>;

const completionUsage: UsageWriter = ({ prompt, completion, reasoning, cached }) => ({
  prompt_tokens: prompt,
  completion_tokens: completion,
  total_tokens: prompt + completion,
  ...(cached === null ? {} : { prompt_tokens_details: { cached_tokens: cached } }),
  // LLMaaS counts reasoning in both places.
  ...(reasoning === null
    ? {}
    : { completion_tokens_details: { reasoning_tokens: reasoning }, reasoning_tokens: reasoning }),
});

/** How each API writes what an answer took. */
export const USAGE = {
  chat: completionUsage,
  completions: completionUsage,
  responses: ({ prompt, completion, reasoning, cached }) => ({
    input_tokens: prompt,
    input_tokens_details: { cached_tokens: cached ?? 0 },
    output_tokens: completion,
    output_tokens_details: { reasoning_tokens: reasoning ?? 0 },
    total_tokens: prompt + completion,
  }),
  messages: ({ prompt, completion, cached }) => ({
    input_tokens: prompt - (cached ?? 0),
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cached ?? 0,
    output_tokens: completion,
  }),
} as const satisfies Record<string, UsageWriter>;

type Writer = (answer: WholeAnswer) => Record<string, unknown>;

const chat: Writer = ({ id, model, created, text, reasoning, refusal = "", tools, finishReason, usage }) => {
  const calls = tools.map((tool) => ({ id: tool.id, type: "function", function: nameOf(tool) }));
  const message = {
    role: "assistant",
    content: text === "" && (calls.length > 0 || refusal !== "") ? null : text,
    ...(refusal === "" ? {} : { refusal }),
    ...(reasoning === "" ? {} : { reasoning_content: reasoning }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
  const choices = [{ index: 0, message, finish_reason: finishReason, logprobs: null }];
  return { id, object: "chat.completion", created, model, choices, usage: usage && USAGE.chat(usage) };
};

const completions: Writer = ({ id, model, created, text, finishReason, usage }) => {
  const choices = [{ index: 0, text, finish_reason: finishReason, logprobs: null }];
  return { id, object: "text_completion", created, model, choices, usage: usage && USAGE.completions(usage) };
};

const responses: Writer = ({ id, model, created, text, reasoning, refusal = "", tools, finishReason, usage }) => {
  const isCut = finishReason !== null && !["completed", "stop"].includes(finishReason);
  const status = isCut ? "incomplete" : "completed";
  const content = [
    ...(text === "" && refusal !== "" ? [] : [{ type: "output_text", text, annotations: [] }]),
    ...(refusal === "" ? [] : [{ type: "refusal", refusal }]),
  ];
  const thought = {
    id: `rs_${id}`,
    type: "reasoning",
    summary: [],
    content: [{ type: "reasoning_text", text: reasoning }],
  };
  const output = [
    ...(reasoning === "" ? [] : [thought]),
    ...(text === "" && refusal === "" && tools.length > 0
      ? []
      : [{ id: `msg_${id}`, type: "message", role: "assistant", status, content }]),
    ...tools.map((tool) => ({ id: tool.id, type: "function_call", status, call_id: tool.id, ...nameOf(tool) })),
  ];
  return {
    id,
    object: "response",
    created_at: created,
    status,
    error: null,
    incomplete_details: isCut ? { reason: finishReason } : null,
    model,
    output,
    usage: usage && USAGE.responses(usage),
  };
};

const messages: Writer = ({ id, model, text, reasoning, refusal = "", tools, finishReason, usage }) => ({
  id,
  type: "message",
  role: "assistant",
  model,
  content: [
    ...(reasoning === "" ? [] : [{ type: "thinking", thinking: reasoning, signature: "" }]),
    ...(text + refusal === "" && tools.length > 0 ? [] : [{ type: "text", text: text + refusal }]),
    ...tools.map((tool) => ({ type: "tool_use", id: tool.id, name: tool.name, input: inputOf(tool.arguments) })),
  ],
  stop_reason: finishReason,
  stop_sequence: null,
  usage: usage && USAGE.messages(usage),
});

/** How each API writes a whole answer. */
export const WHOLE = { chat, responses, messages, completions } as const satisfies Record<string, Writer>;

function nameOf({ name, arguments: given }: { name: string; arguments: string }): { name: string; arguments: string } {
  return { name, arguments: given };
}

/** Arguments that are no JSON stay the text they are. */
function inputOf(text: string): unknown {
  try {
    return JSON.parse(text === "" ? "{}" : text);
  } catch {
    return text;
  }
}
