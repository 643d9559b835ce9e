import { existsSync } from "node:fs";
import type { Wanted } from "../batch/collect.ts";
import { createFinished, requestHash } from "../batch/finished.ts";
import { createInput, type BatchRequest } from "../batch/input.ts";
import { ProviderError } from "../batch/provider-http.ts";
import type { Provider, ProviderBatch } from "../batch/provider.ts";
import { parseRequest } from "../batch/request.ts";
import { checksumOf, placementOf, type Part, type Submission } from "../batch/submission.ts";
import type { Chosen, Session } from "./batch-provider.ts";

/** The requests of a batch: from the file that was submitted, or from the provider's copy of it; `null`: from nowhere. */
export async function wantedOf(
  session: Session,
  { input, state }: Chosen,
  part: Part | null,
  batch: ProviderBatch,
): Promise<Map<string, Wanted> | null> {
  if (input !== null && state !== null && part !== null && existsSync(input)) {
    const wanted = await fromInput(input, state, part);
    if (wanted !== null) return wanted;
    await session.context.err.warn(session.words.changed(input));
  }
  const file = batch.input_file_id ?? part?.file_id ?? null;
  return file === null ? null : fromProvider(session.provider, file);
}

/** `null`: the file holds something else by now. */
async function fromInput(path: string, state: Submission, part: Part): Promise<Map<string, Wanted> | null> {
  const input = createInput(path, { format: null, added: state.added, addedToBody: 0 });
  const place = placementOf(state);
  const wanted = new Map<string, Wanted>();
  let checksum = 0;
  try {
    for await (const request of input.requests(createFinished())) {
      if (place(request).part === part.part) {
        wanted.set(request.id, toWanted(request, state.model));
        checksum = checksumOf(request, checksum);
      }
      if (request.line >= part.last_line) break;
    }
  } finally {
    input.close();
  }
  return checksum === part.checksum && wanted.size === part.requests ? wanted : null;
}

function toWanted({ id, hash, line, asked }: Omit<BatchRequest, "key" | "text">, standard: string): Wanted {
  const model = asked.kind === "body" ? asked.body.model : (asked.prompt.model ?? standard);
  return { id, hash, line, model, ended: "no" };
}

async function fromProvider(provider: Provider, file: string): Promise<Map<string, Wanted> | null> {
  const wanted = new Map<string, Wanted>();
  let line = 0;
  try {
    for await (const text of provider.lines(file)) {
      line++;
      const parsed = parseRequest(text, line, "jsonl");
      if ("why" in parsed) continue;
      const hash = requestHash(Buffer.from(text), 0);
      wanted.set(parsed.id, toWanted({ ...parsed, hash, line }, ""));
    }
  } catch (error) {
    // Some providers give no input back, or have deleted it.
    if (error instanceof ProviderError && error.failure.kind === "http" && error.failure.status < 500) return null;
    throw error;
  }
  return wanted.size === 0 ? null : wanted;
}
