import { describe, expect, test } from "bun:test";
import { entriesOf, isAfter, streamsOf, type Entry } from "../../../src/batch/queue/entries.ts";
import { replyArgs, requestArgs, toArrived, toHeld } from "../../../src/batch/queue/format.ts";
import type { Answer } from "../../../src/batch/queue/queue.ts";

/** An entry as the engine gives it back. */
const entry = (name: string, ...fields: unknown[]) => entriesOf([[name, fields]])[0] ?? { entry: "", fields: [] };

describe("what travels through the engine", () => {
  test.each(["r1", "two words", " ", "1 2 3", "a\nb", 'q"uote\\', "é🙂\u0000"])(
    "a request with the id %j comes back as it went",
    (id) => {
      const held = { entry: "1-7", id, hash: 4_294_967_295, line: 7, given: 2, text: '{"custom_id":"x"}\u2028' };
      const [name, head, given, text] = requestArgs(held).map(String);
      expect(toHeld(entry(name ?? "", "head", head, "given", given, "text", text))).toEqual(held);
    },
  );

  const by = { worker: "w", version: "9.9.9" };

  test("an answer comes back as it went, a request that is given back and a stop, too; a line that is no result does not", () => {
    const of = { id: "a b", hash: 1, given: 1 };
    const paid = { failed: true, why: "429", prompt: 3, tokens: 5, cost: null, currency: null };
    const line = '{"custom_id":"a b","llmaas":{"request":"00000001","verdict":"failed"}}';
    const answer: Answer = { kind: "answer", ...of, ...paid, line };
    const stop = { kind: "halt", begun: 5, worker: "w", why: "quota", said: "no money" } as const;
    for (const reply of [answer, { kind: "back", ...of } as const, stop]) {
      const [head, said] = replyArgs(reply, by);
      expect(toArrived(entry("9-0", "head", head, "line", said))).toEqual({ ...reply, entry: "9-0" });
    }
    const [head] = replyArgs(answer, by);
    for (const wrong of ["", "{}", '{"custom_id":"a b"', `${line}\n`, `${line}\n{"custom_id":"b"}`, "no"])
      expect(toArrived(entry("9-0", "head", head, "line", wrong))).toEqual({
        kind: "unreadable",
        id: "a b",
        given: 1,
        ...by,
        entry: "9-0",
      });
  });

  test.each(["", "no JSON", "{}", '{"kind":"answer","id":"a"}', '{"kind":"other"}', "[]", "null"])(
    "what somebody else has put there is none: %j",
    (head) => expect(toArrived(entry("1-1", "head", head))).toMatchObject({ kind: "unreadable", worker: null }),
  );

  test("names of entries follow one another by generation, then by line", () => {
    const names = ["0-5", "1-1", "1-9", "1-10", "2-3", "10-1"];
    for (const [at, one] of names.entries())
      expect(names.map((other) => isAfter(one, other))).toEqual(names.map((_, index) => at > index));
  });

  test("entries are read from lists and from objects alike", () => {
    const expected: [string, Entry[]][] = [["s", [{ entry: "1-1", fields: ["head", "h", "given", "0"] }]]];
    expect(streamsOf({ s: [["1-1", ["head", "h", "given", "0"]]] })).toEqual(expected);
    expect(streamsOf({ s: [["1-1", { head: "h", given: 0 }]] })).toEqual(expected);
    expect([streamsOf(null), entriesOf("x"), entriesOf([["1-1", null]])]).toEqual([
      [],
      [],
      [{ entry: "1-1", fields: [] }],
    ]);
  });
});
