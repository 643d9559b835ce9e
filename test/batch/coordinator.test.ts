import { describe, expect, test } from "bun:test";
import { createBreaker } from "../../src/batch/breaker.ts";
import { createCoordinator, type Answered, type Stop } from "../../src/batch/coordinator.ts";
import { keyOf } from "../../src/batch/finished.ts";
import type { BatchRequest } from "../../src/batch/input.ts";
import { createAdaptiveConcurrency, createLimiter } from "../../src/batch/limits.ts";
import { createRecorder } from "../../src/metrics/recorder.ts";
import { startRun } from "../../src/run/run.ts";
import { createClosedLoop } from "../../src/run/pace.ts";
import { now, startTimer, type Failure } from "../../src/stream/event.ts";
import type { WorkerClient } from "../../src/worker/client.ts";
import { delta, ended, jobOf, sent } from "../contract/samples.ts";

/** What a server does with the request that comes as number `nth` under an id. */
type Serve = (id: string, nth: number) => Failure | null;

type Played = {
  answered: Answered[];
  asked: Map<string, number>;
  most: number;
  stopped: Stop | null;
  retries: number;
  spent: number;
  away: number;
};

const HTTP = { kind: "http", message: "", code: null, html: false, refusedWait: null } as const;

/** Times faster than a clock. */
const FASTER = 100;
const fast = (): number => now() * FASTER;

/** Runs `count` requests against a server that answers at once, by the real loop of a run. */
async function play(
  count: number,
  serve: Serve,
  options: {
    concurrency?: number;
    retries?: number;
    stopAfter?: number;
    modelOf?: (id: string) => string;
    patience?: number;
  } = {},
): Promise<Played> {
  const { concurrency = 4, retries = 2, stopAfter = Infinity, modelOf = () => "m", patience } = options;
  const played: Played = { answered: [], asked: new Map(), most: 0, stopped: null, retries: 0, spent: 0, away: 0 };
  async function* requests(): AsyncGenerator<readonly BatchRequest[]> {
    for (let line = 1; line <= count; line++) {
      const id = `id-${line}`;
      const prompt = { text: id, messages: null, model: null, params: {} };
      yield [{ id, key: keyOf(id), hash: line, line, text: id, asked: { kind: "prompt", prompt } }];
    }
  }
  const coordinator = createCoordinator({
    requests: requests(),
    jobOf: ({ id }, stream) => jobOf(stream, { prompt: id }),
    estimate: () => 10,
    used: () => null,
    limiter: createLimiter({ requestsPerMinute: null, tokensPerMinute: null, tokensPerHour: null }, fast),
    concurrency: createAdaptiveConcurrency(concurrency, fast),
    breaker: createBreaker(({ id }) => ({ api: "chat", model: modelOf(id) })),
    retries,
    now: fast,
    startTimer: (run, ms) => startTimer(run, ms / FASTER),
    random: () => 0.5,
    ...(patience === undefined ? {} : { waiting: { patience, onAway: () => void played.away++ } }),
    onAnswer(answered) {
      played.answered.push(answered);
      if (played.answered.length >= stopAfter) coordinator.stop({ why: "max_cost", spent: 1 });
    },
    onSpent: () => void played.spent++,
    onRetry: () => void played.retries++,
  });
  let open = 0;
  const worker: WorkerClient = {
    start(request, onEvent) {
      const id = String(request.body.messages[0]?.content);
      const nth = (played.asked.get(id) ?? 0) + 1;
      played.asked.set(id, nth);
      played.most = Math.max(played.most, ++open);
      setImmediate(() => {
        open--;
        const failure = serve(id, nth);
        const verdict = failure === null ? "complete" : "failed";
        void onEvent({ ...sent(), at: now() });
        if (failure === null) void onEvent({ ...delta("yes"), at: now() });
        void onEvent({ ...ended(verdict, { failure }), at: now() });
      });
      return nth;
    },
    cancel: () => undefined,
    speak: () => undefined,
    watch: () => Promise.resolve(),
    close: () => undefined,
  };
  const { done } = startRun({
    jobs: coordinator.jobs,
    concurrency,
    pace: createClosedLoop(0),
    failFast: false,
    worker,
    stage: (tell) => createRecorder({ keepText: 1000, stall: 1000, say: () => "" }, tell),
    watchers: [coordinator.watcher],
  });
  const { broken } = await done;
  if (broken !== null) throw broken;
  return { ...played, stopped: coordinator.stopped() };
}

const idsOf = ({ answered }: Played): string[] => answered.map(({ request }) => request.id).toSorted();
const expected = (count: number): string[] => Array.from({ length: count }, (_, index) => `id-${index + 1}`).toSorted();

describe("the coordinator of a batch", () => {
  test("asks every request, and gives each one answer", async () => {
    const played = await play(200, () => null, { concurrency: 8 });
    expect(idsOf(played)).toEqual(expected(200));
    expect(played.most).toBeLessThanOrEqual(8);
    expect(played.stopped).toBeNull();
  });

  test("asks again what broke off, as often as it may, and then takes the failure for the answer", async () => {
    const broken: Failure = { kind: "truncated", how: "reset", code: null, message: "" };
    const played = await play(30, (id, nth) => (id === "id-7" || nth === 1 ? broken : null), { retries: 2 });
    expect(idsOf(played)).toEqual(expected(30));
    expect(played.asked.get("id-7")).toBe(3);
    expect(played.asked.get("id-8")).toBe(2);
    expect(played.answered.find(({ request }) => request.id === "id-7")?.record.verdict).toBe("failed");
  });

  test("asks nothing again that would be refused again", async () => {
    const played = await play(10, (id) => (id === "id-3" ? { ...HTTP, status: 400 } : null));
    expect(played.asked.get("id-3")).toBe(1);
    expect(idsOf(played)).toEqual(expected(10));
  });

  test("a storm of 429 costs no request its attempts, and fewer run at once", async () => {
    let refused = 0;
    const played = await play(60, () => (refused++ < 100 ? { ...HTTP, status: 429, wait: 50 } : null), {
      retries: 0,
      concurrency: 8,
    });
    expect(idsOf(played)).toEqual(expected(60));
    expect(played.answered.every(({ record }) => record.verdict === "complete")).toBe(true);
    expect(played.retries).toBe(100);
  });

  test("a request that is refused while all others are answered has failed in the end; one that nobody is put before waits", async () => {
    const played = await play(10, (id) => (id === "id-3" ? { ...HTTP, status: 429, wait: 20 } : null));
    expect(idsOf(played)).toEqual(expected(10));
    const failed = played.answered.filter(({ record }) => record.verdict !== "complete");
    expect(failed.map(({ request, attempts }) => [request.id, attempts])).toEqual([["id-3", 20]]);
    expect(played.asked.get("id-3")).toBe(20);
    const alone = await play(1, (_id, nth) => (nth <= 30 ? { ...HTTP, status: 503, wait: 20 } : null));
    expect(alone.answered.map(({ record, attempts }) => [record.verdict, attempts])).toEqual([["complete", 31]]);
  });

  test("what this machine has no room for costs no attempt either, and fewer run at once", async () => {
    let open = 0;
    const full: Failure = { kind: "too_many_files", message: "", code: "EMFILE", trace: "" };
    const played = await play(60, () => (open++ % 3 === 0 && open < 60 ? full : null), { retries: 0, concurrency: 16 });
    expect([played.stopped, idsOf(played)]).toEqual([null, expected(60)]);
    expect(played.answered.every(({ record }) => record.verdict === "complete")).toBe(true);
  });

  test("an overloaded server that says so within the stream costs no attempt either", async () => {
    for (const code of ["overloaded_error", "rate_limit_exceeded"]) {
      let refused = 0;
      const failure: Failure = { kind: "server_error", message: "", code };
      const played = await play(20, () => (refused++ < 10 ? failure : null), { retries: 0 });
      expect(played.answered.every(({ record }) => record.verdict === "complete")).toBe(true);
    }
  });

  test("a server that refuses all for load and does not say for how long is left alone for a while", async () => {
    const refused: string[] = [];
    const serve: Serve = (id) => (refused.length < 40 && refused.push(id) ? { ...HTTP, status: 429 } : null);
    const played = await play(100, serve, { retries: 0, concurrency: 8 });
    expect(idsOf(played)).toEqual(expected(100));
    expect(refused.length).toBe(40);
    // Those that wait come first then: others would have been refused as well.
    expect(new Set(refused).size).toBeLessThanOrEqual(30);
  });

  test("stops where no further request would fare better, and leaves what it could not ask", async () => {
    const cases: [Failure, Stop["why"]][] = [
      [{ kind: "server_error", message: "", code: "insufficient_quota" }, "quota"],
      [{ kind: "server_error", message: "", code: "billing_hard_limit_reached" }, "quota"],
      [{ ...HTTP, status: 402, lasting: "quota" }, "quota"],
      [{ ...HTTP, status: 429, lasting: "quota" }, "quota"],
      [{ ...HTTP, status: 401 }, "refused_key"],
      [{ kind: "dns", message: "", code: "ENOTFOUND", trace: "" }, "unreachable"],
      [{ ...HTTP, status: 503, wait: 24 * 3_600_000 }, "long_wait"],
    ];
    for (const [failure, why] of cases) {
      const played = await play(100, (_id, _nth) => failure);
      expect([played.stopped?.why, played.answered.length]).toEqual([why, 0]);
      expect(played.asked.size).toBeLessThanOrEqual(8);
    }
  });

  test("a server that is away for a while loses nobody; one that is gone ends the batch", async () => {
    const refused: Failure = { kind: "refused", message: "", code: "ECONNREFUSED", trace: "" };
    let count = 0;
    const away = await play(20, () => (count++ < 10 ? refused : null), { retries: 5 });
    expect(idsOf(away)).toEqual(expected(20));
    const gone = await play(100, () => refused, { retries: 50 });
    expect([gone.stopped?.why, gone.answered.length]).toEqual(["unreachable", 0]);
    // No request is taken for one that failed where nobody was there to ask, however few there are.
    for (const [requests, retries] of [
      [1, 2],
      [3, 2],
      [100, 3],
    ] as const) {
      const none = await play(requests, () => refused, { retries });
      expect([none.stopped?.why, none.answered.length]).toEqual(["unreachable", 0]);
    }
    let asked = 0;
    const flaky = await play(40, () => (asked++ % 4 === 3 ? refused : null), { retries: 0 });
    expect([flaky.stopped, flaky.answered.length]).toEqual([null, 40]);
  });

  test("a server that is gone from the first request on makes no results, asked once or again", async () => {
    const refused: Failure = { kind: "refused", message: "", code: "ECONNREFUSED", trace: "" };
    const reset: Failure = { kind: "reset", message: "", code: "ECONNRESET", trace: "" };
    for (const [count, retries, failure] of [
      [1, 0, refused],
      [2, 0, refused],
      [100, 0, refused],
      [100, 1, refused],
      [100, 0, reset],
      [100, 1, reset],
    ] as const) {
      const { stopped, answered } = await play(count, () => failure, { retries, concurrency: 1 });
      expect([stopped?.why, answered.length]).toEqual(["unreachable", 0]);
    }
  });

  test("a server that goes away in the middle: what it refused before is a result, and what nobody heard is not", async () => {
    const refused: Failure = { kind: "refused", message: "", code: "ECONNREFUSED", trace: "" };
    let count = 0;
    const serve: Serve = () => (++count > 50 ? refused : count % 10 === 0 ? { ...HTTP, status: 400 } : null);
    const { stopped, answered } = await play(100, serve, { retries: 0, concurrency: 1 });
    expect([stopped?.why, answered.length]).toEqual(["unreachable", 50]);
  });

  describe("a server that was there and is away", () => {
    const lost = { message: "", code: "", trace: "" };
    test.each<[what: string, failure: Failure]>([
      ["refuses connections", { kind: "refused", ...lost }],
      ["has no name any more", { kind: "dns", ...lost }],
      ["has another certificate", { kind: "tls", problem: "expired", ...lost }],
      ["is behind a proxy that does not reach it", { kind: "proxy", ...lost }],
      ["resets connections", { kind: "reset", ...lost }],
      ["is behind no network", { kind: "network", ...lost }],
      ["is behind a gateway that does not reach it", { ...HTTP, status: 502 }],
    ])("that %s is waited for, and no request has failed for it", async (_, failure) => {
      let count = 0;
      const serve: Serve = () => (++count > 50 && count <= 130 ? failure : null);
      const played = await play(200, serve, { concurrency: 16, patience: 60_000 });
      expect([played.stopped, idsOf(played)]).toEqual([null, expected(200)]);
      expect(played.answered.every(({ record }) => record.verdict === "complete")).toBe(true);
      expect(played.away).toBeGreaterThan(0);
    });

    test.each<[what: string, failure: Failure]>([
      ["refuses connections", { kind: "refused", ...lost }],
      ["has no name any more", { kind: "dns", ...lost }],
      ["resets connections", { kind: "reset", ...lost }],
    ])("that %s for too long ends the batch, and none of these requests is a result", async (_, failure) => {
      let count = 0;
      const serve: Serve = () => (++count > 50 ? failure : null);
      const played = await play(100, serve, { patience: 3000 });
      expect([played.stopped?.why, played.answered.length]).toEqual(["unreachable", 50]);
    });

    test("is not what one request means that breaks every connection: it has failed", async () => {
      const serve: Serve = (id) => (id === "id-7" || id === "id-20" ? { kind: "reset", ...lost } : null);
      const played = await play(20, serve, { patience: 60_000 });
      const failed = played.answered.filter(({ record }) => record.verdict !== "complete");
      expect([played.stopped, idsOf(played)]).toEqual([null, expected(20)]);
      expect(failed.map(({ request, attempts }) => [request.id, attempts])).toEqual([
        ["id-7", 3],
        ["id-20", 3],
      ]);
    });

    test("was never there: the batch ends at once", async () => {
      for (const kind of ["refused", "dns", "reset"] as const) {
        const played = await play(100, () => ({ kind, ...lost }), { patience: 60_000 });
        expect([played.stopped?.why, played.answered.length, played.away]).toEqual(["unreachable", 0, 0]);
      }
    });
  });

  test("many that are refused for their own fault do not mean that nobody is there", async () => {
    const refused: Failure = { kind: "refused", message: "", code: "ECONNREFUSED", trace: "" };
    let count = 0;
    const serve: Serve = () => (++count % 10 === 0 ? refused : { ...HTTP, status: 400 });
    const played = await play(60, serve, { retries: 0, concurrency: 1 });
    expect([played.stopped, played.answered.length]).toEqual([null, 60]);
  });

  test("a model that the server does not have is asked for a few times; all others have their answer", async () => {
    const unknown: Failure = { ...HTTP, status: 404, code: "model_not_found", message: "no such model" };
    const modelOf = (id: string): string => (Number(id.slice(3)) % 2 === 0 ? "there" : "nope");
    const serve: Serve = (id) => (modelOf(id) === "nope" ? unknown : null);
    const { stopped, answered, asked } = await play(2000, serve, { modelOf });
    expect(stopped).toEqual({
      why: "refused",
      kinds: [{ api: "chat", model: "nope", refusal: expect.objectContaining({ of: "model" }) }],
    });
    expect([answered.length, answered.every(({ record }) => record.verdict === "complete")]).toEqual([1000, true]);
    expect([...asked.keys()].filter((id) => modelOf(id) === "nope").length).toBeLessThan(20);
  });

  test("a few requests that are all refused have their refusals; so have those beside others that are answered", async () => {
    const few = await play(9, () => ({ ...HTTP, status: 404 }));
    expect([few.stopped, few.answered.length]).toEqual([null, 9]);
    const serve: Serve = (id) => (Number(id.slice(3)) % 50 === 1 ? null : { ...HTTP, status: 404 });
    const beside = await play(200, serve, { concurrency: 1 });
    expect([beside.stopped, beside.answered.length]).toEqual([null, 200]);
  });

  test("stops when it is told to, and answers what was under way", async () => {
    const played = await play(100, () => null, { stopAfter: 10 });
    expect(played.stopped).toEqual({ why: "max_cost", spent: 1 });
    expect(played.answered.length).toBeGreaterThanOrEqual(10);
    expect(played.answered.length).toBeLessThan(20);
  });
});
