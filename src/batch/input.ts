import { isUtf8 } from "node:buffer";
import { closeSync, openSync } from "node:fs";
import type { BatchLineProblem, Unsayable } from "../config/batch-problem.ts";
import { UserError } from "../config/user-error.ts";
import { createFinished, keyOf, requestHash, type Finished, type Key } from "./finished.ts";
import { checkJsonLines, checkLines, headOfFile } from "./file-kind.ts";
import { startsWith } from "./head.ts";
import { endOf, isBlank, LONGEST_LINE, readLines, stateOf, unmarked, type Line } from "./lines.ts";
import type { Prompt } from "../run/prompts.ts";
import type { Shard } from "../run/shard.ts";
import { lossOf, parseRequest, type Asked, type InputFormat } from "./request.ts";
import type { OnProgress } from "./journal.ts";

/** A line of the input: what it asks, and what it is known by. */
export type BatchRequest = {
  id: string;
  key: Key;
  /** See `requestHash`. */
  hash: number;
  line: number;
  asked: Asked;
  /** The line as it stands in the file. */
  text: string;
};

/** A line that asks nothing that could be sent; `id`: what it is called all the same. */
export type BadLine = { id: string | null; line: number } & BatchLineProblem;

/** What was found in all of an input. */
export type Validated = {
  /** Requests in it. */
  count: number;
  bad: number;
  /** Ended already, well or not. */
  done: number;
  failed: number;
  /** Ended under this id, but it was another request. */
  changed: number;
  /** The first few lines of those. */
  changedLines: readonly number[];
};

export type Input = {
  path: string;
  /** Tells whether the file is the one that was validated. */
  stamp: string;
  /** Reads all of it, as far as it went when it was opened; `onBad` is told each line that cannot be sent. */
  validate(finished: Finished, on: ValidateEvents): Promise<Validated>;
  /** What is still to be asked, in the order of the file; `distinct`: no id stands in two lines. */
  requests(finished: Finished, distinct?: boolean): AsyncGenerator<BatchRequest>;
  /** The same, so many at a time as are read together. */
  blocks(finished: Finished, distinct?: boolean): AsyncGenerator<readonly BatchRequest[]>;
  /** Whether somebody has written into it since it was opened. */
  hasChanged(): boolean;
  close(): void;
};

type ValidateEvents = {
  onBad(bad: BadLine): void;
  onRequest?(request: BatchRequest): void;
  onProgress?: OnProgress;
};

/** How the lines of an input are read. */
export type InputOptions = {
  format: InputFormat | null;
  /** The CRC-32 of what the command line adds to every request; 0 where it adds nothing. */
  added: number;
  /** The same for a request that is a body, to which the settings add nothing. */
  addedToBody: number;
  /** What of a prompt the API that is spoken has no word for; everything can be said unless given. */
  unsaidOf?(prompt: Prompt): Unsayable | null;
  /** Requests are streamed; what would be lost by that is refused. */
  streamed?: boolean;
  /** Which lines are for this machine: those whose number, from 0, leaves `index` when divided by `of`. */
  shard?: Shard;
  /** It is open already; the path is but its name. */
  file?: number;
};

type IsDone = (key: Key, hash: number) => boolean;

/** Where requests come from. */
type Source = {
  path: string;
  stamp: string;
  /**
   * All of them in their order, some at a time; `onProgress` is told how far it has come. Those of which `isDone` is true
   * may be left out.
   */
  read(onProgress?: OnProgress, isDone?: IsDone): AsyncGenerator<readonly (BatchRequest | BadLine)[]>;
  hasChanged(): boolean;
  close(): void;
};

/** Opens a file of requests, one a line. */
export function createInput(path: string, options: InputOptions): Input {
  const file = options.file ?? openSync(path, "r");
  const { size, state } = stateOf(file);
  const head = headOfFile(file);
  checkLines(path, head, false);
  const format = options.format ?? formatOf(path, head);
  if (format === "jsonl") checkJsonLines(path, head);
  const { added, addedToBody, unsaidOf, streamed = false, shard } = options;

  /** A resumed batch asks little of what it reads: what has ended is known by its bytes, and not parsed. */
  function hasEnded(line: Line, isDone: IsDone): boolean {
    const bytes = contentOf(line);
    const key = quickKey(bytes);
    if (key === null) return false;
    return (
      isDone(key, requestHash(bytes, addedToBody)) || (added !== addedToBody && isDone(key, requestHash(bytes, added)))
    );
  }

  function read(line: Line): BatchRequest | BadLine | null {
    const bytes = contentOf(line);
    if (isBlank(bytes)) return null;
    const number = line.number;
    if (line.tooLong) return { id: null, line: number, why: "too_long", key: String(LONGEST_LINE) };
    if (!isUtf8(bytes) || bytes.includes(0)) return { id: null, line: number, why: "not_text", key: "" };
    const text = bytes.toString();
    const parsed = parseRequest(text, number, format);
    if ("why" in parsed) return { line: number, ...parsed };
    const { id, asked } = parsed;
    const loss = streamed && format === "jsonl" ? lossOf(asked, text) : null;
    if (loss !== null) return { id, line: number, ...loss };
    const unsaid = asked.kind === "prompt" ? (unsaidOf?.(asked.prompt) ?? null) : null;
    if (unsaid !== null) return { id, line: number, why: "unsaid", unsaid };
    const hash = requestHash(bytes, asked.kind === "body" ? addedToBody : added);
    return { id, key: keyOf(id), hash, line: number, asked, text };
  }

  return inputOf({
    path,
    stamp: JSON.stringify([state, format, added, addedToBody, shard ?? null]),
    hasChanged: () => stateOf(file).state !== state,
    async *read(onProgress, isDone) {
      // What is added meanwhile was not checked.
      for await (const lines of readLines(file, 0, size)) {
        const mine = shard === undefined ? lines : lines.filter(({ number }) => isOfShard(number - 1, shard));
        const open = isDone === undefined ? mine : mine.filter((line) => !hasEnded(line, isDone));
        yield open.map(read).filter((request) => request !== null);
        onProgress?.(endOf(lines), size);
      }
    },
    close: () => closeSync(file),
  });
}

/** Whether what has this number, from 0, is for this machine. */
export function isOfShard(number: number, { index, of }: Shard): boolean {
  return number % of === index;
}

/** The input that a source makes: all of it checked, and what is still to be asked. */
export function inputOf({ path, stamp, read, hasChanged, close }: Source): Input {
  async function* blocks(finished: Finished, distinct = false): AsyncGenerator<readonly BatchRequest[]> {
    const seen = distinct ? null : createFinished();
    const isDone: IsDone = (key, hash) => {
      const standing = finished.standing(key, hash);
      if (standing !== "done" && standing !== "failed") return false;
      seen?.add(key, 0, false);
      return true;
    };
    const isOpen = (request: BatchRequest | BadLine): request is BatchRequest => {
      // Bad lines were named when the file was validated; of two with one id the first is the one that counts.
      if ("why" in request || seen?.add(request.key, request.line, false) === false) return false;
      const standing = finished.standing(request.key, request.hash);
      // The results are not those that were there when it was validated.
      if (standing === "changed") throw new UserError({ code: "batch_changed", path, count: 1, lines: [request.line] });
      return standing === "unknown";
    };
    const { done, failed } = finished.count();
    for await (const requests of read(undefined, done + failed > 0 ? isDone : undefined)) yield requests.filter(isOpen);
  }

  return {
    path,
    stamp,
    hasChanged,
    async validate(finished, { onBad, onRequest, onProgress }) {
      const seen = createFinished();
      const found = { count: 0, bad: 0, done: 0, failed: 0, changed: 0, changedLines: [] as number[] };
      for await (const requests of read(onProgress)) {
        for (const request of requests) {
          const bad = "why" in request ? request : duplicate(request, seen);
          if (bad !== null) {
            found.bad++;
            onBad(bad);
          }
          if ("why" in request || bad !== null) continue;
          seen.add(request.key, request.line, false);
          found.count++;
          onRequest?.(request);
          const standing = finished.standing(request.key, request.hash);
          if (standing === "unknown") continue;
          found[standing]++;
          if (standing === "changed" && found.changedLines.length < NAMED) found.changedLines.push(request.line);
        }
      }
      return found;
    },
    blocks,
    async *requests(finished, distinct) {
      for await (const requests of blocks(finished, distinct)) yield* requests;
    },
    close,
  };
}

/** Lines that are named. */
const NAMED = 10;

function duplicate({ id, key, line }: BatchRequest, seen: Finished): BadLine | null {
  return seen.requestOf(key) === null ? null : { id, line, why: "duplicate_id", key: id };
}

const CARRIAGE_RETURN = 13;

/** The bytes of a line without what does not count: the mark at the beginning of a file, and half of a line end. */
function contentOf({ bytes, number }: Line): Buffer {
  const text = number === 1 ? unmarked(bytes) : bytes;
  return text[text.length - 1] === CARRIAGE_RETURN ? text.subarray(0, -1) : text;
}

/** By its name; else JSON begins with a brace, or is a list of what does. */
function formatOf(path: string, head: Buffer): InputFormat {
  if (/\.(jsonl|ndjson|json)$/i.test(path)) return "jsonl";
  if (/\.(txt|text|md)$/i.test(path)) return "text";
  return /^\uFEFF?\s*(?:\{|\[\s*\{)/.test(head.toString()) ? "jsonl" : "text";
}

/** The key of a line that begins with its id, as those do that programs write; `null`: it must be parsed. */
function quickKey(bytes: Buffer): Key | null {
  if (!startsWith(bytes, BEGINS, 0)) return null;
  let to = BEGINS.length;
  for (; to < bytes.length && bytes[to] !== QUOTE; to++) if (bytes[to] === BACKSLASH) return null;
  return to === BEGINS.length ? null : keyOf(bytes.subarray(BEGINS.length, to));
}

const BEGINS = Buffer.from('{"custom_id":"');
const QUOTE = 34;
const BACKSLASH = 92;
