import { API_KINDS, pathOf, type ApiKind } from "../wire/apis.ts";
import { readAsk, type Ask } from "./ask.ts";
import { readControl, type Control } from "./control.ts";
import { invalid, type Refusal } from "./errors.ts";
import { answerScript, canHave, replyOf, type FaultName } from "./faults.ts";
import { inOnePiece, type BatchOutcome } from "./batch-outcomes.ts";
import { createBatches } from "./batches.ts";
import type { HttpRequest } from "./http.ts";
import { createPlan, faultOf, MODELS, type SimulatedModel } from "./plan.ts";
import { refusalReply, wholeReply } from "./replies.ts";
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
  /** What holds for every request for an answer that does not ask otherwise: speed, usage, seed, fault… */
  control?: Control;
  /** Faults by probability: each request that asks for none gets one of them, or none. */
  mix?: readonly FaultChance[];
  /** Shorthand for `control.fault`. */
  fault?: FaultName;
  /** The same for `GET /v1/models`; only faults that need no stream have an effect there. */
  modelsControl?: Control;
  /** What becomes of batches, and how many ms that takes. */
  batch?: { outcome: BatchOutcome; ms: number };
};

const ANSWER = "This text comes from the built-in server of llmaas. It is no model: it says the same to everyone.";
const REASONING = "The question is clear. First the facts, then the order in which to tell them, then the answer. ";
/** Prompts whose faults are counted at once. */
const MOST_PROMPTS = 10_000;
const NO_ASK: Ask = {
  api: "chat",
  model: "none",
  prompt: "",
  promptTokens: 0,
  stream: false,
  maxTokens: null,
  usageAsked: false,
  names: new Set(),
  tool: null,
  control: {},
};

/** The reply to each request: models, an answer in one of the APIs, or an error in its shape. */
export function createRoutes(options: RouteOptions): (request: HttpRequest, now: number) => Script {
  const { models = MODELS, answer: textOf = () => ANSWER, reasoning = () => REASONING, apiKey, mix = [] } = options;
  const base = baseOf(options);
  const chanceSeed = base.seed ?? Math.floor(Math.random() * 2 ** 32);
  let drawn = 0;
  const spent = createCounter();

  function plan(ask: Ask, control: Control, model: SimulatedModel, now: number) {
    const request = { model: ask.model, prompt: ask.prompt };
    return createPlan(ask, { control, model, now, texts: { answer: textOf(request), reasoning: reasoning(request) } });
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

  function answer(api: ApiKind, { body, headers }: HttpRequest, now: number): Script {
    if (api === "messages" && headers["anthropic-version"] === undefined) return refusalReply(NO_VERSION, api);
    const ask = readAsk(api, body);
    if ("status" in ask) return refusalReply(ask, api);
    const model = models.find(({ id }) => id === ask.model);
    if (model === undefined) return refusalReply(unknownModel(ask.model), api);
    const habits = nextHabits();
    const fault = faultOf(ask.control, habits);
    const impossible = impossibleIn(ask, { ...habits, ...ask.control }, fault);
    if (impossible !== null) return refusalReply(invalid(impossible, "simulate"), api);
    const times = ask.control.times ?? base.times ?? Infinity;
    const shown = fault !== null && spent(`${fault}\n${api}\n${ask.prompt}`) < times ? fault : null;
    return answerScript(plan(ask, habits, model, now), shown);
  }

  function listModels({ headers }: HttpRequest, now: number): Script {
    const control = options.modelsControl ?? {};
    const fault = faultOf({}, control);
    const first: SimulatedModel = models[0] ?? { id: "none", tokensPerSecond: 0, ttftMs: 0 };
    const instead = fault === null ? null : replyOf(plan(NO_ASK, control, first, now), fault);
    const list =
      headers["anthropic-version"] === undefined ? { object: "list", data: models.map(toModel) } : pageOf(models);
    return instead ?? wholeReply(200, JSON_TYPE, JSON.stringify(list));
  }

  const routes: Readonly<Record<string, Route>> = {
    "/v1/models": { method: "GET", api: null, answer: listModels },
    ...Object.fromEntries(
      API_KINDS.map((api) => [
        `/v1${pathOf(api)}`,
        { method: "POST", api, answer: (request, now) => answer(api, request, now) } satisfies Route,
      ]),
    ),
  };

  const own = { authorization: `Bearer ${apiKey}`, "x-api-key": apiKey ?? "", "anthropic-version": "2023-06-01" };
  const batches = createBatches({
    outcome: options.batch?.outcome ?? "completed",
    ms: options.batch?.ms ?? BATCH_MS,
    answer: (path, body, now) =>
      inOnePiece(replyTo({ method: "POST", path, headers: own, body, keepAlive: true }, now)),
  });

  function replyTo(request: HttpRequest, now: number): Script {
    const path = request.path.split("?", 1)[0] ?? "";
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
    const api = route?.api ?? null;
    if (apiKey !== undefined && !hasKey(request.headers, apiKey, api)) return refusalReply(NO_KEY, api ?? "chat");
    if (route === undefined) return batches(request, now) ?? refusalReply(nothingAt(path));
    return request.method === route.method ? route.answer(request, now) : notAllowed(route);
  }

  return replyTo;
}

/** Ms that a batch takes. */
const BATCH_MS = 1000;

/** What is answered at a path, and in whose shape its errors are. */
type Route = { method: string; api: ApiKind | null; answer: (request: HttpRequest, now: number) => Script };

/** Seconds since the epoch. */
const MADE = 1_750_000_000;
const JSON_TYPE = "application/json";
const NO_VERSION = invalid("anthropic-version: header is required");
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

function notAllowed({ method, api }: Route): Script {
  return refusalReply({ ...invalid(`Only ${method} is answered here.`), status: 405 }, api ?? "chat", [
    ["Allow", method],
  ]);
}

function nothingAt(path: string): Refusal {
  return { ...invalid(`There is nothing at ${path}.`), status: 404, code: "not_found" };
}

/** The key as each API has it: for messages in a header of its own, or as its clients have it since 2026. */
function hasKey(headers: HttpRequest["headers"], key: string, api: ApiKind | null): boolean {
  if (headers["authorization"] === `Bearer ${key}`) return true;
  return headers["x-api-key"] === key && (api === "messages" || api === null);
}

/** What is asked of the simulator and an API cannot have; `null` when there is nothing of the kind. */
function impossibleIn({ api, control }: Ask, { usage }: Control, fault: FaultName | null): string | null {
  if (fault !== null && !canHave(api, fault)) return `The ${api} API cannot have the fault '${fault}'.`;
  if (usage === "every" && (api === "responses" || api === "messages"))
    return `The ${api} API has no usage on every event.`;
  if (control.reasoning_tokens && api === "completions") return "The completions API has no reasoning.";
  return null;
}

function unknownModel(id: string): Refusal {
  const message = `The model '${id}' does not exist.`;
  return { status: 404, message, type: "invalid_request_error", code: "model_not_found", param: "model" };
}

function toModel({ id }: SimulatedModel): Record<string, unknown> {
  return {
    id,
    object: "model",
    created: MADE,
    owned_by: "llmaas-simulator",
    root: id,
    aliases: [],
    max_model_len: 32_768,
    permission: [],
  };
}

/** The models as the messages API lists them. */
function pageOf(models: readonly SimulatedModel[]): Record<string, unknown> {
  const created_at = new Date(MADE * 1000).toISOString();
  const data = models.map(({ id }) => ({ type: "model", id, display_name: id, created_at }));
  return { data, has_more: false, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null };
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
