import { readAsk, readControl, type Ask, type Control } from "./ask.ts";
import { chatScript, replyOf, type FaultName } from "./faults.ts";
import type { HttpRequest } from "./http.ts";
import { createPlan, faultOf, MODELS, type SimulatedModel } from "./plan.ts";
import { invalid, refusalReply, wholeReply, type Refusal } from "./replies.ts";
import type { Script } from "./script.ts";
import { random } from "./speech.ts";

/** A fault, the token events before it, and the share of requests that see it (0 to 1). */
export type FaultChance = { fault: FaultName; at: number | undefined; chance: number };

type AnswerRequest = { model: string; prompt: string };

/** What decides the replies of a simulator. */
export type RouteOptions = {
  /** The four of the seed unless given. */
  models?: readonly SimulatedModel[];
  /** The text of an answer. */
  answer?: (request: AnswerRequest) => string;
  /** The text a model thinks before its answer, when it reasons. */
  reasoning?: (request: AnswerRequest) => string;
  /** When set, requests without it are refused with 401. */
  apiKey?: string;
  /** What holds for every chat request that does not ask otherwise: speed, usage, seed, fault… */
  control?: Control;
  /** Faults by probability: each request that asks for none gets one of them, or none. */
  mix?: readonly FaultChance[];
  /** Shorthand for `control.fault`. */
  fault?: FaultName;
  /** The same for `GET /v1/models`; only faults that need no stream have an effect there. */
  modelsControl?: Control;
};

const ANSWER = "This text comes from the built-in server of llmaas. It is no model: it says the same to everyone.";
const REASONING = "The question is clear. First the facts, then the order in which to tell them, then the answer. ";
/** Prompts whose faults are counted at once. */
const MOST_PROMPTS = 10_000;
const NO_ASK: Ask = {
  model: "none",
  prompt: "",
  stream: false,
  maxTokens: null,
  usageAsked: false,
  names: new Set(),
  tool: null,
  control: {},
};

/** The reply to each request: models, chat completions, or an error in the API's shape. */
export function createRoutes(options: RouteOptions): (request: HttpRequest, now: number) => Script {
  const { models = MODELS, answer = () => ANSWER, reasoning = () => REASONING, apiKey, mix = [] } = options;
  const base = baseOf(options);
  const chanceSeed = base.seed ?? Math.floor(Math.random() * 2 ** 32);
  let drawn = 0;
  const spent = createCounter();

  function plan(ask: Ask, control: Control, model: SimulatedModel, now: number) {
    const request = { model: ask.model, prompt: ask.prompt };
    return createPlan(ask, { control, model, now, texts: { answer: answer(request), reasoning: reasoning(request) } });
  }

  /** What holds for the next request: the server's habits, with the fault that chance has drawn. */
  function nextHabits(): Control {
    let left = random(chanceSeed, drawn++);
    for (const { fault, at, chance } of mix) {
      if (left < chance) return { ...base, fault, at };
      left -= chance;
    }
    return base;
  }

  function chat({ body }: HttpRequest, now: number): Script {
    const ask = readAsk(body);
    if ("status" in ask) return refusalReply(ask);
    const model = models.find(({ id }) => id === ask.model);
    if (model === undefined) return refusalReply(unknownModel(ask.model));
    const habits = nextHabits();
    const fault = faultOf(ask.control, habits);
    const times = ask.control.times ?? base.times ?? Infinity;
    const shown = fault !== null && spent(`${fault}\n${ask.prompt}`) < times ? fault : null;
    return chatScript(plan(ask, habits, model, now), shown);
  }

  function listModels(now: number): Script {
    const control = options.modelsControl ?? {};
    const fault = faultOf({}, control);
    const first: SimulatedModel = models[0] ?? { id: "none", tokensPerSecond: 0, ttftMs: 0 };
    const instead = fault === null ? null : replyOf(plan(NO_ASK, control, first, now), fault);
    return instead ?? wholeReply(200, JSON_TYPE, JSON.stringify({ object: "list", data: models.map(toModel) }));
  }

  return (request, now) => {
    const path = request.path.split("?", 1)[0] ?? "";
    if (apiKey !== undefined && request.headers["authorization"] !== `Bearer ${apiKey}`) return refusalReply(NO_KEY);
    if (path === "/v1/chat/completions") return request.method === "POST" ? chat(request, now) : notAllowed("POST");
    if (path === "/v1/models") return request.method === "GET" ? listModels(now) : notAllowed("GET");
    return refusalReply({ ...invalid(`There is nothing at ${path}.`), status: 404, code: "not_found" });
  };
}

const JSON_TYPE = "application/json";
const NO_KEY: Refusal = {
  status: 401,
  message: "Invalid or missing API key.",
  type: "authentication_error",
  code: "invalid_api_key",
};

/** The options are the program's own: a wrong one is a bug. */
function baseOf({ control = {}, fault }: RouteOptions): Control {
  const base = fault === undefined ? control : { ...control, fault };
  const finite = base.rate === Infinity ? { ...base, rate: 0 } : base;
  const checked = readControl(Object.fromEntries(Object.entries(finite).filter(([, value]) => value !== undefined)));
  if (typeof checked === "string") throw new TypeError(checked);
  return checked;
}

function notAllowed(allow: string): Script {
  return refusalReply({ ...invalid(`Only ${allow} is answered here.`), status: 405 }, [["Allow", allow]]);
}

function unknownModel(id: string): Refusal {
  const message = `The model '${id}' does not exist.`;
  return { status: 404, message, type: "invalid_request_error", code: "model_not_found", param: "model" };
}

function toModel({ id }: SimulatedModel): Record<string, unknown> {
  const created = 1_750_000_000;
  return {
    id,
    object: "model",
    created,
    owned_by: "llmaas-simulator",
    root: id,
    aliases: [],
    max_model_len: 32_768,
    permission: [],
  };
}

/** Counts how often each key came before. */
function createCounter(): (key: string) => number {
  const counts = new Map<bigint, number>();
  return (key) => {
    const hash = Bun.hash.wyhash(key);
    const before = counts.get(hash) ?? 0;
    if (counts.size >= MOST_PROMPTS && before === 0) counts.clear();
    counts.set(hash, before + 1);
    return before;
  };
}
