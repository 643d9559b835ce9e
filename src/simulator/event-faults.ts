import { HOSTILE, HOSTILE_NAME } from "./hostile.ts";
import { HANG, type Stage, type StreamFault, type Twist } from "./script.ts";
import { callSegment, listSegment, sliceTokens, speak, textSegment } from "./speech.ts";
import { endOfBody, endWith, ordinaryClosing } from "./stream-script.ts";
import { CRASH, type ApiEvent, type Crash, type Unusual } from "./writer.ts";

const MIXED_ENDS = ["\n\n", "\r\n\r\n", "\r\r", "\r\n\n", "\n\r"];
const DONE: ApiEvent = { name: "", data: "[DONE]" };
/** The APIs whose events have a list of choices. */
const OF_CHOICES = ["chat", "completions"] as const;
/** Those in which more than plain text can be said. */
const NOT_PLAIN = ["chat", "responses", "messages"] as const;

/** The line that names an event, where it has a name. */
function nameLine(name: string, end = "\n", space = " "): string {
  return name === "" ? "" : `event:${space}${name}${end}`;
}

function lines(end: string): Twist {
  return { frame: ({ name, data }) => `${nameLine(name, end)}data: ${data}${end}${end}` };
}

/** Puts one event before token event `at`; the stream goes on. */
function insert(what: Unusual): Twist {
  return {
    *interrupt(stage) {
      const event = stage.writer.unusual(what);
      if (event !== null) yield* stage.send(stage.event(event));
      return null;
    },
  };
}

function crashOf({ plan }: Stage): Crash {
  return { message: plan.message ?? CRASH, type: "server_error", code: "internal_error" };
}

/** Ends the body, cleanly, after this event before token event `at`. */
function fail(how: "failure" | "error"): Twist {
  return {
    *interrupt(stage) {
      yield* stage.send(stage.event(stage.writer[how](crashOf(stage))));
      return yield* endOfBody(stage);
    },
  };
}

/** What stands of an ordinary end, up to the finish reason. */
function upToReason(stage: Stage): string[] {
  const { part, reason } = stage.closing();
  return [...part, reason].map(stage.event);
}

const ARGUMENTS = ['{"ci', 'ty":"', "Par", 'is","', 'days":', "3}"];

/** Streams whose events are spelt in another way, or say something unusual. */
export const EVENT_FAULTS = {
  crlf: { description: "lines end with CR LF", twist: lines("\r\n") },
  cr: { description: "lines end with CR", twist: lines("\r") },
  "mixed-newlines": {
    description: "lines end with LF, CR LF and CR in turn",
    twist: {
      frame({ name, data }, ordinal) {
        const ends = MIXED_ENDS[ordinal % MIXED_ENDS.length] ?? "";
        return `${nameLine(name, /^\r?\n?/.exec(ends)?.[0])}data: ${data}${ends}`;
      },
    },
  },
  bom: { description: "the stream begins with a byte order mark", twist: { lead: "\ufeff" } },
  "no-space": {
    description: "no space after data:",
    twist: { frame: ({ name, data }) => `${nameLine(name, "\n", "")}data:${data}\n\n` },
  },
  "multi-data-lines": {
    description: "each event is spread over three data: lines",
    twist: {
      frame({ name, data }) {
        const spread = data.startsWith("{") ? `{\ndata: ${data.slice(1, -1)}\ndata: }` : data;
        return `${nameLine(name)}data: ${spread}\n\n`;
      },
    },
  },
  "event-id-retry-lines": {
    description: "each event has event:, id: and retry: lines",
    twist: {
      frame: ({ name, data }, ordinal) =>
        `${nameLine(name || "message")}id: ${ordinal}\nretry: 3000\ndata: ${data}\n\n`,
    },
  },
  comments: {
    description: "comments between and inside events",
    twist: {
      frame: ({ name, data }, ordinal) =>
        `: keep-alive ${ordinal}\n\n:\n${nameLine(name)}: inside\ndata: ${data}\n: inside\n\n`,
    },
  },
  "unterminated-last-event": {
    description: "the finish chunk is the last event, has no blank line after it, and the body ends",
    twist: { closing: (stage) => [upToReason(stage).join("").trimEnd()] },
  },
  "ping-events": {
    description: "an event: ping before each token",
    twist: { before: ({ writer }) => writer.ping },
  },
  "empty-data": {
    description: "an event with empty data before each token",
    twist: { before: () => "data:\n\ndata: \n\n" },
  },
  malformed: {
    description: "one event of broken JSON before token `at`",
    twist: {
      *interrupt({ writer, event, send }) {
        const { name, data } = writer.extra({ kind: "content", json: '"lost"' });
        yield* send(event({ name, data: data.slice(0, -9) }));
        return null;
      },
    },
  },
  "all-malformed": {
    description: "every event is broken JSON",
    twist: {
      frame: ({ name, data }) => `${nameLine(name)}data: ${data.slice(0, -9)}\n\n`,
      closing(stage) {
        const { part, reason, usage, mark } = stage.closing();
        // [DONE] is no JSON.
        return [...part, reason, usage, mark === null || mark.name === "" ? null : mark].flatMap((event) =>
          event === null ? [] : stage.event(event),
        );
      },
    },
  },
  "unknown-event": {
    description: "an event of a type nobody knows before token `at`",
    twist: insert("unknown"),
    apis: ["responses", "messages"],
  },
  "no-choices": {
    description: "a chunk without choices before token `at`",
    twist: insert("no-choices"),
    apis: OF_CHOICES,
  },
  "empty-choices": {
    description: "a chunk with an empty list of choices before token `at`",
    twist: insert("empty-choices"),
    apis: OF_CHOICES,
  },
  "no-delta": { description: "an event without its delta before token `at`", twist: insert("no-delta") },
  "empty-delta": { description: "an event with an empty delta before token `at`", twist: insert("empty-delta") },
  "null-content": { description: "an event whose text is null before token `at`", twist: insert("null-content") },
  "role-only": {
    description: "a chunk with nothing but the role before token `at`",
    twist: insert("role-only"),
    apis: ["chat"],
  },
  "usage-every-chunk": { description: "usage so far on every chunk", twist: { usage: "every" }, apis: OF_CHOICES },
  "usage-null": { description: "usage null until a last event tells it", twist: { usage: "null" } },
  "usage-after-finish": {
    description: "usage in its own chunk, asked or not",
    twist: { usage: "always" },
    apis: OF_CHOICES,
  },
  "usage-on-finish": { description: "usage on the finish chunk alone", twist: { usage: "on-finish" } },
  "no-usage": { description: "no usage, even when asked", twist: { usage: "never" } },
  "several-choices": {
    description: "choice 1 beside choice 0 in every chunk, finished for itself before token `at`",
    twist: { withOther: true, ...insert("other-choice-finished") },
    apis: OF_CHOICES,
  },
  "error-object": {
    description: "an error object, or response.failed, before token `at`, then the end",
    twist: fail("failure"),
  },
  "error-event": { description: "an event named error before token `at`, then the end", twist: fail("error") },
  "error-after-finish": {
    description: "an event named error between the finish_reason and the mark of the end",
    twist: {
      closing(stage) {
        const { part, reason, mark } = stage.closing();
        const error = stage.writer.error(crashOf(stage));
        return [...part, reason, error, mark].flatMap((event) => (event === null ? [] : stage.event(event)));
      },
    },
    apis: ["chat", "messages", "completions"],
  },
  "several-parts": {
    description: "the text in two parts (blocks of content, items of the output)",
    twist: {
      speech(plan) {
        const { answer, tokensPerEvent } = plan;
        const half = Math.ceil(answer.count / 2);
        const halves = [sliceTokens(answer, 0, half), sliceTokens(answer, half, answer.count)];
        return speak(
          plan,
          halves.map((tokens) => textSegment(tokens, tokensPerEvent, "content")),
        );
      },
    },
    apis: ["responses", "messages"],
  },
  "not-streamed": {
    description: "a stream whose text comes whole, with its *.done events",
    twist: {
      at: 0,
      *interrupt(stage) {
        const { speech, wait, sendAll, closing } = stage;
        wait(speech.due(speech.count) - speech.due(0));
        const { part, reason } = closing();
        yield* sendAll([...part, reason]);
        return yield* endOfBody(stage);
      },
    },
    apis: ["responses"],
  },
  "hostile-text": {
    description: "escape sequences, bidi and tag characters in text, reasoning, model and tool name",
    twist: {
      model: HOSTILE_NAME,
      speech: (plan) =>
        speak(plan, [
          ...(plan.api === "completions" ? [] : [listSegment("reasoning", HOSTILE)]),
          listSegment("content", HOSTILE),
          ...(plan.api === "completions" ? [] : [callSegment(HOSTILE_NAME, ["{}"])]),
        ]),
    },
  },
  refusal: {
    description: "the answer is a refusal (delta.refusal, response.refusal, stop_reason refusal)",
    twist: { speech: (plan) => speak(plan, [textSegment(plan.answer, plan.tokensPerEvent, "refusal")]) },
    apis: NOT_PLAIN,
  },
  "empty-answer": { description: "a finish without any token", twist: { speech: (plan) => speak(plan, []) } },
  "tool-calls": {
    description: "a call of the request's first tool, in fragments, instead of text",
    twist: { speech: (plan) => speak(plan, [callSegment(plan.tool, ARGUMENTS)], "tool_calls") },
    apis: NOT_PLAIN,
  },
  "no-finish-reason": {
    description: "the mark of the end ([DONE], message_stop) without any finish_reason",
    twist: {
      closing(stage) {
        const { part, mark } = stage.closing();
        return [...part, mark ?? DONE].map(stage.event);
      },
    },
  },
  "unknown-finish-reason": { description: "finish_reason unheard_of", twist: { reason: () => "unheard_of" } },
  finish: {
    description: "the finish_reason given as `finish_reason` (content_filter)",
    twist: { reason: (plan) => plan.finish_reason ?? "content_filter" },
  },
  "no-done": {
    description: "finish_reason, then silence on an open connection",
    twist: { closing: upToReason, after: () => endWith(HANG) },
    apis: ["chat", "messages", "completions"],
  },
  "after-done": {
    description: "goes on after the end until the client leaves",
    twist: {
      closing: ordinaryClosing,
      *after(stage) {
        const gap = 1000 / (stage.plan.rate || 100);
        for (;;) {
          stage.wait(gap);
          yield* stage.send(stage.extra({ kind: "content", json: '"more "' }));
        }
      },
    },
  },
} satisfies Record<string, StreamFault>;
