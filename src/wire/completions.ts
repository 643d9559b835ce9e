import { bearer, STREAM_OPTIONS, type Api } from "./api.ts";
import { createChunkReader } from "./choices.ts";
import { tokenIdsIn, type ApiBody, type ChatBody } from "./request.ts";
import { ONLY_IN_CHAT, parametersIn, partsOf, translated, unsaid, withoutSystem, type Words } from "./translation.ts";

const WORDS: Words = {
  ...ONLY_IN_CHAT,
  max_completion_tokens: "max_tokens",
  max_output_tokens: "max_tokens",
  tools: null,
  tool_choice: null,
  parallel_tool_calls: null,
  response_format: null,
  reasoning_effort: null,
  verbosity: null,
  top_logprobs: null,
};

/** Completions: a text that is gone on with, `choices[].text`, and `[DONE]` at the end. */
export const completions: Api = {
  headers: bearer,
  body: (request) => translated(request, toBody),
  streaming: { stream: true, stream_options: { include_usage: true } },
  adaptations: [STREAM_OPTIONS],
  errorUndoes: false,
  createReader: createChunkReader,
};

function toBody(request: ChatBody): ApiBody {
  return { ...parametersIn(request, WORDS), prompt: promptOf(request) };
}

/** The one text of a conversation of one message; what the system says stands before it. */
function promptOf(request: ChatBody): string | number[] {
  const ids = tokenIdsIn(request);
  if (ids !== null) return request.messages.length === 1 ? ids : unsaid("system");
  const { system, rest } = withoutSystem(request.messages);
  const [message, ...more] = rest;
  if (message === undefined || more.length > 0 || message["role"] !== "user") return unsaid("conversation");
  const parts = partsOf(message["content"]);
  const image = parts.find(({ type }) => type.includes("image"));
  if (image !== undefined) return unsaid("image");
  const text = parts.map((part) => (typeof part["text"] === "string" ? part["text"] : unsaid("part", part.type)));
  return [...(system === null ? [] : [system]), text.join("\n")].join("\n\n");
}
