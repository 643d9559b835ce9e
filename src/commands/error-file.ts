import { closeSync, rmSync } from "node:fs";
import type { BadLine } from "../batch/input.ts";
import type { Problem } from "../config/user-error.ts";
import { openFile, writeAll } from "./output-file.ts";

/** Why a line has no answer. */
type LineError = { id: string | null; line: number; code: string; message: string };

/**
 * Names requests without an answer in a file, as the Batch API names errors, what has no id as well: each has its line.
 * There is no file where all have one.
 */
export function createErrorFile(path: string): { add(error: LineError): void; close(): string | null } {
  rmSync(path, { force: true });
  let file: number | null = null;
  return {
    add({ id, line, code, message }) {
      file ??= openFile(path, "wx");
      const head = { id: `batch_req_line_${line}`, custom_id: id, line };
      const text = JSON.stringify({ ...head, response: null, error: { code, message, line } });
      writeAll(file, Buffer.from(`${text}\n`));
    },
    /** Its path, where it holds anything. */
    close() {
      if (file === null) return null;
      closeSync(file);
      return path;
    },
  };
}

/** A line that cannot be sent, as it is named. */
export function lineErrorOf({ id, line, why }: BadLine, message: string): LineError {
  return { id, line, code: why, message };
}

/** What is said of one line that cannot be sent. */
export function problemOf(path: string, bad: BadLine): Problem {
  const where = { source: path, line: bad.line };
  return bad.why === "unsaid"
    ? { code: "prompt_unsaid", ...where, ...bad.unsaid }
    : { code: "prompt_line", ...where, why: bad.why, key: bad.key };
}
