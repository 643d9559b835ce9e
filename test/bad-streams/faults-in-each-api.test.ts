import { afterAll, describe, expect, test } from "bun:test";
import type { Control } from "../../src/simulator/control.ts";
import { canHave, FAULT_NAMES, type FaultName } from "../../src/simulator/faults.ts";
import { startSimulator } from "../../src/simulator/server.ts";
import { API_KINDS, pathOf, type ApiKind } from "../../src/wire/apis.ts";
import { fieldsOf } from "../../src/wire/fields.ts";
import { createHastyClock } from "../fixtures/clocks.ts";
import { runStream } from "../fixtures/in-process.ts";

// Every fault of the simulator, told by each API: what comes of it is what comes of it in chat completions.

const simulator = startSimulator({
  models: [{ id: "m", tokensPerSecond: 0, ttftMs: 0 }],
  control: { text: "one two three four five", seed: 7 },
});
afterAll(() => simulator.stop());

type Story = { verdict: unknown; code: number; text: unknown; notices: unknown; requests: number };

async function play(api: ApiKind, simulate: Control, more: readonly string[] = []): Promise<Story> {
  const clock = createHastyClock();
  let requests = 0;
  const args = ["-e", simulator.url, "-m", "m", "--api", api, "--json", ...more];
  const asked = JSON.stringify(simulate);
  const { code, stdout } = await runStream([...args, "--param", `simulate=${asked}`, `To each its own: ${asked}`], {
    env: {},
    fetch(url, init) {
      if (url.endsWith(pathOf(api))) requests++;
      return fetch(url, init);
    },
    clock,
    onEvent({ type }) {
      if (type === "retrying") clock.announceWait();
    },
  });
  const record: unknown = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
  const { verdict, text, notices } = fieldsOf(record);
  return { verdict, code, text, notices, requests };
}

/** They end with a limit of ours: how much of the answer came until then is this machine's affair. */
const SILENT: ReadonlySet<FaultName> = new Set([
  "stall",
  "stall-with-comments",
  "stall-with-pings",
  "stall-with-empty-data",
  "endless-line-without-field",
  "never-answer",
  "headers-only",
]);
/** What Bun 1.4.5 had not handed out when the connection broke is lost with it: the cut may come before the first token. */
const BROKEN: ReadonlySet<FaultName> = new Set(["reset", "cut-chunk", "cut-length", "corrupt-gzip"]);

/** What is otherwise in an API, since it says other things with the same fault. */
const OTHERWISE: Partial<Record<FaultName, Partial<Record<ApiKind, Partial<Story>>>>> = {
  // A refusal is told by the stop_reason alone: its words are the answer's.
  refusal: { messages: { text: "one two three four five" } },
  // The mark alone says that an answer is whole.
  "no-finish-reason": { messages: { verdict: "complete", code: 0, notices: ["end_without_reason"] } },
  // There the mark ends the answer, not the reason.
  "error-after-finish": { messages: { verdict: "failed", code: 1 } },
  // Nothing of the kind is possible in chat.
  "not-streamed": { responses: { notices: ["not_streamed"] } },
  // There, what is not one of the known ends is an answer that is not whole.
  "unknown-finish-reason": { responses: { verdict: "failed", code: 1, notices: [] } },
};

describe("what comes of a fault is what comes of it in chat:", () => {
  test.each(FAULT_NAMES)("%s", async (fault) => {
    const args = SILENT.has(fault) ? ["--timeout", "400ms"] : [];
    const more = fault === "drip" ? { ms: 0.01 } : {};
    const others = API_KINDS.filter((api) => api !== "chat" && canHave(api, fault));
    const [chat, ...stories] = await Promise.all([
      // What chat cannot have comes to nothing elsewhere.
      play("chat", canHave("chat", fault) ? { fault, ...more } : {}, args),
      ...others.map((api) => play(api, { fault, ...more }, args)),
    ]);
    for (const [i, story] of stories.entries()) {
      const api = others[i] ?? "chat";
      if (SILENT.has(fault)) expect([api, story.verdict, story.code, story.requests]).toEqual([api, "timeout", 4, 1]);
      else if (BROKEN.has(fault)) expect(["truncated", "failed"]).toContain(String(story.verdict));
      else expect({ api, ...story }).toEqual({ api, ...chat, ...OTHERWISE[fault]?.[api] });
    }
  });
});

describe("a status is obeyed, and asked for again, as in chat:", () => {
  test.each([400, 401, 403, 404, 408, 413, 422, 429, 500, 502, 503, 504, 529])("%d", async (status) => {
    const stories = await Promise.all(API_KINDS.map((api) => play(api, { fault: "status", status })));
    expect(new Set(stories.map((story) => Bun.inspect(story))).size).toBe(1);
  });

  test("and an answer that comes after one is whole", async () => {
    for (const api of API_KINDS)
      expect(await play(api, { fault: "status", status: 529, times: 1 })).toMatchObject({
        verdict: "complete",
        text: "one two three four five",
        requests: 2,
      });
  });
});

describe("a finish reason means the same in each API:", () => {
  const verdicts = { complete: 0, length: 0, filtered: 3, failed: 1 } as const;
  const rows = [
    ["stop", "complete"],
    ["length", "length"],
    ["MAX_TOKENS", "length"],
    ["content_filter", "filtered"],
    ["refusal", "filtered"],
    ["guardrail_intervened", "filtered"],
    ["error", "failed"],
    ["failed", "failed"],
    ["cancelled", "failed"],
  ] as const;
  test.each(rows)("%s", async (reason, verdict) => {
    const stories = await Promise.all(API_KINDS.map((api) => play(api, { fault: "finish", finish_reason: reason })));
    for (const story of stories)
      expect(story).toEqual({
        verdict,
        code: verdicts[verdict],
        text: "one two three four five",
        notices: [],
        requests: 1,
      });
  });
});
