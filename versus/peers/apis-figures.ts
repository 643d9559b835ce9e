import { createTimeline, type Figures } from "../../src/metrics/timeline.ts";
import type { ApiKind, StreamRequest } from "../../src/stream/event.ts";
import { READ_AT, readStamps } from "../../src/simulator/stamp.ts";
import { API_KINDS } from "../../src/wire/apis.ts";
import { createWorkerClient } from "../../src/worker/client.ts";

/** The same prompt in several APIs at once, again and again, through the worker; prints the figures of each answer, one a line. */

const [endpoint = "", model = "", rounds = "1", ...names] = Bun.argv.slice(2);
const apis = API_KINDS.filter((api) => names.includes(api));
/** Ms between two starts: no two answers come at the same instant. */
const APART = 2.3;
const WARMUP = 5;
const worker = createWorkerClient(() => new Worker(new URL("../../src/worker/entry.ts", import.meta.url)));

function requestIn(api: ApiKind): StreamRequest {
  return {
    endpoint,
    api,
    key: null,
    headers: { "content-type": "application/json", "accept-encoding": "identity" },
    body: {
      model,
      messages: [{ role: "user", content: "two words" }],
      max_tokens: 1000,
      stream: true,
      stream_options: { include_usage: true },
    },
    timers: { open: 30_000, firstToken: 30_000, idle: 30_000, total: 0 },
    retries: 0,
    maxWait: 60_000,
    trustDone: false,
    secrets: [],
    observe: false,
  };
}

/** The figures of an answer, and when the server wrote its first token, where it stamps it: ms since it read the request. */
type Measured = Figures & { written: number | null };

function measure(api: ApiKind): Promise<Measured> {
  const timeline = createTimeline({ due: 0, stall: 1000, ttftFrom: "last_attempt", arrivals: false });
  let readAt = NaN;
  let written: number | null = null;
  return new Promise((resolve, reject) => {
    worker.start(requestIn(api), (event) => {
      timeline.on(event);
      if (event.type === "opened") readAt = Number(event.headers[READ_AT]);
      if (event.type === "delta" && event.text !== "") written ??= (readStamps(event.text)[0] ?? NaN) - readAt;
      if (event.type !== "ended") return;
      if (event.verdict === "complete") resolve({ ...timeline.figures(event), written });
      else reject(new Error(`${api}: ${event.verdict}: ${event.failure?.message}`));
    });
  });
}

for (let round = -WARMUP; round < Number(rounds); round++) {
  const running: Promise<void>[] = [];
  for (let place = 0; place < apis.length; place++) {
    // Each is the first as often as any other.
    const api = apis[(place + round + WARMUP) % apis.length] ?? "chat";
    const print = async (figures: Measured): Promise<void> => {
      if (round >= 0) await Bun.write(Bun.stdout, `${JSON.stringify({ ...figures, api })}\n`);
    };
    running.push(measure(api).then(print));
    await Bun.sleep(APART);
  }
  await Promise.all(running);
}
worker.close();
