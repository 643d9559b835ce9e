import { describe, expect, test } from "bun:test";
import { CANARIES } from "../cli/canaries.ts";
import { HEAD, response } from "../fixtures/answers.ts";
import { messages, responses, typed } from "../fixtures/api-answers.ts";
import type { Exchange } from "../fixtures/raw-server.ts";
import { ask, askInTime } from "./ask.ts";

const JSON_TYPE = "Content-Type: application/json\r\n";
const { start, text, reason, stop, ping } = messages;
const MESSAGE = HEAD + start() + text("Bon") + text("jour") + reason("end_turn") + stop;
const RESPONSE = HEAD + responses.created + responses.text("Bonjour") + responses.end("completed");
const OVERLOADED = { type: "error", error: { type: "overloaded_error", message: "Overloaded" } };

/** Answers the first request with the first, and each later one with the last. */
function inTurn(first: string | Uint8Array, then: string) {
  return async ({ number, write, fin }: Pick<Exchange, "number" | "write" | "fin">): Promise<void> => {
    await write(number === 1 ? first : then);
    fin();
  };
}

describe("the key", () => {
  test("travels to the messages API as x-api-key, and is masked in what --debug shows of it", async () => {
    const { requests, debug } = await ask(MESSAGE, { args: ["--api", "messages"] });
    const [request] = requests;
    expect(request?.headers).toMatchObject({ "x-api-key": CANARIES.key, "anthropic-version": "2023-06-01" });
    // What stands there came with the endpoint.
    expect(request?.headers["authorization"]).not.toContain(CANARIES.key);
    expect(debug).toMatch(/x-api-key: •••/);
    expect(debug).toContain("/v1/messages?");
  });

  test("travels to the responses API as in chat", async () => {
    const { requests } = await ask(RESPONSE, { args: ["--api", "responses"] });
    expect(requests[0]?.headers["authorization"]).toBe(`Bearer ${CANARIES.key}`);
    expect(requests[0]?.headers).not.toHaveProperty("x-api-key");
  });

  test("gives way to a header of the user's own", async () => {
    const { requests } = await ask(MESSAGE, {
      args: [
        "--api",
        "messages",
        "--header-secret",
        "x-api-key: mine-0123456",
        "--header",
        "anthropic-version: 2024-01-01",
      ],
    });
    expect(requests[0]?.headers).toMatchObject({ "x-api-key": "mine-0123456", "anthropic-version": "2024-01-01" });
  });
});

describe("a server that has too much is asked again before the first token:", () => {
  test.each([
    ["in the stream", HEAD + start() + ping + typed("error", OVERLOADED)],
    ["with HTTP 529", response("529 Overloaded", JSON_TYPE, JSON.stringify(OVERLOADED))],
  ])("%s", async (_, refusal) => {
    const { record } = await ask(inTurn(refusal, MESSAGE), { args: ["--api", "messages"] });
    expect(record).toMatchObject({ verdict: "complete", text: "Bonjour", attempts: 2 });
  });

  test("and not after it", async () => {
    const { record } = await ask(inTurn(HEAD + start() + text("Bon") + typed("error", OVERLOADED), MESSAGE), {
      args: ["--api", "messages"],
    });
    expect(record).toMatchObject({ verdict: "failed", text: "Bon", attempts: 1, error: { code: "overloaded_error" } });
  });

  test("another error in the stream is the answer", async () => {
    const { record } = await ask(
      inTurn(HEAD + typed("error", { error: { type: "api_error", message: "no" } }), MESSAGE),
      {
        args: ["--api", "messages"],
      },
    );
    expect(record).toMatchObject({ verdict: "failed", attempts: 1 });
  });
});

test.each(["include_obfuscation", "stream_options"])(
  "a server that refuses %s is asked again without",
  async (name) => {
    const refusal = response(
      "400 Bad Request",
      JSON_TYPE,
      JSON.stringify({ error: { message: `Unknown parameter: ${name}` } }),
    );
    const { record, requests } = await ask(inTurn(refusal, RESPONSE), {
      args: ["--api", "responses", "--retries", "0"],
    });
    expect(record).toMatchObject({ verdict: "complete", attempts: 2, notices: ["adapted_stream_options"] });
    const bodies = requests.map(({ body }) => JSON.parse(body));
    expect(bodies[0]).toMatchObject({
      stream_options: { include_obfuscation: false },
      store: false,
      max_output_tokens: 300,
    });
    expect(bodies[1]).not.toHaveProperty("stream_options");
  },
);

describe("the timers", () => {
  const minutes = async (
    { write, sleep }: { write(data: string): Promise<void>; sleep(ms: number): Promise<void> },
    life: string,
  ): Promise<void> => {
    for (let i = 0; i < 10; i++) {
      await sleep(30_000);
      await write(life);
    }
  };

  test.each([
    ["messages", HEAD + start(), ping],
    ["responses", HEAD + responses.created, typed("keepalive")],
    ["messages", HEAD + start(), typed("novelty")],
  ])("of the first token are not fed by the signs of life of %s", async (api, head, life) => {
    const { record } = await askInTime(
      async (exchange) => {
        await exchange.write(head);
        await minutes(exchange, life);
      },
      { args: ["--api", api] },
    );
    expect(record).toMatchObject({ verdict: "timeout", error: { phase: "first_token" } });
  });

  test("of idle are not fed by pings", async () => {
    const { record } = await askInTime(
      async (exchange) => {
        await exchange.write(HEAD + start() + text("Bon"));
        await minutes(exchange, ping);
      },
      { args: ["--api", "messages"] },
    );
    expect(record).toMatchObject({ verdict: "timeout", text: "Bon", error: { phase: "idle" } });
  });

  test("of idle are fed by thinking and by the arguments of calls", async () => {
    const piece = (partial: string): string => messages.delta(1, { type: "input_json_delta", partial_json: partial });
    const { record } = await askInTime(
      async ({ write, sleep, fin }) => {
        await write(HEAD + start());
        for (const event of [
          messages.delta(0, { type: "thinking_delta", thinking: "Hm" }),
          messages.block(1, { type: "tool_use", id: "a", name: "f", input: {} }) + piece("{"),
          piece("}"),
        ]) {
          await sleep(40_000);
          await write(event);
        }
        await write(reason("tool_use") + stop);
        fin();
      },
      { args: ["--api", "messages"] },
    );
    expect(record).toMatchObject({
      verdict: "complete",
      reasoning: "Hm",
      tool_calls: [{ name: "f", arguments: "{}" }],
    });
  });
});

test("a server that does not speak the API is said to, with what to try", async () => {
  const refusal = response("404 Not Found", JSON_TYPE, JSON.stringify({ error: { message: "no such path" } }));
  const { record, shown } = await ask(refusal, { args: ["--api", "responses"] });
  expect(record).toMatchObject({ verdict: "failed", error: { kind: "http", status: 404 } });
  expect(shown).toContain("It may not speak the responses API: try --api chat.");
});

test("--debug says which events nobody knows, and how many", async () => {
  const { debug } = await ask(
    HEAD +
      responses.created +
      typed("response.novelty") +
      typed("response.novelty") +
      responses.text("a") +
      responses.end("completed"),
    { args: ["--api", "responses"] },
  );
  expect(debug.match(/= ignored/g)).toHaveLength(2);
  expect(debug).toContain("events of unknown types, ignored: 2");
});
