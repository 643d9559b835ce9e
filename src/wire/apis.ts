import type { Api } from "./api.ts";
import type { Assembler } from "./assembler.ts";
import { unsaidInChat, type ChatBody, type Unsaid } from "./request.ts";

/** Every API there is, in the order in which they are named. */
export const API_KINDS = ["chat", "responses", "messages", "completions"] as const;

export type ApiKind = (typeof API_KINDS)[number];

/** The APIs, each with its path behind the base URL. Each is loaded where it is spoken, and there alone. */
const APIS: Readonly<
  Record<ApiKind, { path: string; load: () => Promise<Api>; loadAssembler: () => Promise<CreateAssembler> }>
> = {
  chat: {
    path: "/chat/completions",
    load: async () => (await import("./chat.ts")).chat,
    loadAssembler: () => loadChoicesAssembler("chat.completion"),
  },
  responses: {
    path: "/responses",
    load: async () => (await import("./responses.ts")).responses,
    loadAssembler: async () => (await import("./assemble-responses.ts")).createResponsesAssembler,
  },
  messages: {
    path: "/messages",
    load: async () => (await import("./messages.ts")).messages,
    loadAssembler: async () => (await import("./assemble-messages.ts")).createMessagesAssembler,
  },
  completions: {
    path: "/completions",
    load: async () => (await import("./completions.ts")).completions,
    loadAssembler: () => loadChoicesAssembler("text_completion"),
  },
};

async function loadChoicesAssembler(object: "chat.completion" | "text_completion"): Promise<CreateAssembler> {
  const { createChoicesAssembler } = await import("./assemble-choices.ts");
  return (several) => createChoicesAssembler(object, several);
}

/** The path of an API behind the base URL, such as `/chat/completions`. */
export function pathOf(kind: ApiKind): string {
  return APIS[kind].path;
}

/** The API whose path ends an address, and the address without it. */
export function splitPath(address: string): { base: string; kind: ApiKind | null } {
  const path = address.replace(/\/+$/, "");
  // "chat/completions" ends in "completions" too: the first is asked first.
  const kind = API_KINDS.find((kind) => path.endsWith(APIS[kind].path)) ?? null;
  const base = kind === null ? path : path.slice(0, -APIS[kind].path.length);
  return { base: base.replace(/\/+$/, ""), kind };
}

const loaded = new Map<ApiKind, Api>();

/** What speaks an API; at once where it was loaded before. */
export function loadApi(kind: ApiKind): Api | Promise<Api> {
  return (
    loaded.get(kind) ??
    APIS[kind].load().then((api: Api) => {
      loaded.set(kind, api);
      return api;
    })
  );
}

/** Makes what puts one answer together; `several`: more than one choice was asked for. */
export type CreateAssembler = (several: boolean) => Assembler;

const assemblers = new Map<ApiKind, CreateAssembler>();

/** What puts answers of an API together; at once where it was loaded before. */
export function loadAssembler(kind: ApiKind): CreateAssembler | Promise<CreateAssembler> {
  return (
    assemblers.get(kind) ??
    APIS[kind].loadAssembler().then((create) => {
      assemblers.set(kind, create);
      return create;
    })
  );
}

/** Says of requests what of them an API cannot say. Nothing is loaded for the API in whose form they are. */
export async function createUnsaid(kind: ApiKind): Promise<(request: ChatBody) => Unsaid | null> {
  if (kind === "chat") return unsaidInChat;
  const api = await loadApi(kind);
  return (request) => api.body(request).unsaid;
}
