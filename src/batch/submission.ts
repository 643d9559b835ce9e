import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync } from "node:fs";
import * as v from "valibot";
import { UserError } from "../config/user-error.ts";
import { pathOf } from "../wire/apis.ts";
import type { BatchRequest } from "./input.ts";
import { writeAll } from "./journal.ts";
import { readJson } from "./json.ts";

/** One batch that is made of a file, or a part of it. */
const part = v.object({
  part: v.number(),
  /** The path that its requests ask, such as `/v1/chat/completions`. */
  url: v.string(),
  model: v.string(),
  requests: v.number(),
  /** Bytes as they are uploaded. */
  bytes: v.number(),
  first_line: v.number(),
  last_line: v.number(),
  /** CRC-32 of the hashes of its requests: whether the file still holds what was sent. */
  checksum: v.number(),
  /** Of the uploaded file, known nowhere else: by it the upload is found again. */
  name: v.string(),
  /** When it was begun; `null` before. Without an id after it, it may be there all the same. */
  uploading_since: v.nullable(v.string()),
  file_id: v.nullable(v.string()),
  creating_since: v.nullable(v.string()),
  batch_id: v.nullable(v.string()),
  created_at: v.nullable(v.string()),
});

const submission = v.object({
  v: v.literal(1),
  /** Tells whether the file is the one that was sent; see `Input`. */
  stamp: v.string(),
  /** As it may be shown. */
  endpoint: v.string(),
  /** See `createInput`. */
  added: v.number(),
  /** What prompts ask that are no requests of their own: the model of the settings, and the path of their API. */
  model: v.string(),
  url: v.string(),
  parts: v.array(part),
});

export type Part = v.InferOutput<typeof part>;
/** What was sent of a file: kept beside it, before and after each step. */
export type Submission = v.InferOutput<typeof submission>;

/** The most that a provider takes in one batch. */
export type PartLimits = { requests: number; bytes: number };

/** OpenAI's own: 50 000 requests and 200 MB. */
export const PART_LIMITS: PartLimits = { requests: 50_000, bytes: 200_000_000 };

/** Where what was sent of a file is kept. */
export function submissionPath(input: string): string {
  return `${input}.batches.json`;
}

/** What was sent of a file; `null`: nothing yet. */
export function readSubmission(input: string): Submission | null {
  const path = submissionPath(input);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
  return parseSubmission(text) ?? refuse(path);
}

/** `null`: it is none. */
export function parseSubmission(text: string): Submission | null {
  return readJson(submission, text);
}

function refuse(path: string): never {
  throw new UserError({ code: "not_batches", path });
}

/** Keeps what was sent: whole on the disk, or as it was before. */
export function writeSubmission(input: string, state: Submission): void {
  const path = submissionPath(input);
  const beside = `${path}.partial`;
  const file = openSync(beside, "w", 0o600);
  try {
    writeAll(file, Buffer.from(`${JSON.stringify(state, null, 2)}\n`));
    fsyncSync(file);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  renameSync(beside, path);
}

/** A request in the form in which a provider takes it. */
export type Sendable = { url: string; model: string; line: string };

/** A request that is a body: as it stands in the file, but never streamed. */
export function sendableBody({
  id,
  text,
  asked,
}: Omit<BatchRequest, "asked"> & { asked: Extract<BatchRequest["asked"], { kind: "body" }> }): Sendable {
  const url = `/v1${pathOf(asked.api)}`;
  const { stream, stream_options: options, ...body } = asked.body;
  const asIs = stream === undefined && options === undefined;
  const line = asIs ? text : JSON.stringify({ custom_id: id, method: "POST", url, body });
  return { url, model: asked.body.model, line };
}

/** The placement of what was submitted, whatever the settings say by now. */
export function placementOf({ parts, model, url }: Submission): ReturnType<typeof createPlacement> {
  const requests = Math.max(...parts.map((part) => part.requests));
  return createPlacement({ ...PART_LIMITS, requests }, (request) => {
    const { asked } = request;
    return asked.kind === "body"
      ? sendableBody({ ...request, asked })
      : { url, model: asked.prompt.model ?? model, line: "" };
  });
}

/** A request of the input, with the part it belongs to. */
type Placed = { request: BatchRequest; sendable: Sendable; part: number };

/**
 * Which part each request belongs to: one path and one model a batch, within the limits, in the order of the file. The
 * same file always gives the same parts.
 */
export function createPlacement(limits: PartLimits, sendable: (request: BatchRequest) => Sendable) {
  const open = new Map<string, { part: number; requests: number; bytes: number }>();
  let parts = 0;
  return (request: BatchRequest): Placed => {
    const sent = sendable(request);
    const bytes = Buffer.byteLength(sent.line) + 1;
    const kind = JSON.stringify([sent.url, sent.model]);
    const found = open.get(kind);
    const fits = found !== undefined && found.requests < limits.requests && found.bytes + bytes <= limits.bytes;
    const into = fits ? found : { part: ++parts, requests: 0, bytes: 0 };
    if (!fits) open.set(kind, into);
    into.requests++;
    into.bytes += bytes;
    return { request, sendable: sent, part: into.part };
  };
}

/** The parts of a file, before anything of it is sent. */
export async function planParts(
  requests: AsyncIterable<BatchRequest>,
  place: ReturnType<typeof createPlacement>,
  token: string,
): Promise<Part[]> {
  const parts: Part[] = [];
  for await (const request of requests) {
    const { part: number, sendable } = place(request);
    const at = (parts[number - 1] ??= emptyPart(number, sendable, request, token));
    at.requests++;
    at.bytes += Buffer.byteLength(sendable.line) + 1;
    at.last_line = request.line;
    at.checksum = checksumOf(request, at.checksum);
  }
  return parts;
}

function emptyPart(number: number, { url, model }: Sendable, { line }: BatchRequest, token: string): Part {
  return {
    part: number,
    url,
    model,
    requests: 0,
    bytes: 0,
    first_line: line,
    last_line: line,
    checksum: 0,
    name: `llmaas-${token}-${number}.jsonl`,
    uploading_since: null,
    file_id: null,
    creating_since: null,
    batch_id: null,
    created_at: null,
  };
}

/** What tells the requests of a part from any others, one after the other. */
export function checksumOf({ key, hash }: Pick<BatchRequest, "key" | "hash">, before: number): number {
  return Bun.hash.crc32(Uint32Array.of(key.first, key.second, hash), before);
}
