import { chunk } from "./body.ts";
import { BEFORE_CUT, CUT, HANG, type Stage, type Step, type StreamFault, type Twist } from "./script.ts";
import { endOfBody, endWith } from "./stream-script.ts";

const KEEP_ALIVE_EVERY = 100;
const BLOCK = "x".repeat(64 * 1024);
const HUGE = 64 * 1024 * 1024;
/** More than is ever sent of a cut body. */
const CLAIMED_LENGTH = 100_000_000;

/** Silence before token event `at`, for `ms` or for ever, but for this text ten times a second. */
function stall(fillerOf: (stage: Stage) => string): Twist {
  return {
    *interrupt(stage) {
      const { ms } = stage.plan;
      const filler = fillerOf(stage);
      if (filler === "" && ms === undefined) return HANG;
      if (filler === "") stage.wait(ms ?? 0);
      else
        for (let waited = 0; waited < (ms ?? Infinity); waited += KEEP_ALIVE_EVERY) {
          stage.wait(KEEP_ALIVE_EVERY);
          yield* stage.send(filler);
        }
      return null;
    },
  };
}

/** A long text between two others before token event `at`, in pieces of 64 KiB; the stream goes on after it. */
function long(around: (stage: Stage) => readonly [string, string], otherwise: number): Twist {
  return {
    *interrupt(stage) {
      const [before, after] = around(stage);
      const bytes = stage.plan.bytes ?? otherwise;
      yield* stage.send(before);
      for (let sent = 0; sent < bytes; sent += BLOCK.length) yield* stage.send(BLOCK.slice(0, bytes - sent));
      yield* stage.send(after);
      return null;
    },
  };
}

function* half(stage: Stage, e: number): Generator<Step> {
  const event = Buffer.from(stage.tokenEvent(Math.min(e, stage.speech.count - 1)));
  yield* stage.send(event.subarray(0, event.length >> 1));
}

/** Streams whose bytes or connection go wrong. */
export const CONNECTION_FAULTS = {
  "no-content-type": { description: "an event stream without content type", twist: { contentType: null } },
  "wrong-content-type": { description: "an event stream called text/plain", twist: { contentType: "text/plain" } },
  "hostile-header": {
    description: "C1 controls in a header",
    twist: { headers: [["X-Note", "evil\u009b31m\u009d52;c;aGk=\u009c"]] },
  },
  gzip: { description: "an event stream in gzip", twist: { encoding: "gzip" } },
  brotli: { description: "an event stream in brotli", twist: { encoding: "br" } },
  zstd: { description: "an event stream in zstd", twist: { encoding: "zstd" } },
  "corrupt-gzip": {
    description: "an event stream in gzip, broken before token `at`",
    twist: {
      encoding: "gzip",
      *interrupt(stage) {
        // 7 is a block of the reserved type 3.
        yield stage.raw(chunkOf(stage, new Uint8Array([7, 255, 255, 255, 255, 255, 255, 255])));
        return null;
      },
    },
  },
  stall: { description: "silence before token `at`, for `ms` or for ever", twist: stall(() => "") },
  "stall-with-comments": { description: "the same, with comments", twist: stall(() => ": keep-alive\n\n") },
  "stall-with-pings": { description: "the same, with event: ping", twist: stall(({ writer }) => writer.ping) },
  "stall-with-empty-data": { description: "the same, with empty data", twist: stall(() => "data:\n\n") },
  drip: {
    description: "one byte a write, `ms` (1) apart",
    twist: { slice: (bytes) => Array.from(bytes, (byte) => new Uint8Array([byte])), sliceMs: 1 },
  },
  split: {
    description: "each event in two writes cut at byte `offset` (1), `ms` (5) apart",
    twist: {
      slice: (bytes, { offset = 1 }) =>
        [bytes.subarray(0, offset), bytes.subarray(offset)].filter((part) => part.length > 0),
      sliceMs: 5,
    },
  },
  "huge-event": {
    description: "one event of `bytes` (64 MiB) before token `at`",
    twist: long(({ extra }) => cutAt(extra({ kind: "content", json: '"x"' }), '"x"'), HUGE),
  },
  "endless-line": {
    description: "a data: line before token `at` that ends after `bytes` or never",
    twist: long(() => ["data: ", "\n\n"], Infinity),
  },
  "endless-line-without-field": {
    description: "a line without a field name before token `at` that ends after `bytes` or never",
    twist: long(() => ["", "\n\n"], Infinity),
  },
  reset: {
    description: "RST before token `at`",
    twist: {
      interrupt: ({ plan }) => endWith({ how: "reset", after: plan.ms ?? BEFORE_CUT }),
    },
  },
  close: {
    description: "the body ends cleanly before token `at`, without a finish_reason",
    twist: {
      *interrupt(stage) {
        return yield* endOfBody(stage);
      },
    },
  },
  "cut-chunk": {
    description: "the connection ends in the middle of a chunk, at token `at`",
    twist: {
      transfer: "chunked",
      *interrupt(stage, e) {
        const event = Buffer.from(chunkOf(stage, stage.tokenEvent(Math.min(e, stage.speech.count - 1))));
        yield stage.raw(event.subarray(0, event.length >> 1));
        return CUT;
      },
    },
  },
  "cut-length": {
    description: "the connection ends before token `at`, long before Content-Length",
    twist: {
      transfer: "close",
      headers: [["Content-Length", String(CLAIMED_LENGTH)]],
      interrupt: () => endWith(CUT),
    },
  },
  "cut-mid-event": {
    description: "the body ends cleanly in the middle of token event `at`",
    twist: {
      *interrupt(stage, e) {
        yield* half(stage, e);
        return yield* endOfBody(stage);
      },
    },
  },
  "end-before-first-token": {
    description: "the body ends cleanly before the first token, after a comment",
    twist: {
      at: 0,
      *interrupt(stage) {
        yield* stage.send(": nothing comes\n\n");
        return yield* endOfBody(stage);
      },
    },
  },
} satisfies Record<string, StreamFault>;

function chunkOf(stage: Stage, data: string | Uint8Array): string | Uint8Array {
  return stage.plan.transfer === "chunked" ? chunk(data) : data;
}

/** The text before and after the last character of a JSON string. */
function cutAt(text: string, json: string): readonly [string, string] {
  const at = text.indexOf(json) + json.length - 1;
  return [text.slice(0, at), text.slice(at)];
}
