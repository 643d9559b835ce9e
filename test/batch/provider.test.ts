import { describe, expect, test } from "bun:test";
import { ProviderError } from "../../src/batch/provider-http.ts";
import { createProvider, isFinal } from "../../src/batch/provider.ts";
import { createMask } from "../../src/stream/mask.ts";

/** Made anew for each question. */
type Answer = () => Response;
type Asked = { url: string; method: string; headers: Headers; body: string };

/** A provider that is answered so, one question after the other; the last answer is that of all further ones. */
function providerOf(...answers: Answer[]) {
  const asked: Asked[] = [];
  const slept: number[] = [];
  const provider = createProvider({
    async fetch(url, { method = "GET", headers, body }) {
      asked.push({ url, method, headers: new Headers(headers), body: typeof body === "string" ? body : "" });
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (answer === undefined) throw new Error("nothing to answer");
      return answer();
    },
    endpoint: "http://127.0.0.1:1/v1?tenant=t",
    headers: { authorization: "Bearer sk-secret-1", "content-type": "x" },
    proxy: undefined,
    mask: createMask(["sk-secret-1"]),
    open: 1000,
    idle: 50,
    retries: 2,
    maxWait: 60_000,
    now: () => 1_000_000,
    sleep: async (ms) => void slept.push(ms),
    random: () => 0.5,
    signal: new AbortController().signal,
  });
  return { provider, asked, slept };
}

const batch = (id: string, more: object = {}): object => ({ id, status: "in_progress", ...more });
const json =
  (value: unknown, init: ResponseInit = {}): Answer =>
  () =>
    Response.json(value, init);
const reset: Answer = () => {
  throw Object.assign(new Error("gone"), { code: "ECONNRESET" });
};
const failureOf = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ProviderError)) throw new Error("no failure of the provider", { cause: error });
  return error.failure.kind === "http" ? `http ${error.failure.status}` : error.failure.kind;
};

describe("a question to the provider", () => {
  test("bears the key and the query of the endpoint, at the path of the API", async () => {
    const { provider, asked } = providerOf(json(batch("b")));
    await provider.retrieve("b/../c");
    expect(asked[0]?.url).toBe("http://127.0.0.1:1/v1/batches/b%2F..%2Fc?tenant=t");
    expect(asked[0]?.headers.get("authorization")).toBe("Bearer sk-secret-1");
  });

  test("is asked again after a broken connection, a cut answer or a server in trouble", async () => {
    for (const broken of [reset, json({}, { status: 503 }), json({}, { status: 500 }), json({}, { status: 429 })]) {
      const { provider, asked } = providerOf(broken, json(batch("b")));
      expect((await provider.retrieve("b")).id).toBe("b");
      expect(asked.length).toBe(2);
    }
  });

  test("waits as long as it is told to, and does not wait longer than it may", async () => {
    const soon = providerOf(json({}, { status: 429, headers: { "retry-after": "7" } }), json(batch("b")));
    await soon.provider.retrieve("b");
    expect(soon.slept).toEqual([7000]);
    const late = providerOf(json({}, { status: 429, headers: { "retry-after": "7200" } }));
    expect(await failureOf(late.provider.retrieve("b"))).toBe("http 429");
    expect([late.asked.length, late.slept]).toEqual([1, []]);
  });

  test("that would make something is not asked again where it may have been done", async () => {
    const create = { file: "f", url: "/v1/responses", key: "k", metadata: {} };
    for (const broken of [reset, json({}, { status: 502 }), () => new Response("<html>")]) {
      const { provider, asked } = providerOf(broken);
      await failureOf(provider.create(create));
      expect(asked.length).toBe(1);
    }
    const { provider, asked } = providerOf(json({}, { status: 429 }), json(batch("b")));
    expect((await provider.create(create)).id).toBe("b");
    expect(asked.map(({ method, headers }) => [method, headers.get("idempotency-key")])).toEqual([
      ["POST", "k"],
      ["POST", "k"],
    ]);
  });

  test("is given up in the end, with the reason", async () => {
    const cases: readonly [Answer, string, times: number][] = [
      [reset, "reset", 3],
      [json({ error: { message: "no" } }, { status: 401 }), "http 401", 1],
      [json({ error: { message: "no" } }, { status: 404 }), "http 404", 1],
      [json({ error: { message: "wrong", code: "c" } }), "server_error", 1],
      [json({ hello: "world" }), "not_a_stream", 1],
      [json({ id: "", status: "x" }), "not_a_stream", 1],
      [() => new Response("", { status: 302, headers: { location: "http://elsewhere.example/" } }), "redirect", 1],
    ];
    for (const [answer, kind, times] of cases) {
      const { provider, asked } = providerOf(answer);
      expect([kind, await failureOf(provider.retrieve("b")), asked.length]).toEqual([kind, kind, times]);
    }
  });

  test("of which no more comes is ended, and of which too much comes as well", async () => {
    const silent: Answer = () =>
      new Response(new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from('{"id"')) }));
    const { provider } = providerOf(silent);
    expect(await failureOf(provider.retrieve("b"))).toBe("timeout");
    const endless = providerOf(() => new Response(`{"id":"b","status":"${"x".repeat(17 * 1024 * 1024)}"}`));
    expect(await failureOf(endless.provider.retrieve("b"))).toBe("not_a_stream");
  });

  test("quotes no secret where it is refused", async () => {
    const { provider } = providerOf(json({ error: { message: "bad sk-secret-1" } }, { status: 400 }));
    const error: unknown = await provider.retrieve("b").catch((thrown: unknown) => thrown);
    expect(error instanceof ProviderError && error.failure.message).toBe("bad •••");
  });
});

describe("a batch as the provider tells it", () => {
  test("may lack everything but its id and status, and have it in other forms", async () => {
    for (const more of [
      {},
      { request_counts: null, errors: null, metadata: null, output_file_id: null },
      { request_counts: "many", errors: [], metadata: 7, created_at: "yesterday", output_file_id: 5 },
      { request_counts: { total: "3" }, errors: { data: [{ message: 1 }] } },
    ]) {
      const { provider } = providerOf(json(batch("b", more)));
      expect(await provider.retrieve("b")).toMatchObject({ id: "b", status: "in_progress", output_file_id: null });
    }
  });

  test("is over in five words, and in none that nobody knows", () => {
    const words = [
      "completed",
      "failed",
      "expired",
      "cancelled",
      "canceled",
      "validating",
      "in_progress",
      "finalizing",
      "new",
    ];
    expect(words.filter((status) => isFinal({ status }))).toEqual(words.slice(0, 5));
  });
});

describe("a list of the provider", () => {
  test("is read page by page, and what is no batch in it is passed over", async () => {
    const { provider, asked } = providerOf(
      json({ data: [batch("a"), { odd: true }, batch("b")], has_more: true }),
      json({ data: [batch("c")], has_more: false }),
    );
    expect((await Array.fromAsync(provider.batches())).map(({ id }) => id)).toEqual(["a", "b", "c"]);
    expect(asked.map(({ url }) => new URL(url).searchParams.get("after"))).toEqual([null, "b"]);
  });

  test("that never ends is left when it repeats itself", async () => {
    const { provider, asked } = providerOf(json({ data: [{ id: "f", filename: "x" }], has_more: true }));
    expect((await Array.fromAsync(provider.files())).length).toBe(2);
    expect(asked.length).toBe(2);
  });
});

test("a line of a file that comes in thousands of pieces is joined once", async () => {
  const lines = [`{"a":"${"é".repeat(16_000_000)}"}`, '{"b":2}', "{}"];
  const bytes = Buffer.from(lines.join("\n"));
  const { provider } = providerOf(() => {
    let at = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(to) {
        to.enqueue(bytes.subarray(at, (at += 2048)));
        if (at >= bytes.length) to.close();
      },
    });
    return new Response(body);
  });
  const found: string[] = [];
  for await (const line of provider.lines("f")) found.push(line);
  expect(found.map(({ length }) => length)).toEqual(lines.map(({ length }) => length));
  expect(found.every((line, at) => line === lines[at])).toBe(true);
}, 20_000);
