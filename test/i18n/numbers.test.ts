import { describe, expect, test } from "bun:test";
import { enNumbers, frNumbers } from "../../src/i18n/numbers.ts";

describe("numbers", () => {
  test.each([
    [0, "0.00", "0,00"],
    [0.0456, "0.046", "0,046"],
    [0.9994, "0.999", "0,999"],
    [0.9996, "1.00", "1,00"],
    [9.994, "9.99", "9,99"],
    [9.996, "10.0", "10,0"],
    [46.24, "46.2", "46,2"],
    [99.94, "99.9", "99,9"],
    [99.96, "100", "100"],
    [-46.24, "-46.2", "-46,2"],
    [1234.5, "1,235", "1\u202F235"],
    [1_234_567, "1,234,567", "1\u202F234\u202F567"],
  ])("%d has three significant digits below 100, else none after the point", (value, en, fr) => {
    expect(enNumbers.number(value)).toBe(en);
    expect(frNumbers.number(value)).toBe(fr);
  });

  test("a cost is an amount with its currency, where that is known", () => {
    expect(enNumbers.cost(0.0312, "EUR")).toBe("0.0312 EUR");
    expect(frNumbers.cost(0.0312, "EUR")).toBe("0,0312\u202FEUR");
    expect(enNumbers.cost(12, null)).toBe("12.0");
  });

  test("counts are whole", () => {
    expect(enNumbers.count(158)).toBe("158");
    expect(enNumbers.count(15_800)).toBe("15,800");
    expect(frNumbers.count(15_800)).toBe("15\u202F800");
  });

  test.each([
    [0.4, "0.400 ms", "0,400\u202Fms"],
    [212.4, "212 ms", "212\u202Fms"],
    [999.4, "999 ms", "999\u202Fms"],
    [999.6, "1.00 s", "1,00\u202Fs"],
    [3420.1, "3.42 s", "3,42\u202Fs"],
    [59_940, "59.9 s", "59,9\u202Fs"],
    [59_960, "1 min", "1\u202Fmin"],
    [125_000, "2 min 5 s", "2\u202Fmin 5\u202Fs"],
    [3_599_000, "59 min 59 s", "59\u202Fmin 59\u202Fs"],
    [3_599_800, "1 h", "1\u202Fh"],
    [3_600_000, "1 h", "1\u202Fh"],
    [5_430_000, "1 h 31 min", "1\u202Fh 31\u202Fmin"],
    [172_740_000, "47 h 59 min", "47\u202Fh 59\u202Fmin"],
    [172_799_000, "2 d", "2\u202Fj"],
    [217_815_159_000, "2,521 d", "2\u202F521\u202Fj"],
    [187_200_000, "2 d 4 h", "2\u202Fj 4\u202Fh"],
  ])("%d ms read as people read them", (ms, en, fr) => {
    expect(enNumbers.duration(ms)).toBe(en);
    expect(frNumbers.duration(ms)).toBe(fr);
  });

  test("what was asked for is written as whole as it is", () => {
    expect([500, 30_000, 2500, 90_000].map(enNumbers.asked)).toEqual(["500 ms", "30 s", "2.50 s", "1 min 30 s"]);
    expect([16, 2.5].map(frNumbers.plain)).toEqual(["16", "2,50"]);
    expect([frNumbers.seconds(7), frNumbers.seconds(1.5, 1)]).toEqual(["7\u202Fs", "1,5\u202Fs"]);
  });

  test("shares have the sign of per cent as each language sets it", () => {
    expect([0.05, 0.025, 1].map(enNumbers.percent)).toEqual(["5%", "2.50%", "100%"]);
    expect(frNumbers.percent(0.025)).toBe("2,50\u202F%");
    expect([0.12, -0.004].map(enNumbers.signedPercent)).toEqual(["+12%", "−0.4%"]);
    expect(frNumbers.signedPercent(-0.004)).toBe("−0,4\u202F%");
  });

  test("nought is singular in French", () => {
    expect([0, 1, 2].map((value) => enNumbers.counted(value, "retry", "retries"))).toEqual([
      "0 retries",
      "1 retry",
      "2 retries",
    ]);
    expect([0, 1, 2].map((value) => frNumbers.counted(value, "seuil"))).toEqual(["0 seuil", "1 seuil", "2 seuils"]);
  });
});
