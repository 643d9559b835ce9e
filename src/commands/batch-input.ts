import { closeSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { headOfFile, isMarkedUtf16 } from "../batch/file-kind.ts";
import type { Table } from "../batch/csv.ts";
import { createInput, type Input } from "../batch/input.ts";
import { UserError } from "../config/user-error.ts";
import type { BatchWords, Messages } from "../i18n/load.ts";
import type { BatchDisplay } from "./batch-display.ts";
import { ANY_PROMPT, type BatchOptions } from "./batch-options.ts";
import type { Context } from "./context.ts";
import { asUserError, codeOf, openFile, readableKind, writeAll } from "./output-file.ts";
import { asUtf8, stdinChunks } from "./stdin.ts";

/** What opens the files of a batch speaks with. */
export type Speaking = { context: Context; messages: Messages; words: BatchWords; display: BatchDisplay };

/** What the settings and the command line mean for each line of the input. */
export type InputAsking = Pick<Parameters<typeof createInput>[1], "added" | "addedToBody" | "unsaidOf" | "streamed">;

/** Opens where the requests of a batch come from: lines or a table, in a file or from a pipe. */
export async function openInput(
  { input: path, shard, template }: BatchOptions,
  asking: InputAsking,
  speaking: Speaking,
): Promise<{ input: Input; table: Table | null }> {
  const more = { ...asking, ...(shard === null ? {} : { shard }) };
  const isPipe = path === "-" || readableKind(path, "prompts") === "pipe";
  try {
    const file = isPipe || isUtf16(path) ? { file: await spooled(path, speaking) } : {};
    if (template === null) return { input: createInput(path, { format: null, ...more, ...file }), table: null };
    // A library that reads tables is loaded for them alone.
    const { createTableInput, openTable } = await import("../batch/csv.ts");
    const table = await openTable(path, file.file);
    const [first = "column"] = table.header;
    if (template === ANY_PROMPT && !table.header.includes("prompt"))
      throw new UserError({
        code: "needs_option",
        option: "--csv",
        needed: ["--prompt"],
        example: `--prompt '… {${/^[\w -]+$/.test(first) ? first : "column"}}'`,
      });
    return { input: createTableInput(table, template, more), table };
  } catch (error) {
    throw asUserError(error, path, "prompts");
  }
}

/** What is no UTF-8 and can be read all the same. */
function isUtf16(path: string): boolean {
  const file = openSync(path, "r");
  try {
    return isMarkedUtf16(headOfFile(file));
  } finally {
    closeSync(file);
  }
}

/** What comes through a pipe, in a file that nobody else sees: it is read more than once. */
async function spooled(path: string, { context, messages }: Speaking): Promise<number> {
  const hint = (): void => void context.err.write(`⏳ ${messages.warning.waitingForStdin}\n`);
  const name = join(tmpdir(), `llmaas-${process.pid}-${crypto.randomUUID()}.jsonl`);
  const file = openFile(name, "wx+");
  rmSync(name);
  try {
    for await (const chunk of asUtf8(path === "-" ? stdinChunks(hint) : Bun.file(path).stream())) writeAll(file, chunk);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError({ code: "file_unwritable", path: tmpdir(), why: codeOf(error) });
  }
  return file;
}
