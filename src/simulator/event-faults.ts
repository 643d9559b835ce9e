import { HOSTILE, HOSTILE_NAME } from "./hostile.ts";
import { HANG, type Stage, type StreamFault, type Twist } from "./script.ts";
import { listSegment, speak, textSegment } from "./speech.ts";
import { endOfBody, endWith, finishAndUsage, ordinaryClosing } from "./stream-script.ts";

const MIXED_ENDS = ["\n\n", "\r\n\r\n", "\r\r", "\r\n\n", "\n\r"];

function lines(end: string): Twist {
  return { frame: (data) => `data: ${data}${end}${end}` };
}

/** Puts one event with this data before token event `at`; the stream goes on. */
function insert(data: (stage: Stage) => string): Twist {
  return {
    *interrupt(stage) {
      yield* stage.send(stage.event(data(stage)));
      return null;
    },
  };
}

/** Ends the body, cleanly, after this text before token event `at`. */
function fail(text: (stage: Stage) => string): Twist {
  return {
    *interrupt(stage) {
      yield* stage.send(text(stage));
      return yield* endOfBody(stage);
    },
  };
}

function finishWith(reason: (stage: Stage) => string): Twist {
  return { closing: (stage) => [...finishAndUsage(stage, reason(stage)), stage.event("[DONE]")] };
}

function crash(stage: Stage): Record<string, string> {
  return { message: stage.plan.message ?? "The model crashed.", type: "server_error", code: "internal_error" };
}

function toolCall(fields: Record<string, unknown>): string {
  return JSON.stringify({ tool_calls: [{ index: 0, ...fields }] });
}

const ARGUMENTS = ['{"ci', 'ty":"', "Par", 'is","', 'days":', "3}"];

/** Streams whose events are spelt in another way, or say something unusual. */
export const EVENT_FAULTS = {
  crlf: { description: "lines end with CR LF", twist: lines("\r\n") },
  cr: { description: "lines end with CR", twist: lines("\r") },
  "mixed-newlines": {
    description: "lines end with LF, CR LF and CR in turn",
    twist: { frame: (data, ordinal) => `data: ${data}${MIXED_ENDS[ordinal % MIXED_ENDS.length] ?? ""}` },
  },
  bom: { description: "the stream begins with a byte order mark", twist: { lead: "\ufeff" } },
  "no-space": { description: "no space after data:", twist: { frame: (data) => `data:${data}\n\n` } },
  "multi-data-lines": {
    description: "each event is spread over three data: lines",
    twist: {
      frame: (data) =>
        data.startsWith("{") ? `data: {\ndata: ${data.slice(1, -1)}\ndata: }\n\n` : `data: ${data}\n\n`,
    },
  },
  "event-id-retry-lines": {
    description: "each event has event:, id: and retry: lines",
    twist: { frame: (data, ordinal) => `event: message\nid: ${ordinal}\nretry: 3000\ndata: ${data}\n\n` },
  },
  comments: {
    description: "comments between and inside events",
    twist: { frame: (data, ordinal) => `: keep-alive ${ordinal}\n\n:\n: inside\ndata: ${data}\n: inside\n\n` },
  },
  "unterminated-last-event": {
    description: "the finish chunk is the last event, has no blank line after it, and the body ends",
    twist: {
      closing: ({ chunks, finishReason }) => [`data: ${chunks.finish(finishReason)}`],
    },
  },
  "ping-events": {
    description: "an event: ping without data before each token",
    twist: { before: () => "event: ping\n\n" },
  },
  "empty-data": {
    description: "an event with empty data before each token",
    twist: { before: () => "data:\n\ndata: \n\n" },
  },
  malformed: {
    description: "one event of broken JSON before token `at`",
    twist: insert(({ chunks }) => chunks.delta('{"content":"lost"}').slice(0, -9)),
  },
  "all-malformed": {
    description: "every event is broken JSON",
    twist: {
      frame: (data) => `data: ${data.slice(0, -9)}\n\n`,
      closing: (stage) => finishAndUsage(stage, stage.finishReason),
    },
  },
  "no-choices": {
    description: "a chunk without choices before token `at`",
    twist: insert(({ chunks }) => chunks.bare()),
  },
  "empty-choices": {
    description: "a chunk with an empty list of choices before token `at`",
    twist: insert(({ chunks }) => chunks.choices("[]")),
  },
  "no-delta": {
    description: "a chunk without delta before token `at`",
    twist: insert(({ chunks }) => chunks.choices('[{"finish_reason":null,"index":0}]')),
  },
  "empty-delta": {
    description: "a chunk with an empty delta before token `at`",
    twist: insert(({ chunks }) => chunks.delta("{}")),
  },
  "null-content": {
    description: "a chunk whose content is null before token `at`",
    twist: insert(({ chunks }) => chunks.delta('{"content":null}')),
  },
  "role-only": {
    description: "a chunk with nothing but the role before token `at`",
    twist: insert(({ chunks }) => chunks.delta('{"role":"assistant"}')),
  },
  "usage-every-chunk": { description: "usage so far on every chunk", twist: { usage: "every" } },
  "usage-null": { description: "usage null on every chunk, told in a last one", twist: { usage: "null" } },
  "usage-after-finish": { description: "usage in its own chunk, asked or not", twist: { usage: "always" } },
  "usage-on-finish": { description: "usage on the finish chunk", twist: { usage: "on-finish" } },
  "no-usage": { description: "no usage, even when asked", twist: { usage: "never" } },
  "several-choices": {
    description: "choice 1 beside choice 0 in every chunk, finished for itself before token `at`",
    twist: {
      chunk: (chunks, delta) =>
        chunks.choices(
          `[{"delta":{"content":"other "},"finish_reason":null,"index":1},{"delta":${delta},"finish_reason":null,"index":0}]`,
        ),
      ...insert(({ chunks }) => chunks.choices('[{"delta":{},"finish_reason":"length","index":1}]')),
    },
  },
  "error-object": {
    description: "an error object before token `at`, then the end",
    twist: fail((stage) => stage.event(JSON.stringify({ error: crash(stage) }))),
  },
  "error-event": {
    description: "an event named error before token `at`, then the end",
    twist: fail((stage) => `event: error\n${stage.event(JSON.stringify(crash(stage)))}`),
  },
  "hostile-text": {
    description: "escape sequences, bidi and tag characters in text, reasoning, model and tool name",
    twist: {
      model: HOSTILE_NAME,
      speech: (plan) =>
        speak(plan, [
          { ...listSegment(HOSTILE.map((text) => JSON.stringify({ reasoning_content: text }))), thought: true },
          listSegment(HOSTILE.map((text) => JSON.stringify({ content: text }))),
          listSegment([
            toolCall({ id: "call_1", type: "function", function: { name: HOSTILE_NAME, arguments: "{}" } }),
          ]),
        ]),
    },
  },
  refusal: {
    description: "the answer comes as delta.refusal",
    twist: { speech: (plan) => speak(plan, [textSegment(plan.answer, plan.tokensPerEvent, "refusal")]) },
  },
  "empty-answer": { description: "a finish without any token", twist: { speech: (plan) => speak(plan, []) } },
  "tool-calls": {
    description: "a call of the request's first tool, in fragments, instead of text",
    twist: {
      speech: (plan) =>
        speak(
          plan,
          [
            listSegment([
              toolCall({ id: "call_1", type: "function", function: { name: plan.tool, arguments: "" } }),
              ...ARGUMENTS.map((part) => toolCall({ function: { arguments: part } })),
            ]),
          ],
          "tool_calls",
        ),
    },
  },
  "no-finish-reason": {
    description: "[DONE] without any finish_reason",
    twist: { closing: (stage) => [stage.event("[DONE]")] },
  },
  "unknown-finish-reason": { description: "finish_reason unheard_of", twist: finishWith(() => "unheard_of") },
  finish: {
    description: "the finish_reason given as `finish_reason` (content_filter)",
    twist: finishWith(({ plan }) => plan.finish_reason ?? "content_filter"),
  },
  "no-done": {
    description: "finish_reason, then silence on an open connection",
    twist: {
      closing: (stage) => finishAndUsage(stage, stage.finishReason).slice(0, 1),
      after: () => endWith(HANG),
    },
  },
  "after-done": {
    description: "goes on after [DONE] until the client leaves",
    twist: {
      closing: ordinaryClosing,
      *after(stage) {
        const gap = 1000 / (stage.plan.rate || 100);
        for (;;) {
          stage.wait(gap);
          yield* stage.send(stage.event(stage.chunks.delta('{"content":"more "}')));
        }
      },
    },
  },
} satisfies Record<string, StreamFault>;
