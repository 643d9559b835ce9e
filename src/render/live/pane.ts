import type { StreamRecord } from "../../metrics/record.ts";
import type { StartedEvent } from "../../metrics/watched.ts";
import type { DeltaEvent, Ms, StreamEvent, Verdict } from "../../stream/event.ts";
import { createVisible, flat, visible } from "../../text/visible.ts";
import { cutStart } from "../../text/width.ts";
import { wrap } from "../../text/wrap.ts";
import { numberOf } from "../plain.ts";
import { createRateRing } from "./rate-ring.ts";

/** What a stream does, and once it ended how. */
export type State = "waiting" | "retrying" | "thinking" | "streaming" | "stalled" | Verdict;

/** One stream as it stands: what is said about it at one instant. */
export type Snapshot = {
  state: State;
  attempt: number;
  /** Ms until the next attempt. */
  wait: number;
  tokens: number;
  /** Token events stand for tokens. */
  estimated: boolean;
  tokensPerSecond: number | null;
  ttft: number | null;
  /** Token events in each slice of `SLICE` ms, the oldest first. */
  rates: readonly number[];
  /** The text is no answer yet. */
  thought: boolean;
  /** Why it failed, in words; "" when it did not. */
  error: string;
};

/** One stream on the screen. */
export type Pane = {
  stream: number;
  started: Ms;
  model: string;
  /** Number of the prompt as people count, and of its repetition where there is one. */
  number: string;
  prompt: string;
  on(event: StreamEvent): void;
  record(record: StreamRecord): void;
  snapshot(now: Ms): Snapshot;
  /** It has ended. */
  over(): boolean;
  /** The last lines of the answer, or of the reasoning while there is no answer. */
  lines(columns: number, rows: number): string[];
  words(columns: number): string;
};

/** A stream on the screen, and how it stands now. */
export type Shown = { pane: Pane; snapshot: Snapshot };

export type PaneOptions = {
  /** Ms without a token from which a stream is stalled. */
  stall: number;
  /** Text to keep at least, in UTF-16 units. */
  keep: number;
  reasoning: "show" | "hide";
};

/** Slices of the sparkline: the rate of the last eight seconds. */
const SLICE = 500;
const SLICES = 16;

/** What of a prompt fits in the widest title. */
const PROMPT_SHOWN = 200;

/** Folds one stream into what is shown of it while it runs; its final figures are those of its record. */
export function createPane(started: StartedEvent, { stall, keep, reasoning }: PaneOptions): Pane {
  const { job, state: stream, isBlocked } = started;
  const rates = createRateRing(SLICE, SLICES + 1);
  /** The reasoning, then the answer in its place. */
  let tail = createTail(keep);
  let answering = false;
  /** As it stood at its end, then as its record has it. */
  let final: Snapshot | null = null;

  function onDelta({ at, text, refusal, reasoning: reasoned, tools, events }: DeltaEvent): void {
    rates.add(at, events);
    const answered = text !== "" || refusal !== "" || tools.length > 0;
    if (answered && !answering) tail = createTail(keep);
    answering ||= answered;
    if (!answering && reasoning === "show") tail.push(reasoned);
    tail.push(text);
    tail.push(refusal);
    for (const tool of tools) tail.push(tool.name === null ? tool.arguments : `\n${tool.name} ${tool.arguments}`);
  }

  function stateAt(now: Ms): State {
    const { waiting, lastToken, reasoned, firstOutput } = stream;
    if (waiting !== null) return "retrying";
    if (lastToken === null) return "waiting";
    if (now - lastToken > stall && !isBlocked()) return "stalled";
    return reasoned && firstOutput === null ? "thinking" : "streaming";
  }

  function snapshot(now: Ms): Snapshot {
    if (final !== null) return final;
    const { waiting, attempts, lastSent, firstTokenFrom, firstToken, tokenEvents: tokens } = stream;
    const spent = lastSent === null ? 0 : now - lastSent;
    return {
      state: stateAt(now),
      attempt: waiting?.attempt ?? attempts,
      wait: waiting === null ? 0 : Math.max(0, waiting.at + waiting.delay - now),
      tokens,
      estimated: tokens > 0,
      tokensPerSecond: tokens < 2 || spent <= 0 ? null : (1000 * tokens) / spent,
      ttft: firstToken === null || firstTokenFrom === null ? null : firstToken - firstTokenFrom,
      rates: rates.last(SLICES, now),
      thought: !answering,
      error: "",
    };
  }

  return {
    stream: job.stream,
    started: started.due,
    model: flat(job.request.body.model),
    number: numberOf(job.promptIndex, job.repeat),
    prompt: visible(job.prompt.slice(0, PROMPT_SHOWN)).replaceAll(/\s+/g, " ").trim(),
    on(event) {
      switch (event.type) {
        case "delta":
          return onDelta(event);
        case "ended":
          final = { ...snapshot(event.at), state: event.verdict };
          return tail.end();
        case "sent":
        case "retrying":
        case "opened":
        case "skipped":
        case "notice":
        case "line":
          return;
      }
    },
    record({ verdict, tokens: counted, tokens_source: source, tokens_per_second: speed, ttft_ms: ttft, error }) {
      final = {
        ...snapshot(stream.lastToken ?? 0),
        state: verdict,
        tokens: counted,
        estimated: source === "events" && counted > 0,
        tokensPerSecond: speed,
        ttft,
        error: error === null ? "" : visible(error.message),
      };
    },
    snapshot,
    lines: (columns, rows) => tail.lines(columns, rows),
    words: (columns) => tail.words(columns),
    over: () => final !== null,
  };
}

/** The end of a text that grows, made harmless, and as lines of any width. */
type Tail = {
  push(piece: string): void;
  /** No more comes. */
  end(): void;
  /** The last lines; only what came since the last call is wrapped, unless the size changed. */
  lines(columns: number, rows: number): string[];
  /** The last words in one line. */
  words(columns: number): string;
};

/** UTF-16 units that wait unread: small pieces take ten times their letters until they are read together. */
const UNREAD = 256;

/** Keeps between `bound` and twice `bound` UTF-16 units. */
export function createTail(bound: number): Tail {
  const marks = createVisible();
  /** What came and nobody looked at yet: most streams of a thousand are on no screen. */
  let unread = "";
  let text = "";
  let lines: string[] = [];
  let size = { columns: 0, rows: 0 };
  /** Where the line that still grows begins. */
  let open = 0;

  function add(piece: string): void {
    if (piece === "") return;
    text += text === "" ? piece.replace(/^\s*\n/, "") : piece;
    if (text.length <= 2 * bound) return;
    const dropped = text.length - bound;
    text = text.slice(dropped);
    open = Math.max(0, open - dropped);
  }

  /** Wraps what is not wrapped yet, as far as it can be seen; gives the line that still grows. */
  function wrapRest(columns: number, rows: number): string {
    if (columns !== size.columns || rows !== size.rows) {
      size = { columns, rows };
      lines = [];
      open = 0;
    }
    open = Math.max(open, text.length - 2 * columns * rows);
    const parts = text.slice(open).split("\n");
    const last = parts.pop() ?? "";
    for (const part of parts) {
      lines.push(...wrap(part, columns).lines);
      open += part.length + 1;
    }
    const growing = wrap(last, columns);
    const line = growing.lines.pop() ?? "";
    lines = [...lines, ...growing.lines].slice(-rows);
    open += growing.open;
    return line;
  }

  function shown(columns: number, rows: number): string[] {
    read();
    const line = wrapRest(columns, rows);
    return [...lines, line].slice(-rows);
  }

  function read(): void {
    add(marks.push(unread));
    unread = "";
  }

  return {
    push(piece) {
      unread += piece;
      if (unread.length > UNREAD) read();
    },
    end() {
      read();
      add(marks.end());
    },
    lines: (columns, rows) => (columns <= 0 || rows <= 0 ? [] : shown(columns, rows)),
    words(columns) {
      read();
      const end = text.slice(-2 * columns - 64);
      return cutStart(end.replaceAll(/\s+/g, " ").trim(), columns);
    },
  };
}
