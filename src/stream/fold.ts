import { createRead, NOTHING, readCommon, type Api, type Brought, type Chunk } from "../wire/api.ts";
import type { Assembler } from "../wire/assembler.ts";
import { createSseDecoder, isHeartbeat } from "../wire/sse.ts";
import type { Ms, NoticeCode, StreamEvent } from "./event.ts";
import { createFacts, hasEnded, takeFinishReason, gaveUp, type Facts } from "./judge.ts";
import { maskNull, QUOTE, type Mask, clip, quoteOf } from "./mask.ts";
import { createObservedLines } from "./observed-lines.ts";
import { createSteady, wordsOfNext, wordsOfRead } from "./steady.ts";
import { addPlain, addToken, createTokens, takeDelta, type Tokens } from "./tokens.ts";
import { createUsage } from "./usage.ts";
import { mergeServer, type ServerFigures } from "../wire/server-figures.ts";
import { ERROR_FIELD, errorOfText, isErrorName, NO_ERROR, titleOf, type ApiError } from "../wire/errors.ts";

/** What the reading of one body needs. `several`: more than one choice was asked for. `assembler`: puts the answer together. */
export type FoldOptions = {
  api: Api;
  mask: Mask;
  observe: boolean;
  several: boolean;
  assembler?: Assembler | null;
};

/** Who answered, masked; `null` before the first chunk. */
export type Said = { id: string | null; model: string | null; backend: string | null } | null;

/** "open": more may come. "finishing": only usage and `[DONE]` may. "over": nothing that counts can come. */
export type State = "open" | "finishing" | "over";

/** Folds the events of a body into ours, one read at a time. */
export function createFold({ api, mask, observe, several, assembler = null }: FoldOptions) {
  const facts = createFacts();
  let response: Said = null;
  let server: ServerFigures | null = null;
  /** What was said once, and is not said again. */
  const noticed: NoticeCode[] = [];
  /** Malformed events of an answer that has no end yet. */
  let missing = 0;
  /** What the read at hand has brought so far beside tokens; most bring nothing. */
  let others: StreamEvent[] | null = null;
  let at: Ms = 0;
  const errors: ServerErrors = { facts, mask, undoes: api.errorUndoes, outside: "" };
  const tokens = createTokens(facts, assembler);
  const steady = createSteady();
  const usage = createUsage();
  const decoder = createSseDecoder({
    onEvent: take,
    onWhole: takeWhole,
    onLine: (line) => takeErrorLine(errors, line),
    onOversize: () => void (facts.excess = "event"),
  });
  const read = api.createReader(several, assembler);
  const lines = observe ? createObservedLines(mask, createRead(api, several), add) : null;
  const { push: decode } = decoder;

  function add(event: StreamEvent): void {
    (others ??= []).push(event);
  }

  function takeWhole(text: string): boolean {
    const words = isOver(facts) ? "" : wordsOfRead(steady, text);
    if (words !== "") addPlain(tokens, words);
    return words !== "";
  }

  function take(data: string, name: string, ahead = ""): void {
    // Without data it says nothing, but for what it is called.
    if (data === "" && !isErrorName(name)) return;
    if (isOver(facts)) return takeLate(data, name);
    const brought = readCommon(data, name) ?? read(data, name);
    const words = wordsOfNext(steady, brought, ahead);
    if (words === "") return takeBrought(brought, data, name);
    addPlain(tokens, words);
  }

  function takeLate(data: string, name: string): void {
    if (!facts.done || !api.errorUndoes) return;
    const late = readCommon(data, name) ?? read(data, name);
    if (late.kind === "error") notice("late_error", quoteOf(mask(late.error.message || data)));
  }

  function takeBrought(brought: Brought, data: string, name: string): void {
    switch (brought.kind) {
      case "chunk":
        return takeChunk(brought.chunk, data);
      case "end":
        return takeEnd(brought.chunk, brought.enough, data);
      case "error":
        facts.events++;
        return takeError(errors, brought.error, data);
      case "ignored":
        facts.events++;
        facts.lost = missing;
        return;
      case "excess":
        return void (facts.excess = brought.excess);
      case "malformed":
        if (!isHeartbeat(data, name)) skip(data, brought.why);
    }
  }

  function takeEnd(chunk: Chunk, enough: boolean, data: string): void {
    if (chunk !== NOTHING) takeChunk(chunk, data);
    // What stands between the events may say why there is no finish reason.
    settleErrors(errors);
    facts.done = facts.error === null && facts.excess === null;
    facts.enough = enough;
    facts.lost = missing;
  }

  function notice(code: NoticeCode, detail = ""): void {
    if (noticed.includes(code)) return;
    noticed.push(code);
    add({ type: "notice", at, code, detail });
  }

  function takeChunk(chunk: Chunk, data: string): void {
    facts.events++;
    facts.lost = missing;
    response = whoAnswers(response, chunk, mask);
    if (chunk.otherChoices) notice("other_choices");
    if (chunk.form === "whole" && chunk.content !== "") notice("not_streamed");
    addToken(tokens, chunk);
    if (assembler?.isFull() === true) facts.excess = "body";
    if (facts.excess !== null) return;
    if (chunk.usage !== null) facts.usage = usage.add(chunk.usage, facts.tokens);
    if (chunk.server !== null) server = mergeServer(server, chunk.server);
    if (chunk.error !== null) takeError(errors, chunk.error, data);
    if (chunk.finishReason !== null) takeFinishReason(facts, chunk.finishReason);
  }

  function skip(data: string, why: string): void {
    if (!hasEnded(facts)) missing++;
    const shown = mask(data);
    takeMalformed(errors, data, shown);
    add({ type: "skipped", at, data: shown, why: mask(why) });
  }

  function flush(): StreamEvent[] {
    const events = [...(others ?? []), ...deltasOf(tokens, at)];
    others = null;
    return events;
  }

  return {
    facts,
    usage: (bytes: number) =>
      usage.believed({ tokens: facts.tokens, visible: facts.visible, bytes, reasoned: tokens.reasoned }),
    response: () => response,
    server: () => server,
    push(bytes: Uint8Array, readAt: Ms): StreamEvent[] {
      at = readAt;
      lines?.push(bytes, at);
      decode(bytes);
      return others === null ? deltasOf(tokens, at) : flush();
    },
    end(endedAt: Ms): StreamEvent[] {
      at = endedAt;
      lines?.end(at);
      decoder.end();
      settleErrors(errors);
      return flush();
    },
    lost(): void {
      takeErrorLine(errors, decoder.unfinished());
      settleErrors(errors);
    },
    fail: (error: ApiError, text: string) => takeError(errors, error, text),
    /** The body was one JSON document and not a stream. */
    json(body: string, readAt: Ms): StreamEvent[] {
      at = readAt;
      lines?.document(body, at);
      // Whoever sees that it is a document says so.
      noticed.push("not_streamed");
      takeBrought(readCommon(body, "") ?? read(body, ""), body, "");
      facts.done ||= !isOver(facts) && (facts.tokens > 0 || facts.finishReason !== null);
      return flush();
    },
  };
}

/** The tokens of one read go together: one event, or none. */
function deltasOf(tokens: Tokens, at: Ms): StreamEvent[] {
  const delta = takeDelta(tokens, at);
  return delta === null ? [] : [delta];
}

/** Whether nothing that counts can come. */
function isOver(facts: Facts): boolean {
  return facts.done || facts.error !== null || facts.excess !== null;
}

/** What may still come. */
export function stateOf(facts: Facts): State {
  if (isOver(facts)) return "over";
  // One that came before any token is not the end.
  return facts.finishReason === null || facts.finishedAt === 0 ? "open" : "finishing";
}

/** The first chunk says it, or the first that names the model; the backend may come later. */
function whoAnswers(known: Said, { id, model, backend }: Chunk, mask: Mask): Said {
  if (known === null || (known.model === null && model !== null))
    return { id: maskNull(id, mask), model: maskNull(model, mask), backend: maskNull(backend, mask) };
  if (known.backend === null && backend !== null) known.backend = mask(backend);
  return known;
}

/** Data that is no beginning of JSON, such as "Internal Server Error" or "[ERROR] out of memory". */
const WORDS = /^\s*(?:[^\s{["\d]|\[[A-Za-z])/;
/** Most UTF-16 units that are kept of lines that are no fields. */
const OUTSIDE_LIMIT = 4096;

/**
 * What a server says went wrong, wherever it says so, is folded into the facts of its answer. `undoes`: an error undoes an
 * answer that is whole. `outside`: lines that are no fields.
 */
type ServerErrors = { facts: Facts; mask: Mask; undoes: boolean; outside: string };

/**
 * After a finish reason nothing changes the verdict, where the API does not say otherwise. `text`: what is quoted of an
 * error without words.
 */
function takeError({ facts, mask, undoes }: ServerErrors, error: ApiError, text: string): void {
  if (hasEnded(facts) && !undoes && !gaveUp(facts.finishReason)) return;
  facts.error = { ...error, message: clip(mask(error.message)) || quoteOf(mask(text)) };
}

function takeWords(errors: ServerErrors, text: string): void {
  if (errors.outside.length < OUTSIDE_LIMIT) errors.outside += `${text.slice(0, OUTSIDE_LIMIT)}\n`;
}

/** Data that is no event, but that may say why there are no more. */
function takeMalformed(errors: ServerErrors, data: string, shown: string): void {
  const { facts } = errors;
  facts.malformed++;
  if (facts.malformed === 1) facts.firstMalformed = shown.slice(0, QUOTE);
  if (WORDS.test(data)) takeWords(errors, data);
}

/** A line that is no field of the event stream; what is called an error is one, whatever it looks like. */
function takeErrorLine(errors: ServerErrors, line: string): void {
  const { facts } = errors;
  if (facts.done || facts.error !== null) return;
  const text = line.startsWith(ERROR_FIELD) ? line.slice(ERROR_FIELD.length).trim() : null;
  if (text !== null && text !== "" && text !== "null") {
    facts.events++;
    takeError(errors, errorOfText(text) ?? NO_ERROR, text);
  } else if (text === null && line !== "") takeWords(errors, line);
}

/** The body is over: such lines say why it has no end, where it has none. */
function settleErrors(errors: ServerErrors): void {
  const { facts, mask, outside } = errors;
  if (outside === "" || facts.done || facts.error !== null || hasEnded(facts)) return;
  const error = errorOfText(outside);
  if (error !== null && error.message !== "") takeError(errors, error, outside);
  else facts.outside = quoteOf(mask(titleOf(outside) ?? outside));
}
