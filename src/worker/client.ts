import { now, type ApiKind, type CancelReason, type StreamEvent, type StreamRequest } from "../stream/event.ts";
import { mask } from "../stream/mask.ts";
import { readFromWorker, writeToWorker, type FromWorker, type StreamId, type ToWorker } from "./protocol.ts";

/** Takes one event; what it returns is awaited before the event is acknowledged. */
type OnEvent = (event: StreamEvent) => void | Promise<void>;

/** Streams with which a message is rarely alone in its turn of the event loop. */
const MANY = 8;

export type WorkerClient = {
  /** Says which API will be spoken, as soon as it is known. */
  speak(api: ApiKind): void;
  /**
   * Starts a stream; its last event is "ended", even if the thread dies. The same object as in the start before does not
   * cross again. `own`: the request as JSON in the form of its own API, in place of `request.body`.
   */
  start(request: StreamRequest, onEvent: OnEvent, own?: string): StreamId;
  cancel(id: StreamId, why: CancelReason): void;
  /**
   * From now on tells how late the thread's timers are: one value a look, in ms. Settles when the thread is up, and has
   * told what it knew.
   */
  watch(onLags: (lags: readonly number[]) => void): Promise<void>;
  /** Says bye and lets the process end; streams that are open must have been cancelled. */
  close(): void;
};

/** The outside of the thread: speaks the protocol, and answers for a thread that died. */
export function createWorkerClient(open: () => Worker): WorkerClient {
  const streams = new Map<StreamId, { onEvent: OnEvent; secrets: readonly string[] }>();
  let lastId = 0;
  let lastRequest: StreamRequest | null = null;
  let settled = 0;
  let acknowledging = false;
  /** The thread said last that it waits for acknowledgements, or soon will. */
  let wanted = false;
  let closing = false;
  /** Why the thread is gone; `null` while it lives. */
  let death: string | null = null;
  let onLags: ((lags: readonly number[]) => void) | null = null;
  const asking: (() => void)[] = [];
  let worker: Worker | null = null;
  let outbox: ToWorker[] = [];
  let posting = false;

  try {
    worker = open();
    // Until something is asked of it, a thread keeps nobody.
    worker.unref();
    worker.onmessage = ({ data }: MessageEvent<string>) => receive(readFromWorker(data));
    worker.onerror = (event) => die(event.message);
    worker.addEventListener("close", () => die("the thread closed"));
  } catch (error) {
    die(error instanceof Error ? error.message : String(error));
  }

  /** The first of a turn of the event loop goes at once, and what follows at its end; where many streams run, all of it. */
  function post(message: ToWorker): void {
    outbox.push(message);
    if (posting) return;
    posting = true;
    if (streams.size < MANY) flush();
    setImmediate(() => {
      posting = false;
      flush();
    });
  }

  function flush(): void {
    const messages = outbox;
    outbox = [];
    if (messages.length > 0 && death === null) worker?.postMessage(writeToWorker(messages));
  }

  function ask(message: ToWorker): void {
    worker?.ref();
    post(message);
  }

  function receive(message: FromWorker): void {
    switch (message.type) {
      case "events":
        wanted = message.wanted;
        for (const { id, event } of message.events) deliver(id, event);
        return;
      case "health":
        onLags?.(message.lags);
        return answer();
      case "crashed":
        return die(message.detail);
      case "bye":
        worker?.unref();
    }
  }

  function deliver(id: StreamId, event: StreamEvent): void {
    const stream = streams.get(id);
    if (event.type === "ended") streams.delete(id);
    const settling = stream?.onEvent(event);
    if (settling === undefined) acknowledge();
    else settling.then(acknowledge);
  }

  /** While it is wanted, one message acknowledges all that settled until the end of a turn of the event loop. */
  function acknowledge(): void {
    settled++;
    if (!wanted || acknowledging) return;
    acknowledging = true;
    setImmediate(() => {
      acknowledging = false;
      post({ type: "ack", count: settled });
      settled = 0;
    });
  }

  function answer(): void {
    for (const settle of asking.splice(0)) settle();
  }

  function die(detail: string): void {
    if (death !== null || (closing && streams.size === 0)) return;
    death = detail;
    answer();
    for (const [id, { onEvent, secrets }] of streams) {
      streams.delete(id);
      void onEvent(ended(mask(detail, secrets)));
    }
    worker?.terminate();
  }

  return {
    start(request, onEvent, own) {
      const id = ++lastId;
      if (death !== null) {
        const detail = mask(death, request.secrets);
        queueMicrotask(() => void onEvent(ended(detail)));
        return id;
      }
      streams.set(id, { onEvent, secrets: request.secrets });
      const start: ToWorker = { type: "start", id, request: request === lastRequest ? null : request };
      lastRequest = request;
      if (own !== undefined) start.own = own;
      ask(start);
      return id;
    },
    speak: (api) => post({ type: "speak", api }),
    watch(listener) {
      onLags = listener;
      if (death !== null) return Promise.resolve();
      ask({ type: "watch" });
      return new Promise((resolve) => asking.push(resolve));
    },
    cancel: (id, why) => post({ type: "cancel", id, why }),
    close() {
      closing = true;
      post({ type: "bye" });
      worker?.unref();
    },
  };
}

/** The end of a stream whose thread is gone, stamped here because nobody else is left to do it. */
function ended(detail: string): StreamEvent {
  return {
    type: "ended",
    at: now(),
    verdict: "failed",
    finishReason: null,
    usage: null,
    server: null,
    response: null,
    failure: { kind: "worker_died", message: detail },
    backpressure: 0,
    tail: "",
  };
}
