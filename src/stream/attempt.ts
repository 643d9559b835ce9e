import { parseApiError } from "../wire/chat.ts";
import { apiUrl, isLoopback } from "../wire/endpoint.ts";
import { createAnswer, type Answer } from "./answer.ts";
import { createBody } from "./body.ts";
import { classify } from "./classify.ts";
import type { Deadline } from "./deadline.ts";
import type { Ms, StreamEvent, StreamRequest } from "./event.ts";
import type { Failure } from "./failure.ts";
import { mask, maskHeaders } from "./mask.ts";
import { clip, firstLine, QUOTE } from "./quote.ts";
import { askedWait } from "./retry.ts";
import { createTail } from "./tail.ts";

/** What of a refused response is read: its status is what counts. */
const REFUSAL_BYTES = 64 * 1024;
const REFUSAL_MS = 2000;
/** After a `finish_reason`, how long we wait for usage and `[DONE]`. */
const SETTLE_MS = 2000;

/** The hole through which bytes enter. */
export type Fetch = (url: string, init: BunFetchRequestInit) => Promise<Response>;

export type AttemptContext = {
  fetch: Fetch;
  request: StreamRequest;
  number: number;
  deadline: Deadline;
  now: () => Ms;
  /** Emits; a promise means that reading is held until it settles. `weight`: bytes of response it stands for. */
  deliver(event: StreamEvent, weight: number): Promise<void> | undefined;
  /** Ms we did not read since the last call. */
  takeHeld(): Ms;
};

/** One HTTP exchange. `stopped` is why reading stopped before the body's own end. */
export type Attempted = {
  answer: Answer;
  stopped: Failure | null;
  at: Ms;
  /** Ms the server asked to wait before another attempt. */
  wait: number | null;
  /** The body of a refusal, as it was, to look for the parameter it names. */
  refusal: string;
  /** The last bytes received, masked, when lines are observed. */
  tail: string;
};

type Reader = { read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>; cancel(): Promise<void> };
type Stopped = Pick<Attempted, "stopped"> & Partial<Pick<Attempted, "at" | "wait" | "refusal">>;

/** Sends the request once and reads what comes. */
export async function attempt(context: AttemptContext): Promise<Attempted> {
  const { request, deadline } = context;
  const answer = createAnswer(request);
  const tail = createTail(request);
  const end = await exchange(context, answer, tail).catch((error: unknown): Stopped => {
    const stopped = deadline.failure() ?? classify(error, request.secrets);
    if (stopped === null) throw error;
    return { stopped };
  });
  return { answer, at: context.now(), wait: null, refusal: "", tail: tail.text(), ...end };
}

async function exchange(
  context: AttemptContext,
  answer: Answer,
  tail: ReturnType<typeof createTail>,
): Promise<Stopped> {
  const { request, deadline, now } = context;
  const body = JSON.stringify(request.body);
  const sentAt = now();
  deadline.sent(sentAt);
  const responding = send(context, body);
  // It may fail while we are held: the failure is met where it is awaited.
  responding.catch(() => undefined);
  const observed = request.observe ? request.body : null;
  await context.deliver({ type: "sent", at: sentAt, attempt: context.number, body: observed }, 0);
  const response = await responding;
  const openedAt = now();
  deadline.opened();
  const { status } = response;
  await context.deliver(
    { type: "opened", at: openedAt, status, headers: maskHeaders(response.headers, request.secrets) },
    0,
  );
  if (status < 200 || status > 299) return await refused(context, response);
  if (response.body === null) return { stopped: { kind: "no_content", status, message: "" } };
  return readBody(context, response, response.body.getReader(), answer, tail);
}

function send({ fetch, request, deadline }: AttemptContext, body: string): Promise<Response> {
  const url = apiUrl(request.endpoint, "chat/completions");
  return fetch(url, {
    method: "POST",
    headers: request.headers,
    body,
    signal: deadline.signal,
    // Bun 1.4: 301–303 would turn the POST into a GET, 307/308 would send the prompt on.
    redirect: "manual",
    // Bun 1.4: the built-in timeout cannot be told from other errors; the four timers are ours.
    timeout: false,
    // BUN_CONFIG_VERBOSE_FETCH would print the key.
    verbose: false,
    ...(isLoopback(url) ? { proxy: false } : {}),
  });
}

async function refused({ request, now, deadline }: AttemptContext, response: Response): Promise<Stopped> {
  const { status, headers } = response;
  if (status >= 300 && status < 400) {
    response.body?.cancel().catch(() => undefined);
    const location = mask(headers.get("location") ?? "", request.secrets);
    return { stopped: { kind: "redirect", status, message: location.slice(0, QUOTE) } };
  }
  // No token can come: what is read here has its own bound.
  deadline.rest();
  const text = response.body === null ? "" : await readSome(response.body.getReader());
  const aborted = deadline.failure();
  if (aborted !== null) return { stopped: aborted };
  const error = parseApiError(text);
  const message = clip(mask(error?.message ?? "", request.secrets)) || firstLine(mask(text, request.secrets));
  const html = (headers.get("content-type") ?? "").includes("html") || /^\s*<(!doctype|html)/i.test(text);
  const code = mask(error?.code ?? error?.type ?? "", request.secrets) || null;
  return {
    stopped: { kind: "http", status, code, message, html, refusedWait: null },
    wait: askedWait(headers, status, new Date(now())),
    refusal: text,
  };
}

/** Reads a refusal for at most REFUSAL_MS and REFUSAL_BYTES, and leaves the rest. */
async function readSome(reader: Reader): Promise<string> {
  const utf8 = new TextDecoder();
  let text = "";
  const close = (): void => void reader.cancel().catch(() => undefined);
  const timer = setTimeout(close, REFUSAL_MS);
  try {
    for (let bytes = 0; bytes < REFUSAL_BYTES;) {
      const { value } = await reader.read();
      if (value === undefined) break;
      bytes += value.byteLength;
      text += utf8.decode(value, { stream: true });
    }
  } catch {
    // A refusal is judged by its status: what could be read of its body is all there is.
  }
  clearTimeout(timer);
  close();
  return text.slice(0, REFUSAL_BYTES);
}

/** Reads a 2xx body to its end, or to the point after which nothing counts. */
async function readBody(
  context: AttemptContext,
  response: Response,
  reader: Reader,
  answer: Answer,
  tail: ReturnType<typeof createTail>,
): Promise<Stopped> {
  const { deadline, now, request } = context;
  const contentType = response.headers.get("content-type") ?? "";
  const body = createBody({ status: response.status, contentType }, answer, request.secrets);
  let settling: ReturnType<typeof setTimeout> | undefined;
  const close = (): void => void reader.cancel().catch(() => undefined);
  let at = now();
  try {
    while (body.state() !== "over") {
      const { value } = await reader.read();
      at = now();
      if (value === undefined) break;
      tail.push(value);
      const hold = deliverAll(context, body.push(value, at, context.takeHeld()), value.byteLength);
      if (hold !== undefined) await hold;
      if (body.state() === "finishing") settling ??= setTimeout(close, SETTLE_MS);
    }
  } finally {
    clearTimeout(settling);
    close();
  }
  const aborted = deadline.failure();
  if (aborted !== null) return { stopped: aborted };
  const { events, failure } = body.end(at);
  await deliverAll(context, events, 0);
  return { stopped: failure, at };
}

/** Emits the events of one read; the first stands for all its bytes. A promise only when reading must wait. */
function deliverAll(
  context: AttemptContext,
  events: readonly StreamEvent[],
  weight: number,
): Promise<void> | undefined {
  let hold: Promise<void> | undefined;
  for (const [index, event] of events.entries()) {
    if (event.type === "delta") context.deadline.token(event.at);
    hold = context.deliver(event, index === 0 ? weight : 0) ?? hold;
  }
  return hold;
}
