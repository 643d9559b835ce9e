import { describe, expect, test } from "bun:test";
import type { Failure } from "../../src/stream/event.ts";
import { judge, type Facts } from "../../src/stream/judge.ts";

const NOTHING: Facts = {
  tokens: 0,
  visible: false,
  tools: false,
  refusal: "",
  finishReason: null,
  done: false,
  usage: null,
  events: 0,
  malformed: 0,
  firstMalformed: "",
  error: null,
  outside: "",
  excess: null,
};

const SPOKE = { tokens: 1, events: 1, visible: true };
const ERROR = { error: { message: "e", type: null, code: null, param: null } };
const cancelled: Failure = { kind: "cancelled", reason: "signal", message: "" };
const timeout: Failure = { kind: "timeout", phase: "idle", after: 1, message: "" };
const reset: Failure = { kind: "reset", code: "ECONNRESET", trace: "", message: "" };
const encoding: Failure = { kind: "encoding", code: "ZlibError", trace: "", message: "" };

function verdictOf(facts: Partial<Facts>, stopped: Failure | null = null): string {
  const { verdict, failure } = judge({ ...NOTHING, ...facts }, stopped);
  return failure === null ? verdict : `${verdict} ${failure.kind}`;
}

describe("once choice 0 has a finish_reason, or [DONE] came, nothing later changes the verdict:", () => {
  for (const stopped of [cancelled, timeout, reset, encoding, null]) {
    test(`${stopped?.kind ?? "a clean end"}`, () => {
      expect(verdictOf({ ...SPOKE, finishReason: "stop" }, stopped)).toBe("complete");
      expect(verdictOf({ ...SPOKE, done: true }, stopped)).toBe("complete");
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
