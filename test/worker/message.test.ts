import { expect, test } from "bun:test";
import type { StreamEvent } from "../../src/stream/event.ts";
import { readMessage, writeMessage, type FromWorker } from "../../src/worker/protocol.ts";

const ended = (body?: string): StreamEvent => ({
  type: "ended",
  at: 1,
  verdict: "complete",
  finishReason: "stop",
  usage: null,
  server: null,
  response: null,
  failure: null,
  backpressure: 0,
  tail: "",
  ...(body === undefined ? {} : { body }),
});

const notice: StreamEvent = { type: "notice", at: 1, code: "not_streamed", detail: "in\ntwo lines" };

test("what the thread says arrives as it was said, with as many bodies of answers as there are", () => {
  const bodies = ['{"id":"a"}', JSON.stringify({ content: 'in\n"two" lines\u2028' }), "{}"];
  const events = [notice, ended(bodies[0]), ended(), ended(bodies[1]), notice, ended(bodies[2])];
  const said = (): FromWorker[] => [
    { type: "events", wanted: true, events: structuredClone(events).map((event, id) => ({ id, event })) },
    { type: "events", wanted: false, events: [{ id: 1, event: ended() }] },
    { type: "events", wanted: false, events: [{ id: 1, event: ended("{}") }] },
    { type: "health", lags: [1, 2] },
    { type: "crashed", detail: "Error\n    at entry" },
    { type: "bye" },
  ];
  expect(said().map((message) => readMessage(writeMessage(message)))).toEqual(said());
});
