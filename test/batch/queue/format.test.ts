import { expect, test } from "bun:test";
import { replyArgs, toArrived } from "../../../src/batch/queue/format.ts";
import type { Answer } from "../../../src/batch/queue/queue.ts";

const ANSWER: Answer = {
  kind: "answer",
  id: "a",
  hash: 1,
  given: 0,
  worker: "w",
  line: '{"custom_id":"a","llmaas":{"request":"00000001","verdict":"complete"}}',
  failed: false,
  why: null,
  prompt: 1,
  tokens: 1,
  cost: null,
  currency: null,
};

function arrived(reply: Answer) {
  const [head, line] = replyArgs(reply);
  return toArrived({ entry: "1-0", fields: ["head", head, "line", line] });
}

test("an answer arrives as it was sent; one whose line is no result is nothing of ours", () => {
  expect(arrived(ANSWER)).toEqual({ ...ANSWER, entry: "1-0" });
  for (const line of ["", "{}", '{"custom_id":"a"', `${ANSWER.line}\n`, `${ANSWER.line}\n{"custom_id":"b"}`, "no"])
    expect(arrived({ ...ANSWER, line })).toBeNull();
});
