import { responseHead, type Header } from "./body.ts";
import type { HttpRequest } from "./http.ts";
import { invalid } from "./errors.ts";
import { refusalReply, wholeReply } from "./replies.ts";
import { CUT, KEEP, type Script } from "./script.ts";
import {
  isFields,
  makeFiles,
  parse,
  requestsIn,
  type AnswerOne,
  type BatchOutcome,
  type MadeFiles,
} from "./batch-outcomes.ts";

type Fields = Record<string, unknown>;

type StoredFile = {
  id: string;
  filename: string;
  purpose: string;
  content: Uint8Array;
  created: number;
  asked: number;
};

type Batch = {
  id: string;
  endpoint: string;
  file: string;
  total: number;
  metadata: unknown;
  created: number;
  /** When somebody cancelled it; `null` while nobody has. */
  cancelled: number | null;
  asked: number;
  /** Made when it is over; `null` until then. */
  ended: Ended | null;
};

type Ended = Pick<MadeFiles, "status" | "counts"> & { output: string | null; error: string | null };

type BatchesOptions = {
  outcome: BatchOutcome;
  /** Ms that a batch takes. */
  ms: number;
  answer: AnswerOne;
};

/** Files and batches are kept while the server runs: no more than so many bytes. */
const MOST_BYTES = 1024 * 1024 * 1024;

/** The Files and Batches of the simulator; `null` for a path that is none of theirs. */
export function createBatches(options: BatchesOptions): (request: HttpRequest, now: number) => Script | null {
  const { outcome, ms } = options;
  const files = new Map<string, StoredFile>();
  const batches = new Map<string, Batch>();
  /** Answers that were lost already. */
  const lost = new Set<string>();
  let bytes = 0;
  let count = 0;

  function store(filename: string, purpose: string, content: Uint8Array, now: number): StoredFile {
    const file = { id: `file-sim-${++count}`, filename, purpose, content, created: now, asked: 0 };
    files.set(file.id, file);
    bytes += content.byteLength;
    return file;
  }

  function upload({ headers, body }: HttpRequest, now: number): Script {
    const form = readForm(headers["content-type"] ?? "", body);
    if (form === null) return refused(400, "The body is no form with 'purpose' and 'file'.");
    if (form.purpose !== "batch") return refused(400, "'purpose' must be 'batch'.");
    if (bytes + form.content.byteLength > MOST_BYTES) return refused(413, "There is no room for this file.");
    const file = store(form.filename, form.purpose, form.content, now);
    return outcome === "lost-upload" && !lost.has("upload") ? lose("upload") : json(toFile(file));
  }

  /** The answer of what was done does not arrive. */
  function lose(what: string): Script {
    lost.add(what);
    return reset();
  }

  function download(id: string, { headers }: HttpRequest): Script {
    const file = files.get(id);
    if (file === undefined) return refused(404, `No such File object: ${id}`);
    file.asked++;
    if (outcome === "files-late" && file.purpose === "batch_output" && file.asked === 1)
      return refused(404, `No such File object: ${id}`);
    const ranges = outcome !== "cut-download-whole";
    const from = ranges ? Number(/^bytes=(\d+)-$/.exec(headers["range"] ?? "")?.[1] ?? 0) : 0;
    const size = file.content.byteLength;
    if (from > 0 && from >= size) return refused(416, "There is nothing there.");
    const cuts = outcome.startsWith("cut-download") && file.purpose === "batch_output";
    const third = Math.ceil(size / 3);
    const to = cuts ? Math.min(size, (ranges ? from : third * (file.asked - 1)) + third + 7) : size;
    return content(file.content, from, to);
  }

  function create({ body }: HttpRequest, now: number): Script {
    const asked = parse(body);
    if (!isFields(asked)) return refused(400, "The body is not a JSON object.");
    const { input_file_id: file, endpoint, completion_window: window, metadata = null } = asked;
    if (typeof file !== "string" || !files.has(file)) return refused(400, `Input file ${String(file)} was not found.`);
    if (typeof endpoint !== "string" || !endpoint.startsWith("/v1/")) return refused(400, "'endpoint' is not known.");
    if (window !== "24h") return refused(400, "'completion_window' must be '24h'.");
    const id = `batch_sim_${++count}`;
    const batch: Batch = {
      id,
      endpoint,
      file,
      total: requestsIn(files.get(file)?.content).length,
      metadata,
      created: now,
      cancelled: null,
      asked: 0,
      ended: null,
    };
    batches.set(id, batch);
    const loses = outcome === "lost-create" || outcome === "no-list";
    return loses && !lost.has("create") ? lose("create") : json(toBatch(batch, now));
  }

  function end(batch: Batch, now: number): Ended {
    const asked = requestsIn(files.get(batch.file)?.content);
    const isCancelled = batch.cancelled !== null;
    const made = makeFiles(asked, { id: batch.id, isCancelled, now, outcome, answer: options.answer });
    const keep = (name: string, texts: readonly string[]): string | null =>
      texts.length === 0 ? null : store(name, "batch_output", Buffer.from(`${texts.join("\n")}\n`), now).id;
    return {
      status: made.status,
      output: keep(`${batch.id}_output.jsonl`, made.output),
      error: keep(`${batch.id}_error.jsonl`, made.error),
      counts: made.counts,
    };
  }

  function isOver({ created, cancelled }: Batch, now: number): boolean {
    if (cancelled !== null) return now >= cancelled + ms / 4;
    return outcome !== "stuck" && outcome !== "cancelled" && now >= created + ms;
  }

  function toBatch(batch: Batch, now: number): Fields {
    if (batch.ended === null && isOver(batch, now)) batch.ended = end(batch, now);
    const { ended } = batch;
    const late = outcome === "files-late" && batch.asked < 3;
    const total = ended === null && now < batch.created + ms / 4 ? 0 : batch.total;
    const share = Math.min(0.9, Math.max(0, (now - batch.created) / ms));
    return {
      id: batch.id,
      object: "batch",
      endpoint: batch.endpoint,
      errors: ended?.status === "failed" ? { object: "list", data: [BAD_LINE] } : null,
      input_file_id: batch.file,
      completion_window: "24h",
      status: ended?.status ?? running(batch, now, ms),
      output_file_id: late ? null : (ended?.output ?? null),
      error_file_id: late ? null : (ended?.error ?? null),
      created_at: Math.floor(batch.created / 1000),
      expires_at: Math.floor(batch.created / 1000) + 86_400,
      request_counts: ended?.counts ?? { total, completed: Math.floor(total * share), failed: 0 },
      metadata: batch.metadata,
    };
  }

  function ask(id: string, action: string, request: HttpRequest, now: number): Script {
    const batch = batches.get(id);
    if (batch === undefined) return refused(404, `No batch found with id '${id}'.`);
    batch.asked++;
    if (outcome === "not-yet" && batch.asked <= 2) return refused(404, `No batch found with id '${id}'.`);
    if (outcome === "rate-limited" && batch.asked % 2 === 1) return refused(429, "Rate limit reached for requests.");
    if (action === "") return request.method === "GET" ? json(toBatch(batch, now)) : notAllowed();
    if (action !== "/cancel" || request.method !== "POST") return notAllowed();
    if (toBatch(batch, now)["status"] === "completed") return refused(400, "A completed batch cannot be cancelled.");
    batch.cancelled ??= now;
    return json(toBatch(batch, now));
  }

  return (request, now) => {
    const [path = "", query = ""] = request.path.split("?", 2);
    const isGet = request.method === "GET";
    if (path === "/v1/files" && request.method === "POST") return upload(request, now);
    if (path === "/v1/batches" && request.method === "POST") return create(request, now);
    if (path === "/v1/files" || path === "/v1/batches") {
      if (!isGet) return notAllowed();
      if (outcome === "no-list") return refused(404, "Nothing is listed here.");
      const all =
        path === "/v1/files"
          ? [...files.values()].map(toFile)
          : [...batches.values()].map((each) => toBatch(each, now));
      return json(pageOf(all.toReversed(), new URLSearchParams(query)));
    }
    const [, kind = "", id = "", action = ""] = /^\/v1\/(files|batches)\/([^/]+)(\/\w+)?$/.exec(path) ?? [];
    if (kind === "batches") return ask(id, action, request, now);
    if (kind !== "files") return null;
    if (!isGet) return notAllowed();
    if (action === "/content") return download(id, request);
    const file = files.get(id);
    return file === undefined ? refused(404, `No such File object: ${id}`) : json(toFile(file));
  };
}

const JSON_TYPE = "application/json";
const BAD_LINE = {
  code: "invalid_json_line",
  message: "This line is not parseable as valid JSON.",
  param: null,
  line: 1,
};

function json(value: unknown): Script {
  return wholeReply(200, JSON_TYPE, JSON.stringify(value));
}

function refused(status: number, message: string): Script {
  return refusalReply({ ...invalid(message), status });
}

function notAllowed(): Script {
  return refused(405, "This is not answered here.");
}

function* reset(): Script {
  yield { due: 0, data: "", token: -1 };
  return { how: "reset", after: 5 };
}

/** A part of a file; all that is left of it is promised, and what stands behind `to` does not come. */
function* content(file: Uint8Array, from: number, to: number): Script {
  const size = file.byteLength;
  const headers: Header[] = [
    ["Content-Type", "application/jsonl"],
    ["Content-Length", String(size - from)],
  ];
  if (from > 0) headers.push(["Content-Range", `bytes ${from}-${size - 1}/${size}`]);
  yield { due: 0, data: responseHead(from > 0 ? 206 : 200, headers), token: -1 };
  yield { due: 0, data: file.subarray(from, to), token: -1 };
  return to < size ? CUT : KEEP;
}

function running({ created, cancelled }: Batch, now: number, ms: number): string {
  if (cancelled !== null) return "cancelling";
  const share = (now - created) / ms;
  return share < 0.25 ? "validating" : share < 0.9 ? "in_progress" : "finalizing";
}

function toFile({ id, filename, purpose, content: bytes, created }: StoredFile): Fields & { id: string } {
  const size = bytes.byteLength;
  return {
    id,
    object: "file",
    bytes: size,
    created_at: Math.floor(created / 1000),
    filename,
    purpose,
    status: "processed",
  };
}

function pageOf(all: readonly Fields[], query: URLSearchParams): Fields {
  const limit = Math.min(100, Number(query.get("limit") ?? 20) || 20);
  const after = query.get("after");
  const start = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1;
  const data = all.slice(start, start + limit);
  return {
    object: "list",
    data,
    first_id: data[0]?.["id"] ?? null,
    last_id: data.at(-1)?.["id"] ?? null,
    has_more: start + limit < all.length,
  };
}

type Form = { purpose: string; filename: string; content: Uint8Array };

/** The two fields of an upload. */
function readForm(type: string, body: Uint8Array): Form | null {
  const boundary = /boundary="?([^";]+)"?/.exec(type)?.[1];
  if (boundary === undefined) return null;
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const mark = Buffer.from(`--${boundary}`);
  let purpose: string | null = null;
  let file: Pick<Form, "filename" | "content"> | null = null;
  for (let at = bytes.indexOf(mark); at >= 0;) {
    const head = at + mark.length + 2;
    const blank = bytes.indexOf("\r\n\r\n", head);
    const next = bytes.indexOf(mark, head);
    if (blank < 0 || next < 0) break;
    const names = bytes.toString("utf8", head, blank);
    const value = bytes.subarray(blank + 4, next - 2);
    if (/name="purpose"/.test(names)) purpose = value.toString();
    const filename = /filename="([^"]*)"/.exec(names)?.[1];
    if (filename !== undefined) file = { filename, content: new Uint8Array(value) };
    at = next;
  }
  return purpose === null || file === null ? null : { purpose, ...file };
}
