import type { ApiKind } from "../wire/apis.ts";
import type { StreamRequest } from "./event.ts";
import type { Fetch } from "./http.ts";

/** The data of the events of a whole answer, as short as it can be. */
const SHORTEST: Readonly<Record<ApiKind, readonly string[]>> = {
  chat: ['{"choices":[{"delta":{"content":"."}}]}', '{"choices":[{"delta":{},"finish_reason":"stop"}]}', "[DONE]"],
  completions: ['{"choices":[{"text":"."}]}', '{"choices":[{"text":"","finish_reason":"stop"}]}', "[DONE]"],
  messages: [
    '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"."}}',
    '{"type":"message_delta","delta":{"stop_reason":"end_turn"}}',
    '{"type":"message_stop"}',
  ],
  responses: [
    '{"type":"response.output_text.delta","delta":"."}',
    '{"type":"response.completed","response":{"status":"completed"}}',
  ],
};

/**
 * A stream of one token that needs no network. Code that runs for the first time takes a millisecond more between the
 * first bytes and the verdict (Bun 1.4.5): run before anything is read, such a stream takes it upon itself.
 */
export function rehearsalOf(api: ApiKind): { fetch: Fetch; request: StreamRequest; own: string } {
  const body = SHORTEST[api].map((data) => `data: ${data}\n\n`).join("");
  return {
    fetch: async () => new Response(body, { headers: { "content-type": "text/event-stream" } }),
    request: {
      endpoint: "http://rehearsal.invalid/v1",
      api,
      key: null,
      headers: {},
      body: { model: "", messages: [], stream: true },
      timers: { open: 0, firstToken: 0, idle: 0, total: 0 },
      retries: 0,
      maxWait: 0,
      trustDone: false,
      secrets: ["rehearsal"],
      observe: false,
    },
    own: "{}",
  };
}
