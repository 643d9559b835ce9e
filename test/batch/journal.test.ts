import { afterAll, describe, expect, test } from "bun:test";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keyOf, requestHash } from "../../src/batch/finished.ts";
import { copyResults, openJournal, type Journal } from "../../src/batch/journal.ts";
import { replaceFile } from "../../src/commands/replace-file.ts";
import { UserError } from "../../src/config/user-error.ts";

const folder = mkdtempSync(join(tmpdir(), "llmaas-journal-"));
let number = 0;
const freshPath = (): string => join(folder, `${number++}.jsonl`);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const hashOf = (text: string): number => requestHash(Buffer.from(text), 0);

/** A line as a batch writes it. */
function lineOf(id: string, verdict = "complete"): string {
  const request = hashOf(id).toString(16).padStart(8, "0");
  const error = verdict === "complete" ? null : { code: verdict, message: "é" };
  return JSON.stringify({ custom_id: id, llmaas: { request, verdict }, id: `r-${id}`, response: null, error });
}

function put(journal: Journal, id: string, verdict = "complete"): void {
  journal.add(lineOf(id, verdict), keyOf(id), hashOf(id), verdict !== "complete");
}

describe("the journal of a batch", () => {
  test("knows after a restart what has ended, how, and whether it was the same request", async () => {
    const path = freshPath();
    const first = await openJournal(path);
    for (const id of ["a", 'quo"te', "back\\slash", "é", ""]) put(first, id);
    put(first, "bad", "failed");
    await first.close();
    const { finished, cut, twice, close } = await openJournal(path);
    for (const id of ["a", 'quo"te', "back\\slash", "é", ""])
      expect(finished.standing(keyOf(id), hashOf(id))).toBe("done");
    expect(finished.standing(keyOf("bad"), hashOf("bad"))).toBe("failed");
    expect(finished.standing(keyOf("a"), hashOf("another request"))).toBe("changed");
    expect(finished.standing(keyOf("unheard of"), 1)).toBe("unknown");
    expect([finished.count(), cut, twice]).toEqual([{ done: 5, failed: 1 }, 0, 0]);
    await close();
  });

  test("writes every line as it is, short or long, one at a time or many together, with all kinds of letters", async () => {
    const words = ["a", "é".repeat(1000), "🙂".repeat(30_000), "x".repeat(1_200_000), "€".repeat(400_000), ""];
    for (const together of [1, 4, words.length]) {
      const path = freshPath();
      const journal = await openJournal(path);
      const lines = words.map((word, index) => JSON.stringify({ custom_id: `${index}`, word }));
      for (let from = 0; from < lines.length; from += together)
        await Promise.all(
          lines.slice(from, from + together).map((line, at) => journal.add(line, keyOf(`${from + at}`), 1, false)),
        );
      await journal.close();
      expect(readFileSync(path, "utf8")).toBe(lines.map((line) => `${line}\n`).join(""));
    }
  });

  test("cuts what a crash has torn at any byte of the last line, keeps it beside, and every other line stays", async () => {
    const whole = `${lineOf("one")}\n${lineOf("two", "failed")}\n`;
    const last = `${lineOf("three")}\n`;
    for (let bytes = 0; bytes <= Buffer.byteLength(last); bytes++) {
      const path = freshPath();
      writeFileSync(path, Buffer.concat([Buffer.from(whole), Buffer.from(last).subarray(0, bytes)]));
      const journal = await openJournal(path);
      // What lacks its line feed alone is a whole answer.
      const isWhole = bytes >= Buffer.byteLength(last) - 1;
      expect(journal.finished.count()).toEqual({ done: isWhole ? 2 : 1, failed: 1 });
      expect(journal.cut).toBe(isWhole ? 0 : bytes);
      expect(existsSync(`${path}.torn`)).toBe(!isWhole && bytes > 0);
      if (journal.cut > 0)
        expect(readFileSync(`${path}.torn`)).toEqual(
          Buffer.concat([Buffer.from(last).subarray(0, bytes), Buffer.from("\n")]),
        );
      put(journal, "four");
      await journal.close();
      expect(readFileSync(path, "utf8")).toBe(`${whole}${isWhole ? last : ""}${lineOf("four")}\n`);
    }
  });

  test("cuts zeros and half lines that a lost power leaves in the middle of the end", async () => {
    for (const rest of ["\0".repeat(4096), `{"custom_id":"three","llmaas":{"req}\n`, "null\n"]) {
      const path = freshPath();
      writeFileSync(path, `${lineOf("one")}\n${rest}`);
      const { finished, cut, close } = await openJournal(path);
      expect([finished.count(), cut]).toEqual([{ done: 1, failed: 0 }, Buffer.byteLength(rest)]);
      await close();
    }
  });

  test.each([
    ["zeros", `\0\0\0\n`],
    ["half a line", `{"custom_id":"three","llmaas":{"req}\n`],
    ["a note", "my note\n"],
    ["a request", `{"custom_id":"three","method":"POST"}\n`],
    ["several of them", `x\ny\n{}\n`],
  ])("keeps every whole line behind %s in the middle, which leave when it is written anew", async (_, bad) => {
    const path = freshPath();
    writeFileSync(path, `${lineOf("one")}\n${bad}${lineOf("two")}\n${bad}`);
    const { finished, cut, brokenLines, close } = await openJournal(path);
    const lines = bad.split("\n").length - 1;
    expect([finished.count(), cut, brokenLines]).toEqual([{ done: 2, failed: 0 }, bad.length, lines]);
    await close();
    expect(readFileSync(`${path}.torn`, "utf8")).toBe(`${bad}\n${bad}\n`);
    await replaceFile(path, (file) => copyResults(path, file, () => true));
    expect(readFileSync(path, "utf8")).toBe(`${lineOf("one")}\n${lineOf("two")}\n`);
  });

  test("reads results that begin with the mark of UTF-8, as some programs write them", async () => {
    const path = freshPath();
    writeFileSync(path, `\uFEFF${lineOf("one")}\r\n\uFEFF${lineOf("two")}\r\n`);
    const { finished, close } = await openJournal(path);
    expect(finished.count()).toEqual({ done: 2, failed: 0 });
    await close();
  });

  test("takes the results of a provider's batch for what they are", async () => {
    const path = freshPath();
    const lines = [
      { id: "batch_req_1", custom_id: "a", response: { status_code: 200, request_id: "r", body: {} }, error: null },
      { id: "batch_req_2", custom_id: "b", response: { status_code: 400, body: { error: {} } }, error: null },
      { id: "batch_req_3", custom_id: "c", response: null, error: { code: "batch_expired", message: "late" } },
      { custom_id: "d", response: { status_code: 0, body: null }, error: null },
    ];
    writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    const { finished, close } = await openJournal(path);
    expect(["a", "b", "c", "d"].map((id) => finished.standing(keyOf(id), 7))).toEqual([
      "done",
      "failed",
      "failed",
      "failed",
    ]);
    await close();
  });

  test("refuses a file that holds something else, and leaves it as it is", async () => {
    const request = '{"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{}}';
    for (const text of [
      request,
      `${request}\n${request}\n`,
      "# A document\n",
      '{"prompt":"x"}\n',
      "{\n",
      "\n",
      "half a word",
    ]) {
      const path = freshPath();
      writeFileSync(path, text);
      await expect(openJournal(path)).rejects.toThrow(UserError);
      expect(readFileSync(path, "utf8")).toBe(text);
    }
  });

  test("is written anew without the lines that are not kept", async () => {
    const path = freshPath();
    const journal = await openJournal(path);
    for (const id of ["a", "b", "c"]) put(journal, id, id === "b" ? "failed" : "complete");
    await journal.close();
    await journal.close();
    await replaceFile(path, (file) => copyResults(path, file, (head) => !head.failed));
    expect(readFileSync(path, "utf8")).toBe(`${lineOf("a")}\n${lineOf("c")}\n`);
  });

  test("adds no id a second time", async () => {
    const path = freshPath();
    const journal = await openJournal(path);
    put(journal, "a");
    put(journal, "a");
    await journal.durable();
    expect(readFileSync(path, "utf8")).toBe(`${lineOf("a")}\n`);
    await journal.close();
    appendFileSync(path, `${lineOf("a")}\n`);
    const again = await openJournal(path);
    expect([again.twice, again.finished.count().done]).toEqual([1, 1]);
    await again.close();
  });
});
