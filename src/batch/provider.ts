import * as v from "valibot";
import { backoff } from "../stream/retry.ts";
import { createExchange, isWorthAgain, ProviderError, type ProviderOptions } from "./provider-http.ts";

const text = v.fallback(v.nullable(v.string()), null);
const number = v.fallback(v.nullable(v.number()), null);
const counts = v.object({
  total: v.fallback(v.number(), 0),
  completed: v.fallback(v.number(), 0),
  failed: v.fallback(v.number(), 0),
});

/** A batch as the provider tells it; only its id and its status can be relied on. */
const batchObject = v.object({
  id: v.pipe(v.string(), v.minLength(1)),
  status: v.string(),
  endpoint: v.optional(text, null),
  input_file_id: v.optional(text, null),
  output_file_id: v.optional(text, null),
  error_file_id: v.optional(text, null),
  created_at: v.optional(number, null),
  expires_at: v.optional(number, null),
  request_counts: v.optional(v.fallback(v.nullable(counts), null), null),
  errors: v.optional(
    v.fallback(
      v.nullable(v.object({ data: v.array(v.object({ code: v.optional(text, null), message: text, line: number })) })),
      null,
    ),
    null,
  ),
  metadata: v.optional(v.fallback(v.nullable(v.record(v.string(), v.unknown())), null), null),
});

export type ProviderBatch = v.InferOutput<typeof batchObject>;

const fileObject = v.object({
  id: v.pipe(v.string(), v.minLength(1)),
  filename: v.optional(text, null),
});
type ProviderFile = v.InferOutput<typeof fileObject>;

const page = v.object({ data: v.array(v.unknown()), has_more: v.fallback(v.boolean(), false) });

const FINAL = new Set(["completed", "failed", "expired", "cancelled", "canceled"]);

/** Whether a batch will not change any more. */
export function isFinal({ status }: Pick<ProviderBatch, "status">): boolean {
  return FINAL.has(status);
}

/** The Files and Batches of a provider. Everything here rejects with a ProviderError. */
export type Provider = {
  /** Uploads a file that holds the form as it is sent. Not asked twice: it may be there although no answer came. */
  upload(form: { path: string; boundary: string }): Promise<string>;
  /** The same holds of a batch. */
  create(asked: { file: string; url: string; key: string; metadata: Record<string, string> }): Promise<ProviderBatch>;
  retrieve(id: string): Promise<ProviderBatch>;
  cancel(id: string): Promise<ProviderBatch>;
  /** Newest first, page by page. */
  batches(): AsyncGenerator<ProviderBatch>;
  files(): AsyncGenerator<ProviderFile>;
  /** The lines of a file, without their ends; goes on where a download broke off. */
  lines(file: string): AsyncGenerator<string>;
};

/** Bytes a second with which even a slow line uploads. */
const SLOWEST_UPLOAD = 50_000;
const PAGE = 100;
/** Pages after which a list is taken for endless. */
const MOST_PAGES = 100;
/** Speaks with the Files and the Batches of one endpoint. */
export function createProvider(options: ProviderOptions): Provider {
  const { sleep, random } = options;
  const { exchange, ask, pieces } = createExchange(options);

  async function* list<T extends { id: string }>(path: string, schema: v.GenericSchema<unknown, T>): AsyncGenerator<T> {
    let after = "";
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const asked = { path: `${path}${path.includes("?") ? "&" : "?"}limit=${PAGE}${after}` };
      const { data, has_more: more } = await ask(asked, page, true);
      // One that is told otherwise than all others is no reason to see none.
      const found = data
        .map((each) => v.safeParse(schema, each))
        .flatMap((each) => (each.success ? [each.output] : []));
      yield* found;
      const last = found.at(-1)?.id;
      if (!more || last === undefined || after === `&after=${encodeURIComponent(last)}`) return;
      after = `&after=${encodeURIComponent(last)}`;
    }
  }

  /** The bytes of a file from `from` on, as one response brings them. */
  async function* download(file: string, from: number): AsyncGenerator<Uint8Array> {
    const headers: Record<string, string> = { accept: "*/*" };
    if (from > 0) headers["range"] = `bytes=${from}-`;
    const response = await exchange({ path: `/files/${encodeURIComponent(file)}/content`, headers });
    const goesOn = response.status === 206 && response.headers.get("content-range")?.startsWith(`bytes ${from}-`);
    const length = response.headers.has("content-encoding") ? null : response.headers.get("content-length");
    let skip = goesOn ? 0 : from;
    let bytes = 0;
    for await (const part of pieces(response)) {
      bytes += part.byteLength;
      const rest = part.subarray(Math.min(skip, part.byteLength));
      skip -= part.byteLength - rest.byteLength;
      if (rest.byteLength > 0) yield rest;
    }
    if (length !== null && bytes < Number(length)) throw new ProviderError({ kind: "ended_early", message: "" });
  }

  async function* lines(file: string): AsyncGenerator<string> {
    let done = 0;
    for (let attempt = 0; ; attempt++) {
      const splitter = createSplitter();
      const before = done;
      try {
        for await (const part of download(file, done))
          for (const line of splitter.push(part)) {
            done += line.byteLength + 1;
            yield line.toString();
          }
        const rest = splitter.rest();
        if (rest === "" || isJson(rest) || attempt >= MOST_DOWNLOADS) {
          if (rest !== "") yield rest;
          return;
        }
      } catch (error) {
        if (!(error instanceof ProviderError)) throw error;
        const { failure } = error;
        // All of it came already.
        if (failure.kind === "http" && failure.status === 416) return;
        // A file that was just written is not always there at once.
        const worth = isWorthAgain(failure) || (failure.kind === "http" && failure.status === 404);
        if (!worth || attempt >= MOST_DOWNLOADS) throw error;
        await sleep((failure.kind === "http" ? failure.wait : null) ?? 0);
      }
      if (done > before) attempt = -1;
      await sleep(backoff(Math.max(0, attempt), random));
    }
  }

  return {
    async upload({ path, boundary }) {
      const file = Bun.file(path);
      const headers = { "content-type": `multipart/form-data; boundary=${boundary}` };
      const open = options.open === 0 ? 0 : options.open + (1000 * file.size) / SLOWEST_UPLOAD;
      const { id } = await ask({ method: "POST", path: "/files", body: file, headers, open }, fileObject, false);
      return id;
    },
    async create({ file, url, key, metadata }) {
      const asked = { input_file_id: file, endpoint: url, completion_window: "24h" };
      const headers = { "idempotency-key": key };
      const send = (body: object): Promise<ProviderBatch> =>
        ask({ method: "POST", path: "/batches", body: JSON.stringify(body), headers }, batchObject, false);
      try {
        return await send({ ...asked, metadata });
      } catch (error) {
        if (!refusesMetadata(error)) throw error;
        return send(asked);
      }
    },
    retrieve: (id) => ask({ path: `/batches/${encodeURIComponent(id)}` }, batchObject, true),
    cancel: (id) => ask({ method: "POST", path: `/batches/${encodeURIComponent(id)}/cancel` }, batchObject, true),
    batches: () => list("/batches", batchObject),
    files: () => list("/files?purpose=batch", fileObject),
    lines,
  };
}

/** Times in a row that a download may break off without a line more. */
const MOST_DOWNLOADS = 4;
const LINE_FEED = 10;
/** Most bytes of a line: the answer to one request. */
const LONGEST_LINE = 64 * 1024 * 1024;

/** Cuts bytes into lines. */
function createSplitter() {
  /** The beginning of a line, joined when its end comes: a long one comes in a thousand parts. */
  let parts: Uint8Array[] = [];
  let length = 0;
  return {
    *push(part: Uint8Array): Generator<Buffer> {
      let start = 0;
      for (let at = part.indexOf(LINE_FEED); at >= 0; at = part.indexOf(LINE_FEED, start)) {
        const line = Buffer.concat([...parts, part.subarray(start, at)]);
        parts = [];
        length = 0;
        start = at + 1;
        yield line;
      }
      parts.push(part.subarray(start));
      length += part.byteLength - start;
      if (length > LONGEST_LINE)
        throw new ProviderError({ kind: "oversize", reason: "event", limit: LONGEST_LINE, message: "" });
    },
    rest: () => Buffer.concat(parts).toString(),
  };
}

/** Not every provider keeps what it is told of a batch. */
function refusesMetadata(error: unknown): boolean {
  if (!(error instanceof ProviderError) || error.failure.kind !== "http") return false;
  return [400, 422].includes(error.failure.status) && /metadata/i.test(error.failure.message);
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
