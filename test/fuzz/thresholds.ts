import { expect } from "bun:test";
import fc from "fast-check";
import { parseFailIf } from "../../src/compare/fail-if.ts";
import {
  betterOf,
  DISTRIBUTIONS,
  FIGURES,
  figureText,
  isOfObjectives,
  SCALARS,
  shortName,
} from "../../src/metrics/figures.ts";
import { parseSlo } from "../../src/metrics/thresholds.ts";
import { define } from "./property.ts";
import { sentencesOf } from "./sentences.ts";

const space = fc.constantFrom("", "", " ", "\t", "  ");
const distribution = fc.constantFrom(...DISTRIBUTIONS.flatMap((name) => [name, shortName(name)]));
const statistic = fc.oneof(
  fc.constantFrom("mean", "avg", "min", "max", "stdev", "P50", "p99.9", "p100", "p0", "p101", "p", "median"),
  fc.integer({ min: 1, max: 100 }).map((percent) => `p${percent}`),
);
const figure = fc.oneof(
  fc.tuple(statistic, space, distribution).map(([name, gap, of]) => `${name}${gap}(${of})`),
  fc.constantFrom(...SCALARS),
  distribution,
);
const amount = fc.oneof(
  fc.nat(2000).map(String),
  fc.double({ min: 0, max: 1e6, noNaN: true }).map((number) => String(number)),
  fc.constantFrom(".5", "1.", "01", "1e3", "-1", "0x10", "Infinity", "٣", "1,5", "99999999999999999999"),
);
const unit = fc.constantFrom("", "us", "µs", "ms", "s", "m", "MS", "%", "/s", "tokens/s", "requests/s", "h", "t/s");
const operator = fc.constantFrom("<", "<=", ">", ">=", "=", "==", "!=", "<>", "+", "-", "−");
const limit = fc.tuple(figure, space, operator, space, amount, space, unit).map((parts) => parts.join(""));
const noise = fc.string({ unit: fc.constantFrom(..."p95(ttft)<>=+-% .0123msµ/\n\u0000é"), maxLength: 24 });
const written = fc.oneof({ weight: 4, arbitrary: limit }, noise, fc.string());

/** Reads one, and what it says once more in other words; a sentence where it is none. */
function holdSlo(text: string): void {
  let slo: ReturnType<typeof parseSlo>;
  try {
    slo = parseSlo([text]);
  } catch (error) {
    sentencesOf(error);
    return;
  }
  const [read] = [...slo.thresholds, ...slo.objectives];
  if (read === undefined) throw new Error("neither refused nor read");
  expect(Number.isFinite(read.limit) && read.limit >= 0).toBe(true);
  const of = typeof read.figure === "string" ? read.figure : read.figure.of;
  if (FIGURES[of].unit === "share") expect(read.limit).toBeLessThanOrEqual(1);
  const said = typeof read.figure === "string" ? read.figure : figureText(read.figure);
  const inUnit = { ms: "ms", share: "%", tokens_per_second: "/s", requests_per_second: "/s" }[FIGURES[of].unit];
  const digits = plain(FIGURES[of].unit === "share" ? read.limit * 100 : read.limit);
  const again = parseSlo([`  ${said.toUpperCase()} ${read.operator} ${digits} ${inUnit}`, "ttft < 1s"]);
  const [same] = "meets" in read ? again.objectives : again.thresholds;
  expect(same?.figure).toEqual(read.figure);
  expect(same?.operator).toBe(read.operator);
  expect(Math.abs((same?.limit ?? NaN) - read.limit)).toBeLessThanOrEqual(read.limit * 1e-9);
}

/** A number without an exponent, which no threshold has. */
function plain(number: number): string {
  if (number >= 1e21) return String(BigInt(number));
  return number.toFixed(20).replace(/\.?0+$/, "");
}

function holdFailIf(text: string): void {
  let read: ReturnType<typeof parseFailIf>;
  try {
    read = parseFailIf(text);
  } catch (error) {
    sentencesOf(error);
    return;
  }
  expect(Number.isFinite(read.limit) && read.limit >= 0).toBe(true);
  const sign = betterOf(read.figure) === "less" ? "+" : "-";
  expect(parseFailIf(`${figureText(read.figure)}${sign}1%`).figure).toEqual(read.figure);
}

export const thresholdsProperty = define(
  "thresholds",
  "each --slo and --fail-if is read as it was meant, or refused in a sentence",
  3000,
  fc.property(written, (text) => {
    holdSlo(text);
    holdFailIf(text);
  }),
);

const shares: readonly string[] = SCALARS.filter(
  (name) => FIGURES[name].unit === "share" && !isOfObjectives({ kind: "scalar", of: name }),
);

export const limitsProperty = define(
  "limits",
  "a limit in milliseconds, seconds or percent is that number",
  2000,
  fc.property(fc.nat(100_000), fc.constantFrom(...shares), space, (number, share, gap) => {
    expect(parseSlo([`ttft <${gap}${number}ms`]).objectives[0]?.limit).toBe(number);
    expect(parseSlo([`p95(ttft) >= ${number}${gap}s`]).thresholds[0]?.limit).toBe(number * 1000);
    const percent = number / 1000;
    expect(parseSlo([`${share} < ${plain(percent)}%`]).thresholds[0]?.limit).toBe(
      Number((percent / 100).toPrecision(12)),
    );
  }),
);
