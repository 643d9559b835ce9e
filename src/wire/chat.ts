import { bearer, STREAM_OPTIONS, type Adaptation, type Api } from "./api.ts";
import { createChunkReader } from "./choices.ts";
import { unsaidInChat, type ApiBody } from "./request.ts";

const MAX_TOKENS: Adaptation = {
  code: "adapted_max_tokens",
  ofModel: true,
  isRefused: (body, refusal) => body["max_tokens"] !== undefined && refusal.includes("max_completion_tokens"),
  apply({ max_tokens: limit, ...body }): ApiBody {
    return limit === undefined ? body : { ...body, max_completion_tokens: limit };
  },
};

/** Chat completions: `choices[].delta`, and `[DONE]` at the end. */
export const chat: Api = {
  headers: bearer,
  body(request) {
    const unsaid = unsaidInChat(request);
    return unsaid === null ? { body: request, unsaid } : { body: null, unsaid };
  },
  streaming: { stream: true, stream_options: { include_usage: true } },
  adaptations: [STREAM_OPTIONS, MAX_TOKENS],
  errorUndoes: false,
  createReader: createChunkReader,
};
