import { expect, test } from "bun:test";
import { readAsk } from "../../src/simulator/ask.ts";
import type { Control } from "../../src/simulator/control.ts";
import { answerScript, type FaultName } from "../../src/simulator/faults.ts";
import { createPlan } from "../../src/simulator/plan.ts";
import type { Ending, Step } from "../../src/simulator/script.ts";
import { startSimulator } from "../../src/simulator/server.ts";
import { joinTokens } from "../../src/simulator/speech.ts";
import { API_KINDS, type ApiKind } from "../../src/wire/apis.ts";
import { ask as askBytes, BODIES, exchange, parseResponse, wholeBody } from "./raw-client.ts";

const MODEL = { id: "m", tokensPerSecond: 50, ttftMs: 200 };

function planOf(control: Control, more = {}, api: ApiKind = "chat") {
  const body = JSON.stringify({ model: "m", ...BODIES[api], stream: true, ...more });
  const ask = readAsk(api, Buffer.from(body));
  if ("status" in ask) throw new Error(ask.message);
  const texts = { answer: "one two three four five six", reasoning: "hmm well so" };
  return createPlan(ask, { control, texts, model: MODEL, now: 0 });
}

/** All steps of a script that ends. */
function steps(
  control: Control,
  fault: FaultName | null = null,
  more = {},
  api: ApiKind = "chat",
): { steps: Step[]; ending: Ending } {
  const script = answerScript(planOf(control, more, api), fault);
  const all: Step[] = [];
  for (;;) {
    const next = script.next();
    if (next.done) return { steps: all, ending: next.value };
    all.push(next.value);
  }
}

const tokenTimes = (control: Control, fault: FaultName | null = null): number[] =>
  steps(control, fault)
    .steps.filter(({ token }) => token >= 0)
    .map(({ due }) => due);

test("token k is due k/rate after the first, whatever came before", () => {
  expect(tokenTimes({})).toEqual([200, 220, 240, 260, 280, 300]);
  expect(tokenTimes({ rate: 100, ttft_ms: 5 })).toEqual([5, 15, 25, 35, 45, 55]);
});

test.each(API_KINDS)("in the %s API each token is due as in chat, and bears its number", (api) => {
  const due = (control: Control, fault: FaultName | null = null, kind: ApiKind = api): (readonly [number, number])[] =>
    steps(control, fault, {}, kind)
      .steps.filter(({ token }) => token >= 0)
      .map(({ token, due }) => [token, due]);
  const controls = [{}, { jitter: 1, seed: 3, tokens: 200 }, { tokens_per_event: 4 }, { rate: 0, ttft_ms: 7 }];
  for (const control of controls) expect(due(control)).toEqual(due(control, null, "chat"));
  expect(due({ at: 2, ms: 1000 }, "stall")).toEqual(due({ at: 2, ms: 1000 }, "stall", "chat"));
  if (api === "completions") return;
  expect(due({ reasoning_tokens: 3 })).toEqual(due({ reasoning_tokens: 3 }, null, "chat"));
  expect(due({}, "tool-calls")).toEqual(due({}, "tool-calls", "chat"));
});

test("an event of several tokens is due with its first", () => {
  expect(tokenTimes({ tokens_per_event: 4 })).toEqual([200, 280]);
});

test("jitter moves a token by its share of a gap at most, never past another", () => {
  const due = tokenTimes({ tokens: 500, jitter: 1, seed: 3 });
  due.forEach((at, k) => expect(Math.abs(at - (200 + 20 * k))).toBeLessThanOrEqual(10));
  expect(due).toEqual(due.toSorted((a, b) => a - b));
  expect(new Set(due.map((at, k) => Math.round(at - 20 * k))).size).toBeGreaterThan(10);
});

test("the same seed and request give the same bytes and times, another seed others", () => {
  const control = { seed: 1, jitter: 0.5, tokens: 50 };
  expect(steps(control)).toEqual(steps(control));
  expect(steps({ ...control, seed: 2 })).not.toEqual(steps(control));
  expect(steps(control, null, { messages: [{ role: "user", content: "ho" }] })).not.toEqual(steps(control));
});

test("headers and the role leave at once, the finish with the last token", () => {
  const all = steps({}).steps;
  expect(all.slice(0, 2).map(({ due }) => due)).toEqual([0, 0]);
  expect(all.slice(-3).map(({ due }) => due)).toEqual([300, 300, 300]);
});

test("a stall shifts what comes after it", () => {
  expect(tokenTimes({ at: 2, ms: 1000 }, "stall")).toEqual([200, 220, 1240, 1260, 1280, 1300]);
});

test("reasoning comes first and counts as tokens", () => {
  const all = steps({ reasoning_tokens: 2, usage: "always" }).steps;
  const text = all.map(({ data }) => Buffer.from(data).toString()).join("");
  expect(text.indexOf('{"reasoning_content":"hmm"}')).toBeLessThan(text.indexOf('{"content":"one"}'));
  expect(all.filter(({ token }) => token >= 0).map(({ due }) => due)).toEqual([200, 220, 240, 260, 280, 300, 320, 340]);
  expect(text).toContain(
    '"completion_tokens":8,"total_tokens":9,"completion_tokens_details":{"reasoning_tokens":2},"reasoning_tokens":2',
  );
});

test("max_tokens cuts the answer, reasoning included, and the reason is length", () => {
  const said = (max: number): string => {
    const plan = planOf({ reasoning_tokens: 2 }, { max_tokens: max });
    return `${joinTokens(plan.reasoning)}|${joinTokens(plan.answer)}`;
  };
  expect([said(1), said(2), said(4), said(8)]).toEqual([
    "hmm|",
    "hmm well|",
    "hmm well|one two",
    "hmm well|one two three four five six",
  ]);
  const finish = (max: number): string =>
    Buffer.concat(steps({}, null, { max_tokens: max }).steps.map(({ data }) => Buffer.from(data))).toString();
  expect(finish(5)).toContain('"finish_reason":"length"');
  expect(finish(6)).toContain('"finish_reason":"stop"');
});

test("an unpaced answer of many tokens leaves in large writes that hold exactly these tokens", async () => {
  for (const tokens_per_event of [1, 4]) {
    const control: Control = { rate: 0, ttft_ms: 0, tokens: 30_011, tokens_per_event, seed: 1 };
    const simulator = startSimulator({ models: [MODEL], control, answer: () => "one two three é" });
    const { bytes } = await exchange(simulator.port, askBytes({}));
    const contents = wholeBody(parseResponse(bytes).body).match(/"content":"[^"]*"/g) ?? [];
    const text = contents.map((json) => JSON.parse(`{${json}}`).content).join("");
    expect(contents).toHaveLength(1 + Math.ceil(30_011 / tokens_per_event));
    expect(text).toBe(joinTokens(planOf({ ...control, text: "one two three é" }).answer));
    expect(steps(control).steps.length).toBeLessThan(60);
    await simulator.stop();
  }
});

test("paced tokens are never early, and their writes are told to whoever asks", async () => {
  const writes: { stream: number; at: number; token: number }[] = [];
  const simulator = startSimulator({
    models: [MODEL],
    control: { rate: 100, ttft_ms: 30, tokens: 10 },
    onWrite: (stream, at, token) => void writes.push({ stream, at, token }),
  });
  await exchange(simulator.port, askBytes({}));
  const start = simulator.requests()[0]?.at ?? Infinity;
  expect(writes.map(({ token }) => token)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  for (const { stream, at, token } of writes) {
    expect(stream).toBe(0);
    expect(at - start).toBeGreaterThanOrEqual(30 + 10 * token - 1);
  }
  await simulator.stop();
});
