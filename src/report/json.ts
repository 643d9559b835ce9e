import * as v from "valibot";
import { UserError } from "../config/user-error.ts";
import { runReport, type RunReport } from "../metrics/report.ts";
import { DISTRIBUTIONS } from "../metrics/figures.ts";

/** Far more than the 28 672 counters from a microsecond to a day need in base64. */
const MAX_TEXT = 200_000;
const COMPRESSED = 0x1c849314;
const PLAIN = 0x1c849313;
const HEADER = 40;
const DIGITS = 3;
/** Counters are 32 bits wide where histograms are read. */
const MAX_COUNT = 2 ** 31 - 1;
const MAX_WORD = 9;
const EMPTY = new ArrayBuffer(0);

/** Columns up to which an object of plain values stays on its line. */
const WIDTH = 100;

/** The report as a JSON text to be read by people too: indented, lists of plain values on one line, a final newline. */
export function toJson(report: RunReport): string {
  return `${write(report, "")}\n`;
}

function write(value: unknown, indent: string): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const list = Array.isArray(value);
  const entries = Object.entries(value).filter(([, inside]) => inside !== undefined);
  const [open, close] = list ? ["[", "]"] : ["{", "}"];
  const plain = entries.every(([, inside]) => typeof inside !== "object" || inside === null);
  const inner = plain ? "" : `${indent}  `;
  const parts = entries.map(([key, inside]) => (list ? "" : `${JSON.stringify(key)}: `) + write(inside, inner));
  const line = parts.join(", ");
  if (entries.length === 0 || (plain && (list || line.length + indent.length <= WIDTH))) {
    return list || entries.length === 0 ? `${open}${line}${close}` : `${open} ${line} ${close}`;
  }
  return `${open}\n${parts.map((part) => `${indent}  ${part}`).join(",\n")}\n${indent}${close}`;
}

/**
 * The report of a run from the text of its file, checked once and for all, histograms included; keys it does not know
 * are left out. Throws `report_invalid` with the dotted path to the first wrong value, "" when the text is no report.
 */
export function readReport(text: string, path: string): RunReport {
  const content = parse(text);
  const invalid = (where: string): UserError => new UserError({ code: "report_invalid", path, where });
  if (!isReport(content)) throw invalid("");
  const result = v.safeParse(runReport, content, { abortEarly: true });
  if (!result.success) throw invalid(v.getDotPath(result.issues[0]) ?? "");
  const where = findBadHistogram(result.output);
  if (where !== null) throw invalid(where);
  return result.output;
}

/** Of what --json writes, and a log of it, the report is the last line that is one. */
function parse(text: string): unknown {
  const whole = parseOne(text);
  if (whole !== null) return whole;
  const lines = text.split("\n").filter((line) => line.startsWith("{") && line.includes('"report"'));
  return lines.map(parseOne).findLast(isReport) ?? null;
}

function parseOne(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No JSON: where it breaks says nothing to those who took a wrong file.
    return null;
  }
}

function isReport(content: unknown): boolean {
  return typeof content === "object" && content !== null && "type" in content && content.type === "report";
}

/**
 * The dotted path to the first histogram of a report that could not be read, or does not hold as many values as its
 * `count` says; `null` when all are well. What passes here is safe to decode.
 */
function findBadHistogram({ steps }: RunReport): string | null {
  for (const [step, { results }] of steps.entries()) {
    for (const [result, { distributions, blocks, lengths }] of results.entries()) {
      const where = `steps.${step}.results.${result}`;
      for (const name of ["prompt_tokens", "answer_tokens"] as const)
        if (countOf(lengths?.[name]?.hdr ?? null) === null) return `${where}.lengths.${name}.hdr`;
      for (const name of DISTRIBUTIONS) {
        const { count, hdr } = distributions[name];
        if (countOf(hdr) !== count) return `${where}.distributions.${name}.hdr`;
        const bad = blocks.findIndex((block) => countOf(block.hdr[name]) === null);
        if (bad !== -1) return `${where}.blocks.${bad}.hdr.${name}`;
      }
    }
  }
  return null;
}

/** How many values an encoded histogram holds; `null` when it is none, or none of ours. */
function countOf(hdr: string | null): number | null {
  if (hdr === null) return 0;
  if (hdr.length > MAX_TEXT) return null;
  try {
    return countInside(inflate(Uint8Array.fromBase64(hdr)));
  } catch {
    // Base64, zlib and DataView throw at what they cannot read, and say nothing more about it.
    return null;
  }
}

function inflate(bytes: Uint8Array<ArrayBuffer>): DataView {
  const view = new DataView(bytes.buffer);
  if (view.getUint32(0) !== COMPRESSED || view.getUint32(4) !== bytes.length - 8) return new DataView(EMPTY);
  // At most 1032 times as long as the text: 150 MB, for a moment.
  const { buffer, byteOffset, byteLength } = Bun.inflateSync(bytes.subarray(8), { windowBits: 15 });
  return new DataView(buffer, byteOffset, byteLength);
}

function countInside(view: DataView): number | null {
  if (view.getUint32(0) !== PLAIN || view.getUint32(4) !== view.byteLength - HEADER) return null;
  if (view.getUint32(12) !== DIGITS || view.getBigUint64(16) !== 1n) return null;
  return sumOf(view, countersFor(Number(view.getBigUint64(24))));
}

/** Counters up to the highest value: 2048 single ones, then 1024 for each doubling. */
function countersFor(highest: number): number {
  return Number.isSafeInteger(highest) ? 1024 * (2 + Math.max(0, Math.ceil(Math.log2((highest + 1) / 2048)))) : 0;
}

/** Words are zigzag LEB128 of up to nine bytes: a count, or minus the number of counters that are 0. */
function sumOf(view: DataView, counters: number): number | null {
  let sum = 0;
  let index = 0;
  let at = HEADER;
  while (at < view.byteLength) {
    let word = 0;
    for (let byte = 0, more = true; more; byte++) {
      if (byte === MAX_WORD) return null;
      const bits = view.getUint8(at++);
      word += (bits & 0x7f) * 2 ** (7 * byte);
      more = (bits & 0x80) !== 0;
    }
    const count = word % 2 === 0 ? word / 2 : 0;
    index += word % 2 === 0 ? 1 : (word + 1) / 2;
    if (index > counters || count > MAX_COUNT) return null;
    sum += count;
  }
  return sum;
}
