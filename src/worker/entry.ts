import { now, type StreamEvent, type StreamRequest } from "../stream/event.ts";
import { createEngine, type Emit } from "../stream/stream.ts";
import { createLagWatch, createPauses } from "./lag.ts";
import {
  CREDIT_BYTES,
  CREDIT_MESSAGES,
  POST_MS,
  readToWorker,
  writeFromWorker,
  type FromWorker,
  type StreamId,
  type ToWorker,
} from "./protocol.ts";

declare const self: Worker;

const cancels = new Map<StreamId, (why: Extract<ToWorker, { type: "cancel" }>["why"]) => void>();
/** Of the last start: those of a run may share one. */
let lastRequest: StreamRequest | null = null;
const credit = createCredit();
const batcher = createBatcher(post, credit);

// Bun 1.4: the handler must stand before any await of this module or of one it imports.
self.onmessage = ({ data }: MessageEvent<string>) => {
  for (const message of readToWorker(data)) receive(message);
};
// Bun 1.4: an unhandled rejection closes a worker with code 0 and says nothing.
process.on("uncaughtException", crash);
process.on("unhandledRejection", crash);

const lagWatch = createLagWatch((lags) => post({ type: "health", lags }));
const pauses = createPauses(now);
const engine = createEngine({
  fetch: (url, init) => fetch(url, init),
  now,
  stood: pauses.total,
});

// What most speak: who speaks another API says so soon.
void engine.prepare("chat");

function receive(message: ToWorker): void {
  switch (message.type) {
    case "speak":
      return message.api === "chat" ? undefined : void engine.prepare(message.api);
    case "start":
      return start(message);
    case "cancel":
      return cancels.get(message.id)?.(message.why);
    case "ack":
      return credit.acknowledge(message.count);
    case "watch":
      return lagWatch.start();
    case "bye":
      lagWatch.stop();
      batcher.flush();
      return post({ type: "bye" });
  }
}

function start({ id, request: given, own }: Extract<ToWorker, { type: "start" }>): void {
  const request = given ?? lastRequest;
  if (request === null) throw new TypeError("a start without a request");
  lastRequest = request;
  const emit: Emit = (event, weight) => {
    if (event.type === "ended") {
      cancels.delete(id);
      if (cancels.size === 0) pauses.stop();
    }
    const hold = credit.add(weight);
    batcher.add(id, event);
    // Nothing is left that could go with it.
    if (cancels.size === 0) batcher.flush();
    return hold;
  };
  pauses.start();
  cancels.set(id, engine.start(request, emit, own).cancel);
}

/** Counts what is posted and not yet acknowledged. */
function createCredit() {
  const weights: number[] = [];
  let bytes = 0;
  let opened: (() => void) | null = null;
  let opening: Promise<void> | null = null;

  const full = (): boolean => weights.length >= CREDIT_MESSAGES || bytes >= CREDIT_BYTES;

  return {
    full,
    /** Half of the credit is used. */
    wanted: () => 2 * weights.length >= CREDIT_MESSAGES || 2 * bytes >= CREDIT_BYTES,
    /** A promise while there is none left. */
    add(weight: number): Promise<void> | undefined {
      weights.push(weight);
      bytes += weight;
      if (!full()) return undefined;
      opening ??= new Promise((resolve) => (opened = resolve));
      return opening;
    },
    acknowledge(count: number): void {
      for (const weight of weights.splice(0, count)) bytes -= weight;
      if (full()) return;
      opened?.();
      opened = opening = null;
    },
  };
}

/**
 * Events on their way out, in order. One message an event wakes the other thread 5000 times a second for 100 streams
 * of 50 tokens/s, which costs as much CPU as reading them; together they cost a quarter less in all.
 */
function createBatcher(post: (message: FromWorker) => void, { wanted, full }: ReturnType<typeof createCredit>) {
  let waiting: { id: StreamId; event: StreamEvent }[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let turn: ReturnType<typeof setImmediate> | undefined;
  let flushedAt = -Infinity;
  /** The last message said that acknowledgements are wanted. */
  let told = false;

  function flush(): void {
    clearTimeout(timer);
    clearImmediate(turn);
    timer = turn = undefined;
    if (waiting.length === 0) return;
    flushedAt = now();
    const events = waiting;
    waiting = [];
    told = wanted();
    post({ type: "events", events, wanted: told });
  }

  return {
    flush,
    /**
     * Words go at once when none went for POST_MS, and so does the first event that needs an acknowledgement, and the one
     * after which nothing is read without; ends go together that come in one turn of the event loop.
     */
    add(id: StreamId, event: StreamEvent): void {
      waiting.push({ id, event });
      const rested = event.type === "delta" && event.at - flushedAt >= POST_MS;
      if (rested || (wanted() && !told) || full()) flush();
      else if (event.type === "ended") turn ??= setImmediate(flush);
      else timer ??= setTimeout(flush, POST_MS);
    },
  };
}

function post(message: FromWorker): void {
  self.postMessage(writeFromWorker(message));
}

function crash(error: unknown): void {
  batcher.flush();
  post({ type: "crashed", detail: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  process.exit(70);
}
