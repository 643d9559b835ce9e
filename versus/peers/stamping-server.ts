import { exactDistribution } from "../../src/metrics/distribution.ts";
import { readControl, type Control } from "../../src/simulator/control.ts";
import { startSimulator, type SeenRequest } from "../../src/simulator/server.ts";
import type { Seen } from "../concurrency.ts";

/**
 * The built-in server in a process of its own, which notes when it writes each token. At its second address it takes the
 * arrivals that a client noted (stream × token, ms since the epoch, 0 for none), and says what it saw.
 */

const control: Control | string = readControl(JSON.parse(Bun.argv[2] ?? "{}"));
if (typeof control === "string") throw new TypeError(control);
const tokens = control.tokens ?? 0;
/** Of each request, when each of its tokens was about to be written. */
const writes: Float64Array[] = [];
let arrival: Seen["arrival"] = null;
let unmatched = 0;

const simulator = startSimulator({
  control,
  onWrite(request, at, token) {
    (writes[request] ??= new Float64Array(tokens))[token] = at;
  },
});

function compare(arrivals: Float64Array): void {
  const errors = new Float64Array(arrivals.length);
  let count = 0;
  for (const request of simulator.requests()) {
    const stream = streamOf(request);
    const sent = writes[request.stream];
    for (let token = 0; stream !== null && sent !== undefined && token < tokens; token++) {
      const from = sent[token] ?? 0;
      const to = arrivals[stream * tokens + token] ?? 0;
      if (from > 0 && to > 0) errors[count++] = to - from;
    }
  }
  arrival = exactDistribution(errors.subarray(0, count));
  unmatched = arrivals.length - count;
}

/** The stream's number stands in its prompt: connections come in any order. */
function streamOf({ body }: SeenRequest): number | null {
  const [, number] = /"content":"stream (\d+)"/.exec(body) ?? [];
  return number === undefined ? null : Number(number);
}

const notes = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  routes: {
    "/arrivals": {
      async POST(request) {
        compare(new Float64Array(await request.arrayBuffer()));
        return new Response();
      },
    },
    "/seen": () => Response.json({ peak: simulator.peak(), arrival, unmatched } satisfies Seen),
  },
});

await Bun.write(Bun.stdout, `${simulator.url} ${notes.url.origin}\n`);
