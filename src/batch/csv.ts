import { isUtf8 } from "node:buffer";
import { closeSync, openSync, readSync } from "node:fs";
import { pipeline, Readable } from "node:stream";
import { CsvError, parse } from "csv-parse";
import { nearest } from "../config/nearest.ts";
import { UserError } from "../config/user-error.ts";
import { plainPrompt } from "../run/prompts.ts";
import { checkLines, headOfFile } from "./file-kind.ts";
import { keyOf, requestHash } from "./finished.ts";
import { inputOf, isOfShard, type BadLine, type BatchRequest, type Input, type InputOptions } from "./input.ts";
import type { OnProgress } from "./journal.ts";
import { endOf, LONGEST_LINE, readLines, stateOf } from "./lines.ts";

/** A row of a table; `number`: from 1, without the header and empty rows; `line`: where it ends in the file. */
export type Row = { number: number; line: number; cells: readonly string[] };

/** A file of rows and what it is written with, so that another can be written in the same way. */
export type Table = {
  path: string;
  header: readonly string[];
  delimiter: string;
  lineEnd: "\n" | "\r\n";
  /** It begins with a byte order mark, without which some spreadsheets take UTF-8 for something else. */
  marked: boolean;
  rows(onProgress?: OnProgress): AsyncGenerator<Row>;
  stamp: string;
  hasChanged(): boolean;
  close(): void;
};

/** Cells are told apart by the one of these that the first line has most of. */
const DELIMITERS = [",", ";", "\t", "|"] as const;
/** Bytes in which the first line is looked for. */
const HEAD = 64 * 1024;

/** Opens a table; its first row names its columns. */
export async function openTable(path: string, open?: number): Promise<Table> {
  const file = open ?? openSync(path, "r");
  const { size, state } = stateOf(file);
  checkLines(path, headOfFile(file), true);
  const head = Buffer.alloc(HEAD);
  const beginning = head.toString("utf8", 0, readSync(file, head, 0, HEAD, 0));
  const [first = ""] = beginning.split("\n", 1);
  const delimiter = delimiterOf(first);

  async function* records(onProgress?: OnProgress): AsyncGenerator<Row> {
    let whole = 0;
    const parser = parse({
      bom: true,
      delimiter,
      info: true,
      on_record(record, { lines }) {
        whole = lines;
        return record;
      },
      record_delimiter: ["\r\n", "\n", "\r"],
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: LONGEST_LINE * 1024 * 1024,
    });
    // What goes wrong is thrown where the rows are read.
    const rows = pipeline(Readable.from(bytesOf(path, file, size, onProgress)), parser, () => undefined);
    let number = 0;
    try {
      for await (const { record, info } of rows) yield { number: number++, line: info.lines, cells: record };
    } catch (error) {
      throw error instanceof CsvError ? csvProblem(path, error, whole) : error;
    }
  }

  async function* rows(onProgress?: OnProgress): AsyncGenerator<Row> {
    for await (const row of records(onProgress)) if (row.number > 0) yield row;
  }

  let header: readonly string[] | null = null;
  for await (const { cells } of records()) {
    header = cells;
    break;
  }
  if (header === null) throw new UserError({ code: "no_prompts", path });
  return {
    path,
    header,
    delimiter,
    lineEnd: first.endsWith("\r") ? "\r\n" : "\n",
    marked: beginning.startsWith("\uFEFF"),
    rows,
    stamp: state,
    hasChanged: () => stateOf(file).state !== state,
    close: () => closeSync(file),
  };
}

/** The bytes of a file, whose lines are text. */
async function* bytesOf(path: string, file: number, size: number, onProgress?: OnProgress): AsyncGenerator<Uint8Array> {
  for await (const lines of readLines(file, 0, size)) {
    for (const { number: line, bytes, tooLong } of lines) {
      if (tooLong) throw new UserError({ code: "bad_csv", path, line, why: "too_long" });
      if (!isUtf8(bytes) || bytes.includes(0)) throw new UserError({ code: "bad_csv", path, line, why: "not_text" });
    }
    const parts = lines.flatMap(({ bytes, ended }) => (ended ? [bytes, LINE_FEED] : [bytes]));
    yield Buffer.concat(parts);
    onProgress?.(endOf(lines), size);
  }
}

const LINE_FEED = Buffer.from("\n");

function delimiterOf(line: string): string {
  const bare = line.replace(/"[^"]*"/g, "");
  const counted = DELIMITERS.map((delimiter) => ({ delimiter, count: bare.split(delimiter).length - 1 }));
  return counted.reduce((most, each) => (each.count > most.count ? each : most)).delimiter;
}

/** `whole`: the line with which the last row ends that is one. */
function csvProblem(path: string, error: CsvError, whole: number): UserError {
  if (error.code === "CSV_QUOTE_NOT_CLOSED")
    return new UserError({ code: "bad_csv", path, line: whole + 1, why: "unclosed" });
  const line = typeof error["lines"] === "number" ? error["lines"] : 1;
  return new UserError({
    code: "bad_csv",
    path,
    line,
    why: error.code === "CSV_MAX_RECORD_SIZE" ? "too_long" : "quotes",
  });
}

/** The requests that a table makes: in a template `{column}` stands for the cell of each row, `{{` and `}}` for braces. */
export function createTableInput(
  table: Table,
  template: string,
  options: Omit<InputOptions, "format" | "file">,
): Input {
  const fill = createTemplate(table, template);
  const { added, addedToBody, unsaidOf, shard } = options;

  function read({ number, line, cells }: Row): BatchRequest | BadLine {
    const id = idOf(number);
    if (cells.length !== table.header.length)
      return { id, line, why: "cells", key: `${cells.length}/${table.header.length}` };
    const asked = { kind: "prompt", prompt: plainPrompt(fill(cells)) } as const;
    if (asked.prompt.text.trim() === "") return { id, line, why: "bad_prompt", key: "prompt" };
    const unsaid = unsaidOf?.(asked.prompt) ?? null;
    if (unsaid !== null) return { id, line, why: "unsaid", unsaid };
    const text = JSON.stringify({ custom_id: id, prompt: asked.prompt.text });
    return { id, key: keyOf(id), hash: requestHash(Buffer.from(text), added), line, asked, text };
  }

  return inputOf({
    path: table.path,
    stamp: JSON.stringify([table.stamp, template, added, addedToBody, shard ?? null]),
    async *read(onProgress) {
      let some: (BatchRequest | BadLine)[] = [];
      for await (const row of table.rows(onProgress)) {
        if (shard !== undefined && !isOfShard(row.number - 1, shard)) continue;
        some.push(read(row));
        if (some.length < AT_ONCE) continue;
        yield some;
        some = [];
      }
      yield some;
    },
    hasChanged: table.hasChanged,
    close: table.close,
  });
}

/** Rows that are handed on together. */
const AT_ONCE = 256;

/** What a row is called in the results. */
export function idOf(number: number): string {
  return `row-${number}`;
}

function createTemplate({ header, path }: Table, template: string): (cells: readonly string[]) => string {
  const parts = [...template.matchAll(/\{\{|\}\}|\{([^{}]*)\}|[^{}]+|[{}]/g)].map(([text, column]) => {
    if (column === undefined) return text === "{{" ? "{" : text === "}}" ? "}" : text;
    const at = header.indexOf(column);
    if (at >= 0 && at === header.lastIndexOf(column)) return at;
    if (at >= 0) throw new UserError({ code: "bad_csv", path, line: 1, why: "twice", column });
    throw new UserError({
      code: "bad_option",
      option: "--prompt",
      value: `{${column}}`,
      accepted: { kind: "choice", words: header.map((name) => `{${name}}`) },
      meant: nearestColumn(column, header),
    });
  });
  return (cells) => parts.map((part) => (typeof part === "number" ? (cells[part] ?? "") : part)).join("");
}

function nearestColumn(column: string, header: readonly string[]): string | null {
  const meant = nearest(column, header);
  return meant === null ? null : `{${meant}}`;
}
