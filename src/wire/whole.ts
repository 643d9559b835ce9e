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
  finishReason: string | null;
  usage: { prompt: number; completion: number; reasoning: number | null; cached: number | null } | null;
};

type Writer = (answer: WholeAnswer) => Record<string, unknown>;

const chat: Writer = ({ id, model, created, text, reasoning, tools, finishReason, usage }) => {
  const calls = tools.map((tool) => ({ id: tool.id, type: "function", function: nameOf(tool) }));
  const message = {
    role: "assistant",
    content: text === "" && calls.length > 0 ? null : text,
    ...(reasoning === "" ? {} : { reasoning_content: reasoning }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
  const choices = [{ index: 0, message, finish_reason: finishReason, logprobs: null }];
  return { id, object: "chat.completion", created, model, choices, usage: usage && completionUsage(usage) };
};

const completions: Writer = ({ id, model, created, text, finishReason, usage }) => {
  const choices = [{ index: 0, text, finish_reason: finishReason, logprobs: null }];
  return { id, object: "text_completion", created, model, choices, usage: usage && completionUsage(usage) };
};

const responses: Writer = ({ id, model, created, text, reasoning, tools, finishReason, usage }) => {
  const isCut = finishReason !== null && !["completed", "stop"].includes(finishReason);
  const status = isCut ? "incomplete" : "completed";
  const content = [{ type: "output_text", text, annotations: [] }];
  const thought = {
    id: `rs_${id}`,
    type: "reasoning",
    summary: [],
    content: [{ type: "reasoning_text", text: reasoning }],
  };
  const output = [
    ...(reasoning === "" ? [] : [thought]),
    ...(text === "" && tools.length > 0
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
    usage: usage && {
      input_tokens: usage.prompt,
      input_tokens_details: { cached_tokens: usage.cached ?? 0 },
      output_tokens: usage.completion,
      output_tokens_details: { reasoning_tokens: usage.reasoning ?? 0 },
      total_tokens: usage.prompt + usage.completion,
    },
  };
};

const messages: Writer = ({ id, model, text, reasoning, tools, finishReason, usage }) => ({
  id,
  type: "message",
  role: "assistant",
  model,
  content: [
    ...(reasoning === "" ? [] : [{ type: "thinking", thinking: reasoning, signature: "" }]),
    ...(text === "" && tools.length > 0 ? [] : [{ type: "text", text }]),
    ...tools.map((tool) => ({ type: "tool_use", id: tool.id, name: tool.name, input: inputOf(tool.arguments) })),
  ],
  stop_reason: finishReason,
  stop_sequence: null,
  usage: usage && {
    input_tokens: usage.prompt - (usage.cached ?? 0),
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: usage.cached ?? 0,
    output_tokens: usage.completion,
  },
});

/** How each API writes a whole answer. */
export const WHOLE = { chat, responses, messages, completions } as const satisfies Record<string, Writer>;

function nameOf({ name, arguments: given }: { name: string; arguments: string }): { name: string; arguments: string } {
  return { name, arguments: given };
}

function completionUsage({ prompt, completion, reasoning, cached }: NonNullable<WholeAnswer["usage"]>) {
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    ...(cached === null ? {} : { prompt_tokens_details: { cached_tokens: cached } }),
    ...(reasoning === null ? {} : { completion_tokens_details: { reasoning_tokens: reasoning } }),
  };
}

/** Arguments that are no JSON stay the text they are. */
function inputOf(text: string): unknown {
  try {
    return JSON.parse(text === "" ? "{}" : text);
  } catch {
    return text;
  }
}
