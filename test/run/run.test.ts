import { describe, expect, test } from "bun:test";
import type { RunEvent, Watcher } from "../../src/run/event.ts";
import { createClosedLoop } from "../../src/run/pace.ts";
import { startRun } from "../../src/run/run.ts";
import type { StreamEvent } from "../../src/stream/event.ts";
import type { WorkerClient } from "../../src/worker/client.ts";
import { delta, ended, jobOf, sent } from "../contract/samples.ts";

const BUG = new TypeError("a bug of the stage");

/** A worker whose streams bring a word and go on until they are cancelled. */
function createWorker(): WorkerClient {
  const streams = new Map<number, (event: StreamEvent) => unknown>();
  return {
    start(_request, onEvent) {
      const id = streams.size + 1;
      streams.set(id, onEvent);
      setImmediate(() => {
        void onEvent(sent());
        void onEvent(delta("word"));
      });
      return id;
    },
    cancel(id, reason) {
      setImmediate(
        () => void streams.get(id)?.(ended("cancelled", { failure: { kind: "cancelled", message: "", reason } })),
      );
    },
    speak: () => undefined,
    watch: () => Promise.resolve(),
    close: () => undefined,
  };
}

type Broken = (event: RunEvent) => boolean;

describe("a stage that throws", () => {
  test.each<[string, Broken]>([
    ["when the first stream starts", ({ type }) => type === "started"],
    ["when one starts while others run", (event) => event.type === "started" && event.job.stream === 2],
    ["at a token", (event) => event.type === "stream" && event.event.type === "delta"],
    ["at the end of a stream, too", (event) => event.type === "stream"],
    ["at everything", () => true],
    ["when the run is over", ({ type }) => type === "finished"],
  ])("%s ends the run with its error, and leaves no stream running", async (_, isBroken) => {
    for (const how of ["throws", "rejects"] as const) {
      const worker = createWorker();
      let closed = 0;
      const watcher: Watcher = { on: () => undefined, close: () => void closed++ };
      const run = startRun({
        jobs: Array.from({ length: 5 }, (_, stream) => jobOf(stream)),
        concurrency: 3,
        pace: createClosedLoop(0),
        failFast: false,
        worker,
        stage: (tell) => (event) => {
          if (!isBroken(event)) return tell(event);
          if (how === "rejects") return Promise.reject(BUG);
          throw BUG;
        },
        watchers: [watcher],
      });
      // Nothing else would end streams that go on.
      if (isBroken({ type: "finished" }) && !isBroken({ type: "missed", due: 0, warmup: false }))
        run.interrupt("signal");
      expect(await run.done.catch((error: unknown) => error)).toBe(BUG);
      expect(closed).toBe(1);
    }
  });
});
