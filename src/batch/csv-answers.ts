import { stringify } from "csv-stringify/sync";
import * as v from "valibot";
import { createRead, type Read } from "../wire/api.ts";
import { API_KINDS, loadApi } from "../wire/apis.ts";
import type { ApiKind } from "../stream/event.ts";
import { idOf, type Row, type Table } from "./csv.ts";
import { keyOf } from "./finished.ts";
import { verdictOf } from "./head.ts";
import { indexResults } from "./order.ts";

/** Columns that are added to those of the table. */
const COLUMNS = ["answer", "verdict", "error"] as const;

/** What is read of a result, ours or a provider's. */
const result = v.looseObject({
  llmaas: v.optional(
    v.looseObject({ verdict: v.optional(v.string()), api: v.optional(v.fallback(v.picklist(API_KINDS), "chat")) }),
  ),
  response: v.nullish(v.looseObject({ status_code: v.optional(v.number()), body: v.optional(v.unknown()) })),
  error: v.optional(v.fallback(v.nullable(v.looseObject({ message: v.fallback(v.string(), "") })), { message: "" })),
});

/** Rows that are written at once. */
const AT_ONCE = 1000;

/** Writes a table with the results of its rows as columns, in its own order; rows that have none yet have empty ones. */
export async function writeAnswers(
  table: Table,
  results: string,
  isMine: (row: Row) => boolean,
  write: (text: string) => void,
): Promise<void> {
  const { header, delimiter, lineEnd } = table;
  const index = await indexResults(results);
  const cellsOf = await createCells();
  const toText = (rows: string[][]): string => stringify(rows, { delimiter, record_delimiter: lineEnd });
  try {
    write(`${table.marked ? "\uFEFF" : ""}${toText([[...header, ...namesBeside(header)]])}`);
    let rows: string[][] = [];
    for await (const row of table.rows()) {
      if (!isMine(row)) continue;
      const number = index.numberOf(keyOf(idOf(row.number)));
      const added = number === null ? COLUMNS.map(() => "") : cellsOf(index.read(number).toString());
      rows.push([...header.map((_, at) => row.cells[at] ?? ""), ...added]);
      if (rows.length < AT_ONCE) continue;
      write(toText(rows));
      rows = [];
    }
    write(toText(rows));
  } finally {
    index.close();
  }
}

/** The names of our columns; where the table has one of them already, ours get another. */
function namesBeside(header: readonly string[]): string[] {
  return COLUMNS.map((name) => {
    let beside: string = name;
    while (header.includes(beside)) beside = `llmaas_${beside}`;
    return beside;
  });
}

/** What makes cells of a result: answer, verdict, and what went wrong. */
async function createCells(): Promise<(line: string) => string[]> {
  const readers = new Map<ApiKind, Read>();
  for (const kind of API_KINDS) readers.set(kind, createRead(await loadApi(kind), false));
  return (line) => {
    const read = v.parse(result, JSON.parse(line));
    const { llmaas, response, error } = read;
    const brought = response && readers.get(llmaas?.api ?? "chat")?.(JSON.stringify(response.body ?? null), "");
    const said = brought && "chunk" in brought ? brought.chunk.content : "";
    return [defused(said), verdictOf(read), defused(error?.message ?? "")];
  };
}

/** A spreadsheet runs what begins so, fullwidth signs too; a number is one. */
function defused(text: string): string {
  return /^(?:[\s"']*[=+\-@＝＋－＠]|[\t\r])/.test(text) && !/^[+-]?\d+(?:[.,]\d+)*\s*%?$/.test(text)
    ? `'${text}`
    : text;
}
