import { expect, test } from "bun:test";
import { askedWait, backoff } from "../../src/stream/retry.ts";

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
  expect(waitOf({ "retry-after": "Sun, 22 Nov 2020 10:00:05 GMT" })).toBe(0);
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
