import type { Settings } from "../config/settings.ts";
import type { ChatBody, Json } from "../stream/event.ts";
import type { Job } from "./event.ts";

export type JobOptions = {
  prompts: Iterable<string>;
  settings: Settings;
  /** Further parameters of the request, of the command line. */
  params: Record<string, Json>;
  headers: Record<string, string>;
  secrets: readonly string[];
  /** The endpoint as it may be shown. */
  shownEndpoint: string;
  demo: boolean;
  observe: boolean;
};

/** One job a prompt, made when it is asked for. */
export function* createJobs(options: JobOptions): Generator<Job> {
  const { settings, headers, secrets, shownEndpoint, demo, observe } = options;
  let stream = 0;
  for (const prompt of options.prompts) {
    yield {
      stream,
      promptIndex: stream,
      repeat: 0,
      prompt,
      endpoint: shownEndpoint,
      demo,
      request: {
        endpoint: settings.endpoint,
        headers,
        body: createBody(prompt, settings, options.params),
        timers: {
          open: settings.timeoutOpen,
          firstToken: settings.timeoutFirstToken,
          idle: settings.timeoutIdle,
          total: settings.timeoutTotal,
        },
        retries: settings.retries,
        maxWait: settings.maxWait,
        secrets,
        observe,
      },
    };
    stream++;
  }
}

/** The request as the API wants it: streaming is switched on by `stream: true`. */
function createBody(prompt: string, settings: Settings, params: Record<string, Json>): ChatBody {
  const messages: ChatBody["messages"] = [{ role: "user", content: prompt }];
  if (settings.system !== null) messages.unshift({ role: "system", content: settings.system });
  return {
    model: settings.model,
    messages,
    stream: true,
    stream_options: { include_usage: true },
    max_tokens: settings.maxTokens,
    temperature: settings.temperature,
    ...(settings.topP === null ? {} : { top_p: settings.topP }),
    ...settings.params,
    ...params,
  };
}
