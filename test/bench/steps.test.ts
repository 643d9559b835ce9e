import { describe, expect, test } from "bun:test";
import { planOf, type Load, overAndOver } from "../../src/bench/plan.ts";
import { runSteps, type Bench, type Measured } from "../../src/bench/steps.ts";
import { loadSettings } from "../../src/config/load.ts";
import { UserError } from "../../src/config/user-error.ts";
import type { LoadRecord } from "../../src/metrics/load-record.ts";
import type { Progress } from "../../src/metrics/progress.ts";
import { parseSlo } from "../../src/metrics/thresholds.ts";
import { plainPrompt, type Prompt } from "../../src/run/prompts.ts";
import { now, type Failure, type StreamEvent } from "../../src/stream/event.ts";
import type { WorkerClient } from "../../src/worker/client.ts";
import { delta, ended, opened, sent } from "../contract/samples.ts";

/** The load engine, fed by a thread that is none: it answers every request with these events. */

const { settings } = await loadSettings({ env: {}, cwd: "/nowhere", locale: "en" });
const ANSWER = [sent(), opened(), delta("one "), delta("two"), ended()];
const HELD = [sent(), opened()];

function answering(events: readonly StreamEvent[]): WorkerClient {
  const open = new Map<number, (event: StreamEvent) => void>();
  let last = 0;
  return {
    start(_request, onEvent) {
      const id = ++last;
      const tell = (event: StreamEvent): void => {
        if (event.type === "ended" && !open.delete(id)) return;
        void onEvent({ ...event, at: now() });
      };
      open.set(id, tell);
      setTimeout(() => events.forEach(tell), 1);
      return id;
    },
    cancel: (id, reason) => open.get(id)?.(ended("cancelled", { failure: { kind: "cancelled", reason, message: "" } })),
    speak: () => undefined,
    watch: async () => undefined,
    close: () => undefined,
  };
}

const LOAD: Load = {
  loads: [{ kind: "closed", concurrency: 4 }],
  requests: 400,
  duration_ms: null,
  drain_ms: 0,
  warmup: null,
  seed: 1,
  prompt_tokens: null,
  retries: 0,
};

type Case = Partial<Bench> & {
  load?: Partial<Load>;
  slo?: Bench["slo"];
  prompts?: AsyncIterable<Prompt>;
};

function run(events: readonly StreamEvent[], { load = {}, prompts, slo = parseSlo([]), ...more }: Case = {}) {
  const texts = slo.thresholds.map(({ text }) => text);
  const asked = {
    models: ["m"],
    repeat: 1,
    params: {},
    images: [],
    headers: {},
    key: null,
    secrets: [],
    shownEndpoint: "",
  };
  return runSteps({
    plan: planOf({ ...LOAD, ...load }, { max_tokens: 10, slo: texts, abort_on_fail: texts.length > 0 }),
    slo,
    jobs: { ...asked, prompts: prompts ?? overAndOver([plainPrompt("Why?")]), settings, demo: false, observe: false },
    worker: answering(events),
    recording: { stall: 1000, say: ({ kind }) => kind, costOf: () => null, currency: null },
    keep: null,
    sharding: null,
    show: () => undefined,
    stopped: new Promise(() => undefined),
    cores: 2,
    cpuClock: () => () => ({ used: 0, wall: 1 }),
    ...more,
  });
}

function streamsOf({ steps }: Measured) {
  return steps.map(({ results }) => results[0]?.streams);
}

describe("a load that its plan ends", () => {
  test("is one step after the other, each of so many streams, and the records are numbered on", async () => {
    const records: LoadRecord[] = [];
    const loads = [1, 3].map((concurrency) => ({ kind: "closed" as const, concurrency }));
    const keep = (record: LoadRecord): void => void records.push(record);
    const measured = await run(ANSWER, { load: { loads, requests: 5 }, keep });
    expect(measured).toMatchObject({ partial: null, failure: null, died: false });
    expect(streamsOf(measured)).toMatchObject([{ ok: 5 }, { ok: 5 }]);
    expect(measured.steps.map(({ concurrency }) => concurrency.asked)).toEqual([1, 3]);
    expect(records.map(({ stream, step }) => [stream, step])).toEqual(
      Array.from({ length: 10 }, (_, stream) => [stream, stream < 5 ? 0 : 1]),
    );
  });

  test("keeps no text where nobody wants the records", async () => {
    const texts: (string | undefined)[] = [];
    await run(ANSWER, { load: { requests: 1 }, keep: ({ text }) => void texts.push(text) });
    expect(texts).toEqual(["one two"]);
  });
});

describe("a load that something else ends is reported as far as it went", () => {
  test("by a signal: what runs is unfinished", async () => {
    const measured = await run(HELD, { stopped: Bun.sleep(50) });
    expect(measured).toMatchObject({ partial: "signal", failure: null });
    expect(streamsOf(measured)).toMatchObject([{ ok: 0, failed: 0, unfinished: 4 }]);
  });

  test("by a thread that died, which fails every stream at once", async () => {
    const failure: Failure = { kind: "worker_died", message: "" };
    const measured = await run([sent(), ended("failed", { failure })]);
    expect(measured).toMatchObject({ partial: "crash", died: true });
    expect(streamsOf(measured)[0]?.failed).toBeLessThan(10);
  });

  test("by more than thirty refusals and nothing else", async () => {
    const failure: Failure = { kind: "http", status: 401, code: null, html: false, refusedWait: null, message: "no" };
    const measured = await run([sent(), opened(401), ended("failed", { failure })]);
    expect(measured.partial).toBe("refused");
    expect(streamsOf(measured)[0]?.failed).toBeLessThan(40);
  });

  test("by a threshold that is broken", async () => {
    const measured = await run(ANSWER, {
      load: { requests: null, duration_ms: 10_000 },
      slo: parseSlo(["p50(ttft) < 0ms"]),
    });
    expect(measured.partial).toBe("threshold");
  });

  test("by prompts that cannot be read on, with what was thrown", async () => {
    const error = new UserError({ code: "stdin_empty" });
    async function* prompts(): AsyncGenerator<Prompt> {
      yield plainPrompt("Why?");
      throw error;
    }
    const measured = await run(ANSWER, { prompts: prompts() });
    expect(measured).toMatchObject({ partial: "prompts", failure: { error } });
    expect(streamsOf(measured)).toMatchObject([{ ok: 1 }]);
  });

  test.each([
    ["records find no room", { keep: full }],
    ["nobody takes how it stands", { show: full }],
    ["nobody takes how it stands any more", { show: async () => full() }],
  ] satisfies [string, Case][])("where %s, with what was thrown", async (_, more) => {
    const measured = await run(HELD, { ...more, load: { requests: null, duration_ms: 300 } });
    expect(measured).toMatchObject({ partial: "output", failure: { error: FULL } });
  });
});

describe("how a load stands", () => {
  test("tells how far all steps are, and how each threshold stands in this one and stood in those before", async () => {
    const said: Progress[] = [];
    const loads = [1, 2, 4].map((concurrency) => ({ kind: "closed", concurrency }) as const);
    const slo = parseSlo(["p95(ttft) < 0.001us", "error_rate < 1%", "requests_per_second > 0.1"]);
    const { steps } = await run(ANSWER, { load: { loads, requests: 20 }, slo, show: (state) => void said.push(state) });
    const ends = said.filter(({ phase }) => phase === "done");
    expect(ends.map(({ run }) => run.share)).toEqual([0.333, 0.667, 1]);
    expect(ends.at(-1)?.run.left_ms).toBe(0);
    const shares = said.map(({ run }) => run.share ?? 0);
    expect(shares).toEqual(shares.toSorted((one, other) => one - other));
    for (const [step, { thresholds }] of ends.entries()) {
      const reported = steps[step]?.results.flatMap((result) => result.thresholds) ?? [];
      expect(thresholds.map(({ text, passed }) => [text, passed])).toEqual(
        reported.slice(0, 3).map(({ text, passed }) => [text, passed]),
      );
      expect(thresholds.map(({ earlier }) => earlier)).toEqual(
        (["failed", "passed", "passed"] as const).map((outcome) => Array.from({ length: step }, () => outcome)),
      );
    }
    const nothing: Progress[] = [];
    await run(HELD, { load: { requests: null, duration_ms: 300 }, slo, show: (state) => void nothing.push(state) });
    expect(nothing[0]?.thresholds.map(({ passed }) => passed)).toEqual([null, null, null]);
  });

  test("is said at its end too, and not while what was said before is still taken", async () => {
    const said: Progress["phase"][] = [];
    await run(ANSWER, { load: { requests: 2 }, show: ({ phase }) => void said.push(phase) });
    expect(said).toEqual(["done"]);
    let shown = 0;
    const never = new Promise<void>(() => undefined);
    await run(HELD, { load: { requests: null, duration_ms: 700 }, show: () => (shown++, never) });
    expect(shown).toBe(1);
  });
});

const FULL = new Error("ENOSPC");

function full(): never {
  throw FULL;
}
