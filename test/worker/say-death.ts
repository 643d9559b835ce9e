import { createWorkerClient } from "../../src/worker/client.ts";
import type { StreamEvent } from "../../src/stream/event.ts";
import { createListener, requestTo } from "./request.ts";

/**
 * A program of its own, for a thread that dies: all threads of a process share one network thread, and what a death in
 * the middle of a request leaves there must not reach another test. `bun say-death.ts ENDPOINT [SCRIPT]`: three streams
 * that are open when the thread that runs this script dies, and a late one; without a script no thread can be made.
 */
export type Mourned = { ids: number[]; events: StreamEvent[][] };

/** Longest time in which a death must be known, on a busy machine. */
const SOON = 4000;

/** Keeps nothing alive: the process must end by itself. */
function soon(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, SOON).unref());
}

if (import.meta.main) {
  const [, , endpoint = "", script] = process.argv;
  const client = createWorkerClient(() => {
    if (script === undefined) throw new Error("no threads left");
    return new Worker(script);
  });
  const request = requestTo(endpoint, { secrets: ["SECRET"] });
  const open = [createListener(), createListener(), createListener()];
  const late = createListener();
  const ids = open.map(({ on }) => client.start(request, on));
  await Promise.race([Promise.all(open.map(({ ended }) => ended)), soon()]);
  ids.push(client.start(request, late.on));
  await Promise.race([late.ended, soon()]);
  for (const id of ids) client.cancel(id, "signal");
  client.close();
  await Bun.sleep(50);
  const mourned: Mourned = { ids, events: [...open, late].map(({ events }) => events) };
  await Bun.write(Bun.stdout, JSON.stringify(mourned));
}
