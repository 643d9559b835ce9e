import { afterAll, describe, expect, test } from "bun:test";
import type { FaultName } from "../../src/simulator/faults.ts";
import { startSimulator } from "../../src/simulator/server.ts";
import { API_KINDS, type ApiKind } from "../../src/wire/apis.ts";
import { fieldsOf } from "../../src/wire/fields.ts";
import { createHastyClock } from "../fixtures/clocks.ts";
import { runStream } from "../fixtures/in-process.ts";
import { askIn, exchange, parseResponse, wholeBody } from "../simulator/raw-client.ts";

const simulator = startSimulator({
  models: [{ id: "m", tokensPerSecond: 0, ttftMs: 0 }],
  control: { text: "one two", seed: 7 },
  reasoning: () => "hm so",
});
afterAll(() => simulator.stop());

/** With what each API says how an answer ended. */
const REASONS: Readonly<Record<ApiKind, RegExp>> = {
  chat: /"finish_reason":"/,
  responses: /"type":"response\.completed"/,
  messages: /"stop_reason":"/,
  completions: /"finish_reason":"/,
};

/** The record of an answer of which no more than this comes. */
async function recordOf(api: ApiKind, body: string) {
  const { stdout } = await runStream(
    ["-e", "http://127.0.0.1:9/v1", "-m", "m", "--api", api, "--json", "--retries", "0", "two words"],
    {
      env: {},
      clock: createHastyClock(),
      fetch: async () => new Response(body, { headers: { "content-type": "text/event-stream" } }),
    },
  );
  return fieldsOf(JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? ""));
}

const plain: readonly (FaultName | "none")[] = ["none"];
const rows = API_KINDS.flatMap((api) =>
  [...plain, ...(api === "completions" ? [] : (["tool-calls", "refusal"] as const))].map(
    (fault) => [api, fault] as const,
  ),
);

describe("an answer that ends before it says how it ended is never whole, wherever it is cut:", () => {
  test.each(rows)("%s, %s", async (api, fault) => {
    const control = { fault, ...(fault === "none" && api !== "completions" ? { reasoning_tokens: 2 } : {}) };
    const { bytes } = await exchange(simulator.port, askIn(api, control));
    const body = wholeBody(parseResponse(bytes).body);
    const whole = await recordOf(api, body);
    expect(whole["verdict"]).toBe(fault === "refusal" ? "filtered" : "complete");
    let start = 0;
    for (const event of body.split(/(?<=\n\n)/)) {
      for (const end of [1, event.indexOf("{") + 1, event.length >> 1, event.length - 3, event.length]) {
        const cut = body.slice(0, start + end);
        const { verdict, text } = await recordOf(api, cut);
        const told = REASONS[api].test(body.slice(0, start)) || (end === event.length && REASONS[api].test(event));
        expect([cut.slice(-40), String(verdict)]).toEqual([
          cut.slice(-40),
          told ? String(whole["verdict"]) : expect.stringMatching(/^(truncated|failed)$/),
        ]);
        expect(String(whole["text"])).toStartWith(String(text));
      }
      start += event.length;
    }
  });
});

describe("an answer that ends before its first token is asked for again, wherever it is cut:", () => {
  const data = (type: string, more: object): string => `data: ${JSON.stringify({ type, ...more })}\n\n`;
  const beginnings: Readonly<Record<ApiKind, string>> = {
    chat: `: hello\n\ndata: ${JSON.stringify({ choices: [{ index: 0, delta: { content: "é" } }] })}`,
    responses: `event: response.created\n${data("response.created", { response: { id: "r" } })}id: 1\nretry: 5\n`,
    messages: `event: message_start\n${data("message_start", { message: { id: "m" } })}event: ping\n${data("ping", {})}`,
    completions: `data: ${JSON.stringify({ choices: [{ index: 0, text: "é" }] })}`,
  };
  test.each(API_KINDS)("%s", async (api) => {
    const bytes = Buffer.from(beginnings[api]);
    for (let end = 1; end < bytes.length; end++) {
      const { verdict, error } = await recordOf(api, bytes.subarray(0, end).toString());
      const told = [end, verdict, fieldsOf(error)["kind"]];
      expect(told).toEqual([end, "failed", "ended_early"]);
    }
  });
});
