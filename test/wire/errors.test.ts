import { describe, expect, test } from "bun:test";
import { parseChunk } from "../../src/wire/choices.ts";
import { errorOfText, titleOf } from "../../src/wire/errors.ts";

describe("the reader of errors", () => {
  const rows: [name: string, text: string, message: string, code: string | null, type: string | null][] = [
    ["OpenAI", '{"error":{"message":"m","type":"t","param":"p","code":"c"}}', "m", "c", "t"],
    ["Anthropic", '{"type":"error","error":{"type":"overloaded_error","message":"m"}}', "m", null, "overloaded_error"],
    ["Google", '[{"error":{"code":400,"message":"m","status":"INVALID_ARGUMENT"}}]', "m", "400", "INVALID_ARGUMENT"],
    [
      "vLLM",
      '{"object":"error","message":"m","type":"BadRequestError","param":null,"code":400}',
      "m",
      "400",
      "BadRequestError",
    ],
    ["FastAPI", '{"detail":[{"loc":["body","n",0],"msg":"m","type":"missing"}]}', "m (body.n.0)", null, null],
    ["Ollama", '{"error":"model \\"x\\" not found"}', 'model "x" not found', null, null],
    ["DashScope", '{"code":"InvalidApiKey","message":"m","request_id":"r"}', "m", "InvalidApiKey", null],
    ["MiniMax", '{"base_resp":{"status_code":1004,"status_msg":"m"}}', "m", "1004", null],
    ["Baidu", '{"error_code":336003,"error_msg":"m"}', "m", "336003", null],
    ["AWS", '{"__type":"ThrottlingException","Message":"m"}', "m", null, "ThrottlingException"],
    [
      "Azure",
      '{"error":{"code":"DeploymentNotFound","message":"m","innererror":{"code":"x"}}}',
      "m",
      "DeploymentNotFound",
      null,
    ],
    ["RFC 9457", '{"type":"about:blank","title":"T","status":400,"detail":"m"}', "m", null, "about:blank"],
    ["OAuth", '{"error":"invalid_token","error_description":"m"}', "invalid_token: m", null, "invalid_token"],
    ["Spring", '{"status":404,"error":"Not Found","message":"m","path":"/v1"}', "Not Found: m", null, null],
    [
      "XML",
      "<?xml version='1.0'?>\n<Error><Code>AccessDenied</Code><Message>m</Message></Error>",
      "m",
      "AccessDenied",
      null,
    ],
    [
      "an event stream with CRLF",
      'event: error\r\ndata: {"error":\r\ndata: "m"}\r\n\r\ndata: [DONE]\r\n',
      "m",
      null,
      null,
    ],
    ["a byte order mark", '\uFEFF{"error":"m"}', "m", null, null],
    ["an error said twice", '{"error":"m","message":"m"}', "m", null, "m"],
    ["an error inside its message", '{"message":"{\\"error\\":{\\"message\\":\\"m\\"}}"}', "m", null, null],
  ];
  for (const [name, text, message, code, type] of rows)
    test(`understands ${name}`, () => expect(errorOfText(text)).toMatchObject({ message, code, type }));

  test("finds none in what says none", () => {
    for (const text of [
      "",
      "null",
      "{}",
      "[]",
      '{"choices":[{"delta":{"content":"a"}}]}',
      "<html></html>",
      "data: x",
      "12",
    ])
      expect([text, errorOfText(text)]).toEqual([text, null]);
  });

  test("takes no time for what is nested or repeated without end", () => {
    const deep = (open: string, close: string) => open.repeat(50_000) + close.repeat(50_000);
    const texts = [
      deep("[", "]"),
      deep('{"error":', "}").replace("}", '"m"}'),
      deep('{"message":', "}").replace("}", '"m"}'),
      "{\n".repeat(30_000),
      "[".repeat(60_000),
      "data: {\n\n".repeat(7000),
      "<title>".repeat(9000),
      `<${" ".repeat(60_000)}`,
      "\n".repeat(60_000),
    ];
    const start = performance.now();
    for (const text of texts) {
      errorOfText(text);
      titleOf(text);
    }
    // Each takes milliseconds; what is quadratic takes minutes.
    expect(performance.now() - start).toBeLessThan(20_000);
  });
});

test("an event is an error where it is called one, and an answer where it holds one", () => {
  const kind = (event: unknown): string => parseChunk(JSON.stringify(event)).kind;
  for (const event of [
    { error: "x" },
    { error: { message: "x" }, choices: [] },
    { error: { message: "x" }, choices: {} },
    { error: { message: "x" }, choices: null },
    { object: "error" },
    { type: "error", choices: [{ index: 0 }] },
    { success: false, message: "x" },
    { errors: ["x"] },
    { detail: "x", usage: { total_tokens: 0 } },
    [{ error: "x" }],
    [{ object: "error", message: "x" }],
    [{ error: "x", choices: [{ delta: { content: "a" } }] }],
  ])
    expect([event, kind(event)]).toEqual([event, "error"]);
  for (const event of [
    {},
    { choices: [] },
    { error: null },
    { error: false },
    { error: "" },
    { error: 0 },
    { error: { code: null, message: "" } },
    { message: "x" },
    { code: 5 },
    { type: "ping" },
    { errors: [] },
    { detail: "x", usage: { total_tokens: 3 } },
    { base_resp: { status_code: 0, status_msg: "success" } },
  ])
    expect([event, kind(event)]).toEqual([event, "chunk"]);
  const beside = parseChunk(JSON.stringify({ error: { message: "x" }, choices: [{ delta: { content: "a" } }] }));
  expect(beside).toMatchObject({ kind: "chunk", chunk: { content: "a", error: { message: "x" } } });
});
