import { parseApiError, parseChunk, type Chunk, type Parsed, type ToolDelta } from "../wire/chat.ts";
import { findSyntaxProblem } from "../wire/json-syntax.ts";
import { createChunkReader } from "../wire/chunk-template.ts";
import { createLineSplitter, createSseDecoder } from "../wire/sse.ts";
import type { Ms, StreamEvent } from "./event.ts";
import type { Facts } from "./judge.ts";
import { mask, maskHead } from "./mask.ts";
import { clip, QUOTE } from "./quote.ts";
import { createWords } from "./words.ts";

/** Most bytes of one malformed event that are kept whole, for `--debug`. */
const SKIPPED_LIMIT = 64 * 1024;

const NO_TOOLS: readonly ToolDelta[] = [];

export type Answer = {
  /** The events of one read, all stamped `at`. `held`: ms we had stopped reading before it. */
  push(bytes: Uint8Array, at: Ms, held: number): StreamEvent[];
  /** The body ended cleanly. */
  end(at: Ms): StreamEvent[];
  /** The body was one JSON document and not a stream. */
  json(text: string, at: Ms): StreamEvent[];
  facts(): Facts;
  response(): { id: string | null; model: string | null; backend: string | null } | null;
  /** "open": more may come. "finishing": only usage and `[DONE]` may. "over": nothing that counts can come. */
  state(): "open" | "finishing" | "over";
};

/** Folds one body into events: the only place where bytes become tokens. */
export function createAnswer({ secrets, observe }: { secrets: readonly string[]; observe: boolean }): Answer {
  const facts: Facts = {
    tokens: 0,
    visible: false,
    tools: false,
    refusal: "",
    finishReason: null,
    done: false,
    usage: null,
    events: 0,
    malformed: 0,
    firstMalformed: "",
    error: null,
    oversize: false,
  };
  let response: { id: string | null; model: string | null; backend: string | null } | null = null;
  let othersNoticed = false;

  // What the read at hand has brought so far.
  let events: StreamEvent[] = [];
  let at: Ms = 0;
  const words = { text: createWords(), reasoning: createWords(), refusal: createWords() };
  let tools: readonly ToolDelta[] = NO_TOOLS;
  let tokens = 0;

  const decoder = createSseDecoder({
    onEvent: take,
    onOversize: () => {
      facts.oversize = true;
    },
  });
  const readChunk = createChunkReader();
  const lines = observe ? createLineSplitter(observeLine) : null;

  function observeLine(line: string, offset: number, cut: boolean): void {
    const parsed = line.startsWith("data:") && !cut ? describe(line.slice(5).trimStart()) : null;
    const shown = cut ? maskHead(line, secrets) : mask(line, secrets);
    events.push({ type: "line", at, line: shown, offset, parsed: parsed && mask(parsed, secrets) });
  }

  function take(data: string, name: string): void {
    if (facts.done || facts.error !== null || data === "") return;
    if (data === "[DONE]" || data.trim() === "[DONE]") {
      facts.done = true;
      return;
    }
    const parsed = readChunk(data);
    if (name === "error" && facts.finishReason === null) {
      facts.error = maskError(parseApiError(data) ?? plainError(data));
    } else {
      takeParsed(parsed, data);
    }
  }

  function takeParsed(parsed: Parsed, data: string): void {
    if (parsed.kind === "chunk") {
      takeChunk(parsed.chunk);
    } else if (parsed.kind === "error") {
      facts.events++;
      if (facts.finishReason === null) facts.error = maskError(parsed.error);
    } else {
      skip(data, parsed.why);
    }
  }

  function takeChunk(chunk: Chunk): void {
    facts.events++;
    if (chunk.usage !== null) facts.usage = chunk.usage;
    if (response === null || (response.model === null && chunk.model !== null)) {
      response = { id: maskNull(chunk.id), model: maskNull(chunk.model), backend: maskNull(chunk.backend) };
    } else if (response.backend === null && chunk.backend !== null) {
      response.backend = maskNull(chunk.backend);
    }
    if (chunk.otherChoices && !othersNoticed) {
      othersNoticed = true;
      events.push({ type: "notice", at, code: "other_choices", detail: "" });
    }
    if (chunk.content !== "" || chunk.reasoning !== "" || chunk.refusal !== "" || chunk.tools.length > 0)
      addToken(chunk);
    facts.finishReason ??= maskNull(chunk.finishReason);
  }

  function addToken(chunk: Chunk): void {
    facts.tokens++;
    tokens++;
    words.text.add(chunk.content);
    words.reasoning.add(chunk.reasoning);
    words.refusal.add(chunk.refusal);
    if (chunk.tools.length > 0) tools = tools.length === 0 ? chunk.tools : [...tools, ...chunk.tools];
  }

  function skip(data: string, why: string): void {
    facts.malformed++;
    const shown = mask(data, secrets);
    if (facts.malformed === 1) facts.firstMalformed = shown.slice(0, QUOTE);
    // JSON.parse of Bun 1.4 does not say where.
    const problem = findSyntaxProblem(shown);
    const where = problem === null ? "" : ` at position ${problem.offset}`;
    events.push({ type: "skipped", at, data: shown.slice(0, SKIPPED_LIMIT), why: mask(why, secrets) + where });
  }

  function maskError<T extends { message: string; code: string | null }>(error: T): T {
    return { ...error, message: clip(mask(error.message, secrets)), code: maskNull(error.code) };
  }

  function plainError(data: string): NonNullable<Facts["error"]> {
    return { message: mask(data, secrets).slice(0, QUOTE), type: null, code: null, param: null };
  }

  function maskNull(value: string | null): string | null {
    return value === null ? null : mask(value, secrets);
  }

  function flush(held: number): StreamEvent[] {
    if (tokens > 0) {
      const [text, reasoning, refusal] = [words.text.take(), words.reasoning.take(), words.refusal.take()];
      facts.visible ||= text !== "";
      facts.tools ||= tools.length > 0;
      if (refusal !== "") facts.refusal += refusal;
      events.push({ type: "delta", at, text, reasoning, refusal, tools, events: tokens, held });
      tools = NO_TOOLS;
      tokens = 0;
    }
    const flushed = events;
    events = [];
    return flushed;
  }

  return {
    push(bytes, readAt, held) {
      at = readAt;
      lines?.push(bytes);
      decoder.push(bytes);
      return flush(held);
    },
    end(endedAt) {
      at = endedAt;
      lines?.end();
      decoder.end();
      return flush(0);
    },
    json(body, readAt) {
      at = readAt;
      if (observe) observeLine(body, 0, false);
      takeParsed(parseChunk(body), body);
      facts.done ||= facts.error === null && (facts.tokens > 0 || facts.finishReason !== null);
      return flush(0);
    },
    facts: () => facts,
    response: () => response,
    state() {
      if (facts.done || facts.error !== null || facts.oversize) return "over";
      return facts.finishReason === null ? "open" : "finishing";
    },
  };
}

/** What one `data:` line held; `null` for a line that is only a part of its event. */
function describe(data: string): string | null {
  if (data === "" || data === "[DONE]") return data;
  const parsed = parseChunk(data);
  return parsed.kind === "malformed" ? null : JSON.stringify(parsed.kind === "chunk" ? parsed.chunk : parsed.error);
}
