import { describe, expect, test } from "bun:test";
import { response } from "../fixtures/answers.ts";
import { startRawServer, type Answer } from "../fixtures/raw-server.ts";
import { runProgram } from "./program.ts";

const TYPE = "Content-Type: application/json\r\n";
const DOWN = "http://127.0.0.1:9/v1";

/** A server that answers each request with these bytes. */
function startServer(bytes: Uint8Array) {
  return startRawServer(async ({ write, fin }) => (await write(bytes), fin()));
}

function list(...ids: string[]): Uint8Array {
  return response("200 OK", TYPE, JSON.stringify({ object: "list", data: ids.map((id) => ({ id })) }));
}

/** What `llmaas models` says of a server that answers so. */
async function models(bytes: Uint8Array, ...args: string[]) {
  await using server = startServer(bytes);
  return await runProgram(["models", "--endpoint", server.url, ...args], {
    env: { LLMAAS_API_KEY: "sk-models-012345" },
  });
}

describe("on a failure of an endpoint that is not LLMaaS's nothing stands on stdout", () => {
  const rows: [name: string, bytes: Uint8Array, words: string][] = [
    ["a refusal", response("401 No", TYPE, '{"error":{"message":"bad é"}}'), "bad é"],
    ["a refusal in another shape", response("400 No", TYPE, '[{"error":{"message":"listed é"}}]'), "listed é"],
    ["an error with status 200", response("200 OK", TYPE, '{"detail":"not é"}'), "not é"],
    ["a page", response("200 OK", "Content-Type: text/html\r\n", "<html>hello</html>"), "text/html"],
    ["nothing", response("200 OK", TYPE), "log"],
    ["blanks", response("200 OK", TYPE, "\n \n"), "log"],
  ];
  for (const [name, bytes, words] of rows)
    test(name, async () => {
      for (const args of [[], ["--json"]]) {
        const { code, stdout, stderr } = await models(bytes, ...args);
        expect([code, stdout]).toEqual([1, ""]);
        expect(stderr).toContain(words);
        expect(stderr).not.toContain("console.cloud-temple.com");
      }
    });

  test("a server that is down", async () => {
    for (const args of [[], ["--json"], ["granite3.3:2b"], ["nothing-known"], ["--lang", "fr", "nothing-known"]]) {
      const { code, stdout, stderr } = await runProgram(["models", "--endpoint", DOWN, ...args]);
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toContain(DOWN);
      expect(stderr).not.toContain("nothing-known");
    }
  });
});

test("an empty list is said, in any of its forms", async () => {
  for (const body of ['{"object":"list","data":[]}', '{"object":"list","data":null}', "[]"]) {
    const plain = await models(response("200 OK", TYPE, body));
    expect([plain.code, plain.stdout]).toEqual([0, ""]);
    expect(plain.stderr).toContain("lists no models");
    const json = await models(response("200 OK", TYPE, body), "--json");
    expect(JSON.parse(json.stdout)).toMatchObject({ source: "endpoint", models: [], error: null });
  }
});

test("a list that PHP wrote as an object is one", async () => {
  const body = response("200 OK", TYPE, JSON.stringify({ data: { 0: { id: "gemma3:4b" }, 2: { id: "qwen3:8b" } } }));
  expect((await models(body)).stdout).toContain("gemma3:4b\nqwen3:8b\n");
});

test("a very short name gets a suggestion too", async () => {
  const offered = list("granite3.3:2b", "gemma3:4b", "qwen3:8b");
  for (const [name, meant] of [
    ["q", "qwen3:8b"],
    ["g", "granite3.3:2b"],
    ["ge", "gemma3:4b"],
    ["4b", "gemma3:4b"],
    ["q3", "qwen3:8b"],
  ] as const) {
    const { code, stdout, stderr } = await models(offered, name);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(`Did you mean ${meant}?`);
  }
  const { stderr } = await models(offered, "zz");
  expect(stderr).not.toContain("Did you mean");
});

describe("stream suggests the nearest model", () => {
  /** Refuses an answer so, and lists these models. */
  const refusing = (status: number, body: unknown, ...ids: string[]): Answer => {
    return async ({ request, write, fin }) => {
      await write(
        request.method === "GET" ? list(...ids) : response(`${status} No`, TYPE, JSON.stringify({ error: body })),
      );
      fin();
    };
  };
  async function ask(answer: Answer, model = "qwen3:7b") {
    await using server = startRawServer(answer);
    const { code, stderr } = await runProgram(["stream", "-e", server.url, "-m", model, "Hi there"]);
    return { code, stderr, lists: server.requests.filter(({ method }) => method === "GET").length };
  }

  const rows: [status: number, body: unknown][] = [
    [404, { message: "no such model" }],
    [400, { message: "Model Not Exist", type: "invalid_request_error" }],
    [400, { message: "qwen3:7b is not a valid model ID" }],
    [400, { message: "Invalid model: qwen3:7b", type: "invalid_model" }],
    [400, { message: "Invalid model name passed in model=qwen3:7b" }],
    [400, { message: "no", code: "model_not_found" }],
    [422, { message: "The model `qwen3:7b` does not exist" }],
    [500, { message: "model 'qwen3:7b' not found" }],
    [400, { message: "Model granite3.3:2b not found" }],
    [400, { message: "No model named qwen3:7b" }],
    [400, { message: "The model v2.5/qwen3:7b isn't supported." }],
    [422, { message: "model qwen3:7b is not currently available" }],
  ];
  for (const [status, body] of rows)
    test(`after ${status} ${JSON.stringify(body)}`, async () => {
      const { code, stderr, lists } = await ask(refusing(status, body, "gemma3:4b", "qwen3:8b"));
      expect([code, lists]).toEqual([1, 1]);
      expect(stderr).toContain("Did you mean the model qwen3:8b?");
    });

  test("but not itself, and not after another refusal", async () => {
    const listed = await ask(refusing(404, { message: "no such model" }, "qwen3:7b", "qwen3:8b"));
    expect(listed.stderr).not.toContain("Did you mean");
    const other = await ask(refusing(400, { message: "This model's maximum context length is 8192" }, "qwen3:8b"));
    expect(other).toMatchObject({ code: 1, lists: 0 });
  });
});
