import { describe, expect, test } from "bun:test";
import { meantBy, meantInFile } from "../../src/config/meant.ts";
import { choice, decimal, duration, integer, orOff, yesNo } from "../../src/config/kinds.ts";
import { keyFault, rows } from "../../src/config/settings.ts";

const temperature = orOff(decimal({ min: 0, max: 2 }));
const streams = integer({ min: 1, max: 65_535 });

describe("a value that is written otherwise", () => {
  test.each([
    [temperature, "0,8", "0.8"],
    [temperature, "“0.8”", "0.8"],
    [temperature, "'0,8'", "0.8"],
    [temperature, "OFF", "off"],
    [temperature, "80%", "0.8"],
    [streams, "1 000", "1000"],
    [streams, "1_000", "1000"],
    [streams, "10,000", "10000"],
    [duration(), "30sec", "30s"],
    [duration(), "1,5s", "1.5s"],
    [duration(), "2 minutes", "2m"],
    [duration(), "10 S", "10 s"],
    [duration(), "1h", "60m"],
    [yesNo(), "yes", "true"],
    [yesNo(), "non", "false"],
    [choice(["auto", "always", "never"]), "alway", "always"],
    [choice(["auto", "always", "never"]), "AUTO", "auto"],
  ] as const)("value %# is meant as what follows", (kind, given, meant) => {
    expect(meantBy(kind, given)).toBe(meant);
  });

  test.each([
    [temperature, "hot"],
    [temperature, "3"],
    [temperature, "-0,8"],
    [streams, "many"],
    [streams, "0"],
    [duration(), "soon"],
    [duration(), "48h"],
    [choice(["fr", "en"]), "german"],
    [choice(["1", "2", "3", "4"]), "9"],
    [temperature, "0,8".repeat(1000)],
  ] as const)("value %# is anybody's guess", (kind, given) => {
    expect(meantBy(kind, given)).toBeNull();
  });

  test("in a file is meant as JSON", () => {
    expect(meantInFile(temperature, "0.8")).toBe("0.8");
    expect(meantInFile(temperature, "0,8")).toBe("0.8");
    expect(meantInFile(temperature, "off")).toBe("null");
    expect(meantInFile(yesNo(), "yes")).toBe("true");
    expect(meantInFile(temperature, 3)).toBeNull();
    expect(meantInFile(rows.lang.kind, "de")).toBeNull();
  });
});

describe("a key", () => {
  test.each([
    ["sk-abc", null],
    ["  sk-abc\n", null],
    ["Bearer sk-abc", "prefix"],
    ["authorization: bearer sk-abc", "prefix"],
    ['"sk-abc"', "quotes"],
    ["“sk-abc”", "quotes"],
    ["sk abc", "space"],
    ["sk\tabc", "space"],
    ["sk-\nabc", "line_end"],
    ["sk-clé", "letter"],
  ] as const)("%p has this fault: %p", (given, fault) => {
    expect(keyFault(given)).toBe(fault);
  });
});
