import { describe, expect, test } from "bun:test";
import { keyOf } from "../../src/batch/finished.ts";
import { openJournal } from "../../src/batch/journal.ts";
import { resultOf } from "../../src/batch/result.ts";
import type { StreamRecord } from "../../src/metrics/record.ts";
import { createRecorder } from "../../src/metrics/recorder.ts";
import { delta, ended, opened, sent, told } from "../contract/samples.ts";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const USAGE = {
  prompt_tokens: 9,
  completion_tokens: 4,
  total_tokens: 13,
  reasoning_tokens: null,
  cached_prompt_tokens: 5,
};
/** What the answer would have been in one piece. */
const BODY = '{"id":"resp-1","object":"chat.completion","choices":[{"index":0,"message":{"content":"Hel\\nlo"}}]}';
const RESPONSE = { id: "resp-1", model: "m-2026", backend: null };

/** The record of a stream that said "Hello" and ended so. */
function recordOf(end: ReturnType<typeof ended>): StreamRecord {
  let record: StreamRecord | null = null;
  const tell = createRecorder({ keepText: 1000, stall: 1000, say: () => "a sentence" }, (event) => {
    if (event.type === "record") record = event.record;
  });
  for (const event of told(0, [sent(), opened(), delta("Hello"), end])) void tell(event);
  if (record === null) throw new Error("no record");
  return record;
}

const whole = recordOf(ended("complete", { finishReason: "stop", usage: USAGE, response: RESPONSE }));
const cut = recordOf(ended("truncated", { failure: { kind: "truncated", how: "end", code: null, message: "" } }));

function lineOf(
  record: StreamRecord,
  id = "a",
  api: "chat" | "responses" | "messages" | "completions" = "chat",
  invalid: string | null = null,
  requestId: string | null = null,
) {
  const asked = { kind: "prompt", prompt: { text: "", messages: null, model: null, params: {} } } as const;
  const request = { id, key: keyOf(id), hash: 0xab, line: 7, text: "", asked };
  return resultOf({ answered: { request, record, attempts: 2, body: BODY, requestId, invalid }, api }).line;
}

describe("a line of results", () => {
  test("is what the Batch API would have written, with our record under one key", () => {
    const line = JSON.parse(lineOf(whole));
    expect(line).toMatchObject({
      custom_id: "a",
      error: null,
      response: {
        status_code: 200,
        request_id: "resp-1",
        body: {
          id: "resp-1",
          object: "chat.completion",
          choices: [{ index: 0, message: { content: "Hel\nlo" } }],
        },
      },
      llmaas: { request: "000000ab", verdict: "complete", api: "chat", line: 7, asked: 2, ttft_ms: expect.any(Number) },
    });
    expect("text" in line.llmaas).toBe(false);
  });

  test("has the name that the server gave to the exchange, or else that of the answer", () => {
    const idIn = (line: string): unknown => JSON.parse(line).response.request_id;
    expect(idIn(lineOf(whole, "a", "chat", null, "req_1"))).toBe("req_1");
    expect(idIn(lineOf(whole))).toBe("resp-1");
  });

  test("takes no half answer for one, and keeps what was said of it", () => {
    for (const line of [JSON.parse(lineOf(cut)), JSON.parse(lineOf(whole, "a", "chat", "no number"))]) {
      expect(line.response).toBeNull();
      expect(line.error).toEqual({ code: expect.any(String), message: expect.any(String) });
      expect(line.llmaas.text).toBe("Hello");
    }
  });

  test("is never longer than what can be read again: the words of what failed are left out then, and counted", () => {
    const text = "漢".repeat(12 * 1024 * 1024);
    const line = lineOf({ ...cut, text, reasoning: text, text_omitted: 7 });
    expect(Buffer.byteLength(line)).toBeLessThan(5000);
    expect(JSON.parse(line).llmaas).toMatchObject({
      verdict: "truncated",
      text: "",
      text_omitted: 7 + 2 * text.length,
    });
    expect(JSON.parse(lineOf({ ...cut, text }))).toMatchObject({ llmaas: { text, text_omitted: 0 } });
  });

  test("is known again by its first bytes, whatever its id holds", async () => {
    const path = join(mkdtempSync(join(tmpdir(), "llmaas-result-")), "out.jsonl");
    const ids = ["a", 'quo"te', "back\\slash", "line\nfeed", "é漢😀", " "];
    writeFileSync(path, ids.map((id) => `${lineOf(id === "a" ? cut : whole, id)}\n`).join(""));
    const { finished, close } = await openJournal(path);
    expect(ids.map((id) => finished.standing(keyOf(id), 0xab))).toEqual([
      "failed",
      "done",
      "done",
      "done",
      "done",
      "done",
    ]);
    await close();
  });
});
