import type { Twist } from "./script.ts";

/** A fault of a stream: what it does, in one sentence, and how. */
export type StreamFault = { description: string; twist: Twist };

const MIXED_ENDS = ["\n\n", "\r\n\r\n", "\r\r", "\r\n\n", "\n\r"];

function lines(end: string): Twist {
  return { frame: (data) => `data: ${data}${end}${end}` };
}

/** The same events in other spellings of the event stream format. */
export const FRAMING_FAULTS = {
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
} satisfies Record<string, StreamFault>;
