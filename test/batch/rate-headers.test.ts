import { describe, expect, test } from "bun:test";
import { exhaustedFor } from "../../src/batch/rate-headers.ts";

const NOW = Date.parse("2026-11-26T08:00:00Z");
const wait = (headers: Record<string, string>): number => exhaustedFor(headers, NOW);

describe("headers that tell a limit", () => {
  test.each([
    ["0", "1s", 1000],
    ["0", "6m0s", 360_000],
    ["0", "20ms", 20],
    ["0", "1m6.5s", 66_500],
    ["0", "2.5", 2500],
    ["0", String(NOW / 1000 + 30), 30_000],
    ["0", String(NOW + 4000), 4000],
    ["0", "2026-11-26T08:00:10Z", 10_000],
    ["0", "2026-11-26T07:00:00Z", 0],
    ["0", "soon", 0],
    ["0", "3h", 0],
    ["1", "10s", 0],
    ["", "10s", 0],
    ["many", "10s", 0],
  ])("with %s left, and more in %s, hold everything for so long", (left, reset, ms) => {
    expect(wait({ "x-ratelimit-remaining-requests": left, "x-ratelimit-reset-requests": reset })).toBe(ms);
    expect(wait({ "anthropic-ratelimit-tokens-remaining": left, "anthropic-ratelimit-tokens-reset": reset })).toBe(ms);
  });

  test.each([
    [
      {
        "anthropic-ratelimit-input-tokens-remaining": "0",
        "anthropic-ratelimit-input-tokens-reset": "2026-11-26T08:00:02Z",
      },
      2000,
    ],
    [
      {
        "anthropic-ratelimit-output-tokens-remaining": "0",
        "anthropic-ratelimit-output-tokens-reset": "2026-11-26T08:00:02Z",
      },
      2000,
    ],
    [{ "ratelimit-remaining": "0", "ratelimit-reset": "5" }, 5000],
    [{ "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(NOW / 1000 + 3) }, 3000],
    [{ ratelimit: "limit=100, remaining=0, reset=5" }, 5000],
    [{ ratelimit: '"burst";r=0;t=2, "daily";r=0;t=9' }, 9000],
    [{ ratelimit: '"burst";r=3;t=2, "daily";r=10;t=9' }, 0],
    [{ ratelimit: "limit=100, remaining=10, reset=5" }, 0],
    [{ ratelimit: '"day";r=0;t=86400' }, 0],
  ])("of other forms are heard too: %j", (headers, ms) => {
    expect(wait(headers)).toBe(ms);
  });

  test("are all heard: the longest counts, and what does not go with an empty one says nothing", () => {
    const tokens = { "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "2s" };
    const requests = { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "500ms" };
    expect(wait({ ...requests, ...tokens })).toBe(2000);
    expect(wait({ ...tokens, "x-ratelimit-remaining-tokens": "5" })).toBe(0);
    expect(wait({})).toBe(0);
    expect(wait({ "x-ratelimit-remaining-requests": "0" })).toBe(0);
  });
});
