import * as v from "valibot";
import { type Kind, plainObject, readJson } from "./kinds.ts";

/** Price of a million tokens; `reasoning` is that of `output` when it is not given. */
export type Rate = { input: number; output: number; reasoning?: number | undefined };

/** What tokens cost, in one currency; a model's own rate comes before the general one. */
export type Prices = Rate & { currency: string; models?: Record<string, Rate> | undefined };

/** Published by Cloud Temple for LLMaaS, in euros. */
export const LLMAAS_PRICES: Prices = { currency: "EUR", input: 1.8, output: 8, reasoning: 8 };

const SHAPE =
  '{"currency": "EUR", "input": 0, "output": 0, "reasoning": 0, "models": {"NAME": {"input": 0, "output": 0}}}';
const CURRENCY = /^[A-Z]{3}$/;
/** Far above any price, and low enough for a sum to stay exact. */
const MAX_PRICE = 1_000_000;

/** Prices as the file has them; nothing is left out or added, so that they are shown as they were written. */
export function prices(): Kind<Prices | null> {
  const schema = () => {
    const price = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(MAX_PRICE));
    const rate = { input: price, output: price, reasoning: v.optional(price) };
    const models = v.pipe(plainObject(), v.record(v.pipe(v.string(), v.minLength(1)), v.strictObject(rate)));
    const currency = v.pipe(v.string(), v.regex(CURRENCY));
    return v.pipe(plainObject(), v.strictObject({ currency, ...rate, models: v.optional(models) }));
  };
  return { schema, fromText: readJson, accepted: SHAPE, json: jsonSchema() };
}

function jsonSchema() {
  const price = { type: "number", minimum: 0, maximum: MAX_PRICE };
  const rate = { input: price, output: price, reasoning: price };
  const model = { type: "object", properties: rate, required: ["input", "output"], additionalProperties: false };
  return {
    type: "object",
    properties: {
      currency: { type: "string", pattern: CURRENCY.source },
      ...rate,
      models: { type: "object", propertyNames: { minLength: 1 }, additionalProperties: model },
    },
    required: ["currency", "input", "output"],
    additionalProperties: false,
  };
}
