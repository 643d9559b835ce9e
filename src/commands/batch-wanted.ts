import { existsSync } from "node:fs";
import type { Wanted } from "../batch/collect.ts";
import { createFinished, requestHash } from "../batch/finished.ts";
import { createInput, type BatchRequest } from "../batch/input.ts";
import { ProviderError } from "../batch/provider-http.ts";
import type { Provider, ProviderBatch } from "../batch/provider.ts";
import { parseRequest } from "../batch/request.ts";
import { checksumOf, createPlacement, PART_LIMITS, type Part, type Submission } from "../batch/submission.ts";
import type { Chosen, Session } from "./batch-provider.ts";
import { askingOf } from "./batch-run.ts";
import { createSendable } from "./batch-sendable.ts";
import { paramsOf } from "./request-options.ts";

/** The requests of a batch: from the file that was submitted, or from the provider's copy of it; `null`: from nowhere. */
export async function wantedOf(
  session: Session,
  { input, state }: Chosen,
  part: Part | null,
  batch: ProviderBatch,
): Promise<Map<string, Wanted> | null> {
  if (input !== null && state !== null && part !== null && existsSync(input)) {
    const wanted = await fromInput(session, input, state, part);
    if (wanted !== null) return wanted;
    await session.context.err.warn(session.words.changed(input));
  }
  const file = batch.input_file_id ?? part?.file_id ?? null;
  return file === null ? null : fromProvider(session.provider, file);
}

/** `null`: the file holds something else by now. */
async function fromInput(
  { context, target }: Session,
  path: string,
  state: Submission,
  part: Part,
): Promise<Map<string, Wanted> | null> {
  const params = paramsOf(context.args.all("param"));
  const { unsaidOf } = await askingOf(target, params, "");
  const input = createInput(path, { format: null, added: state.added, addedToBody: 0, unsaidOf });
  const most = Math.max(...state.parts.map(({ requests }) => requests));
  const place = createPlacement({ ...PART_LIMITS, requests: most }, await createSendable(target, params));
  const wanted = new Map<string, Wanted>();
  let checksum = 0;
  try {
    for await (const request of input.requests(createFinished())) {
      if (place(request).part === part.part) {
        wanted.set(request.id, toWanted(request));
        checksum = checksumOf(request, checksum);
      }
      if (request.line >= part.last_line) break;
    }
  } finally {
    input.close();
  }
  return checksum === part.checksum && wanted.size === part.requests ? wanted : null;
}

function toWanted({ id, hash, line }: Pick<BatchRequest, "id" | "hash" | "line">): Wanted {
  return { id, hash, line, ended: "no" };
}

async function fromProvider(provider: Provider, file: string): Promise<Map<string, Wanted> | null> {
  const wanted = new Map<string, Wanted>();
  let line = 0;
  try {
    for await (const text of provider.lines(file)) {
      line++;
      const parsed = parseRequest(text, line, "jsonl");
      if ("id" in parsed)
        wanted.set(parsed.id, toWanted({ id: parsed.id, hash: requestHash(Buffer.from(text), 0), line }));
    }
  } catch (error) {
    // Some providers give no input back, or have deleted it.
    if (error instanceof ProviderError && error.failure.kind === "http" && error.failure.status < 500) return null;
    throw error;
  }
  return wanted.size === 0 ? null : wanted;
}
