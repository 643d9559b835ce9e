/** Writes an answer of `simulate.tokens` tokens in the API that is asked for, as fast as it is read. */

const EVENTS_A_BLOCK = 1000;
const WORDS = "The robot looked at the canvas and understood that colours are a kind of time".split(/(?= )/);

type Shape = { before: string; piece(word: string, number: number): string; after: string };

function data(value: object, event = ""): string {
  return `${event === "" ? "" : `event: ${event}\n`}data: ${JSON.stringify(value)}\n\n`;
}

function typed(type: string, more: object = {}): string {
  return data({ type, ...more }, type);
}

function chunk(object: string, choice: object): string {
  const who = { id: "cmpl-0123456789", object, created: 1_764_103_600, model: "granite3.3:2b" };
  return data({ ...who, choices: [{ index: 0, ...choice }] });
}

const SHAPES: Readonly<Record<string, Shape>> = {
  "/v1/chat/completions": {
    before: "",
    piece: (content) => chunk("chat.completion.chunk", { delta: { content }, finish_reason: null }),
    after: `${chunk("chat.completion.chunk", { delta: {}, finish_reason: "stop" })}data: [DONE]\n\n`,
  },
  "/v1/completions": {
    before: "",
    piece: (text) => chunk("text_completion", { text, finish_reason: null }),
    after: `${chunk("text_completion", { text: "", finish_reason: "stop" })}data: [DONE]\n\n`,
  },
  "/v1/responses": {
    before: typed("response.created", { response: { id: "resp_0123456789", model: "granite3.3:2b" } }),
    piece: (delta, number) =>
      typed("response.output_text.delta", {
        sequence_number: number,
        item_id: "msg_0123456789",
        output_index: 0,
        content_index: 0,
        delta,
      }),
    after: typed("response.completed", { response: { status: "completed" } }),
  },
  "/v1/messages": {
    before: typed("message_start", { message: { id: "msg_0123456789", model: "granite3.3:2b" } }),
    piece: (text) => typed("content_block_delta", { index: 0, delta: { type: "text_delta", text } }),
    after: typed("message_delta", { delta: { stop_reason: "end_turn" } }) + typed("message_stop"),
  },
};

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  async fetch(request) {
    const shape = SHAPES[new URL(request.url).pathname];
    const asked: unknown = await request.json();
    const tokens = tokensIn(asked);
    if (shape === undefined) return new Response(null, { status: 404 });
    const { before, piece, after } = shape;
    const events = Array.from({ length: EVENTS_A_BLOCK }, (_, at) => piece(WORDS[at % WORDS.length] ?? "", at + 1));
    const block = Buffer.from(events.join(""));
    async function* body() {
      yield Buffer.from(before);
      for (let left = tokens; left > 0; left -= EVENTS_A_BLOCK)
        yield left >= EVENTS_A_BLOCK ? block : Buffer.from(events.slice(0, left).join(""));
      yield Buffer.from(after);
    }
    return new Response(body(), { headers: { "content-type": "text/event-stream" } });
  },
});

function tokensIn(body: unknown): number {
  if (typeof body !== "object" || body === null || !("simulate" in body)) return 0;
  const { simulate } = body;
  if (typeof simulate !== "object" || simulate === null || !("tokens" in simulate)) return 0;
  return Number(simulate.tokens);
}

await Bun.write(Bun.stdout, `${server.url.origin}/v1\n`);
