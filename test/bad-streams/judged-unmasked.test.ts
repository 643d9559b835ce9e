import { describe, expect, test } from "bun:test";
import { DONE, event, finish, HEAD, response, token } from "../fixtures/answers.ts";
import { ask } from "./ask.ts";

const MASK = "•••";

describe("what came is judged, whatever the key masks of it:", () => {
  test.each([
    ["x", "max_tokens", "length"],
    ["r", "error", "failed"],
    ["o", "stop", "complete"],
    ["length", "length", "length"],
    ["tokens", "max_tokens", "length"],
    ["stop", "stop", "complete"],
    ["tool_calls", "tool_calls", "complete"],
    ["filter", "content_filter", "filtered"],
    ["abort", "abort", "failed"],
    ["error", "error", "failed"],
  ])("with the key %p, finish_reason %p is %s", async (key, reason, verdict) => {
    const { record } = await ask(HEAD + token("a") + finish(reason) + DONE, { env: { LLMAAS_API_KEY: key } });
    expect(record.verdict).toBe(verdict);
    expect(record.finish_reason).toBe(key.length < 4 ? reason : reason.replaceAll(key, MASK));
  });

  test("an empty answer whose reason is the key is empty, and the reason masked", async () => {
    const { record, shown } = await ask(HEAD + finish("length") + DONE, { env: { LLMAAS_API_KEY: "length" } });
    expect(record).toMatchObject({ verdict: "empty", finish_reason: MASK });
    expect(shown).not.toContain("length");
  });

  test("a refusal is retried by what it is, and its code is masked where it is shown", async () => {
    const refusal = response("400 No", "", JSON.stringify({ error: { message: "no", code: "stream_options" } }));
    const asked: string[] = [];
    const { record } = await ask(
      async ({ write, fin, request }) => {
        asked.push(request.body);
        await write(request.body.includes("stream_options") ? refusal : HEAD + token("a") + finish() + DONE);
        fin();
      },
      { env: { LLMAAS_API_KEY: "stream_options" } },
    );
    expect(record).toMatchObject({ verdict: "complete", notices: ["adapted_stream_options"] });
  });

  test("the code of an error inside the stream is masked", async () => {
    const answer = HEAD + token("a") + event({ error: { message: "gone", code: "over_capacity" } });
    const { record, shown, debug } = await ask(answer, { env: { LLMAAS_API_KEY: "over_capacity" } });
    expect(record.error?.code).toBe(MASK);
    expect(shown + debug).not.toContain("over_capacity");
  });
});
