import { expect, test } from "bun:test";
import type { StreamEvent } from "../../src/stream/event.ts";
import { createWorkerClient } from "../../src/worker/client.ts";
import {
  readFromWorker,
  readToWorker,
  writeFromWorker,
  writeToWorker,
  type FromWorker,
  type ToWorker,
} from "../../src/worker/protocol.ts";
import { requestTo } from "./request.ts";

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
  expect(said().map((message) => readFromWorker(writeFromWorker(message)))).toEqual(said());
});

test("what is said to the thread arrives as it was said, with as many requests in their own form as there are", () => {
  const request = requestTo("http://127.0.0.1:9/v1");
  const said = (): ToWorker[] => [
    { type: "start", id: 1, request, own: JSON.stringify({ prompt: 'in\n"two" lines\u2028' }) },
    { type: "start", id: 2, request },
    { type: "ack", count: 3 },
    { type: "start", id: 3, request: null, own: "{}" },
    { type: "start", id: 4, request: null },
    { type: "bye" },
  ];
  expect(readToWorker(writeToWorker(said()))).toEqual(said());
  expect(readToWorker(writeToWorker([{ type: "watch" }]))).toEqual([{ type: "watch" }]);
});

test("a request that many starts share crosses once, and again after another", async () => {
  const said: ToWorker[] = [];
  const thread = Object.assign(new EventTarget(), {
    onmessage: null,
    onerror: null,
    onmessageerror: null,
    threadId: 1,
    ref: () => undefined,
    unref: () => undefined,
    terminate: () => undefined,
    postMessage: (text: string) => void said.push(...readToWorker(text)),
  });
  const client = createWorkerClient(() => thread);
  const [one, two] = [requestTo("http://127.0.0.1:9/v1"), requestTo("http://127.0.0.1:8/v1")];
  const starts: [typeof one, string | undefined][] = [
    [one, "{}"],
    [one, '{"a":1}'],
    [one, undefined],
    [two, "{}"],
    [one, "{}"],
  ];
  for (const [request, own] of starts) client.start(request, () => undefined, own);
  await new Promise((resolve) => setImmediate(resolve));
  expect(said.map((message) => message.type === "start" && [message.request, message.own])).toEqual([
    [one, "{}"],
    [null, '{"a":1}'],
    [null, undefined],
    [two, "{}"],
    [one, "{}"],
  ]);
});
