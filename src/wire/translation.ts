/** What the requests of the other APIs are made of: a request in the form of chat completions, taken apart. */

import { isFields, stringOrNull, toText, type Fields } from "./fields.ts";
import type { ApiBody, ChatBody, Unsaid } from "./request.ts";

/** Thrown while a request is translated: the other API has no word for a part of it. */
class UnsaidError extends Error {
  readonly unsaid: Unsaid;

  constructor(unsaid: Unsaid) {
    super(unsaid.what);
    this.unsaid = unsaid;
  }
}

/** Gives up: the API has no word for this. */
export function unsaid(what: Unsaid["what"], name = ""): never {
  throw new UnsaidError({ what, name });
}

/** What `translate` makes of a request, or what it gave up for. */
export function translated(
  request: ChatBody,
  translate: (request: ChatBody) => ApiBody,
): { body: ApiBody; unsaid: null } | { body: null; unsaid: Unsaid } {
  try {
    return { body: translate(request), unsaid: null };
  } catch (error) {
    if (error instanceof UnsaidError) return { body: null, unsaid: error.unsaid };
    throw error;
  }
}

/** What becomes of a parameter: another name, none (it is refused), nothing (it says nothing there), or what is written. */
export type Words = Readonly<Record<string, string | null | ((value: unknown, body: ApiBody) => void)>>;

/** Values of parameters that ask for nothing: an API that lacks the parameter does just that. */
const DEFAULTS: Readonly<Record<string, readonly unknown[]>> = {
  n: [1],
  logprobs: [false],
  presence_penalty: [0],
  frequency_penalty: [0],
  store: [false],
};

/** Parameters of chat completions alone. */
export const ONLY_IN_CHAT = {
  functions: null,
  function_call: null,
  modalities: null,
  audio: null,
  prediction: null,
  web_search_options: null,
} as const satisfies Words;

/** Parameters that chat completions and completions share, and no other has. */
export const ONLY_IN_COMPLETIONS = {
  n: null,
  seed: null,
  logprobs: null,
  logit_bias: null,
  presence_penalty: null,
  frequency_penalty: null,
} as const satisfies Words;

/** The parameters of a request in the words of another API; one that has no word of its own keeps its name. */
export function parametersIn(request: ChatBody, words: Words): ApiBody {
  const { model, messages: _messages, stream, ...params } = request;
  const body: ApiBody = { model };
  for (const [name, value] of Object.entries(params)) {
    const word = Object.hasOwn(words, name) ? words[name] : name;
    if (typeof word === "string") body[word] = value;
    else if (typeof word === "function") word(value, body);
    else if (!DEFAULTS[name]?.includes(value)) unsaid("parameter", name);
  }
  return { ...body, stream };
}

/** A part of a message as it stands in the request: nobody has looked into it yet. */
export type Part = Fields & { type: string };

/** The parts of a content; a text is one. */
export function partsOf(content: unknown): Part[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  if (!Array.isArray(content)) return [];
  return content.filter(isFields).map((part) => ({ ...part, type: stringOrNull(part["type"]) ?? "" }));
}

/** The words of a content that is nothing but text. */
export function textOf(content: unknown): string {
  return partsOf(content)
    .map((part) => (typeof part["text"] === "string" ? part["text"] : unsaid("part", part.type)))
    .join("\n");
}

/** A call of a tool in a conversation; `custom`: its arguments are free text. */
type PastCall = { id: string; name: string; arguments: string; custom: boolean };

/** The calls that a message of the assistant made. */
export function pastCalls(message: Fields): PastCall[] {
  const calls = message["tool_calls"];
  if (!Array.isArray(calls)) return [];
  return calls.filter(isFields).map((call) => {
    const custom = isFields(call["custom"]) ? call["custom"] : null;
    const called = custom ?? (isFields(call["function"]) ? call["function"] : {});
    const given = custom === null ? called["arguments"] : called["input"];
    return {
      id: stringOrNull(call["id"]) ?? "",
      name: stringOrNull(called["name"]) ?? "",
      arguments: given === undefined ? "" : toText(given),
      custom: custom !== null,
    };
  });
}

/** The system's words at the beginning of a conversation, and what follows them. */
export function withoutSystem(messages: readonly Fields[]): { system: string | null; rest: readonly Fields[] } {
  const first = messages.findIndex(({ role }) => role !== "system" && role !== "developer");
  const end = first < 0 ? messages.length : first;
  const said = messages.slice(0, end).map(({ content }) => textOf(content));
  return { system: said.length === 0 ? null : said.join("\n\n"), rest: messages.slice(end) };
}

/** Where an image stands: its type and its bytes, or elsewhere. */
export function imageIn(part: Part): { url: string; type: string; base64: string | null } {
  const { image_url: given } = part;
  const url = stringOrNull(isFields(given) ? given["url"] : given) ?? "";
  const [, type = "", base64 = null] = /^data:([^;,]+);base64,(.*)$/s.exec(url) ?? [];
  return { url, type, base64 };
}

/** The function that a tool of chat completions is; `null` for one that is written in the API's own way. */
export function functionIn(tool: unknown): Fields | null {
  return isFields(tool) && isFields(tool["function"]) ? tool["function"] : null;
}
