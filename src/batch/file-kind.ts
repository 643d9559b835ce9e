import { readSync } from "node:fs";
import { UserError } from "../config/user-error.ts";
import type { NotLines } from "../config/batch-problem.ts";

/** Bytes by which a file is told. */
const HEAD = 4096;

/** What other kinds of file begin with, in Latin-1. */
const BEGINNINGS: readonly (readonly [beginning: string, found: NotLines])[] = [
  ["\u001f\u008b", "gzip"],
  ["BZh", "bzip2"],
  ["\u00fd7zXZ", "xz"],
  ["\u0028\u00b5\u002f\u00fd", "zstd"],
  ["PK\u0003\u0004", "zip"],
  ["PAR1", "parquet"],
  ["\u00ff\u00fe", "utf16"],
  ["\u00fe\u00ff", "utf16"],
];

/** The first bytes of an open file. */
export function headOfFile(file: number): Buffer {
  const head = Buffer.alloc(HEAD);
  return head.subarray(0, readSync(file, head, 0, HEAD, 0));
}

/** Refuses what holds no lines of text, or a table where none is wanted: each line would be wrong, and none would say why. */
export function checkLines(path: string, head: Buffer, isTable: boolean): void {
  const found = notLinesOf(head) ?? (!isTable && /\.(csv|tsv)$/i.test(path) ? "table" : null);
  if (found !== null) throw new UserError({ code: "not_lines", path, found, isTable });
}

/** Refuses JSON that is one value, over as many lines as it may be. */
export function checkJsonLines(path: string, head: Buffer): void {
  const [first = ""] = head
    .toString()
    .replace(/^\uFEFF/, "")
    .trimStart()
    .split("\n", 1);
  const found = first.startsWith("[") ? "json_array" : /^\{\s*$/.test(first) ? "json_object" : null;
  if (found !== null) throw new UserError({ code: "not_lines", path, found, isTable: false });
}

function notLinesOf(head: Buffer): NotLines | null {
  const text = head.toString("latin1", 0, 8);
  const known = BEGINNINGS.find(([beginning]) => text.startsWith(beginning));
  if (known !== undefined) return known[1];
  // UTF-16 without its mark: every other byte of what is ASCII is nought.
  return /^(?:[\t\n\r -~]\0){2}|^(?:\0[\t\n\r -~]){2}/.test(text) ? "utf16" : null;
}

/** Whether it begins with the mark of UTF-16, as what Windows programs save. */
export function isMarkedUtf16(head: Buffer): boolean {
  return /^(?:\u00ff\u00fe|\u00fe\u00ff)/.test(head.toString("latin1", 0, 2));
}
