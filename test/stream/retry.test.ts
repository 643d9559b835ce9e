import { expect, test } from "bun:test";
import { askedWait, backoff, lastingOf } from "../../src/stream/retry.ts";
import type { ApiError } from "../../src/wire/errors.ts";

const NOW = new Date("2026-11-22T10:00:00.000Z");
const SECONDS = NOW.getTime() / 1000;

function waitOf(headers: Record<string, string>, status = 429): number | null {
  return askedWait(new Headers(headers), status, NOW);
}

test("Retry-After is understood in seconds and as a date", () => {
  expect(waitOf({ "retry-after": "7" })).toBe(7000);
  expect(waitOf({ "retry-after": " 0.5 " })).toBe(500);
  expect(waitOf({ "retry-after": "Sun, 22 Nov 2026 10:00:05 GMT" })).toBe(5000);
  expect(waitOf({ "retry-after": "Sunday, 22-Nov-26 10:00:05 GMT" })).toBe(5000);
  expect(waitOf({ "retry-after": "Sun Nov 22 10:00:05 2026" })).toBe(5000);
  expect(waitOf({ "retry-after": "31536001" })).toBe(31_536_001_000);
});

test("a wait of digits without end is a number that has one: it crosses to the main thread as JSON", () => {
  for (const name of ["retry-after", "retry-after-ms"]) {
    const wait = waitOf({ [name]: "9".repeat(400) });
    expect(wait).toBeGreaterThan(1e15);
    expect(JSON.parse(JSON.stringify(wait))).toBe(wait);
  }
});

test("a date that has gone by asks for nothing", () => {
  for (const value of [
    "Sun, 22 Nov 2020 10:00:05 GMT",
    "Sun, 22 Nov 2026 10:00:00 GMT",
    "Thu, 01 Jan 1970 00:00:00 GMT",
  ])
    expect([value, waitOf({ "retry-after": value })]).toEqual([value, null]);
});

test("retry-after-ms is exact, and before Retry-After; nonsense in it is none", () => {
  expect(waitOf({ "retry-after-ms": "1800" })).toBe(1800);
  expect(waitOf({ "retry-after-ms": "1800", "retry-after": "2" })).toBe(1800);
  expect(waitOf({ "retry-after-ms": "0" }, 503)).toBe(0);
  expect(waitOf({ "retry-after-ms": "12.5" })).toBe(12.5);
  for (const ms of ["", "-5", "soon", "1e9"]) expect(waitOf({ "retry-after-ms": ms, "retry-after": "2" })).toBe(2000);
});

test("a reset more than a year ahead is in milliseconds, or none", () => {
  const reset = (value: number) => waitOf({ "x-ratelimit-reset-requests": String(value) });
  expect(reset(NOW.getTime() + 3000)).toBe(3000);
  expect(reset(SECONDS + 86_400)).toBe(86_400_000);
  expect(reset(SECONDS + 2 * 365 * 86_400)).toBeNull();
  expect(reset(NOW.getTime() - 3000)).toBeNull();
  expect(reset(NOW.getTime() * 1000)).toBeNull();
});

test("what no later attempt would get lasts, and says why", () => {
  const none = new Headers();
  const error = (names: { code?: string; type?: string; message?: string }): ApiError => {
    return { message: "", code: null, type: null, param: null, ...names };
  };
  for (const names of [
    { code: "insufficient_quota" },
    { code: "insufficient_user_quota" },
    { type: "insufficient_quota" },
    { code: "billing_hard_limit_reached" },
    { type: "billing_error" },
    { code: "InsufficientBalance" },
    { code: "insufficient_credits" },
  ])
    expect([names, lastingOf(429, none, error(names))]).toEqual([names, "quota"]);
  expect(lastingOf(402, none, null)).toBe("quota");
  const said = "Your credit balance is too low to access the Anthropic API.";
  expect(lastingOf(400, none, error({ type: "invalid_request_error", message: said }))).toBe("quota");
  for (const message of ["image input is not supported", "Not implemented", "this model does not support tools"])
    expect([message, lastingOf(500, none, error({ message }))]).toEqual([message, "unsupported"]);
  expect(lastingOf(500, none, error({ type: "invalid_request_error" }))).toBe("unsupported");
  for (const value of ["false", "False", " false "])
    expect(lastingOf(503, new Headers({ "x-should-retry": value }), null)).toBe("told");
  for (const [status, names, headers] of [
    [429, { code: "rate_limit_exceeded" }, none],
    [500, { message: "internal error" }, none],
    [503, { message: "this is not supported right now" }, none],
    [500, { code: "insufficient_system_resource" }, none],
    [503, {}, new Headers({ "x-should-retry": "true" })],
  ] as const)
    expect([status, names, lastingOf(status, headers, error(names))]).toEqual([status, names, null]);
});

test("what is neither asks for nothing", () => {
  for (const value of ["soon", "-1", "+5", "", "1e3", "12 bananas", "2026-13-45"])
    expect([value, waitOf({ "retry-after": value })]).toEqual([value, null]);
});

test("X-RateLimit-Reset-Requests counts where the limit is what refused us, and lies ahead", () => {
  const reset = (seconds: number) => ({ "x-ratelimit-reset-requests": String(SECONDS + seconds) });
  expect(waitOf(reset(3))).toBe(3000);
  expect(waitOf(reset(-3))).toBeNull();
  expect(waitOf(reset(3), 503)).toBeNull();
  expect(waitOf({ ...reset(3), "x-ratelimit-remaining-requests": "0" }, 503)).toBe(3000);
  expect(waitOf({ ...reset(3), "retry-after": "1" })).toBe(1000);
  expect(waitOf({ "x-ratelimit-reset-requests": "6m0s" })).toBeNull();
});

test("our own wait is half a second, twice as long each time, give or take a quarter", () => {
  expect([0, 1, 2].map((retry) => backoff(retry, () => 0.5))).toEqual([500, 1000, 2000]);
  expect(backoff(0, () => 0)).toBe(375);
  expect(backoff(1, () => 1)).toBe(1250);
});
