import { createEngine, type Emit } from "../stream/stream.ts";
import { createBatcher } from "./batcher.ts";
import { createLagWatch } from "./lag.ts";
import { WINDOW_BYTES, WINDOW_MESSAGES, type FromWorker, type StreamId, type ToWorker } from "./protocol.ts";

declare const self: Worker;

const cancels = new Map<StreamId, (why: Extract<ToWorker, { type: "cancel" }>["why"]) => void>();
const window = createWindow();
const outbox = createBatcher(post, window.wanted);

// Bun 1.4: the handler must stand before any await of this module or of one it imports.
self.onmessage = ({ data }: MessageEvent<ToWorker>) => receive(data);
// Bun 1.4: an unhandled rejection closes a worker with code 0 and says nothing.
process.on("uncaughtException", crash);
process.on("unhandledRejection", crash);

const lagWatch = createLagWatch((lags) => post({ type: "health", lags }));
const engine = createEngine({
  fetch: (url, init) => fetch(url, init),
  now: () => performance.timeOrigin + performance.now(),
});

function receive(message: ToWorker): void {
  switch (message.type) {
    case "start":
      return start(message);
    case "cancel":
      return cancels.get(message.id)?.(message.why);
    case "ack":
      return window.acknowledge(message.count);
    case "watch":
      return lagWatch.start();
    case "bye":
      lagWatch.stop();
      outbox.flush();
      return post({ type: "bye" });
  }
}

function start({ id, request }: Extract<ToWorker, { type: "start" }>): void {
  const emit: Emit = (event, weight) => {
    if (event.type === "ended") cancels.delete(id);
    const hold = window.add(weight);
    outbox.add(id, event);
    return hold;
  };
  cancels.set(id, engine.start(request, emit).cancel);
}

/** Counts what is posted and not yet acknowledged. */
function createWindow() {
  const weights: number[] = [];
  let bytes = 0;
  let opened: (() => void) | null = null;
  let opening: Promise<void> | null = null;

  const full = (): boolean => weights.length >= WINDOW_MESSAGES || bytes >= WINDOW_BYTES;

  return {
    /** Half of the window is used. */
    wanted: () => 2 * weights.length >= WINDOW_MESSAGES || 2 * bytes >= WINDOW_BYTES,
    /** A promise while the window is full. */
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

function post(message: FromWorker): void {
  self.postMessage(message);
}

function crash(error: unknown): void {
  outbox.flush();
  post({ type: "crashed", detail: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  process.exit(70);
}
