import type { StreamEvent, StreamRequest } from "../../src/stream/event.ts";

/** A request to this endpoint with every timer off. */
export function requestTo(endpoint: string, more: Partial<StreamRequest> = {}): StreamRequest {
  return {
    endpoint,
    api: "chat",
    key: null,
    headers: { "content-type": "application/json" },
    body: { model: "m", messages: [{ role: "user", content: "hi" }], stream: true },
    timers: { open: 0, firstToken: 0, idle: 0, total: 0 },
    retries: 0,
    maxWait: 0,
    trustDone: false,
    secrets: [],
    observe: false,
    ...more,
  };
}

/** Collects the events of one stream. */
export function createListener(): {
  on(event: StreamEvent): void;
  events: StreamEvent[];
  ended: Promise<Extract<StreamEvent, { type: "ended" }>>;
} {
  const events: StreamEvent[] = [];
  const { promise: ended, resolve } = Promise.withResolvers<Extract<StreamEvent, { type: "ended" }>>();
  return {
    events,
    ended,
    on(event) {
      events.push(event);
      if (event.type === "ended") resolve(event);
    },
  };
}
