import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keyOf, type Key } from "../../src/batch/finished.ts";
import { copyOrdered } from "../../src/batch/order.ts";
import { replaceFile } from "../../src/commands/replace-file.ts";

const folder = mkdtempSync(join(tmpdir(), "llmaas-order-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, "out.jsonl");

const resultOf = (id: string, text = ""): string =>
  `${JSON.stringify({ custom_id: id, llmaas: { request: "0000000a", verdict: "complete", text } })}\n`;

async function* keys(...ids: string[]): AsyncGenerator<Key> {
  for (const id of ids) yield keyOf(id);
}

async function ordered(results: readonly string[], ids: readonly string[]): Promise<string[]> {
  writeFileSync(path, results.join(""));
  await replaceFile(path, (file) => copyOrdered(path, file, keys(...ids)));
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  expect(lines.map((line) => `${line}\n`).toSorted()).toEqual(results.toSorted());
  return lines.map((line) => JSON.parse(line).custom_id);
}

describe("results in the order of the input", () => {
  test("stand as the input has them; ids that it has not stand behind, in their own order", async () => {
    const results = ["d", "é", "x", "a", 'q"', "y"].map((id) => resultOf(id));
    expect(await ordered(results, ["a", "missing", 'q"', "d", "é", "a"])).toEqual(["a", 'q"', "d", "é", "x", "y"]);
    expect(readdirSync(folder)).toEqual(["out.jsonl"]);
  });

  test("are all there, however many and however long, whatever their order was", async () => {
    const ids = Array.from({ length: 3000 }, (_, index) => `id-${index}`);
    const mixed = ids.toSorted(() => Math.random() - 0.5).map((id) => resultOf(id, "x".repeat(Math.random() * 3000)));
    expect(await ordered(mixed, ids)).toEqual(ids);
    const long = [resultOf("b", "x".repeat(9_000_000)), resultOf("a", "short"), resultOf("c", "y".repeat(4_194_200))];
    expect(await ordered(long, ["a", "b", "c"])).toEqual(["a", "b", "c"]);
  });
});
