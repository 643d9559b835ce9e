import { version } from "../../package.json" with { type: "json" };
import { liftRequestLimit } from "../../src/commands/own-process.ts";
import { runProgram, type Context, type Verb } from "../../src/commands/context.ts";
import { openWatchers } from "../../src/commands/watchers.ts";
import { readPrompts } from "../../src/commands/prompts.ts";
import { stream } from "../../src/commands/stream.ts";
import { openTarget, readSettings } from "../../src/commands/target.ts";
import type { RunWatcher } from "../../src/metrics/watched.ts";
import { createJobs } from "../../src/run/jobs.ts";
import { createClosedLoop, spacingFor } from "../../src/run/pace.ts";
import { startRun } from "../../src/run/run.ts";
import { createWorkerClient } from "../../src/worker/client.ts";

/** `llmaas stream` with one watcher more: it notes when each token came, and tells the stamping server at the end. */

const [notes = "", tokens = "0", ...rawArgs] = Bun.argv.slice(2);

/** All streams start at once, so there are as many as the concurrency that was asked for. */
function createCollector(streams: number, tokens: number): { watcher: RunWatcher; arrivals: Float64Array } {
  const arrivals = new Float64Array(streams * tokens);
  const counts = new Uint32Array(streams);
  const fail = (stream: number, why: string): never => {
    throw new Error(`stream ${stream}: ${why}`);
  };
  return {
    arrivals,
    watcher: {
      on(happened) {
        if (happened.type !== "stream") return;
        const { stream, event } = happened;
        const count = counts[stream] ?? 0;
        if (event.type === "delta") {
          if (count + event.events > tokens) fail(stream, `more than ${tokens} tokens`);
          arrivals.fill(event.at, stream * tokens + count, stream * tokens + count + event.events);
          counts[stream] = count + event.events;
        }
        if (event.type === "ended" && (event.verdict !== "complete" || count !== tokens))
          fail(stream, `${event.verdict} after ${count} tokens ${event.failure?.message ?? ""}`);
      },
    },
  };
}

async function run(context: Context): Promise<number> {
  const loaded = await readSettings(context);
  const { concurrency } = loaded.settings;
  // As the program does: it starts again in place with BUN_CONFIG_MAX_HTTP_REQUESTS raised.
  await liftRequestLimit(context, concurrency);
  const worker = context.openWorker();
  const {
    settings,
    headers,
    secrets,
    endpoint: shownEndpoint,
    messages,
    ...target
  } = await openTarget(context, loaded);
  const { prompts, count } = await readPrompts(context, messages, () => null);
  const models = [settings.model];
  const whole = { ...target, settings, headers, secrets, endpoint: shownEndpoint, messages };
  const scene = { context, target: whole, records: null, several: true, models, total: () => count(1) };
  const { watcher, arrivals } = createCollector(concurrency, Number(tokens));
  const { stage, watchers } = await openWatchers(scene, () => undefined);
  const pace = createClosedLoop(spacingFor(concurrency));
  const about = { settings, headers, key: target.key, secrets, shownEndpoint, demo: false, observe: false };
  const jobs = createJobs({ prompts, models, repeat: 1, params: {}, images: [], ...about });
  const { broken } = await startRun({
    jobs,
    concurrency,
    pace,
    failFast: true,
    worker,
    stage,
    watchers: [...watchers, watcher],
  }).done;
  worker.close();
  if (broken !== null) throw broken;
  await fetch(`${notes}/arrivals`, { method: "POST", body: arrivals.buffer });
  return 0;
}

const collecting: Verb = { ...stream, run };
await runProgram(["stream", ...rawArgs], {
  argv: Bun.argv.slice(2),
  called: { argv0: process.argv0, execArgv: process.execArgv, main: Bun.main, scripts: {} },
  env: process.env,
  cwd: process.cwd(),
  version,
  verbs: { stream: async () => collecting },
  title: version,
  openWorker: () => createWorkerClient(() => new Worker(new URL("../../src/worker/entry.ts", import.meta.url))),
});
