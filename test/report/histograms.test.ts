import { describe, expect, test } from "bun:test";
import { deflateSync, inflateSync } from "node:zlib";
import { decodeFromCompressedBase64, JsHistogram } from "hdr-histogram-js";
import { UserError } from "../../src/config/user-error.ts";
import { createHistogram, decodeHistogram, type Histogram } from "../../src/metrics/histogram.ts";
import { DISTRIBUTIONS } from "../../src/metrics/figures.ts";
import { readReport } from "../../src/report/json.ts";
import { createRandom } from "../render/random.ts";
import { withAt } from "./paths.ts";
import { arriving, MODELS, playRun } from "../fixtures/report.ts";

const PLACE = "steps.0.results.0.distributions.ttft_ms";
const report = playRun({ streams: 3, slo: [] }).report;

/** A report with this histogram is read. */
function accepts(hdr: string, count: number): boolean {
  const text = JSON.stringify(withAt(withAt(report, `${PLACE}.hdr`, hdr), `${PLACE}.count`, count));
  try {
    readReport(text, "a.json");
    return true;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    expect(error.problem).toEqual({ code: "report_invalid", path: "a.json", where: `${PLACE}.hdr` });
    return false;
  }
}

function histogramOf(values: readonly number[]): Histogram {
  const histogram = createHistogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

const GOOD = histogramOf([0.5, 12, 340.25, 340.25, 5600]).encode() ?? "";

/** The header (40 bytes) and the words of an encoded histogram. */
function unpack(hdr: string): Buffer {
  return inflateSync(Buffer.from(hdr, "base64").subarray(8));
}

function pack(content: Buffer): string {
  const compressed = deflateSync(content);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(0x1c849314, 0);
  head.writeUInt32BE(compressed.length, 4);
  return Buffer.concat([head, compressed]).toString("base64");
}

/** With its header kept true to what follows. */
function packWords(words: readonly number[]): string {
  const content = Buffer.concat([unpack(GOOD).subarray(0, 40), Buffer.from(words)]);
  content.writeUInt32BE(words.length, 4);
  return pack(content);
}

function edited(edit: (content: Buffer) => void): string {
  const content = unpack(GOOD);
  edit(content);
  return pack(content);
}

describe("the histograms of a report", () => {
  test("are HdrHistogram's own V2 form: another reader of it finds the same figures", () => {
    for (const { results } of playRun({ models: MODELS.slice(0, 2), loads: [arriving(5)], failed: 0.1 }).report.steps) {
      for (const column of results) {
        for (const name of DISTRIBUTIONS) {
          const { hdr, count, p50, p99 } = column.distributions[name];
          const read = decodeFromCompressedBase64(hdr ?? "");
          expect(read.totalCount).toBe(count);
          expect(read.getValueAtPercentile(50) / 1000 / (p50 ?? NaN)).toBeCloseTo(1, 2);
          expect(read.getValueAtPercentile(99) / 1000 / (p99 ?? NaN)).toBeCloseTo(1, 2);
        }
      }
    }
  });

  test("merge: the models' together are those of all of them", () => {
    const [step] = playRun({ models: MODELS.slice(0, 3), failed: 0.1 }).report.steps;
    for (const name of DISTRIBUTIONS) {
      const merged = createHistogram();
      for (const { distributions } of step?.results.slice(0, -1) ?? []) {
        merged.add(decodeHistogram(distributions[name].hdr ?? ""));
      }
      const whole = step?.results.at(-1)?.distributions[name];
      expect(merged.count()).toBe(whole?.count ?? NaN);
      expect(merged.values()).toEqual(decodeHistogram(whole?.hdr ?? "").values());
    }
  });

  test("merge: those of the blocks are that of the window", () => {
    const column = playRun({ failed: 0.1 }).report.steps[0]?.results[0];
    for (const name of DISTRIBUTIONS) {
      const merged = createHistogram();
      for (const { hdr } of column?.blocks ?? []) if (hdr[name] !== null) merged.add(decodeHistogram(hdr[name]));
      expect(merged.values()).toEqual(decodeHistogram(column?.distributions[name].hdr ?? "").values());
    }
  });
});

describe("reading refuses a histogram", () => {
  test("unless it is one", () => {
    expect(accepts(GOOD, 5)).toBe(true);
    expect(accepts(pack(unpack(GOOD)), 5)).toBe(true);
    for (const hdr of ["", "AAAA", "not base64!", "HISTFAAAAC", GOOD.slice(0, -8), `${GOOD}AAAA`, GOOD.toLowerCase()]) {
      expect(accepts(hdr, 5)).toBe(false);
    }
  });

  test("of another count than it says", () => {
    for (const count of [0, 1, 4, 6, 2 ** 53 - 1]) expect(accepts(GOOD, count)).toBe(false);
  });

  test("of another kind: other digits, another unit, an uncompressed one", () => {
    expect(
      accepts(
        edited((content) => content.writeUInt32BE(5, 12)),
        5,
      ),
    ).toBe(false);
    expect(
      accepts(
        edited((content) => content.writeUInt32BE(2, 20)),
        5,
      ),
    ).toBe(false);
    expect(
      accepts(
        edited((content) => content.writeUInt32BE(0x1c849301, 0)),
        5,
      ),
    ).toBe(false);
    expect(accepts(unpack(GOOD).toString("base64"), 5)).toBe(false);
  });

  test("that says it is longer than it is, or reaches past its own counters", () => {
    expect(
      accepts(
        edited((content) => content.writeUInt32BE(0xffffffff, 4)),
        5,
      ),
    ).toBe(false);
    const zeros = [0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f];
    expect(accepts(packWords([...zeros, 2]), 1)).toBe(false);
    expect(accepts(packWords([2, ...zeros]), 1)).toBe(false);
    expect(accepts(packWords([2, 0x80]), 1)).toBe(false);
    expect(
      accepts(
        edited((content) => content.fill(0xff, 24, 32)),
        5,
      ),
    ).toBe(false);
    expect(
      accepts(
        edited((content) => content.fill(0, 24, 32)),
        5,
      ),
    ).toBe(false);
  });

  test("whose counts do not fit into 32 bits", () => {
    expect(accepts(packWords([0xfe, 0xff, 0xff, 0xff, 0x0f]), 2 ** 31 - 1)).toBe(true);
    expect(accepts(packWords([0x80, 0x80, 0x80, 0x80, 0x10]), 2 ** 31)).toBe(false);
  });

  test("that unpacks to far more than any run needs", () => {
    const bomb = Buffer.alloc(20_000_000);
    unpack(GOOD).copy(bomb, 0, 0, 40);
    bomb.writeUInt32BE(bomb.length - 40, 4);
    expect(accepts(pack(bomb), 0)).toBe(false);
    expect(accepts("A".repeat(10_000_000), 5)).toBe(false);
  });

  test("in a block as well", () => {
    const path = "steps.0.results.0.blocks.0.hdr.gap_ms";
    const text = JSON.stringify(withAt(report, path, GOOD.slice(4)));
    expect(() => readReport(text, "a.json")).toThrow(
      new UserError({ code: "report_invalid", path: "a.json", where: path }),
    );
  });

  test("that decoding would read otherwise, whatever bytes are changed", () => {
    const random = createRandom(7);
    const pick = (below: number): number => Math.floor(random() * below);
    let read = 0;
    for (let round = 0; round < 600; round++) {
      const hdr = edited((content) => {
        for (let change = 0; change <= pick(3); change++) content[pick(content.length)] = pick(256);
      });
      for (const count of [5, pick(1000)]) {
        if (!accepts(hdr, count)) continue;
        read++;
        expect(decodeHistogram(hdr).count()).toBe(count);
        expect(decodeFromCompressedBase64(hdr)).toBeInstanceOf(JsHistogram);
      }
    }
    expect(read).toBeGreaterThan(5);
  });
});
