import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { LLMAAS_PRICES, parseText } from "../../src/config/kinds.ts";
import { rows } from "../../src/config/settings.ts";
import { createFolder, problemOf } from "./folder.ts";

const FULL = {
  currency: "USD",
  input: 1,
  cached_input: 0.25,
  output: 2.5,
  reasoning: 0,
  models: { "qwen3:8b": { input: 0.1, output: 0.2 }, "a/b": { input: 0, output: 0, reasoning: 3 } },
};

describe("prices", () => {
  test.each([[FULL], [{ currency: "EUR", input: 0, output: 0 }], [{ ...FULL, models: {} }]])(
    "are taken as the file has them: %j",
    async (prices) => {
      const { load, plant } = await createFolder();
      await plant({ api: {}, prices });
      const { settings, origins } = await load();
      expect(settings.prices).toEqual(prices);
      expect(origins.prices.kind).toBe("file");
    },
  );

  test("are none by default, and null says so too", async () => {
    const { load, plant } = await createFolder();
    expect((await load()).settings.prices).toBeNull();
    await plant({ api: {}, prices: null });
    expect((await load()).settings.prices).toBeNull();
  });

  test.each([
    [{}],
    [[]],
    [8],
    [{ currency: "EUR", input: 1 }],
    [{ input: 1, output: 2 }],
    [{ ...FULL, currency: "€" }],
    [{ ...FULL, currency: "eur" }],
    [{ ...FULL, input: -1 }],
    [{ ...FULL, input: "1.8" }],
    [{ ...FULL, output: null }],
    [{ ...FULL, cached_input: -1 }],
    [{ ...FULL, output: 1_000_001 }],
    [{ ...FULL, cached: 1 }],
    [{ ...FULL, models: [] }],
    [{ ...FULL, models: { "": { input: 1, output: 1 } } }],
    [{ ...FULL, models: { m: 3 } }],
    [{ ...FULL, models: { m: { input: 1 } } }],
    [{ ...FULL, models: { m: { input: 1, output: 1, batch: 2 } } }],
    ['{"api": {}, "prices": {"currency": "EUR", "input": 1, "output": 1, "models": {"__proto__": {}}}}'],
  ])("are refused when they are %j", async (prices) => {
    const { load, plant } = await createFolder();
    const where = await plant(typeof prices === "string" ? prices : { api: {}, prices });
    const problem = await problemOf(() => load());
    expect(problem).toMatchObject({ code: "config_value", where, accepted: rows.prices.kind.accepted });
    expect(problem).toHaveProperty("key", expect.stringMatching(/^prices/));
  });

  test.each([
    [{ ...FULL, input: -1 }, "prices.input", "-1"],
    [{ ...FULL, currency: "eur" }, "prices.currency", '"eur"'],
    [{ ...FULL, cached: 1 }, "prices.cached", "1"],
    [{ currency: "EUR", input: 1 }, "prices", "{…}"],
    [{ ...FULL, models: { m: { input: 1, output: "2" } } }, "prices.models.m.output", '"2"'],
    [{ ...FULL, models: { m: { input: 1 } } }, "prices.models.m", "{…}"],
  ])("are refused with the key that is wrong: %j", async (prices, key, found) => {
    const { load, plant } = await createFolder();
    await plant({ api: {}, prices });
    expect(await problemOf(() => load())).toMatchObject({ code: "config_value", key, found });
  });

  test("are the published ones of LLMaaS in the example", async () => {
    const example: unknown = await Bun.file(join(import.meta.dir, "../../config.example.json")).json();
    expect(example).toHaveProperty("prices", LLMAAS_PRICES);
    expect(parseText(rows.prices.kind, JSON.stringify(LLMAAS_PRICES))).toEqual(LLMAAS_PRICES);
  });

  test("say what is accepted in a shape that would be", () => {
    const { kind } = rows.prices;
    expect(parseText(kind, kind.accepted.kind === "like" ? kind.accepted.example : "")).toBeDefined();
  });
});
