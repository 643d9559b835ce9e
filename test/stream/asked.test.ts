import { describe, expect, test } from "bun:test";
import { askedOf } from "../../src/stream/asked.ts";
import { createEngine } from "../../src/stream/stream.ts";
import { API_KINDS, loadApi } from "../../src/wire/apis.ts";
import { requestTo } from "../worker/request.ts";

const request = requestTo("http://127.0.0.1:9/v1");

/** Bodies as they may stand in a file of requests. */
const BODIES: readonly [what: string, body: string][] = [
  ["is plain", '{"model":"m","messages":[{"role":"user","content":"hi"}]}'],
  ["is empty", "{}"],
  ["says that it is streamed", '{"model":"m","stream":true}'],
  ["says that it is not", '{"stream":false,"model":"m"}'],
  ["has options of a stream", '{"model":"m","stream_options":{"include_usage":false,"x":1},"top_p":1}'],
  [
    "speaks of streams in its words",
    JSON.stringify({ model: "m", prompt: '"stream":false, "n":2, {"stream_options":{}}' }),
  ],
  ["has such names further in", '{"model":"m","metadata":{"stream":1,"stream_options":2,"n":3}}'],
  ["has all kinds of letters", JSON.stringify({ model: "m", prompt: '\n\r\t\u2028\u0000"\\ é 🙂 \ud800' })],
  ["has a name that objects have", '{"model":"m","__proto__":{"a":1}}'],
];

describe("a body in its API's own form", () => {
  for (const api of API_KINDS)
    test.each(BODIES)(`is sent to ${api} as it is, but streamed, where it %s`, async (_, own) => {
      const { streaming, ...spoken } = await loadApi(api);
      const asked = askedOf({ streaming, ...spoken }, request, own);
      const wanted = { ...JSON.parse(own), ...streaming };
      expect(JSON.parse(asked.text)).toEqual(wanted);
      expect(asked.body()).toEqual(wanted);
      expect(asked.several).toBe(false);
      for (const name of Object.keys(JSON.parse(asked.text)))
        expect(asked.text.split(`"${name}":`).length).toBe(JSON.stringify(wanted).split(`"${name}":`).length);
    });

  test.each([
    ['{"model":"m","n":2}', true],
    ['{"n":"3","model":"m"}', true],
    ['{"n":1}', false],
    ['{"tools":[{"n":2}]}', false],
  ])("%s asks for several answers: %p", async (own, several) => {
    expect(askedOf(await loadApi("chat"), request, own).several).toBe(several);
  });

  test("is sent without what an earlier one was refused for", async () => {
    const bodies: Record<string, unknown>[] = [];
    const fetch = async (_: string | URL | Request, init?: RequestInit): Promise<Response> => {
      const body: Record<string, unknown> = JSON.parse(String(init?.body));
      bodies.push(body);
      if ("stream_options" in body)
        return Response.json({ error: { message: "Unrecognized request argument: stream_options" } }, { status: 400 });
      return new Response('data: {"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n', {
        headers: { "content-type": "text/event-stream" },
      });
    };
    const engine = createEngine({ fetch, now: () => performance.now() });
    for (const prompt of ["one", "two"])
      await engine.start(request, () => undefined, JSON.stringify({ model: "m", prompt })).done;
    expect(bodies.map(({ prompt, stream_options: options }) => [prompt, options !== undefined])).toEqual([
      ["one", true],
      ["one", false],
      ["two", false],
    ]);
  });
});
