import type { ApiKind } from "../wire/apis.ts";
import type { Ask } from "./ask.ts";
import type { Control } from "./control.ts";
import type { FaultName } from "./faults.ts";
import type { Plan } from "./script.ts";
import { createTokens, random } from "./speech.ts";

/** A model of the simulator and how it speaks. */
export type SimulatedModel = {
  id: string;
  /** 0 is as fast as the socket takes them. */
  tokensPerSecond: number;
  ttftMs: number;
  /** Tokens of reasoning before the answer. */
  reasoningTokens?: number;
};

/** The models of LLMaaS that the seed recommends, at their published speeds. */
export const MODELS: readonly SimulatedModel[] = [
  { id: "granite3.3:2b", tokensPerSecond: 45, ttftMs: 180 },
  { id: "gemma3:4b", tokensPerSecond: 58, ttftMs: 220 },
  { id: "qwen3:8b", tokensPerSecond: 29, ttftMs: 350 },
  { id: "cogito:3b", tokensPerSecond: 63, ttftMs: 200 },
];

/** What does not depend on the request. */
type Habits = {
  control: Control;
  texts: { answer: string; reasoning: string };
  model: SimulatedModel;
  now: number;
};

const BACKEND = { engine_type: "simulator", machine_name: "llmaas-simulator" };
const PREFIXES: Readonly<Record<ApiKind, string>> = {
  chat: "chatcmpl-",
  responses: "resp_",
  messages: "msg_",
  completions: "cmpl-",
};
const DEFAULT_AT = 3;
/** First second of seeded identities: 2025-06-15. */
const SEEDED_EPOCH = 1_750_000_000;
const ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz";

/** Everything that decides one reply: the request's wishes, then the server's, then the model's. */
export function createPlan(ask: Ask, { control: base, texts, model, now }: Habits): Plan {
  const wishes = { ...base, ...ask.control };
  const { seed } = wishes;
  const mixed = Bun.hash.wyhash(`${seed}\n${ask.model}\n${ask.prompt}`);
  const chance = seed === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(mixed & 0xffff_ffffn);
  const whole = createTokens(wishes.text ?? texts.answer, wishes.tokens);
  const thoughts = ask.api === "completions" ? 0 : (wishes.reasoning_tokens ?? model.reasoningTokens ?? 0);
  const thought = createTokens(texts.reasoning, thoughts);
  const cached = wishes.cached_tokens;
  const most = ask.maxTokens ?? Infinity;
  const reasoning = { ...thought, count: Math.min(thought.count, most) };
  const answer = { ...whole, count: Math.min(whole.count, most - reasoning.count) };
  const rate = wishes.rate ?? model.tokensPerSecond;
  return {
    ...wishes,
    api: ask.api,
    identity: {
      id: `${PREFIXES[ask.api]}${letters(chance)}`,
      created: seed === undefined ? Math.floor(now / 1000) : SEEDED_EPOCH + (chance % 1_000_000),
      model: ask.model,
      backend: BACKEND,
    },
    stream: ask.stream,
    answer,
    reasoning,
    names: ask.names,
    tool: ask.tool ?? "get_weather",
    cut: answer.count < whole.count,
    promptTokens: ask.promptTokens,
    cachedTokens: cached === undefined ? null : Math.min(cached, ask.promptTokens),
    usage: wishes.usage ?? "asked",
    usageAsked: ask.usageAsked,
    rate: Number.isFinite(rate) ? rate : 0,
    ttft: wishes.ttft_ms ?? model.ttftMs,
    jitter: wishes.jitter ?? 0,
    tokensPerEvent: wishes.tokens_per_event ?? 1,
    seed: chance,
    transfer: wishes.transfer ?? "chunked",
    stamp: wishes.stamp ?? false,
    at: wishes.at ?? DEFAULT_AT,
    now,
  };
}

/** The fault a request is to see; `times` is left to the caller. */
export function faultOf(own: Control, base: Control): FaultName | null {
  const name = own.fault ?? base.fault ?? "none";
  return name === "none" ? null : name;
}

function letters(seed: number): string {
  return Array.from({ length: 24 }, (_, i) => ALPHABET[Math.floor(random(seed, i) * ALPHABET.length)]).join("");
}
