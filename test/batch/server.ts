import { DONE, event } from "../fixtures/answers.ts";
import { isFields } from "../../src/wire/fields.ts";
import { messages, responses } from "../fixtures/api-answers.ts";

const { start, text, reason, stop } = messages;

/** A whole answer of each API, which says `said`. */
const ANSWERS: Readonly<Record<string, (said: string) => string>> = {
  "/v1/chat/completions": (said) =>
    event({ id: "c", choices: [{ delta: { content: said }, finish_reason: "stop" }], usage: USAGE }) + DONE,
  "/v1/responses": (said) =>
    responses.created +
    responses.text(said) +
    responses.end("completed", { usage: { input_tokens: 3, output_tokens: 5 } }),
  "/v1/messages": (said) =>
    start({ input_tokens: 3, output_tokens: 1 }) + text(said) + reason("end_turn", { output_tokens: 5 }) + stop,
  "/v1/completions": (said) => event({ choices: [{ text: said, finish_reason: "stop" }], usage: USAGE }) + DONE,
};
const USAGE = { prompt_tokens: 3, completion_tokens: 5, total_tokens: 8 };

/** A request as the server got it; `nth`: how many came before with the same prompt, and this one. */
export type Got = { path: string; headers: Headers; body: Record<string, unknown>; prompt: string; nth: number };

export type BatchServer = {
  /** Base URL of the API. */
  url: string;
  got: readonly Got[];
  /** How often each prompt came. */
  asked: ReadonlyMap<string, number>;
  /** How often each was answered in full. */
  answered: ReadonlyMap<string, number>;
  /** Most requests at once. */
  most(): number;
  /** Settles when so many requests have come. */
  came(count: number): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

type Reply = Response | string | null | undefined;

/** A server that counts: it answers each prompt with what `reply` says, with a response of its own, or with `null` never. */
export function startBatchServer(
  reply: (got: Got) => Reply | Promise<Reply> = ({ prompt }) => prompt,
  port = 0,
): BatchServer {
  const got: Got[] = [];
  const asked = new Map<string, number>();
  const answered = new Map<string, number>();
  const waiting = new Set<() => void>();
  let [open, most] = [0, 0];
  const count = (map: Map<string, number>, key: string): number => {
    map.set(key, (map.get(key) ?? 0) + 1);
    return map.get(key) ?? 0;
  };
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port,
    idleTimeout: 0,
    async fetch(request) {
      const path = new URL(request.url).pathname;
      const body: unknown = await request.json();
      if (!isFields(body)) return new Response("no object", { status: 400 });
      const prompt = promptOf(body);
      const one: Got = { path, headers: request.headers, body, prompt, nth: count(asked, prompt) };
      got.push(one);
      most = Math.max(most, ++open);
      for (const look of waiting) look();
      const said = await reply(one);
      open--;
      if (said instanceof Response) return said;
      if (said === null) return new Response(new ReadableStream({ start: () => undefined }), { headers: STREAM });
      count(answered, prompt);
      return new Response(ANSWERS[path]?.(said ?? "") ?? "", { headers: STREAM, status: path in ANSWERS ? 200 : 404 });
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}/v1`,
    got,
    asked,
    answered,
    most: () => most,
    came: (wanted) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (got.length < wanted) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

const STREAM = { "content-type": "text/event-stream" };

/** What is asked, wherever the API has it. */
function promptOf(body: Record<string, unknown>): string {
  const { messages: list, input, prompt } = body;
  if (typeof input === "string") return input;
  if (typeof prompt === "string") return prompt;
  const last: unknown = Array.isArray(list) ? list.findLast(({ role }) => role === "user") : null;
  return typeof last === "object" && last !== null && "content" in last ? String(last.content) : "";
}

/** A line of the Batch API. */
export function batchLine(id: string, prompt = id, more: object = {}): string {
  const body = { model: "m", messages: [{ role: "user", content: prompt }], ...more };
  return `${JSON.stringify({ custom_id: id, method: "POST", url: "/v1/chat/completions", body })}\n`;
}

/** Many of them. */
export function batchLines(count: number): string {
  return Array.from({ length: count }, (_, index) => batchLine(`r${index}`)).join("");
}
