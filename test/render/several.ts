import { createCostOf } from "../../src/metrics/tokens.ts";
import type { StreamRecord } from "../../src/metrics/record.ts";
import { createRecorder } from "../../src/metrics/recorder.ts";
import type { Prices } from "../../src/config/kinds.ts";
import type { RunWatcher } from "../../src/metrics/watched.ts";
import type { Job, RunEvent } from "../../src/run/event.ts";
import type { Failure, StreamEvent, Usage, Verdict } from "../../src/stream/event.ts";

/** Ms since the epoch at which the runs of these tests begin. */
export const ORIGIN = Date.UTC(2026, 10, 22, 10);

/** What happens to one stream, in ms and tokens; what is not said does not happen. */
export type Story = {
  model?: string;
  /** After the beginning of the run. */
  start?: number;
  /** Requests that fail, each after so many ms, and the wait that follows. */
  retries?: readonly { after: number; wait: number }[];
  /** Of the last attempt, until its first token. */
  ttft?: number;
  thought?: number;
  tokens?: number;
  perSecond?: number;
  /** Tokens after which it pauses, and for how long. */
  pauses?: Readonly<Record<number, number>>;
  /** From the last token to the end. */
  tail?: number;
  verdict?: Verdict;
  /** `null`: the server does not count. */
  usage?: Partial<Usage> | null;
};

const FAILURES: Partial<Record<Verdict, Failure>> = {
  empty: { kind: "empty", finishReason: "stop", byLength: false, reasoningTokens: null, message: "" },
  filtered: { kind: "filtered", reason: "content_filter", message: "" },
  truncated: { kind: "truncated", how: "reset", code: "ECONNRESET", message: "" },
  failed: { kind: "server_error", code: null, message: "overloaded" },
  timeout: { kind: "timeout", phase: "idle", after: 60_000, message: "" },
  cancelled: { kind: "cancelled", reason: "signal", message: "" },
};

const BUSY: Failure = { kind: "http", status: 503, code: null, message: "", html: false, refusedWait: null };

/** The events of a story, as the worker would stamp them. */
export function eventsOf(story: Story): StreamEvent[] {
  const { start = 0, retries = [], ttft = 200, thought = 0, tokens = 50, perSecond = 50, pauses = {} } = story;
  const events: StreamEvent[] = [];
  let at = ORIGIN + start;
  let attempt = 1;
  const sent = (): void => void events.push({ type: "sent", at, attempt, request: null });
  sent();
  for (const { after, wait } of retries) {
    events.push({ type: "retrying", at: at + after, attempt: ++attempt, failure: BUSY, delay: wait });
    at += after + wait;
    sent();
  }
  at += ttft;
  for (let token = 0; token < thought + tokens; token++) {
    if (token > 0) at += 1000 / perSecond + (pauses[token] ?? 0);
    const words = token < thought ? { text: "", reasoning: "hm " } : { text: "word ", reasoning: "" };
    events.push({ type: "delta", at, ...words, refusal: "", tools: [], events: 1, backpressure: 0, idle: 0 });
  }
  events.push(endOf(story, at + (story.tail ?? 1), thought + tokens));
  return events;
}

function endOf({ verdict = "complete", thought = 0, usage }: Story, at: number, tokens: number): StreamEvent {
  const counted = {
    prompt_tokens: 12,
    completion_tokens: tokens,
    total_tokens: 12 + tokens,
    reasoning_tokens: null,
    cached_prompt_tokens: null,
  };
  return {
    type: "ended",
    at,
    verdict,
    finishReason: verdict === "complete" ? "stop" : verdict === "length" ? "length" : null,
    usage: usage === null ? null : { ...counted, ...(thought > 0 ? { reasoning_tokens: thought } : {}), ...usage },
    server: null,
    response: null,
    failure: FAILURES[verdict] ?? null,
    backpressure: 0,
    tail: "",
  };
}

export type Options = {
  stall?: number;
  prices?: Prices | null;
  watchers?: readonly RunWatcher[];
  /** Number of the first stream. */
  first?: number;
};

/** Runs the stories at once through a real recorder and these watchers, in the order of their instants; gives the records. */
export function play(stories: readonly Story[], options: Options = {}): StreamRecord[] {
  const { stall = 1000, prices = null, watchers = [], first = 0 } = options;
  const records: StreamRecord[] = [];
  const costOf = createCostOf(prices);
  const record = createRecorder({ stall, keepText: 0, say: ({ kind }) => kind, costOf }, (event) => {
    if (event.type === "record") records.push(event.record);
    for (const watcher of watchers) void watcher.on(event);
  });
  const tell = (event: RunEvent): void => void record(event);
  const all = stories.flatMap((story, at) => eventsOf(story).map((event) => ({ stream: first + at, event })));
  const known = new Set<number>();
  for (const { stream, event } of all.toSorted((a, b) => a.event.at - b.event.at)) {
    if (!known.has(stream))
      tell({ type: "started", job: jobOf(stream, stories[stream - first]?.model), due: event.at, warmup: false });
    known.add(stream);
    tell({ type: "stream", stream, event });
  }
  tell({ type: "finished" });
  return records;
}

function jobOf(stream: number, model = "granite3.3:2b"): Job {
  return {
    stream,
    promptIndex: stream,
    repeat: 0,
    prompt: "Why is the sky blue?",
    endpoint: "https://host.example/v1",
    demo: false,
    request: {
      endpoint: "https://host.example/v1",
      api: "chat",
      key: null,
      headers: {},
      body: { model, messages: [{ role: "user", content: "Why is the sky blue?" }], stream: true },
      timers: { open: 0, firstToken: 0, idle: 0, total: 0 },
      retries: 2,
      maxWait: 60_000,
      trustDone: false,
      secrets: [],
      observe: false,
    },
  };
}
