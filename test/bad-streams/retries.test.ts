import { describe, expect, test } from "bun:test";
import { chunked, GOOD, HEAD, response, ROLE, token } from "../fixtures/answers.ts";
import { type Exchange, type RawRequest, startRawServer } from "../fixtures/raw-server.ts";
import { ask, askInTime, type SeenAnswer } from "./ask.ts";
import type { Asked } from "./story.ts";

type Answer<E extends Exchange> = (exchange: E) => void | Promise<void>;

/** Does this to the first `times` requests and answers the next one well. */
function after<E extends Exchange>(times: number, answer: Answer<E>): Answer<E> {
  return async (exchange) => {
    if (exchange.number <= times) return answer(exchange);
    await exchange.write(GOOD);
    exchange.fin();
  };
}

function busy(status: number, headers: string): Answer<Exchange> {
  return async ({ write, fin }) => {
    await write(response(`${status} Busy`, headers, JSON.stringify({ error: { message: "busy é" } })));
    fin();
  };
}

function retrying({ events }: Asked) {
  return events.filter((line) => line.type === "retrying");
}

/** Ms between each request and the next, as the server saw them. */
function gaps(requests: readonly RawRequest[]): number[] {
  return requests.slice(1).map((request, index) => request.at - (requests[index]?.at ?? 0));
}

/** A wait that was kept. */
function expectWait(wait: number | undefined, from: number, to = from): void {
  expect(wait).toBeGreaterThanOrEqual(from - 0.1);
  expect(wait).toBeLessThanOrEqual(to + 0.1);
}

describe("before the first token it is asked again, visibly, after", () => {
  for (const status of [408, 409, 425, 429, 500, 501, 502, 503, 504, 529]) {
    test(`HTTP ${status}`, async () => {
      const asked = await askInTime(after(1, busy(status, "Retry-After: 0\r\n")));
      expect(asked.record).toMatchObject({ verdict: "complete", text: "a", attempts: 2, http_status: 200 });
      expect(retrying(asked)).toMatchObject([{ attempt: 2, delay_ms: 0, error: { kind: "http", status } }]);
      expect(asked.shown).toContain("busy é");
      expect(asked.requests[0]?.body).toBe(asked.requests[1]?.body as string);
    });
  }

  const rows: [string, SeenAnswer, string][] = [
    ["a reset in place of an answer", async ({ reset }) => reset(), "reset"],
    ["an end in place of an answer", async ({ fin }) => fin(), "reset"],
    [
      "a reset after the headers",
      async ({ write, seen, reset }) => (await write(chunked()), await seen("opened"), reset()),
      "reset",
    ],
    [
      "a reset after comments and a role",
      async ({ write, seen, reset }) => (await write(chunked(`: hello\n\n${ROLE}`)), await seen("opened"), reset()),
      "reset",
    ],
    ["a clean end after comments", async ({ write, fin }) => (await write(`${HEAD}: hello\n\n`), fin()), "ended_early"],
    ["a clean end after a role", async ({ write, fin }) => (await write(HEAD + ROLE), fin()), "ended_early"],
    [
      "an undeclared body of line ends",
      async ({ write, fin }) => (await write(HEAD.replace("Content-Type", "X-Type") + "\n\n"), fin()),
      "ended_early",
    ],
  ];
  for (const [name, answer, kind] of rows) {
    test(`${name}`, async () => {
      const asked = await ask(after(1, answer));
      expect(asked.record).toMatchObject({ verdict: "complete", text: "a", attempts: 2 });
      expect(retrying(asked)).toMatchObject([{ attempt: 2, error: { kind } }]);
      expectWait(asked.record.retry_wait_ms, 375, 625);
    });
  }

  test("a refused connection", async () => {
    const server = startRawServer(() => {});
    await server[Symbol.asyncDispose]();
    const asked = await ask("", { endpoint: server.url, args: ["--retries", "1"] });
    expect(asked.record).toMatchObject({
      verdict: "failed",
      error: { kind: "refused", code: "ECONNREFUSED" },
      attempts: 2,
    });
    expect(asked.record.error?.message).toContain(`127.0.0.1:${server.port}`);
  });
});

test("retries end with the last failure, wait twice as long each time, and 0 retries is one request", async () => {
  const [two, none] = await Promise.all([
    askInTime(busy(503, "")),
    askInTime(busy(503, ""), { args: ["--retries", "0"] }),
  ]);
  expect(two.record).toMatchObject({ verdict: "failed", error: { kind: "http", status: 503 }, attempts: 3 });
  expect(two.record.error?.message).toContain("busy é");
  const [first, second] = gaps(two.requests);
  expectWait(first, 375, 625);
  expectWait(second, 750, 1250);
  expect(two.record.retry_wait_ms).toBeGreaterThan(1100);
  expect(none.record).toMatchObject({ verdict: "failed", attempts: 1, retry_wait_ms: 0 });
  expect(none.requests).toHaveLength(1);
});

test("an end before the first token fails with ended_early once the retries are used up", async () => {
  const { record } = await askInTime(`${HEAD}: hello\n\n`, { args: ["--retries", "1"] });
  expect(record).toMatchObject({ verdict: "failed", error: { kind: "ended_early" }, attempts: 2, text: "" });
});

describe("the wait that the server asks for is kept:", () => {
  test("Retry-After in seconds", async () => {
    const asked = await askInTime(after(1, busy(429, "Retry-After: 1\r\n")));
    expect(asked.record).toMatchObject({ verdict: "complete", attempts: 2, retry_wait_ms: 1000 });
    expectWait(gaps(asked.requests)[0], 1000);
    expect(asked.shown).toContain("1.00 s");
  });

  test("Retry-After that the total timeout cuts short counts as long as it was waited", async () => {
    const asked = await askInTime(after(1, busy(503, "Retry-After: 30\r\n")), { args: ["--timeout-total", "1s"] });
    expect(asked.record).toMatchObject({ verdict: "timeout", attempts: 1 });
    expect(asked.record.retry_wait_ms).toBeGreaterThan(0);
    expect(asked.record.retry_wait_ms).toBeLessThanOrEqual(asked.record.total_ms);
  });

  test("Retry-After as a date", async () => {
    const begun = Date.now();
    const asked = await askInTime(async (exchange) => {
      const date = new Date(Date.now() + 2500).toUTCString();
      return after(1, busy(503, `Retry-After: ${date}\r\n`))(exchange);
    });
    expect(asked.record).toMatchObject({ verdict: "complete", attempts: 2 });
    // The clock of the stream stands still while this machine works; the date is of the machine's own.
    expectWait(gaps(asked.requests)[0], 1400, 2501 + Date.now() - begun);
  });

  test("X-RateLimit-Reset-Requests, in seconds since the epoch", async () => {
    const begun = Date.now();
    const asked = await askInTime(async (exchange) => {
      const reset = Math.ceil(Date.now() / 1000) + 1;
      return after(1, busy(429, `X-RateLimit-Reset-Requests: ${reset}\r\n`))(exchange);
    });
    expect(asked.record).toMatchObject({ verdict: "complete", attempts: 2 });
    expectWait(gaps(asked.requests)[0], 950, 2001 + Date.now() - begun);
  });

  test("Retry-After before X-RateLimit-Reset-Requests", async () => {
    const reset = Math.ceil(Date.now() / 1000) + 3000;
    const asked = await askInTime(after(1, busy(429, `Retry-After: 0\r\nX-RateLimit-Reset-Requests: ${reset}\r\n`)));
    expect(asked.record).toMatchObject({ verdict: "complete", attempts: 2, retry_wait_ms: 0 });
  });

  for (const header of [
    "Retry-After: soon",
    "Retry-After: -1",
    "Retry-After:",
    "X-RateLimit-Reset-Requests: 1",
    "X-RateLimit-Reset-Requests: 6m0s",
  ]) {
    test(`but "${header}" says nothing`, async () => {
      const asked = await askInTime(after(1, busy(429, `${header}\r\n`)));
      expect(asked.record).toMatchObject({ verdict: "complete", attempts: 2 });
      expectWait(gaps(asked.requests)[0], 375, 625);
    });
  }

  test("but a wait longer than retry.max_wait fails at once, naming it", async () => {
    const reset = Math.ceil(Date.now() / 1000) + 3000;
    for (const header of ["Retry-After: 61", `X-RateLimit-Reset-Requests: ${reset}`]) {
      const { record, requests } = await askInTime(busy(429, `${header}\r\n`));
      expect(record).toMatchObject({ verdict: "failed", error: { kind: "http", status: 429 }, attempts: 1 });
      expect(record.error?.message).toContain("retry.max_wait");
      expect(requests).toHaveLength(1);
    }
  });
});

describe("after the first token nothing is asked again:", () => {
  test("a reset is truncated, corrupt chunks failed, and the text is kept", async () => {
    const begun = chunked(token("a"));
    const reset = await ask(async ({ write, seen, reset }) => (await write(begun), await seen("delta"), reset()));
    expect(reset.record).toMatchObject({ verdict: "truncated", text: "a", attempts: 1 });
    const corrupt = await ask(
      async ({ write, seen, fin }) => (await write(begun), await seen("delta"), await write("zz\r\nx"), fin()),
    );
    expect(corrupt.record).toMatchObject({
      verdict: "failed",
      error: { kind: "invalid_http" },
      text: "a",
      attempts: 1,
    });
    expect(reset.requests.length + corrupt.requests.length).toBe(2);
  });
});

test("total runs on over the retries and ends their wait", async () => {
  const { record } = await askInTime(busy(503, "Retry-After: 30\r\n"), { args: ["--timeout-total", "500ms"] });
  expect(record).toMatchObject({ verdict: "timeout", error: { phase: "total" }, attempts: 1 });
  expectWait(record.total_ms, 500);
});

describe("what lasts is not asked again, whatever its status, and says what helps:", () => {
  const refusal = (status: number, headers: string, error: unknown) =>
    response(`${status} No`, `Content-Type: application/json\r\n${headers}`, JSON.stringify({ error }));
  const rows: [name: string, bytes: Uint8Array, help: string][] = [
    [
      "a quota used up",
      refusal(429, "", { message: "quota", type: "insufficient_quota", code: "insufficient_quota" }),
      "whoever runs 127.0.0.1",
    ],
    [
      "a quota used up, by its type alone",
      refusal(429, "", { message: "q", type: "insufficient_quota" }),
      "whoever runs",
    ],
    [
      "a bill not paid",
      refusal(429, "Retry-After: 1\r\n", { message: "b", code: "billing_not_active" }),
      "whoever runs",
    ],
    ["HTTP 402", refusal(402, "", { message: "pay" }), "whoever runs"],
    ["x-should-retry: false", refusal(503, "x-should-retry: false\r\n", { message: "no" }), "itself"],
    ["such a limit", refusal(429, "x-should-retry: false\r\nRetry-After: 1\r\n", { message: "no" }), "itself"],
    ["what the server cannot do", refusal(500, "", { message: "image input is not supported" }), "change the request"],
    ["its name for it", refusal(501, "", { message: "no", type: "not_supported_error" }), "change the request"],
  ];
  for (const [name, bytes, help] of rows)
    test(name, async () => {
      const { record, requests } = await askInTime(bytes);
      expect(record).toMatchObject({ verdict: "failed", attempts: 1, error: { kind: "http" } });
      expect(record.error?.message).toContain(help);
      expect(record.error?.message).not.toContain("console");
      expect(requests).toHaveLength(1);
    });

  test("x-should-retry: true changes nothing", async () => {
    const { record } = await askInTime(refusal(503, "x-should-retry: true\r\n", { message: "no" }));
    expect(record.attempts).toBe(3);
  });
});

test("retry-after-ms is kept to the millisecond, before Retry-After", async () => {
  const asked = await askInTime(after(1, busy(429, "retry-after-ms: 1800\r\nRetry-After: 2\r\n")));
  expect(asked.record).toMatchObject({ verdict: "complete", attempts: 2, retry_wait_ms: 1800 });
});

test("a Retry-After that has gone by is waited for as if there were none", async () => {
  const asked = await askInTime(after(1, busy(503, "Retry-After: Sun, 22 Nov 2020 10:00:05 GMT\r\n")));
  expectWait(asked.record.retry_wait_ms, 375, 625);
});

test("a wait of more than a year is called too long", async () => {
  for (const value of ["31536001", "1764103600", "9".repeat(400), "Sun, 22 Nov 2199 10:00:05 GMT"]) {
    const { record } = await askInTime(busy(429, `Retry-After: ${value}\r\n`));
    expect(record).toMatchObject({ verdict: "failed", attempts: 1 });
    expect(record.error?.message).toContain("more than a year, which is too long");
  }
});
