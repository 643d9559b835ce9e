import { lengthIn } from "../run/jobs.ts";
import type { Json } from "../stream/event.ts";
import type { Asked } from "./request.ts";

/** Tokens that a request will take, as far as one can tell before. */
type Estimate = { prompt: number; answer: number };

/** UTF-16 units of a token, about: English and French have between three and four and a half. */
const UNITS_PER_TOKEN = 4;
/** Tokens of an image, about: services count between 85 and 1500, and none of them its letters. */
const IMAGE_TOKENS = 1000;
const DATA_URL = /^data:[\w.+-]+\/[\w.+-]+[;,]/;
/** Tokens of an answer whose length nobody has limited. */
const UNLIMITED_ANSWER = 1024;

/** What of a body a model reads: in the first its texts, in the others the names beside them too. */
const READ = ["system", "instructions", "messages", "input", "prompt"];
const READ_WHOLE = ["tools", "functions", "response_format"];

/** `settings`: what they add to a prompt; requests that are bodies stand for themselves. */
export function estimateOf(
  asked: Asked,
  { maxTokens, system }: { maxTokens: number | null; system: string | null },
): Estimate {
  if (asked.kind === "body") {
    const { body } = asked;
    return { prompt: tokensOf(unitsOfBody(body)), answer: lengthIn(body) ?? UNLIMITED_ANSWER };
  }
  const { params, messages, text } = asked.prompt;
  const units = (system?.length ?? 0) + unitsOf(messages ?? text) + unitsOfBody(params);
  return { prompt: tokensOf(units), answer: lengthIn(params) ?? maxTokens ?? UNLIMITED_ANSWER };
}

function tokensOf(units: number): number {
  return Math.ceil(units / UNITS_PER_TOKEN);
}

function unitsOfBody(body: { readonly [key: string]: Json }): number {
  const texts = READ.reduce((sum, name) => sum + unitsOf(body[name]), 0);
  return READ_WHOLE.reduce((sum, name) => sum + (JSON.stringify(body[name])?.length ?? 0), texts);
}

function unitsOf(value: Json | undefined): number {
  if (typeof value === "string") return DATA_URL.test(value) ? IMAGE_TOKENS * UNITS_PER_TOKEN : value.length;
  if (typeof value !== "object" || value === null) return 0;
  return Object.values(value).reduce<number>((sum, each) => sum + unitsOf(each), 0);
}
