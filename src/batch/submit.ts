import { closeSync, fsyncSync, openSync, rmSync } from "node:fs";
import { type Provider, type ProviderBatch } from "./provider.ts";
import { isWorthAgain, mayBeTaken, ProviderError } from "./provider-http.ts";
import { submissionPath, type createPlacement, type Part, type Submission } from "./submission.ts";
import type { BatchRequest } from "./input.ts";
import { writeAll } from "./journal.ts";
import { backoff } from "../stream/retry.ts";
import type { Ms } from "../stream/event.ts";

/** Ms after which a provider shows what it has made. */
export const SETTLED = 60_000;

/** What happens on the way; `part` is that of the file. */
export type SubmitEvent =
  | { type: "uploading" | "created" | "found_file" | "found_batch" | "looking"; part: Part }
  | { type: "uploaded"; part: Part };

type SubmitOptions = {
  /** The path of the input: the form of an upload grows beside it. */
  input: string;
  state: Submission;
  /** Called before and after each step that leaves something at the provider. */
  save: (state: Submission) => void;
  provider: Provider;
  requests: () => AsyncIterable<BatchRequest>;
  placement: () => ReturnType<typeof createPlacement>;
  retries: number;
  now: () => Ms;
  sleep: (ms: Ms) => Promise<void>;
  random: () => number;
  on: (event: SubmitEvent) => void;
};

/** A batch may have been made, and the provider does not say. */
export class UncertainError extends Error {
  readonly part: Part;

  constructor(part: Part, cause: unknown) {
    super(`part ${part.part}`, { cause });
    this.name = "UncertainError";
    this.part = part;
  }
}

/**
 * Makes the batches of a file that are not there yet, however often it is interrupted: what may have been done is looked
 * for before it is done again.
 */
export async function submitParts(options: SubmitOptions): Promise<void> {
  const { state, input } = options;
  // A process that was killed while it uploaded has left it.
  rmSync(formPath(input), { force: true });
  for (const part of state.parts) {
    if (part.batch_id !== null) continue;
    const file = part.file_id ?? (await fileOf(part, options));
    const batch = await batchOf(part, file, options);
    part.batch_id = batch.id;
    part.created_at = new Date(options.now()).toISOString();
    options.save(state);
    options.on({ type: "created", part });
  }
}

/** The uploaded file of a part. */
async function fileOf(part: Part, options: SubmitOptions): Promise<string> {
  const { state, save, on, provider } = options;
  let id = part.uploading_since === null ? null : await findFile(part, options);
  if (id === null) {
    const form = await writeForm(part, options);
    try {
      id = await uploadForm(part, form, options);
    } finally {
      rmSync(form.path, { force: true });
    }
  } else on({ type: "found_file", part });
  part.file_id = id;
  save(state);
  on({ type: "uploaded", part });
  return id;

  async function uploadForm(of: Part, form: Form, { retries, sleep, random }: SubmitOptions): Promise<string> {
    part.uploading_since = new Date(options.now()).toISOString();
    save(state);
    on({ type: "uploading", part });
    for (let attempt = 0; ; attempt++) {
      try {
        return await provider.upload(form);
      } catch (error) {
        if (!(error instanceof ProviderError) || !mayBeTaken(error.failure)) throw error;
        const found = await findFile(of, options);
        if (found !== null) {
          on({ type: "found_file", part });
          return found;
        }
        if (!isWorthAgain(error.failure) || attempt >= retries) throw error;
        await sleep(backoff(attempt, random));
      }
    }
  }
}

/** A file of ours that is at the provider although no answer said so. A provider without a list has none to be found. */
async function findFile({ name }: Part, { provider }: SubmitOptions): Promise<string | null> {
  try {
    for await (const { id, filename } of provider.files()) if (filename === name) return id;
  } catch (error) {
    // A file that is there twice is no batch and costs nothing.
    if (!(error instanceof ProviderError)) throw error;
  }
  return null;
}

/** The batch of an uploaded file: the one that is there, or a new one. */
async function batchOf(part: Part, file: string, options: SubmitOptions): Promise<ProviderBatch> {
  const { state, save, provider, now } = options;
  if (part.creating_since !== null) {
    const found = await findBatch(part, file, Date.parse(part.creating_since) + SETTLED, options);
    if (found !== null) return found;
  }
  for (let attempt = 0; ; attempt++) {
    part.creating_since = new Date(now()).toISOString();
    save(state);
    try {
      const metadata = { llmaas: part.name, part: `${part.part}/${state.parts.length}` };
      return await provider.create({ file, url: part.url, key: part.name, metadata });
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      if (!mayBeTaken(error.failure)) {
        part.creating_since = null;
        // A file that is gone from the provider is uploaded again the next time.
        if (error.failure.kind === "http" && /\bfile\b/i.test(error.failure.message)) part.file_id = null;
        if (part.file_id === null) part.uploading_since = null;
        save(state);
        throw error;
      }
      const found = await findBatch(part, file, now() + SETTLED, options);
      if (found !== null) return found;
      if (attempt >= options.retries) throw error;
    }
  }
}

/** Looks for a batch of this file until the provider would show it. */
async function findBatch(part: Part, file: string, until: Ms, options: SubmitOptions): Promise<ProviderBatch | null> {
  const { provider, now, sleep, on } = options;
  for (let wait = 1000; ; wait = Math.min(2 * wait, 10_000)) {
    try {
      for await (const batch of provider.batches()) {
        if (batch.input_file_id !== file) continue;
        on({ type: "found_batch", part });
        return batch;
      }
    } catch (error) {
      // Without a list nobody knows whether it is there: a second one would be paid for.
      throw error instanceof ProviderError ? new UncertainError(part, error) : error;
    }
    if (now() >= until) return null;
    on({ type: "looking", part });
    await sleep(Math.min(wait, Math.max(0, until - now())));
  }
}

type Form = { path: string; boundary: string };

/** Where it grows. */
function formPath(input: string): string {
  return `${submissionPath(input)}.upload`;
}

/** Writes the form of an upload as it is sent: a file of any size is never held in memory. */
async function writeForm(part: Part, { input, requests, placement }: SubmitOptions): Promise<Form> {
  const boundary = `llmaas-${crypto.randomUUID()}`;
  const path = formPath(input);
  const file = openSync(path, "w", 0o600);
  const head =
    `--${boundary}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n` +
    `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${part.name}"\r\n` +
    "Content-Type: application/jsonl\r\n\r\n";
  let waiting = [head];
  let length = 0;
  const flush = (): void => {
    writeAll(file, Buffer.from(waiting.join("")));
    waiting = [];
    length = 0;
  };
  try {
    const place = placement();
    for await (const request of requests()) {
      const { part: number, sendable } = place(request);
      if (number === part.part) {
        waiting.push(sendable.line, "\n");
        length += sendable.line.length;
      }
      if (length > BLOCK) flush();
      if (request.line >= part.last_line) break;
    }
    waiting.push(`\r\n--${boundary}--\r\n`);
    flush();
    fsyncSync(file);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  return { path, boundary };
}

/** UTF-16 units that are written at once. */
const BLOCK = 1024 * 1024;
