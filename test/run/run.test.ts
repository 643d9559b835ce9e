import { describe, expect, test } from "bun:test";
import type { Job, RunEvent, Watcher } from "../../src/run/event.ts";
import { createClosedLoop } from "../../src/run/pace.ts";
import { startRun, type JobSource, type RunOptions } from "../../src/run/run.ts";
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

describe("jobs", () => {
  const jobs = Array.from({ length: 5 }, (_, stream) => jobOf(stream));

  async function* later(): AsyncGenerator<Job> {
    for (const job of jobs) yield job;
  }

  function* broken(): Generator<Job> {
    yield* jobs.slice(0, 2);
    throw BUG;
  }

  /** Whose jobs are there at once, or later, or not. */
  function mixed(): JobSource {
    const left = jobs.values();
    let count = 0;
    return { next: () => (count++ % 2 === 0 ? left.next() : Promise.resolve(left.next())) };
  }

  /** Streams whose start was told of, in a run that is interrupted once so many have. */
  async function started(source: RunOptions<RunEvent>["jobs"], most = jobs.length): Promise<number[]> {
    const streams: number[] = [];
    const run = startRun({
      jobs: source,
      concurrency: 3,
      pace: createClosedLoop(0),
      failFast: false,
      worker: { ...createWorker(), start: endAtOnce },
      stage: (tell) => tell,
      watchers: [
        {
          on(event: RunEvent) {
            if (event.type !== "started") return;
            streams.push(event.job.stream);
            if (streams.length >= most) setImmediate(() => run.interrupt("signal"));
          },
        },
      ],
    });
    await run.done;
    return streams;
  }

  test.each<[string, () => RunOptions<RunEvent>["jobs"]]>([
    ["are a list", () => jobs],
    ["come later", later],
    ["come at once or later", mixed],
  ])("that %s are each started once, in their order", async (_, source) => {
    expect(await started(source(), Infinity)).toEqual([0, 1, 2, 3, 4]);
  });

  test("that never come hold back no interruption", async () => {
    const source = jobs.values();
    let given = 0;
    const never: JobSource = { next: () => (given++ < 2 ? source.next() : new Promise(() => undefined)) };
    expect(await started(never, 2)).toEqual([0, 1]);
  });

  test("that cannot be made end the run with the error", async () => {
    expect(await started(broken()).catch((error: unknown) => error)).toBe(BUG);
  });
});

/** A stream that is answered in the next turn. */
const endAtOnce: WorkerClient["start"] = (_request, onEvent) => {
  setImmediate(() => {
    for (const event of [sent(), delta("word"), ended("complete")]) void onEvent(event);
  });
  return ++endings;
};
let endings = 0;

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
