import { createExemplars } from "../../src/metrics/exemplars.ts";
import { createHealth } from "../../src/bench/health.ts";
import { createLoadRecords, type LoadRecord } from "../../src/metrics/load-record.ts";
import { createMeter } from "../../src/bench/meter.ts";
import { createProgress } from "../../src/bench/progress.ts";
import { createRecorder } from "../../src/metrics/recorder.ts";
import { toStep } from "../../src/bench/step-report.ts";
import { parseSlo } from "../../src/metrics/thresholds.ts";
import type { RunWatcher } from "../../src/metrics/watched.ts";
import type { Job } from "../../src/run/event.ts";
import { createRandom } from "../../src/run/random.ts";
import { createWindow } from "../../src/run/window.ts";

/** The watchers of a measured load, told of this many streams, one after the other; says how many they counted. */

const streams = Number(Bun.argv[2] ?? 1);
const TOKENS = 10;
const LENGTH_MS = 50;
const random = createRandom(1);
const slo = parseSlo(["p95(ttft) < 1s", "ttft < 10ms"]);
const load = { kind: "closed", concurrency: 1 } as const;
const window = createWindow({ warmup: null, requests: streams, duration: null });
const plan = { step: 0, requests: streams, duration: null, span: window };
const meter = createMeter({
  requests: streams,
  duration: null,
  span: window,
  models: ["m"],
  slo,
  asked: 1,
  ttftFrom: "last_attempt",
});
const health = createHealth({ cores: 2 });
const progress = createProgress({ ...plan, steps: 1, runBegan: 0, earlier: [], load, meter, health });
const drawn = createExemplars(1);
const watchers: readonly RunWatcher<LoadRecord>[] = [meter, health, progress, drawn];
const tell = createRecorder(
  { stall: 1000, keepText: 0, say: () => "" },
  createLoadRecords(0, (event) => watchers.forEach((watcher) => void watcher.on(event))),
);

function jobOf(stream: number): Job {
  const messages = [{ role: "user" as const, content: "two words" }];
  const body = { model: "m", messages, stream: true as const, max_tokens: 300, temperature: 0.8 };
  const timers = { open: 0, firstToken: 0, idle: 0, total: 0 };
  const request = { endpoint: "http://127.0.0.1/v1", api: "chat" as const, key: null, headers: {}, body, timers };
  const rest = { retries: 0, maxWait: 0, trustDone: false, secrets: [], observe: false };
  return {
    stream,
    promptIndex: stream,
    repeat: 0,
    prompt: "two words",
    endpoint: request.endpoint,
    demo: false,
    request: { ...request, ...rest },
  };
}

for (let stream = 0; stream < streams; stream++) {
  const due = 1_750_000_000_000 + stream * LENGTH_MS;
  void tell({ type: "started", job: jobOf(stream), due, warmup: false });
  window.started(due);
  void tell({ type: "stream", stream, event: { type: "sent", at: due + random(), attempt: 1, request: null } });
  for (let token = 0; token < TOKENS; token++) {
    const at = due + 5 + token * 4 + random();
    const said = { text: "w ", reasoning: "", refusal: "", tools: [], events: 1, backpressure: 0, idle: 0 };
    void tell({ type: "stream", stream, event: { type: "delta", at, ...said } });
  }
  const usage = {
    prompt_tokens: 3,
    completion_tokens: TOKENS,
    total_tokens: TOKENS + 3,
    reasoning_tokens: null,
    cached_prompt_tokens: null,
  };
  const end = {
    verdict: "complete",
    finishReason: "stop",
    usage,
    server: null,
    response: null,
    failure: null,
    backpressure: 0,
    tail: "",
  } as const;
  void tell({ type: "stream", stream, event: { type: "ended", at: due + LENGTH_MS - 1, ...end } });
}
const step = toStep({ load, slo, meter, health, span: window, requests: null, warmedFrom: null, cutAt: null });
const column = step.results.at(-1);
const counted = [column?.streams.ok, column?.distributions.gap_ms.count, drawn.streams().streams.length];
await Bun.write(Bun.stdout, `${counted.join(" ")}\n`);
