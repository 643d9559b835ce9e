import { describe, expect, test } from "bun:test";
import { startRawServer, type Answer } from "../fixtures/raw-server.ts";
import { runProgram, startProgram } from "../cli/program.ts";
import { ask, askInTime, runOnce } from "./ask.ts";
import { DONE, finish, HEAD, response, token } from "../fixtures/answers.ts";
import { secretArgs } from "./story.ts";
import { withSecrets } from "../cli/bad-streams/ask.ts";

const TYPE = "Content-Type: application/json\r\n";
const GOOD = HEAD + token("a") + finish() + DONE;

function refusal(status: number, error: unknown, headers = TYPE): Uint8Array {
  return response(`${status} No`, headers, JSON.stringify({ error }));
}

/** Answers the first request like this and the others well. */
function first(bytes: string | Uint8Array): Answer {
  return async ({ number, write, fin }) => {
    await write(number === 1 ? bytes : GOOD);
    fin();
  };
}

describe("a request that will not become better is refused once, with the server's message:", () => {
  for (const status of [400, 401, 402, 403, 404, 405, 410, 413, 418, 422, 451]) {
    test(`${status}`, async () => {
      const { record, requests } = await ask(refusal(status, { message: "because of é", code: "some_code" }));
      expect(record).toMatchObject({ verdict: "failed", attempts: 1, http_status: status, text: "" });
      expect(record.error).toMatchObject({ kind: "http", status, code: "some_code" });
      expect(record.error?.message).toContain("because of é");
      expect(record.error?.message).toContain(String(status));
      expect(requests.filter((request) => request.method === "POST")).toHaveLength(1);
    });
  }

  test("401 says where the key came from", async () => {
    const { record } = await ask(refusal(401, { message: "bad key" }));
    expect(record.error?.message).toContain("LLMAAS_API_KEY");
    const named = await ask(refusal(401, { message: "bad key" }), { env: { LLMAAS_API_KEY: "" } });
    expect(named.record.error?.message).toContain("LLMAAS_API_KEY");
    expect(named.record.error?.message).not.toBe(record.error?.message);
  });

  test("404 on a model suggests the nearest from /models, 404 in HTML suggests /v1", async () => {
    const models: Answer = async ({ request, write, fin }) => {
      const list = { data: [{ id: "granite3.3:8b" }, { id: "granite3.3:2b-instruct" }, { id: "other" }] };
      await write(
        request.method === "GET"
          ? response("200 OK", TYPE, JSON.stringify(list))
          : refusal(404, { message: "no such model", code: "model_not_found" }),
      );
      fin();
    };
    const { outcome, requests } = await runOnce(models, ["--model", "granite3.3:2c"]);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain("granite3.3:8b");
    expect(requests.map(({ method, path }) => `${method} ${path.split("?", 1)[0]}`)).toEqual([
      "POST /v1/chat/completions",
      "GET /v1/models",
    ]);
    const html = await ask(response("404 Not Found", "Content-Type: text/html\r\n", "<html>nothing here</html>"));
    expect(html.record.error?.message).toContain("/v1");
    expect(html.record.error?.message).not.toContain("nothing here");
  });

  test("a body that is no JSON is quoted by its first line, and none at all is no trouble", async () => {
    const text = await ask(response("400 Bad", "Content-Type: text/plain\r\n", "\nfirst é\nsecond"));
    expect(text.record.error?.message).toContain("first é");
    expect(text.record.error?.message).not.toContain("second");
    const none = await ask(response("400 Bad", ""));
    expect(none.record).toMatchObject({ verdict: "failed", error: { kind: "http", status: 400 } });
  });
});

test("413 that comes before the request was read is told from a broken connection", async () => {
  const tooLarge = Buffer.from(refusal(413, { message: "too large" }));
  const listener = Bun.listen<{ answered: boolean }>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open: (socket) => void (socket.data = { answered: false }),
      data(socket) {
        if (socket.data.answered) return;
        socket.data.answered = true;
        socket.write(tooLarge);
        socket.end();
      },
    },
  });
  const options = withSecrets(`http://127.0.0.1:${listener.port}/v1`, { stdin: "x".repeat(8 * 1024 * 1024) });
  const { code, stderr } = await runProgram(["stream", ...secretArgs()], options);
  listener.stop(true);
  expect(code).toBe(1);
  expect(stderr).toContain("413");
  expect(stderr).toContain("too large");
});

describe("a refused response whose body never ends is judged by its status,", () => {
  test("after 64 KiB of a fast one, and the connection is closed", async () => {
    let written = 0;
    const { record } = await ask(async (exchange) => {
      await exchange.write("HTTP/1.1 400 Bad\r\nConnection: close\r\n\r\nfirst\n");
      while (!exchange.gone()) await exchange.write("x".repeat(64 * 1024));
      written = Math.max(written, exchange.written());
    });
    expect(record).toMatchObject({ verdict: "failed", error: { kind: "http", status: 400 } });
    expect(record.error?.message).toContain("first");
    expect(written).toBeLessThan(16 * 1024 * 1024);
  });

  test("after two seconds of a silent one, whatever first_token and idle say", async () => {
    const { record } = await askInTime(
      async ({ write, left }) => {
        await write("HTTP/1.1 400 Bad\r\n\r\nfirst\n");
        await left;
      },
      { args: ["--timeout-first-token", "300ms", "--timeout-idle", "300ms"] },
    );
    expect(record).toMatchObject({ verdict: "failed", error: { kind: "http", status: 400 } });
    expect(record.error?.message).toContain("first");
    expect(record.total_ms).toBe(2000);
  });

  test("unless Ctrl+C or total comes in that time", async () => {
    const silent: Answer = async ({ write, left }) => {
      await write("HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n\r\n");
      await left;
    };
    const timed = await askInTime(silent, { args: ["--timeout-total", "300ms"] });
    expect(timed.record).toMatchObject({ verdict: "timeout", error: { phase: "total" }, attempts: 1 });

    await using server = startRawServer(silent);
    const program = await startProgram(["stream", "hi", "--json", ...secretArgs()], withSecrets(server.url));
    await program.until('"opened"');
    program.signal("SIGINT");
    const { code, stdout } = await program.ended;
    expect(code).toBe(130);
    expect(stdout).toContain('"verdict":"cancelled"');
    expect(server.requests).toHaveLength(1);
  });
});

describe("a 400 that names what it does not know is sent again once, adapted, with a notice:", () => {
  const bodies = (requests: { body: string }[]) => requests.map(({ body }) => JSON.parse(body));

  test("without stream_options", async () => {
    const { record, requests } = await ask(first(refusal(400, { message: "unknown field: stream_options" })), {
      args: ["--retries", "0"],
    });
    expect(record).toMatchObject({ verdict: "complete", text: "a", attempts: 2, notices: ["adapted_stream_options"] });
    const [before, after] = bodies(requests);
    expect(before.stream_options).toEqual({ include_usage: true });
    delete before.stream_options;
    expect(after).toEqual(before);
    expect(record.retry_wait_ms).toBe(0);
  });

  test("with max_completion_tokens for max_tokens", async () => {
    const hint = {
      message: "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
      param: "max_tokens",
    };
    const { record, requests } = await ask(first(refusal(400, hint)), {
      args: ["--max-tokens", "77", "--retries", "0"],
    });
    expect(record).toMatchObject({ verdict: "complete", attempts: 2, notices: ["adapted_max_tokens"] });
    const [before, after] = bodies(requests);
    expect([before.max_tokens, before.max_completion_tokens]).toEqual([77, undefined]);
    expect([after.max_tokens, after.max_completion_tokens]).toEqual([undefined, 77]);
  });

  test("both, one after the other, and a retry between does not undo them", async () => {
    const answers = [
      refusal(400, { message: "stream_options?" }),
      response("503 Busy", "Retry-After: 0\r\n"),
      refusal(400, { message: "use max_completion_tokens" }),
      GOOD,
    ];
    const { record, requests } = await ask(async ({ number, write, fin }) => {
      await write(answers[number - 1] ?? "");
      fin();
    });
    expect(record).toMatchObject({
      verdict: "complete",
      attempts: 4,
      notices: ["adapted_stream_options", "adapted_max_tokens"],
    });
    const last = bodies(requests).at(-1);
    expect([last.stream_options, last.max_tokens, last.max_completion_tokens]).toEqual([undefined, undefined, 300]);
  });

  test("and fails when the server still refuses", async () => {
    const { record, requests } = await ask(refusal(400, { message: "stream_options and max_completion_tokens!" }));
    expect(record).toMatchObject({ verdict: "failed", error: { kind: "http", status: 400 }, attempts: 3 });
    expect(requests).toHaveLength(3);
  });

  test("but not when the answer was only quoting the prompt's words with another status", async () => {
    const { record } = await ask(refusal(403, { message: "stream_options" }));
    expect(record).toMatchObject({ verdict: "failed", attempts: 1 });
  });
});
