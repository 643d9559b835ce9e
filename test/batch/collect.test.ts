import { describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { collect, type Wanted } from "../../src/batch/collect.ts";
import { keyOf } from "../../src/batch/finished.ts";
import { judgeAnswer } from "../../src/batch/judge-answer.ts";
import { openJournal } from "../../src/batch/journal.ts";
import { ProviderError } from "../../src/batch/provider-http.ts";
import { createProvider, isFinal, type Provider, type ProviderBatch } from "../../src/batch/provider.ts";
import { createCostOf } from "../../src/metrics/tokens.ts";
import type { BatchOutcome } from "../../src/simulator/batch-outcomes.ts";
import { startSimulator } from "../../src/simulator/server.ts";
import type { Fetch } from "../../src/stream/http.ts";
import { createMask } from "../../src/stream/mask.ts";
import { chat } from "../../src/wire/chat.ts";

const IDS = Array.from({ length: 12 }, (_, at) => `r${at}`);
const mask = createMask([]);

/** A provider at an address; waits take no time. */
function providerAt(endpoint: string, fetcher: Fetch = (url, init) => fetch(url, init)): Provider {
  return createProvider({
    fetch: fetcher,
    endpoint,
    headers: {},
    proxy: undefined,
    mask,
    open: 5000,
    idle: 5000,
    retries: 3,
    maxWait: 60_000,
    now: () => performance.timeOrigin + performance.now(),
    sleep: () => Bun.sleep(1),
    random: () => 0.5,
    signal: new AbortController().signal,
  });
}

/** What is asked of a batch in these tests. */
const wantedOf = (ids: readonly string[]): Map<string, Wanted> =>
  new Map(ids.map((id, at) => [id, { id, hash: at + 1, line: at + 1, model: "m", ended: "no" as const }]));

/** Judges as a user would who pays 2 a million tokens. */
const judging = {
  api: chat,
  kind: "chat",
  mask,
  trustDone: false,
  costOf: createCostOf({
    input: 9,
    output: 9,
    currency: "EUR",
    models: { m: { input: 2_000_000, output: 2_000_000 } },
  }),
  currency: "EUR",
};

async function collected(
  provider: Provider,
  batch: ProviderBatch,
  options: { ids?: readonly string[]; known?: boolean; before?: string } = {},
) {
  const out = join(mkdtempSync(join(tmpdir(), "llmaas-collect-")), "out.jsonl");
  writeFileSync(out, options.before ?? "");
  const journal = await openJournal(out);
  const replaced: string[] = [];
  const found = await collect({
    provider,
    batch,
    wanted: options.known === false ? null : wantedOf(options.ids ?? IDS),
    finished: journal.finished,
    judge: (body, model) => judgeAnswer(body, { ...judging, model }),
    say: ({ kind }) => `because of ${kind}`,
    mask: (text) => text.replaceAll("sk-secret", "•••"),
    add: journal.add,
    replace: (result) => void replaced.push(result),
    onLine: () => undefined,
  });
  await journal.close();
  const lines = readFileSync(out, "utf8").split("\n").filter(Boolean);
  return { found, replaced, lines: lines.map((line) => JSON.parse(line)) };
}

/** The batch of a simulator with this outcome, when it is over. */
async function batchOf(provider: Provider, url: string, outcome: BatchOutcome): Promise<ProviderBatch> {
  const form = new FormData();
  form.set("purpose", "batch");
  const lines = IDS.map((id) => {
    const body = { model: "granite3.3:2b", messages: [{ role: "user", content: id }] };
    return JSON.stringify({ custom_id: id, method: "POST", url: "/v1/chat/completions", body });
  });
  form.set("file", new Blob([lines.join("\n")]), "in.jsonl");
  const uploaded: { id: string } = JSON.parse(
    await (await fetch(`${url}/files`, { method: "POST", body: form })).text(),
  );
  const made = await provider.create({ file: uploaded.id, url: "/v1/chat/completions", key: "k", metadata: {} });
  if (outcome === "cancelled" || outcome === "stuck") await provider.cancel(made.id);
  for (;;) {
    const batch = await provider.retrieve(made.id);
    if (isFinal(batch) && (outcome !== "files-late" || batch.output_file_id !== null)) return batch;
    await Bun.sleep(2);
  }
}

type Expected = { answered: number; failed: number; open: number; codes?: Record<string, number>; missing?: string[] };

const OUTCOMES: Partial<Record<BatchOutcome, Expected>> = {
  completed: { answered: 12, failed: 0, open: 0 },
  failed: { answered: 0, failed: 0, open: 12, missing: IDS },
  expired: { answered: 6, failed: 0, open: 6, codes: { batch_expired: 6 }, missing: [] },
  cancelled: { answered: 6, failed: 0, open: 6, missing: IDS.slice(6) },
  partial: {
    answered: 6,
    failed: 2,
    open: 4,
    codes: { context_length_exceeded: 2, rate_limit_exceeded: 2, server_error: 2 },
  },
  "status-zero": { answered: 8, failed: 0, open: 4, codes: { status_0: 4 }, missing: [] },
  missing: { answered: 8, failed: 0, open: 4, missing: ["r2", "r5", "r8", "r11"] },
  "wrong-counts": { answered: 12, failed: 0, open: 0 },
  duplicates: { answered: 12, failed: 0, open: 0 },
  garbage: { answered: 12, failed: 0, open: 0 },
  "files-late": { answered: 12, failed: 0, open: 0 },
  "cut-download": { answered: 12, failed: 0, open: 0 },
  "cut-download-whole": { answered: 12, failed: 0, open: 0 },
  "rate-limited": { answered: 12, failed: 0, open: 0 },
  "empty-answers": { answered: 0, failed: 12, open: 0, codes: { empty: 12 } },
  stuck: { answered: 6, failed: 0, open: 6, missing: IDS.slice(6) },
};

describe("the files of a batch", () => {
  for (const [outcome, { codes = {}, missing, ...counts }] of Object.entries(OUTCOMES))
    test(`${outcome}: every id ends answered, failed with its reason, or named`, async () => {
      const simulator = startSimulator({
        control: { rate: 0, ttft_ms: 0 },
        batch: { outcome: outcome as BatchOutcome, ms: 1 },
      });
      const provider = providerAt(simulator.url);
      const batch = await batchOf(provider, simulator.url, outcome as BatchOutcome);
      const { found, lines } = await collected(provider, batch);
      await simulator.stop();
      expect({ answered: found.answered, failed: found.failed, open: found.open.length }).toEqual(counts);
      expect(found.codes).toEqual(codes);
      if (missing !== undefined)
        expect(found.open.filter(({ code }) => code === "missing").map(({ id }) => id)).toEqual(missing);
      const written = lines.map(({ custom_id: id }) => id);
      expect(new Set(written).size).toBe(written.length);
      expect(new Set([...written, ...found.open.map(({ id }) => id)])).toEqual(new Set(IDS));
      for (const { llmaas, response } of lines) if (response?.body.choices) expect(llmaas.batch).toBe(batch.id);
    });

  test("are told from what the provider counts, which may be wrong either way", async () => {
    for (const outcome of ["missing", "wrong-counts", "completed", "partial", "empty-answers"] as const) {
      const simulator = startSimulator({ control: { rate: 0, ttft_ms: 0 }, batch: { outcome, ms: 1 } });
      const provider = providerAt(simulator.url);
      const { found } = await collected(provider, await batchOf(provider, simulator.url, outcome));
      await simulator.stop();
      expect([outcome, found.miscounted !== null]).toEqual([
        outcome,
        outcome === "missing" || outcome === "wrong-counts",
      ]);
    }
  });
});

/** A batch whose files hold these lines, without any server. */
function batchWith(output: readonly unknown[], error: readonly unknown[] = []) {
  const texts: Record<string, string> = {
    out: output.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n"),
    err: error.map((line) => JSON.stringify(line)).join("\n"),
  };
  const fetcher = async (url: string): Promise<Response> =>
    new Response(texts[/files\/(\w+)\//.exec(url)?.[1] ?? ""] ?? "", {
      headers: { "content-type": "application/jsonl" },
    });
  const batch: ProviderBatch = {
    id: "b",
    status: "completed",
    endpoint: "/v1/chat/completions",
    input_file_id: "in",
    output_file_id: "out",
    error_file_id: error.length === 0 ? null : "err",
    created_at: null,
    expires_at: null,
    request_counts: null,
    errors: null,
    metadata: null,
  };
  return { provider: providerAt("http://127.0.0.1:1/v1", fetcher), batch };
}

const answer = (content: string, more: object = {}): object => ({
  id: "chatcmpl-1",
  object: "chat.completion",
  model: "m-2026",
  choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop", ...more }],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
});
const good = (id: string, body: unknown = answer("hello")): object => ({
  id: `batch_req_${id}`,
  custom_id: id,
  response: { status_code: 200, request_id: `req_${id}`, body },
  error: null,
});

describe("a line of output", () => {
  test("goes into the results as it came, with what we know of it in front, at half the price", async () => {
    const { provider, batch } = batchWith([good("a")]);
    const { lines } = await collected(provider, batch, { ids: ["a"] });
    expect(Object.keys(lines[0]).slice(0, 2)).toEqual(["custom_id", "llmaas"]);
    expect(lines[0]).toEqual({
      ...good("a"),
      llmaas: {
        request: "00000001",
        verdict: "complete",
        line: 1,
        batch: "b",
        api: "chat",
        model: "m",
        response_model: "m-2026",
        response_id: "chatcmpl-1",
        finish_reason: "stop",
        tokens: 2,
        tokens_source: "usage",
        prompt_tokens: 3,
        cached_prompt_tokens: null,
        reasoning_tokens: null,
        cost: 5,
        currency: "EUR",
      },
    });
  });

  const judged: readonly [what: string, line: unknown, ended: string][] = [
    ["an answer cut by its limit is one", good("a", answer("x", { finish_reason: "length" })), "length"],
    [
      "an answer that was filtered is none",
      good("a", answer("x", { finish_reason: "content_filter" })),
      "failed filtered",
    ],
    ["an empty one is none", good("a", answer("")), "failed empty"],
    [
      "a body that is an error is none, whatever the status",
      good("a", { error: { message: "no", code: "c" } }),
      "failed c",
    ],
    ["a body that is nothing is none", good("a", null), "failed not_a_stream"],
    ["a body without a choice is none", good("a", { choices: [] }), "failed not_a_stream"],
    ["an error that is an empty object is none", { ...good("a"), error: { code: null, message: "" } }, "complete"],
    [
      "400 is final",
      { custom_id: "a", response: { status_code: 400, body: { error: { message: "m", type: "t" } } } },
      "failed t",
    ],
    ["404 is final", { custom_id: "a", response: { status_code: 404, body: "no such model" } }, "failed status_404"],
    ["429 may be asked again", { custom_id: "a", response: { status_code: 429, body: {} } }, "open status_429"],
    ["503 may be asked again", { custom_id: "a", response: { status_code: 503 } }, "open status_503"],
    ["status 0 may be asked again", { custom_id: "a", response: { status_code: 0, body: null } }, "open status_0"],
    ["no status may be asked again", { custom_id: "a", response: {} }, "open status_0"],
    ["neither response nor error may be asked again", { custom_id: "a" }, "open status_0"],
    [
      "batch_expired may be asked again",
      { custom_id: "a", error: { code: "batch_expired", message: "m" } },
      "open batch_expired",
    ],
    [
      "batch_cancelled may be asked again",
      { custom_id: "a", error: { code: "batch_cancelled" } },
      "open batch_cancelled",
    ],
    ["another error is final", { custom_id: "a", error: { code: "bad_request", message: "m" } }, "failed bad_request"],
    ["an error in one text is final", { custom_id: "a", error: "no such thing" }, "failed error"],
  ];
  for (const [what, line, ended] of judged)
    test(what, async () => {
      const { provider, batch } = batchWith([line]);
      const { found, lines } = await collected(provider, batch, { ids: ["a"] });
      const open = found.open[0];
      if (open !== undefined) return expect(`open ${open.code}`).toBe(ended);
      const { llmaas, error } = lines[0];
      const code = Object.keys(found.codes)[0];
      expect(code === undefined ? llmaas.verdict : `failed ${code}`).toBe(ended);
      // What is failed has a reason in the file too.
      expect(error !== null && error !== undefined && error.message !== "").toBe(code !== undefined);
    });

  test("that answers an id which failed elsewhere in the files is the one that counts", async () => {
    const refused = { custom_id: "a", response: { status_code: 400, body: {} } };
    for (const [output, error] of [
      [[good("a")], [refused]],
      [[refused, good("a")], []],
      [[good("a"), good("a", answer("other"))], []],
    ] as const) {
      const { provider, batch } = batchWith(output, error);
      const { found, lines } = await collected(provider, batch, { ids: ["a"] });
      expect([found.answered, found.failed, found.open.length, found.twice]).toEqual([1, 0, 0, 1]);
      expect(lines.map((line) => line.response.body.choices[0].message.content)).toEqual(["hello"]);
    }
  });

  test("that quotes the key is kept without it, and an answer as the model wrote it", async () => {
    const error = { message: "bad key sk-secret", code: "c" };
    const { provider, batch } = batchWith([
      { custom_id: "a", response: { status_code: 400, body: { error } } },
      { custom_id: "b", response: { status_code: 500, body: { error } } },
      good("c", answer("sk-secret")),
    ]);
    const { found, lines } = await collected(provider, batch, { ids: ["a", "b", "c"] });
    const text = JSON.stringify(lines.filter(({ custom_id: id }) => id === "a")) + JSON.stringify(found.open);
    expect(text).toContain("bad key •••");
    expect(text).not.toContain("sk-secret");
    expect(lines.find(({ custom_id: id }) => id === "c").response.body.choices[0].message.content).toBe("sk-secret");
  });

  test("takes the place of a failure that stands in the results, and of nothing else", async () => {
    const before = (id: string, hash: number, verdict: string): string =>
      `${JSON.stringify({ custom_id: id, llmaas: { request: hash.toString(16).padStart(8, "0"), verdict }, response: null, error: null })}\n`;
    const { provider, batch } = batchWith(["a", "b", "c"].map((id) => good(id)));
    const kept = before("a", 1, "failed") + before("b", 2, "complete") + before("c", 99, "complete");
    const { found, replaced, lines } = await collected(provider, batch, { ids: ["a", "b", "c"], before: kept });
    expect(replaced.map((line) => JSON.parse(line).custom_id)).toEqual(["a"]);
    expect(lines.length).toBe(3);
    expect(found.others).toBe(1);
  });

  test("is taken whatever its id where nobody knows any more what was asked, but as the answer to nothing", async () => {
    const { provider, batch } = batchWith([good("x"), good("y")]);
    const { found, lines } = await collected(provider, batch, { known: false });
    expect([found.answered, lines.length]).toEqual([2, 2]);
    const out = join(mkdtempSync(join(tmpdir(), "llmaas-collect-")), "out.jsonl");
    writeFileSync(out, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    const journal = await openJournal(out);
    expect(journal.finished.standing(keyOf("x"), 7)).toBe("changed");
    await journal.close();
  });
});

describe("a download", () => {
  const content = ["one", "two", "three", "four"].map((word) => JSON.stringify({ word })).join("\n");
  /** Serves the file a piece at a time, as `serve` wants it. */
  const linesOf = async (serve: (from: number, asked: number) => Response | Promise<Response>): Promise<string[]> => {
    let asked = 0;
    const provider = createProvider({
      fetch: async (_, init) => {
        const range = new Headers(init.headers).get("range");
        return serve(Number(/bytes=(\d+)-/.exec(range ?? "")?.[1] ?? 0), asked++);
      },
      endpoint: "http://127.0.0.1:1/v1",
      headers: {},
      proxy: undefined,
      mask,
      open: 1000,
      idle: 200,
      retries: 0,
      maxWait: 1000,
      now: () => 0,
      sleep: () => Bun.sleep(0),
      random: () => 0.5,
      signal: new AbortController().signal,
    });
    return Array.fromAsync(provider.lines("f"));
  };
  const part = (from: number, to: number, broken = true): Response => {
    const bytes = Buffer.from(content);
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(Uint8Array.from(bytes.subarray(from, to))),
      pull(controller) {
        if (broken) controller.error(Object.assign(new Error("gone"), { code: "ECONNRESET" }));
        else controller.close();
      },
    });
    const headers = { "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
    return new Response(stream, from > 0 ? { status: 206, headers } : {});
  };
  const whole = content.split("\n");

  test("goes on with the line at which it broke off", async () => {
    const froms: number[] = [];
    const lines = await linesOf((from) => {
      froms.push(from);
      return part(from, from + 20, from + 20 < content.length);
    });
    expect(lines).toEqual(whole);
    expect(froms[0]).toBe(0);
    expect(froms.every((from) => from === 0 || content[from - 1] === "\n")).toBe(true);
  });

  test("begins anew where the server knows no ranges, and brings no line twice", async () => {
    expect(await linesOf((_, asked) => part(0, 20 * (asked + 1), 20 * (asked + 1) < content.length))).toEqual(whole);
  });

  test("that ends without a word in the middle of a line is taken up again", async () => {
    expect(await linesOf((from) => part(from, from + 25, false))).toEqual(whole);
  });

  test("that is shorter than it was said to be is taken up again", async () => {
    const bytes = Buffer.from(content);
    const lines = await linesOf((from, asked) => {
      const to = asked === 0 ? content.indexOf("\n") + 1 : bytes.length;
      const headers = { "content-length": String(bytes.length - from), "content-range": `bytes ${from}-` };
      return new Response(bytes.subarray(from, to), { status: from > 0 ? 206 : 200, headers });
    });
    expect(lines).toEqual(whole);
  });

  test("of which nothing more comes is given up, with the reason", async () => {
    const asking = linesOf((from) => part(from, from));
    await expect(asking).rejects.toBeInstanceOf(ProviderError);
    await expect(linesOf(() => new Response("no", { status: 403 }))).rejects.toBeInstanceOf(ProviderError);
  });

  test("of a file that is not there yet is tried again", async () => {
    expect(await linesOf((_, asked) => (asked < 2 ? new Response("", { status: 404 }) : part(0, 999, false)))).toEqual(
      whole,
    );
  });

  test("keeps lines whose characters are cut by the network", async () => {
    const bytes = Buffer.from(`${JSON.stringify({ é: "👩‍👩‍👧" })}\n{}`);
    const lines = await linesOf(() => {
      const stream = new ReadableStream<Uint8Array>({
        start(controller) {
          for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
          controller.close();
        },
      });
      return new Response(stream);
    });
    expect(lines).toEqual([JSON.stringify({ é: "👩‍👩‍👧" }), "{}"]);
  });
});
