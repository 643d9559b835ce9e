import { HOSTILE, HOSTILE_NAME } from "../../src/simulator/hostile.ts";
import type { Job, RunEvent } from "../../src/run/event.ts";
import type { SentRequest, StreamEvent, Usage, Verdict } from "../../src/stream/event.ts";
import { FAILURES, NOTICES } from "../i18n/samples.ts";

/** What a Watcher is told in these cases; a new kind of event does not compile until it has a sample. */

export type EventOf<T extends StreamEvent["type"]> = Extract<StreamEvent, { type: T }>;

/** When every sample begins; later events are given their own instant. */
const START = 1_793_000_000_000;

const USAGE: Usage = {
  prompt_tokens: 3,
  completion_tokens: 7,
  total_tokens: 10,
  reasoning_tokens: null,
  cached_prompt_tokens: null,
};
const failures = Object.values(FAILURES).flat();
const call = { index: 0, id: "c0", name: "weather", arguments: '{"city":', custom: false };

export const delta = (text: string, more: Partial<EventOf<"delta">> = {}): EventOf<"delta"> => {
  return {
    type: "delta",
    at: START,
    text,
    reasoning: "",
    refusal: "",
    tools: [],
    events: 1,
    backpressure: 0,
    idle: 0,
    ...more,
  };
};

const requested = (body: SentRequest["body"]): SentRequest => ({ path: "/chat/completions", headers: {}, body });
export const sent = (attempt = 1): EventOf<"sent"> => ({ type: "sent", at: START, attempt, request: null });

export const opened = (status = 200): EventOf<"opened"> => {
  return { type: "opened", at: START, status, headers: { "content-type": "text/event-stream" } };
};

export const ended = (verdict: Verdict = "complete", more: Partial<EventOf<"ended">> = {}): EventOf<"ended"> => {
  const none = { finishReason: null, usage: null, server: null, response: null, failure: null };
  return { type: "ended", at: START, verdict, ...none, backpressure: 0, tail: "", ...more };
};

/** Samples of every kind. */
export const SAMPLES: { [T in StreamEvent["type"]]: readonly EventOf<T>[] } = {
  sent: [
    sent(),
    { ...sent(2), request: requested({ model: "m", messages: [{ role: "user", content: "Hi" }], stream: true }) },
  ],
  opened: [opened(), opened(500), { ...opened(), headers: {} }],
  delta: [
    delta("a"),
    delta("two\nlines\n"),
    delta(""),
    delta("", { reasoning: "hm" }),
    delta("", { refusal: "no" }),
    delta("", { tools: [call, { ...call, id: null, name: null, arguments: "1}" }] }),
    delta("late", { backpressure: 12.5, events: 3 }),
  ],
  skipped: [
    { type: "skipped", at: START, data: "{oops", why: "JSON Parse error: Expected '}' at position 3" },
    { type: "skipped", at: START, data: "", why: "" },
  ],
  notice: Object.entries(NOTICES).flatMap(([code, details]) =>
    details.map((detail) => ({ type: "notice", at: START, code, detail }) as EventOf<"notice">),
  ),
  line: [
    { type: "line", at: START, line: "data: {}", offset: 0, parsed: "{}" },
    { type: "line", at: START, line: ": comment", offset: 10, parsed: null },
    { type: "line", at: START, line: "", offset: 20, parsed: "" },
  ],
  retrying: failures.map((failure) => ({ type: "retrying", at: START, attempt: 2, failure, delay: 500 })),
  ended: [
    ended("complete", { finishReason: "stop", usage: USAGE, response: { id: "i", model: "m", backend: null } }),
    ended("length", { finishReason: "length" }),
    ...(["empty", "filtered", "truncated", "failed", "timeout", "cancelled"] as const).flatMap((verdict) =>
      failures.map((failure) => ended(verdict, { failure, tail: "last bytes" })),
    ),
  ],
};

/** The job of a stream. */
export function jobOf(stream: number, { model = "m", prompt = "Why?" } = {}): Job {
  return {
    stream,
    promptIndex: stream,
    repeat: 0,
    prompt,
    endpoint: "https://host.example/v1",
    demo: false,
    request: {
      endpoint: "https://host.example/v1",
      api: "chat",
      key: null,
      headers: { "content-type": "application/json" },
      body: { model, messages: [{ role: "user", content: prompt }], stream: true },
      timers: { open: 0, firstToken: 0, idle: 0, total: 0 },
      retries: 0,
      maxWait: 0,
      trustDone: false,
      secrets: [],
      observe: false,
    },
  };
}

/** A stream as the run tells it: "started", then these events a millisecond apart. */
export function told(stream: number, events: readonly StreamEvent[], job = jobOf(stream)): RunEvent[] {
  const stamped = events.map((event, i): RunEvent => ({ type: "stream", stream, event: { ...event, at: START + i } }));
  return [{ type: "started", job, due: START, warmup: false }, ...stamped];
}

/** A stream that says this, one delta a part. */
export function speaking(stream: number, parts: readonly string[]): RunEvent[] {
  return told(stream, [sent(), opened(), ...parts.map((part) => delta(part)), ended("complete", { usage: USAGE })]);
}

/** Everything at once: a retry, a notice, thoughts, tools, a refusal, words, and an end that is none. */
export function eventful(stream = 0): RunEvent[] {
  const [failure = null] = FAILURES.truncated;
  const [retrying, skipped] = [SAMPLES.retrying[0], SAMPLES.skipped[0]];
  if (retrying === undefined || skipped === undefined) throw new Error("a sample is missing");
  return told(stream, [
    sent(),
    retrying,
    sent(2),
    opened(),
    { type: "notice", at: START, code: "content_type", detail: "text/plain" },
    delta("", { reasoning: "Let me think. " }),
    delta("", { tools: [call] }),
    skipped,
    delta("words", { reasoning: "still thinking", refusal: "not that" }),
    { type: "line", at: START, line: "data: x", offset: 3, parsed: null },
    delta(" and more"),
    ended("truncated", { failure, tail: "last bytes" }),
  ]);
}

/** A stream whose every text from outside wants to take the terminal over. */
export function hostile(stream = 0): RunEvent[] {
  const all = HOSTILE.join("");
  const failure = { kind: "server_error", code: HOSTILE_NAME, message: all } as const;
  const tools = [{ index: 0, id: HOSTILE_NAME, name: HOSTILE_NAME, arguments: all, custom: false }];
  const events: StreamEvent[] = [
    { ...sent(), request: requested({ model: HOSTILE_NAME, messages: [{ role: "user", content: all }] }) },
    { ...opened(500), headers: { "x-evil": all } },
    { type: "retrying", at: START, attempt: 2, failure, delay: 1 },
    sent(2),
    { ...opened(), headers: { "x-evil": all } },
    { type: "notice", at: START, code: "content_type", detail: all },
    { type: "skipped", at: START, data: all, why: `${all} at position 3` },
    { type: "line", at: START, line: all, offset: 0, parsed: all },
    ...HOSTILE.map((text) => delta(text, { reasoning: text, refusal: text })),
    delta("\r", { tools }),
    delta("\n"),
    ended("failed", {
      finishReason: HOSTILE_NAME,
      failure,
      response: { id: all, model: HOSTILE_NAME, backend: all },
      tail: all,
    }),
  ];
  return told(stream, events, jobOf(stream, { model: HOSTILE_NAME, prompt: all }));
}

/** The answer of `hostile`. */
export const HOSTILE_ANSWER = `${HOSTILE.join("")}\r\n`;

/** What a terminal would obey or hide. */
export const OBEYED = /[\0-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069\u{E0000}-\u{E007F}]/gu;
