export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

type ContentPart =
  | { type: "text"; text: string }
  | { type: "image_url"; image_url: { url: string } }
  /** A prompt that was cut into tokens already. */
  | { type: "token_ids"; token_ids: number[] };

type ChatMessage = { role: string; content: string | ContentPart[] };

/** A request in the form of chat completions, from which every other is made; further parameters are passed on. */
export type ChatBody = {
  model: string;
  messages: ChatMessage[];
  stream: boolean;
  [parameter: string]: Json | ChatMessage[];
};

/** A request as an API wants it. */
export type ApiBody = Record<string, unknown>;

/** What of a request an API has no word for. */
export type Unsaid = {
  what: "image" | "parameter" | "part" | "role" | "conversation" | "system" | "token_ids" | "limit";
  /** Of the parameter, the part, or the role. */
  name: string;
};

/** The prompt as token ids, where it is given so. */
export function tokenIdsIn({ messages }: ChatBody): number[] | null {
  for (const { content } of messages) {
    const part = Array.isArray(content) ? content.find(({ type }) => type === "token_ids") : undefined;
    if (part?.type === "token_ids") return part.token_ids;
  }
  return null;
}

/** The one thing that another API has and chat completions have not. */
export function unsaidInChat(request: ChatBody): Unsaid | null {
  return tokenIdsIn(request) === null ? null : { what: "token_ids", name: "" };
}
