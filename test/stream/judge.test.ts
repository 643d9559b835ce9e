import { describe, expect, test } from "bun:test";
import type { Failure } from "../../src/stream/event.ts";
import { createFacts, judge, takeFinishReason, type Facts } from "../../src/stream/judge.ts";

const SPOKE = { tokens: 1, events: 1, visible: true };
const ERROR = { error: { message: "e", type: null, code: null, param: null } };
const cancelled: Failure = { kind: "cancelled", reason: "signal", message: "" };
const timeout: Failure = { kind: "timeout", phase: "idle", after: 1, message: "" };
const reset: Failure = { kind: "reset", code: "ECONNRESET", trace: "", message: "" };
const encoding: Failure = { kind: "encoding", code: "ZlibError", trace: "", message: "" };

/** The finish reason came with the last token, unless `finishedAt` says otherwise. */
function verdictOf(facts: Partial<Facts>, stopped: Failure | null = null, trustDone = false): string {
  const all = { ...createFacts(), finishedAt: facts.tokens ?? 0, ...facts };
  const { verdict, failure } = judge(all, stopped, { trustDone });
  return failure === null ? verdict : `${verdict} ${failure.kind}`;
}

describe("once choice 0 has a finish_reason and no token follows, or [DONE] came, nothing later changes the verdict:", () => {
  for (const stopped of [cancelled, timeout, reset, encoding, null]) {
    test(`${stopped?.kind ?? "a clean end"}`, () => {
      expect(verdictOf({ ...SPOKE, finishReason: "stop" }, stopped)).toBe("complete");
      expect(verdictOf({ ...SPOKE, done: true }, stopped)).toBe("truncated truncated");
      expect(verdictOf({ ...SPOKE, done: true }, stopped, true)).toBe("complete");
      expect(verdictOf({ ...SPOKE, finishReason: "stop", finishedAt: 0, done: true }, stopped)).toBe("complete");
      expect(verdictOf({ ...SPOKE, finishReason: "length" }, stopped)).toBe("length");
      expect(verdictOf({ ...SPOKE, finishReason: "safety" }, stopped)).toBe("filtered filtered");
      expect(verdictOf({ ...SPOKE, finishReason: "abort" }, stopped)).toBe("failed finish_reason");
      expect(verdictOf({ events: 1, finishReason: "stop" }, stopped)).toBe("empty empty");
      expect(verdictOf({ events: 1, tokens: 1, tools: true, finishReason: "stop" }, stopped)).toBe("complete");
    });
  }
});

const EXCESS = { excess: "event" } as const;

test("otherwise cancelled comes before timeout, timeout before failed, and failed before truncated", () => {
  for (const facts of [{}, SPOKE, { ...SPOKE, ...ERROR }, EXCESS, { malformed: 1 }]) {
    expect(verdictOf(facts, cancelled)).toBe("cancelled cancelled");
    expect(verdictOf(facts, timeout)).toBe("timeout timeout");
  }
  expect(verdictOf({ ...SPOKE, ...ERROR }, reset)).toBe("failed server_error");
  expect(verdictOf({ ...SPOKE, ...EXCESS }, reset)).toBe("failed oversize");
  expect(verdictOf(SPOKE, encoding)).toBe("failed encoding");
  expect(verdictOf(SPOKE, reset)).toBe("truncated truncated");
  expect(verdictOf(SPOKE)).toBe("truncated truncated");
});

test("before the first token an end failed for its own reason, and malformed events alone are one", () => {
  expect(verdictOf({})).toBe("failed ended_early");
  expect(verdictOf({ events: 3 })).toBe("failed ended_early");
  expect(verdictOf({}, reset)).toBe("failed reset");
  expect(verdictOf({ malformed: 2 })).toBe("failed malformed");
  expect(verdictOf({ malformed: 2, done: true })).toBe("failed malformed");
  expect(verdictOf({ malformed: 2, events: 1 })).toBe("failed ended_early");
});

test("in a finished answer failed comes before filtered, filtered before empty, empty before length", () => {
  expect(verdictOf({ events: 1, finishReason: "error", refusal: "no" })).toBe("failed finish_reason");
  expect(verdictOf({ events: 1, finishReason: "refusal" })).toBe("filtered filtered");
  expect(verdictOf({ events: 1, finishReason: "length", refusal: "no" })).toBe("filtered filtered");
  expect(verdictOf({ events: 1, finishReason: "length" })).toBe("empty empty");
});

describe("a finish_reason that tokens follow", () => {
  const RESUMED = { ...SPOKE, tokens: 2, finishReason: "stop", finishedAt: 1 };

  test("is not the end: what stops reading is what happened", () => {
    expect(verdictOf(RESUMED, cancelled)).toBe("cancelled cancelled");
    expect(verdictOf(RESUMED, timeout)).toBe("timeout timeout");
    expect(verdictOf(RESUMED, reset)).toBe("truncated truncated");
    expect(verdictOf(RESUMED, encoding)).toBe("failed encoding");
    expect(verdictOf({ ...RESUMED, excess: "event" })).toBe("failed oversize");
    expect(verdictOf({ ...RESUMED, ...ERROR })).toBe("failed server_error");
  });

  test("counts where the body then ends by itself", () => {
    expect(verdictOf(RESUMED)).toBe("complete");
    expect(verdictOf({ ...RESUMED, done: true }, reset)).toBe("complete");
    expect(verdictOf({ ...RESUMED, finishReason: "length" })).toBe("length");
    expect(verdictOf({ ...RESUMED, finishReason: "safety" })).toBe("filtered filtered");
  });
});

test("an error after a finish_reason before any token is the failure of the answer", () => {
  expect(verdictOf({ events: 2, finishReason: "stop", ...ERROR })).toBe("failed server_error");
});

test("[DONE] alone is trusted where the user says so, and says that there was an answer nowhere", () => {
  const verdicts = (facts: Partial<Facts>) => [verdictOf(facts), verdictOf(facts, null, true)];
  expect(verdicts({ ...SPOKE, done: true })).toEqual(["truncated truncated", "complete"]);
  expect(verdicts({ events: 1, tokens: 1, done: true })).toEqual(["truncated truncated", "empty empty"]);
  expect(verdicts({ events: 1, tokens: 1, refusal: "no", done: true })).toEqual([
    "filtered filtered",
    "filtered filtered",
  ]);
  expect(verdicts({ events: 1, done: true })).toEqual(["empty empty", "empty empty"]);
  expect(verdicts(SPOKE)).toEqual(["truncated truncated", "truncated truncated"]);
});

describe("of several finish reasons", () => {
  /** A number is so many tokens, a text a reason. */
  function takenOf(...parts: (number | string)[]): string | null {
    const facts = createFacts();
    for (const part of parts) {
      if (typeof part === "number") facts.tokens += part;
      else takeFinishReason(facts, part);
    }
    return facts.finishReason;
  }

  test("the first counts as long as no token follows", () => {
    expect(takenOf(1, "stop", "error")).toBe("stop");
    expect(takenOf("stop", "error")).toBe("stop");
  });

  test("the last counts while tokens still come", () => {
    expect(takenOf("stop", 1, "length")).toBe("length");
    expect(takenOf(1, "stop", 1, "length", "stop")).toBe("stop");
    expect(takenOf(1, "stop", 1)).toBe("stop");
  });

  test("where each token has its own, that of an event without a token counts too", () => {
    expect(takenOf(1, "stop", 1, "stop", 1, "stop", "length")).toBe("length");
  });
});
