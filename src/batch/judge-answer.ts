import { tokensOf, type CostOf } from "../metrics/tokens.ts";
import { createAnswer } from "../stream/answer.ts";
import type { Failure, Verdict } from "../stream/event.ts";
import { judge } from "../stream/judge.ts";
import { createMask, type Mask } from "../stream/mask.ts";
import type { Api } from "../wire/api.ts";
import { loadApi, type ApiKind } from "../wire/apis.ts";
import { isFields } from "../wire/fields.ts";

/** How a request ended that a provider answered in one piece, and what of its figures is known. */
export type FileAnswer = { verdict: Verdict; failure: Failure | null; figures: Record<string, unknown> };

type Judging = {
  api: Api;
  kind: string;
  mask: Mask;
  trustDone: boolean;
  /** The one that was asked; "" where nobody knows. */
  model: string;
  /** At the prices of answers that are not waited for. */
  costOf: CostOf;
  currency: string | null;
};

/** Judges an answer from a file as any other: what is none is not taken for one. There are no times to be told. */
export function judgeAnswer(
  body: unknown,
  { api, kind, mask, trustDone, model, costOf, currency }: Judging,
): FileAnswer {
  const answer = createAnswer({ api, mask, observe: false, several: false });
  answer.open({ status: 200, headers: new Headers({ "content-type": "application/json" }) });
  answer.push(Buffer.from(JSON.stringify(body ?? null)), 0);
  const { failure: none } = answer.end(0);
  const facts = answer.facts();
  const { verdict, failure } = judge(facts, none, { trustDone });
  const { usage } = answer.usage();
  const tokens = tokensOf(usage, { tokenEvents: facts.tokens, reasoned: true });
  const said = answer.response();
  const cost = costOf(model === "" ? (said?.model ?? "") : model, tokens);
  return {
    verdict,
    failure,
    figures: {
      api: kind,
      model: model === "" ? (said?.model ?? undefined) : model,
      response_model: said?.model ?? null,
      response_id: said?.id ?? null,
      finish_reason: facts.finishReason,
      tokens: tokens.tokens,
      tokens_source: tokens.tokens_source,
      prompt_tokens: tokens.prompt_tokens,
      cached_prompt_tokens: tokens.cached_prompt_tokens,
      reasoning_tokens: tokens.reasoning_tokens,
      cost: cost === null ? null : cost * BATCH_PRICE,
      currency: cost === null ? null : currency,
    },
  };
}

/** Judges an answer of which nothing is known but its body. */
export async function judgeBody(body: unknown): Promise<FileAnswer> {
  const kind = apiOfBody(body);
  const none = { mask: createMask([]), trustDone: false, model: "", costOf: () => null, currency: null };
  return judgeAnswer(body, { ...none, api: await loadApi(kind), kind });
}

/** Each API has a name for its answers. */
const NAMES: Readonly<Record<string, ApiKind>> = {
  response: "responses",
  message: "messages",
  text_completion: "completions",
};

function apiOfBody(body: unknown): ApiKind {
  const { object, type } = isFields(body) ? body : {};
  return NAMES[String(object ?? type)] ?? "chat";
}

/** What an answer costs that may take a day, of the price of one that is streamed. */
const BATCH_PRICE = 0.5;
