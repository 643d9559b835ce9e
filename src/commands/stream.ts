import { UserError } from "../config/user-error.ts";
import { oneLine, sayFailure } from "../i18n/messages.ts";
import type { Say, StreamRecord } from "../metrics/record.ts";
import { createRecorder } from "../metrics/recorder.ts";
import { createPlain } from "../render/plain.ts";
import { settled } from "../render/sink.ts";
import { createTerminal } from "../render/terminal.ts";
import { visible } from "../render/visible.ts";
import type { Watcher } from "../run/event.ts";
import { createJobs } from "../run/jobs.ts";
import { startRun, type Run } from "../run/run.ts";
import { createWorkerClient, type WorkerClient } from "../worker/client.ts";
import type { Json } from "../wire/chat.ts";
import type { Door, Verb } from "./door.ts";
import { exitCodeOf, worstOf } from "./exit.ts";
import { readPrompts } from "./prompts.ts";
import { openRecords, type Records } from "./records.ts";
import { watchSignals } from "./signals.ts";
import { openTarget, type Target } from "./target.ts";

export const stream: Verb = {
  name: "stream",
  options: [
    "model",
    "system",
    "config",
    "endpoint",
    "header",
    "allow-http",
    "max-tokens",
    "temperature",
    "top-p",
    "param",
    "timeout",
    "timeout-open",
    "timeout-first-token",
    "timeout-idle",
    "timeout-total",
    "retries",
    "stdin",
    "reasoning",
    "quiet",
    "json",
    "records",
    "append",
    "force",
    "debug",
    "demo",
    "demo-if-unconfigured",
    "lang",
    "color",
    "help",
  ],
  async run(door) {
    // The thread starts while the settings are read.
    const worker = createWorkerClient(door.openWorker);
    try {
      return await streamWith(worker, door);
    } finally {
      worker.close();
    }
  },
};

async function streamWith(worker: WorkerClient, door: Door): Promise<number> {
  const params = paramsOf(door.args.all("param"));
  const target = await openTarget(door);
  let records: Records | null = null;
  try {
    const prompts = await readPrompts(door, target.messages);
    records = openRecords(door);
    return await runPrompts({ worker, door, target, records, params }, prompts);
  } finally {
    records?.close();
    await target.close();
  }
}

type Scene = {
  worker: WorkerClient;
  door: Door;
  target: Target;
  records: Records | null;
  params: Record<string, Json>;
};

async function runPrompts(scene: Scene, prompts: readonly string[]): Promise<number> {
  const { worker, door, target, params } = scene;
  const { settings, headers, secrets, endpoint, demo, messages } = target;
  const ended: StreamRecord[] = [];
  const watchers = await createWatchers(scene, (record) => ended.push(record));
  const observe = door.args.has("debug");
  const jobs = createJobs({
    prompts,
    settings,
    params,
    headers,
    secrets,
    shownEndpoint: endpoint,
    demo: demo !== null,
    observe,
  });
  const aside = demo === "unconfigured" && !door.args.has("quiet") && !door.args.has("json");

  if (observe) await showSettings(scene);
  if (aside) await door.err.write(`ℹ️  ${messages.frame.demoBefore}\n\n`);
  let run: Run | null = null;
  const signals = watchSignals(() => run?.interrupt("signal"));
  run = startRun({ jobs, concurrency: settings.concurrency, worker, watchers });
  const { broken } = await run.done;
  if (broken !== null) throw broken;
  if (aside) await door.err.write(`\nℹ️  ${messages.frame.demoAfter}\n`);
  if (signals.code() === null) await suggestModel(scene, ended);
  return worstOf(ended.map((record) => exitCodeOf(record.verdict, record.error, signals.code())));
}

/** `--debug` begins with every setting and where it comes from. */
async function showSettings({ door, target }: Scene): Promise<void> {
  const { configShow } = await import("./config.ts");
  const { messages, loaded } = target;
  const words = { ...messages.config, origin: messages.origin };
  await door.err.write(`${configShow({ loaded, env: door.env, words })}\n`);
}

/** The guests of the run; the recorder comes last, so that a stream's last word is out before its figures. */
async function createWatchers(scene: Scene, onEnd: (record: StreamRecord) => void): Promise<Watcher[]> {
  const { door, target, records } = scene;
  const { args, out, err } = door;
  const { messages, about, settings } = target;
  const say: Say = (failure) => oneLine(sayFailure(messages, failure, about));
  const json = args.has("json");
  const guests: (Watcher & { record?(record: StreamRecord): void | Promise<void> })[] = [];

  if (args.has("debug")) {
    const { createDebug } = await import("../render/debug.ts");
    guests.push(createDebug(err, out.terminal && err.terminal));
  }
  if (json) {
    const { createJsonLines } = await import("../render/jsonl.ts");
    guests.push(createJsonLines(out.write, say));
  } else {
    const quiet = args.has("quiet");
    const answer = out.terminal ? out : null;
    if (answer === null) guests.push(createPlain(out));
    guests.push(createTerminal({ out: answer, err, messages, about, quiet, reasoning: settings.reasoning }));
  }
  if (records !== null) guests.push({ on: () => undefined, record: records.add });

  const onRecord = (record: StreamRecord): void | Promise<void> => {
    onEnd(record);
    return settled(...guests.map((guest) => guest.record?.(record)));
  };
  const keepText = json || records !== null || args.has("debug");
  return [...guests, createRecorder({ stall: settings.stall, keepText, say, onRecord })];
}

/** After a 404 on the model: the nearest one there is, if the endpoint says. */
async function suggestModel({ door, target }: Scene, ended: readonly StreamRecord[]): Promise<void> {
  const refused = ended.find((record) => record.error?.kind === "http" && record.error.status === 404);
  if (refused === undefined || door.args.has("quiet")) return;
  const [{ listModels }, { nearest }] = await Promise.all([
    import("../stream/models.ts"),
    import("../config/nearest.ts"),
  ]);
  const { endpoint } = target.settings;
  const { models } = await listModels((url, init) => fetch(url, init), {
    ...target,
    endpoint,
    timeout: target.settings.timeoutOpen,
  });
  const name =
    models === null
      ? null
      : nearest(
          refused.model,
          models.map((model) => model.id),
        );
  if (name !== null) await door.err.write(`💡 ${target.messages.hint.nearestModel(visible(name))}\n`);
}

/** `--param key=JSON`, every occurrence. */
function paramsOf(given: readonly string[]): Record<string, Json> {
  const params: Record<string, Json> = {};
  for (const param of given) {
    const [, name, text] = /^([^=]+)=(.*)$/s.exec(param) ?? [];
    if (name === undefined || text === undefined) throw new UserError({ code: "bad_param", value: param, why: "=" });
    try {
      params[name] = JSON.parse(text);
    } catch (error) {
      throw new UserError({
        code: "bad_param",
        value: param,
        why: error instanceof Error ? error.message : String(error),
      });
    }
  }
  return params;
}
