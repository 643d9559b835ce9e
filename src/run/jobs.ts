import type { Settings } from "../config/settings.ts";
import type { ChatBody, Json } from "../stream/event.ts";
import type { Job } from "./event.ts";
import type { Prompt } from "./prompts.ts";

export type JobOptions = {
  prompts: Iterable<Prompt> | AsyncIterable<Prompt>;
  /** Each prompt goes to each of them; a prompt that names its own goes to that one alone. */
  models: readonly string[];
  repeat: number;
  settings: Settings;
  /** Further parameters of the request, of the command line. */
  params: Record<string, Json>;
  /** Images as data URLs, sent with every prompt. */
  images: readonly string[];
  headers: Record<string, string>;
  key: string | null;
  /** A proxy that the runtime does not find by itself. */
  proxy?: string | undefined;
  secrets: readonly string[];
  /** The endpoint as it may be shown. */
  shownEndpoint: string;
  demo: boolean;
  observe: boolean;
  /** Put the answers together. */
  assemble?: boolean;
};

/** Prompts × repeats × models, each job made when it is asked for. */
export async function* createJobs(options: JobOptions): AsyncGenerator<Job> {
  let stream = 0;
  let promptIndex = 0;
  for await (const prompt of options.prompts) {
    const { index, pass } = prompt.again ?? { index: promptIndex, pass: 0 };
    for (let repeat = pass; repeat < pass + options.repeat; repeat++) {
      for (const model of prompt.model === null ? options.models : [prompt.model]) {
        yield createJob(options, prompt, model, { stream, promptIndex: index, repeat });
        stream++;
      }
    }
    promptIndex++;
  }
}

/** The job of one prompt for one model. */
export function createJob(
  options: JobOptions,
  prompt: Prompt,
  model: string,
  numbers: Pick<Job, "stream" | "promptIndex" | "repeat">,
): Job {
  const { settings, headers, key, proxy, secrets, shownEndpoint, demo, observe, assemble = false } = options;
  return {
    ...numbers,
    prompt: prompt.text,
    endpoint: shownEndpoint,
    demo,
    request: {
      endpoint: settings.endpoint,
      api: settings.api,
      key,
      headers,
      body: createBody(prompt, model, options),
      timers: {
        open: settings.timeoutOpen,
        firstToken: settings.timeoutFirstToken,
        idle: settings.timeoutIdle,
        total: settings.timeoutTotal,
      },
      retries: settings.retries,
      maxWait: settings.maxWait,
      trustDone: settings.trustDone,
      proxy,
      secrets,
      observe,
      assemble,
    },
  };
}

/** What all prompts are asked with. */
type Asking = Pick<JobOptions, "settings" | "params" | "images">;

/** The request in the form of chat completions: streaming is switched on by `stream: true`. */
export function createBody(prompt: Prompt, model: string, { settings, params, images }: Asking): ChatBody {
  const { maxTokens, temperature, topP } = settings;
  const ours = { max_tokens: maxTokens, temperature, top_p: topP, stream_options: { include_usage: true } };
  return {
    ...parametersOf([ours, settings.params, params, prompt.params]),
    // Last, so that no further parameter can change what is measured.
    model,
    messages: messagesOf(prompt, settings.system, images),
    stream: true,
  };
}

/** The longest answer under all its names: servers refuse a request that has two. */
const LIMITS = ["max_tokens", "max_completion_tokens", "max_output_tokens"] as const;

/** How long an answer may be by its parameters, in tokens; `null` where they do not say. */
export function lengthIn(params: Readonly<Record<string, unknown>>): number | null {
  for (const name of LIMITS) {
    const limit = params[name];
    if (typeof limit === "number") return limit;
  }
  return null;
}

/** Whether parameters say how long an answer may be. */
export function isLimited(params: Readonly<Record<string, unknown>>): boolean {
  return LIMITS.some((name) => name in params);
}

/** The parameters of a request, from the most general to those of one prompt; `null` leaves one out. */
export function parametersOf(layers: readonly Readonly<Record<string, unknown>>[]): Record<string, unknown> {
  const merged = new Map<string, unknown>();
  for (const layer of layers) {
    for (const [name, value] of Object.entries(layer)) {
      if (value !== null && LIMITS.some((limit) => limit === name))
        for (const other of LIMITS) if (!Object.hasOwn(layer, other)) merged.delete(other);
      if (value === null) merged.delete(name);
      else merged.set(name, value);
    }
  }
  return Object.fromEntries(merged);
}

function messagesOf(prompt: Prompt, system: string | null, images: readonly string[]): ChatBody["messages"] {
  const before: ChatBody["messages"] = system === null ? [] : [{ role: "system", content: system }];
  if (prompt.messages !== null) return [...before, ...prompt.messages];
  if (images.length === 0) return [...before, { role: "user", content: prompt.text }];
  const parts = images.map((url) => ({ type: "image_url" as const, image_url: { url } }));
  return [...before, { role: "user", content: [{ type: "text", text: prompt.text }, ...parts] }];
}
