import type { RunReport } from "../metrics/report.ts";
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

/**
 * The dotted path to the first histogram of a report that could not be read, or does not hold as many values as its
 * `count` says; `null` when all are well. What passes here is safe to decode.
 */
export function findBadHistogram({ steps }: RunReport): string | null {
  for (const [step, { results }] of steps.entries()) {
    for (const [column, { distributions, blocks }] of results.entries()) {
      const where = `steps.${step}.results.${column}`;
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

const EMPTY = new ArrayBuffer(0);

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
