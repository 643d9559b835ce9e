import type { StreamRequest } from "../../src/stream/event.ts";
import { createWorkerClient } from "../../src/worker/client.ts";
import { measureSteady } from "./steady.ts";

/** Many answers at once through the worker and its engine; prints the ms of CPU that took. */

const [endpoint = "", body = "{}", streams = "1"] = Bun.argv.slice(2);
const worker = createWorkerClient(() => new Worker(new URL("../../src/worker/entry.ts", import.meta.url)));
const request: StreamRequest = {
  endpoint,
  api: "chat",
  key: null,
  headers: { "content-type": "application/json", "accept-encoding": "identity" },
  body: JSON.parse(body),
  timers: { open: 30_000, firstToken: 30_000, idle: 30_000, total: 0 },
  retries: 0,
  maxWait: 60_000,
  trustDone: false,
  secrets: ["sk-versus-0123456789"],
  observe: false,
};

/** Settles with the number of token events. */
function stream(): Promise<number> {
  return new Promise((resolve, reject) => {
    let events = 0;
    worker.start(request, (event) => {
      if (event.type === "delta") events += event.events;
      if (event.type !== "ended") return;
      if (event.verdict === "complete") resolve(events);
      else reject(new Error(`${event.verdict}: ${event.failure?.message}`));
    });
  });
}

const steady = measureSteady();
await Promise.all(Array.from({ length: Number(streams) }, stream));
await Bun.write(Bun.stdout, `${steady.end()}\n`);
worker.close();
