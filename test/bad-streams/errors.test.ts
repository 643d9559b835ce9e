import { describe, expect, test } from "bun:test";
import { DONE, event, finish, HEAD, response, token } from "../fixtures/answers.ts";
import { askInTime } from "./ask.ts";

const JSON_TYPE = "Content-Type: application/json\r\n";

type Row = [name: string, body: string, text: string, words: string, code?: string];

/** Each ends its stream as failed, in the server's words, with what came before, and is asked once. */
async function expectServerError([, body, text, words, code]: Row): Promise<void> {
  const { record, requests } = await askInTime(HEAD + body);
  expect(record).toMatchObject({ verdict: "failed", text, attempts: 1 });
  expect(record.error).toMatchObject({ kind: "server_error", ...(code === undefined ? {} : { code }) });
  expect(record.error?.message).toContain(words);
  expect(requests).toHaveLength(1);
}

describe("an error that is not called error is one:", () => {
  const rows: Row[] = [
    [
      "a field of the event stream itself",
      'error: {"code":400,"message":"the request exceeds the available context size","type":"invalid_request_error"}\n\n' +
        DONE,
      "",
      "the request exceeds the available context size",
      "400",
    ],
    ["such a field after a token", `${token("Bon")}error: {"message":"out of slots"}\n\n`, "Bon", "out of slots"],
    ["such a field in words", `${token("Bon")}error: the slot was lost\n\n`, "Bon", "the slot was lost"],
    ["such a field that no line end follows", `${token("Bon")}error:{"message":"é gone"}`, "Bon", "é gone"],
    [
      "error_message beside error_type",
      event({ choices: null, error_type: "BadRequestError", error_message: "the context length is 8192 tokens" }),
      "",
      "the context length is 8192 tokens",
      "BadRequestError",
    ],
    [
      "object: error",
      token("Bon") + event({ object: "error", message: "CUDA out of memory", code: 50002 }) + DONE,
      "Bon",
      "CUDA out of memory",
      "50002",
    ],
    [
      "type: error",
      token("Bon") + event({ type: "error", code: "500", message: "the engine died", sequence_number: 5 }) + DONE,
      "Bon",
      "the engine died",
      "500",
    ],
    [
      "x_groq.error",
      token("Bon") + event({ choices: [], x_groq: { id: "req_1", error: "over_capacity" } }),
      "Bon",
      "over_capacity",
    ],
    [
      "x_groq.error beside a delta",
      token("Bon") + event({ choices: [{ index: 0, delta: {} }], x_groq: { error: "over_capacity" } }) + DONE,
      "Bon",
      "over_capacity",
    ],
    [
      "an error in the choice",
      token("Bon") +
        event({
          choices: [
            {
              index: 0,
              delta: { content: "" },
              finish_reason: "error",
              error: { code: 502, message: "disconnected é" },
            },
          ],
        }) +
        DONE,
      "Bon",
      "disconnected é",
      "502",
    ],
    [
      "an error in the choice, with its last words",
      token("Bon") + event({ choices: [{ index: 0, delta: { content: "jo" }, error: { message: "lost" } }] }) + DONE,
      "Bonjo",
      "lost",
    ],
    [
      "an error beside the choice, with its last words",
      event({
        error: { code: 429, message: "no more" },
        choices: [{ delta: { content: "Bon" }, finish_reason: "error" }],
      }),
      "Bon",
      "no more",
      "429",
    ],
    [
      "an error after the finish reason that announced it",
      token("Bon") + finish("error") + event({ error: { message: "the real cause" } }),
      "Bon",
      "the real cause",
    ],
    ["a list of one", token("Bon") + 'data: [{"error":{"message":"in a list","code":8}}]\n\n', "Bon", "in a list", "8"],
    ["detail", token("Bon") + event({ detail: "Internal é" }), "Bon", "Internal é"],
    ["detail in FastAPI's form", event({ detail: [{ loc: ["body", "n"], msg: "too big" }] }), "", "too big (body.n)"],
    [
      "errors",
      token("Bon") + event({ errors: [{ message: "first of all" }, { message: "x" }] }),
      "Bon",
      "first of all",
    ],
    ["message beside code", token("Bon") + event({ code: "Arrears", message: "pay" }), "Bon", "pay", "Arrears"],
    [
      "base_resp",
      token("Bon") +
        event({
          choices: null,
          base_resp: { status_code: 1013, status_msg: "internal é" },
          usage: { total_tokens: 0 },
        }),
      "Bon",
      "internal é",
      "1013",
    ],
    ["error in one word", token("Bon") + event({ error: "gone" }), "Bon", "gone"],
    ["error without words", token("Bon") + event({ error: { x: 1 } }), "Bon", '{"x":1}'],
    ["error: true beside a message", event({ error: true, message: "no such é" }), "", "no such é"],
    ["event: error in words", `${token("Bon")}event: error\ndata: upstream é\n\n`, "Bon", "upstream é"],
    ["event: error without data", `${token("Bon")}event: error\ndata:\n\n${DONE}`, "Bon", "broke off."],
    [
      "an event of another such name",
      `${token("Bon")}event: throttlingException\ndata: {"message":"é"}\n\n`,
      "Bon",
      "é",
    ],
    ["an event of such a name in words", `${token("Bon")}event: stream_error\ndata: gone é\n\n`, "Bon", "gone é"],
    ["an event named Error", `${token("Bon")}event: Error\ndata: {"message":"é"}\n\n`, "Bon", "é"],
    ["error_msg beside error_code", token("Bon") + event({ error_code: 17, error_msg: "no é" }), "Bon", "no é", "17"],
    [
      "text beside error_code",
      token("Bon") + event({ error_code: 50001, text: "busy é" }) + DONE,
      "Bon",
      "busy é",
      "50001",
    ],
    ["msg beside code", token("Bon") + event({ code: 1113, msg: "pay é" }) + DONE, "Bon", "pay é", "1113"],
    ["message beside statusCode", token("Bon") + event({ statusCode: 502, message: "é" }), "Bon", "é", "502"],
    ["message beside a status of HTTP", token("Bon") + event({ status: 503, message: "full é" }), "Bon", "full é"],
    [
      "message beside status: failure",
      token("Bon") + event({ status: "failure", message: "é" }),
      "Bon",
      "é",
      "failure",
    ],
    ["errorMessage", token("Bon") + event({ errorMessage: "aws é" }) + DONE, "Bon", "aws é"],
    ["a type that ends in error", token("Bon") + event({ type: "overloaded_error", message: "é" }), "Bon", "é"],
    ["object: Error", token("Bon") + event({ object: "Error", message: "é" }), "Bon", "é"],
    [
      "an error in the delta",
      token("Bon") + event({ choices: [{ delta: { error: { message: "in é", code: 5 } } }] }) + DONE,
      "Bon",
      "in é",
      "5",
    ],
    [
      "an error in the message",
      token("Bon") + event({ choices: [{ message: { error: { message: "in é" } } }] }) + DONE,
      "Bon",
      "in é",
    ],
  ];
  for (const row of rows) test(row[0], () => expectServerError(row));

  const others: [name: string, body: string][] = [
    ["an error that is null", event({ error: null, choices: [{ index: 0, delta: { content: "a" } }] })],
    [
      "an error whose fields are all empty",
      event({
        error: { message: "", type: "", param: "", code: null },
        choices: [{ index: 0, delta: { content: "a" } }],
      }),
    ],
    ...[[], {}, "null", "None", { code: 0, message: "OK" }, { code: 200, message: "Success" }, { details: [] }].map(
      (error): [string, string] => [
        `an error of ${JSON.stringify(error)}`,
        event({ error, choices: [{ index: 0, delta: { content: "a" } }] }),
      ],
    ),
    ["a message beside a success", token("a") + event({ code: 0, status: 200, message: "OK" })],
    ["a message beside a state", token("a") + event({ status: "processing", message: "in the queue" })],
    ["an event whose name speaks of errors", `event: no_errors\n${token("a")}`],
    ["base_resp of a success", token("a") + event({ choices: [], base_resp: { status_code: 0, status_msg: "" } })],
    ["a message without a code", token("a") + event({ message: "warming up" })],
    ["detail beside a choice", event({ detail: "x", choices: [{ index: 0, delta: { content: "a" } }] })],
    [
      "a code beside usage",
      token("a") + event({ code: 7, message: "ok", choices: [], usage: { completion_tokens: 3 } }),
    ],
    ["an unknown field of the event stream", `x-worker: 5\n${token("a")}`],
  ];
  for (const [name, body] of others)
    test(`but not ${name}`, async () => {
      const { record } = await askInTime(HEAD + body + finish() + DONE);
      expect(record).toMatchObject({ verdict: "complete", text: "a", error: null });
    });
});

describe("what is written without data: after the first event says why there is no end:", () => {
  const long = "long ".repeat(60);
  const rows: Row[] = [
    [
      "an error object behind comments",
      ': PROCESSING\n\n: PROCESSING\n\n{"error":{"code":400,"message":"exceeds the available context size","type":"t"}}',
      "",
      "exceeds the available context size",
      "400",
    ],
    [
      "an error object behind a token",
      `${token("Bon")}{"error":{"message":"the upstream is gone","code":502}}`,
      "Bon",
      "the upstream is gone",
      "502",
    ],
    ["one in many lines", `${token("Bon")}{\n  "error": {\n    "message": "in lines"\n  }\n}\n`, "Bon", "in lines"],
    ["one behind other words", `${token("Bon")}Internal error\n{"detail":"behind é"}\n`, "Bon", "behind é"],
    ["one in a list", `${token("Bon")}[{"error":{"message":"listed"}}]\n\n`, "Bon", "listed"],
    ["one before further comments", `${token("Bon")}{"message":"then é"}\n\n: ping\n\n`, "Bon", "then é"],
    [
      "an event whose end another one took",
      token("Bon") +
        `data: {"choices":[{"index":0,"delta":{"content":"${long}\nevent: error\n` +
        'data: {"type":"error","error":{"type":"upstream_error","message":"the provider hung up"}}\n\n',
      "Bon",
      "the provider hung up",
      "upstream_error",
    ],
    [
      "an error in the last line of an event that was cut",
      token("Bon") +
        `data: {"choices":[{"index":0,"delta":{"content":"${long}\ndata: {"error":{"message":"cut é"}}\n\n`,
      "Bon",
      "cut é",
    ],
    ["one before [DONE]", `${token("Bon")}{"error":{"message":"before é"}}\n\n${DONE}`, "Bon", "before é"],
    ["words before the first token", ": ping\n\nupstream connect error é\n", "", "upstream connect error é"],
    ["a page before the first token", ": ping\n\n<html><head><title>502 Bad\n Gateway</title>", "", "502 Bad Gateway"],
  ];
  for (const row of rows) test(row[0], () => expectServerError(row));

  test("words and pages are quoted where the answer is cut off", async () => {
    const text = await askInTime(`${HEAD}${token("Bon")}upstream connect error é. reset reason: end\nmore`);
    expect(text.record).toMatchObject({ verdict: "truncated", text: "Bon", attempts: 1 });
    expect(text.record.error?.message).toContain("upstream connect error é. reset reason: end");
    expect(text.record.error?.message).not.toContain("more");
    const page = await askInTime(`${HEAD}${token("Bon")}<html>\n<head><title>504 Gateway Time-out</title></head>\n`);
    expect(page.record).toMatchObject({ verdict: "truncated", text: "Bon" });
    expect(page.record.error?.message).toContain("504 Gateway Time-out");
    expect(page.record.error?.message).not.toContain("<");
  });

  test.each(["Error: the engine é died", "[ERROR] the engine é died", "Internal Server Error é"])(
    "words in the place of data are quoted where the answer is cut off: %s",
    async (words) => {
      const asked = await Promise.all(
        [DONE, ""].map((end) => askInTime(`${HEAD}${token("Bon")}data: ${words}\n\n${end}`)),
      );
      for (const { record } of asked) {
        expect(record).toMatchObject({ verdict: "truncated", text: "Bon" });
        expect(record.error?.message).toContain(words);
      }
      const { record } = await askInTime(`${HEAD}${token("Bon")}data: ${words}\n\n${finish()}${DONE}`);
      expect(record).toMatchObject({ verdict: "complete", error: null, notices: ["lost_events"] });
    },
  );

  test("words before a [DONE] without a finish reason are quoted", async () => {
    const { record } = await askInTime(`${HEAD}${token("Bon")}worker é was killed\n\n${DONE}`);
    expect(record).toMatchObject({ verdict: "truncated", text: "Bon" });
    expect(record.error?.message).toContain("worker é was killed");
  });

  test("an error object that a reset cut off from its line end is read", async () => {
    const { record } = await askInTime(async ({ write, reset, sleep }) => {
      await write(HEAD + token("Bon"));
      await sleep(10);
      await write('{"error":{"message":"é lost"}}');
      await sleep(10);
      reset();
    });
    expect(record).toMatchObject({ verdict: "failed", text: "Bon", error: { kind: "server_error" } });
    expect(record.error?.message).toContain("é lost");
  });

  test("and it changes nothing where there is an end", async () => {
    const { record } = await askInTime(`${HEAD}${token("a")}some words\n\n${finish()}{"error":"late"}\n${DONE}`);
    expect(record).toMatchObject({ verdict: "complete", text: "a", error: null });
  });

  test("wherever the reads cut it", async () => {
    const body = Buffer.from(`${HEAD}${token("Bon")}{"error":{"message":"cut é"}}\nerror without a name\n`);
    for (const size of [1, 2, 3, 7, 16]) {
      const { record } = await askInTime(async ({ write, fin, sleep }) => {
        await write(body.subarray(0, HEAD.length));
        for (let at = HEAD.length; at < body.length; at += size) {
          await write(body.subarray(at, at + size));
          await sleep(1);
        }
        fin();
      });
      expect(record).toMatchObject({ verdict: "failed", text: "Bon", error: { kind: "server_error" } });
      expect(record.error?.message).toContain("cut é");
    }
  });
});

describe("a refusal is quoted in its own words, whatever its shape:", () => {
  const rows: [name: string, status: number, body: string, words: string | RegExp, code?: string][] = [
    [
      "a list of one",
      400,
      JSON.stringify(
        [{ error: { code: 400, message: 'Unknown name "x": Cannot find field.', status: "INVALID" } }],
        null,
        2,
      ),
      'Unknown name "x": Cannot find field.',
      "400",
    ],
    [
      "errors",
      400,
      JSON.stringify(
        { success: false, errors: [{ code: 7000, message: "No route for that URI" }], messages: [] },
        null,
        2,
      ),
      "No route for that URI",
      "7000",
    ],
    [
      "an event stream",
      400,
      'event: error\ndata: {"error":{"message":"too many tokens in the prompt","type":"invalid_request_error"}}\n\n' +
        DONE,
      "too many tokens in the prompt",
      "invalid_request_error",
    ],
    ["an event stream without names", 400, 'data: {"error":{"message":"no é"}}\n\n', "no é"],
    ["an event stream in words", 400, ": x\n\nevent: error\ndata: in words\n\n", "in words"],
    [
      "the words of a provider behind a gateway",
      400,
      '{"error":{"message":"Provider returned error","code":429,"metadata":{"raw":"glm is rate-limited upstream"}}}',
      "glm is rate-limited upstream",
    ],
    [
      "those in JSON",
      400,
      '{"error":{"message":"Provider returned error","metadata":{"raw":"{\\"error\\":{\\"message\\":\\"deep é\\"}}"}}}',
      /deep é"?\.? *$|deep é\./,
    ],
    ["msg", 400, '{"msg":"msg é"}', "msg é"],
    ["detail", 422, '{"detail":"detail é"}', "detail é"],
    [
      "detail in a list",
      422,
      '{"detail":[{"loc":["body","model"],"msg":"field required"}]}',
      "field required (body.model)",
    ],
    [
      "error_description beside error",
      400,
      '{"error":"invalid_scope","error_description":"ask é"}',
      "invalid_scope: ask é",
    ],
    ["error beside a message", 404, '{"status":404,"error":"Not Found","message":"No é"}', "Not Found: No é"],
    ["errorMessage", 400, '{"errorMessage":"aws é"}', "aws é"],
    ["title", 400, '{"type":"about:blank","title":"Bad é","status":400}', "Bad é"],
    ["detail before title", 400, '{"title":"Bad","detail":"because é"}', "because é"],
    ["error in error", 400, '{"error":{"error":{"message":"twice é","code":"inner"}}}', "twice é", "inner"],
    ["a list of texts", 400, '{"errors":["first é","second"]}', "first é"],
    ["errors by field", 400, '{"message":"Invalid","errors":[{"message":"n is too big"}]}', "Invalid: n is too big"],
    ["a text in quotes", 400, '"only é"', "only é"],
    ["JSON in a text", 400, '{"detail":"{\\"error\\":{\\"message\\":\\"in a text é\\"}}"}', "in a text é"],
    ["an unknown shape in lines", 400, '{\n  "outcome": {\n    "why":   "é"\n  }\n}', '{ "outcome": { "why": "é" } }'],
  ];
  for (const [name, status, body, words, code] of rows)
    test(name, async () => {
      const { record } = await askInTime(response(`${status} No`, JSON_TYPE, body));
      expect(record).toMatchObject({ verdict: "failed", attempts: 1, error: { kind: "http", status } });
      if (typeof words === "string") expect(record.error?.message).toContain(words);
      else expect(record.error?.message).toMatch(words);
      if (code !== undefined) expect(record.error?.code).toBe(code);
    });

  test("and an unknown one is quoted by 200 characters", async () => {
    const { record } = await askInTime(response("400 No", JSON_TYPE, JSON.stringify({ x: "y".repeat(500) })));
    const quoted = /\{"x":"y+/.exec(record.error?.message ?? "")?.[0] ?? "";
    expect(quoted).toHaveLength(200);
  });

  test("and so is a 200 with JSON", async () => {
    for (const [body, words] of [
      ['{"detail":"not é"}', "not é"],
      ['{"message":"no route é"}', "no route é"],
      ['[{"error":{"message":"listed é"}}]', "listed é"],
      ['{"success":false,"errors":[{"code":1,"message":"cf é"}]}', "cf é"],
    ] as const) {
      const { record } = await askInTime(response("200 OK", JSON_TYPE, body));
      expect(record).toMatchObject({ verdict: "failed", attempts: 1, error: { kind: "server_error" } });
      expect(record.error?.message).toContain(words);
    }
  });
});

describe("JSON is one document behind white space, and lines of JSON are none:", () => {
  const whole = JSON.stringify({
    object: "chat.completion",
    choices: [{ index: 0, message: { role: "assistant", content: "Bonjour" }, finish_reason: "stop" }],
    usage: { prompt_tokens: 3, completion_tokens: 5, total_tokens: 8 },
  });

  for (const [name, blank] of [
    ["6 000 line ends", "\n".repeat(6000)],
    ["20 000 spaces", " ".repeat(20_000)],
    ["a mark and 5 000 lines", `\uFEFF${"\r\n".repeat(5000)}`],
  ] as const)
    test(`behind ${name}`, async () => {
      const { record } = await askInTime(response("200 OK", JSON_TYPE, blank + whole));
      expect(record).toMatchObject({ verdict: "complete", text: "Bonjour", tokens: 5, notices: ["not_streamed"] });
    });

  test("an event stream behind 6 000 line ends is one", async () => {
    const { record } = await askInTime(HEAD + "\n".repeat(6000) + token("a") + finish() + DONE);
    expect(record).toMatchObject({ verdict: "complete", text: "a", notices: [] });
  });

  const line = '{"model":"m","message":{"role":"assistant","content":"Bon"},"done":false}';
  const rows: [name: string, type: string, body: string][] = [
    ["of their own type", "application/x-ndjson", `${line}\n`],
    ["of another such type", "application/jsonl; charset=utf-8", `${line}\n`],
    ["called JSON", "application/json", `${line}\n${line}\n`],
    ["called a stream", "text/event-stream", `${line}\n${line}\n`],
    ["longer than what is looked at", "application/json", `{"x":"${"y".repeat(9000)}"}\r\n${line}`],
    ["with brackets in texts", "application/json", `{"x":"}{\\"]"}\n${line}`],
  ];
  for (const [name, type, body] of rows)
    test(`lines ${name} fail at once, though the connection stays`, async () => {
      const { record } = await askInTime(async ({ write, left }) => {
        await write(`HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nConnection: close\r\n\r\n`);
        await write(body);
        await left;
      });
      expect(record).toMatchObject({ verdict: "failed", text: "", attempts: 1, error: { kind: "not_a_stream" } });
      expect(record.error?.message).toContain((body.split(/\r?\n/, 1)[0] ?? "").slice(0, 40));
      expect(record.total_ms).toBeLessThan(1000);
    });

  test("an error in the first line is told in its words", async () => {
    const { record } = await askInTime(
      response("200 OK", "Content-Type: application/x-ndjson\r\n", '{"error":"model é not found"}\n'),
    );
    expect(record.error).toMatchObject({ kind: "server_error" });
    expect(record.error?.message).toContain("model é not found");
  });
});
