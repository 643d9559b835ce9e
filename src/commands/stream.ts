import type { StreamRecord } from "../metrics/record.ts";
import { UserError } from "../config/user-error.ts";
import { createJobs, type JobOptions } from "../run/jobs.ts";
import { createClosedLoop, spacingFor } from "../run/pace.ts";
import { startRun } from "../run/run.ts";
import { isAboutModel } from "../stream/retry.ts";
import { visible } from "../text/visible.ts";
import type { WorkerClient } from "../worker/client.ts";
import { badOption } from "./args.ts";
import { DRAIN_MS, type Context, type Verb } from "./context.ts";
import { EXIT, exitCodeOf, worstOf } from "./exit.ts";
import { asking, connecting, everywhere, hidden, multiple, output, waiting } from "./options.ts";
import { liftRequestLimit } from "./own-process.ts";
import { readPrompts, saySkipped, type Prompts } from "./prompts.ts";
import { openRecords, type Records } from "./records.ts";
import { checkSayable, modelsOf, paramsOf, readImages } from "./request-options.ts";
import { checkFiles, isStdout } from "./output-file.ts";
import { watchSignals } from "./signals.ts";
import { jobOptions, openTarget, readSettings, type Target } from "./target.ts";
import { openWatchers, type WatcherOptions } from "./watchers.ts";

/** `llmaas stream`: prompts × models × repeats, from the command line to the exit code. */
export const stream: Verb = {
  meta: { name: "stream" },
  args: {
    ...asking,
    ...multiple,
    ...connecting,
    ...waiting,
    quiet: output.quiet,
    reasoning: output.reasoning,
    json: output.json,
    records: output.records,
    append: output.append,
    force: output.force,
    debug: output.debug,
    ...everywhere,
    "demo-if-unconfigured": hidden["demo-if-unconfigured"],
  },
  async run(context) {
    // The thread starts while the settings are read.
    const worker = context.openWorker();
    try {
      return await streamWith(worker, context);
    } finally {
      worker.close();
    }
  },
};

async function streamWith(worker: WorkerClient, context: Context): Promise<number> {
  const { args } = context;
  const params = paramsOf(args.all("param"));
  const repeat = repeatOf(args.value("repeat"));
  const loaded = await readSettings(context);
  worker.speak(loaded.settings.api);
  await liftRequestLimit(context, loaded.settings.concurrency);
  const target = await openTarget(context, loaded);
  let records: Records | null = null;
  try {
    checkFiles(context, loaded);
    const images = await readImages(args.all("image"));
    const unsaidOf = await checkSayable({ settings: target.settings, params, images }, args.has("prompts"));
    const prompts = await readPrompts(context, target.messages, unsaidOf);
    const models = modelsOf(target.settings.model);
    const several = args.has("prompts") || args.positionals.length > 1 || models.length * repeat > 1;
    const name = args.one("records");
    if (name !== undefined && args.has("json") && isStdout(name))
      throw new UserError({ code: "options_conflict", options: ["--json", `--records ${name}`], why: "records_twice" });
    records = openRecords(context);
    const total = (): number | null => multiplied(prompts.count(models.length), repeat);
    const scene: WatcherOptions = { context, target, records, several, models, total };
    return await runPrompts(
      scene,
      worker,
      prompts,
      jobOptions(target, { prompts: prompts.prompts, models, repeat, params, images, observe: args.has("debug") }),
    );
  } finally {
    await target.close();
    await records?.close();
  }
}

async function runPrompts(
  scene: WatcherOptions,
  worker: WorkerClient,
  prompts: Prompts,
  options: JobOptions,
): Promise<number> {
  const { context, target } = scene;
  const { args, out, err } = context;
  const { settings, demo, messages } = target;
  const codes = new Set<number>();
  let unknown: StreamRecord | null = null;
  let limited = false;
  let outOfFiles = false;
  const watched = await openWatchers(scene, (record) => {
    codes.add(exitCodeOf(record.verdict, record.error, signals.code()));
    // Who has set a limit to all of it waits no longer for a slow terminal either.
    limited ||= record.error?.phase === "total";
    if (limited && !scene.several) out.hurry();
    if (isUnknownModel(record)) unknown ??= record;
    outOfFiles ||= record.error?.kind === "too_many_files";
  });
  const aside = demo === "unconfigured" && !args.has("quiet") && !args.has("json");

  if (options.observe) await showSettings(scene);
  if (aside) await err.write(`${err.fitted(`ℹ️  ${messages.frame.demoBefore}`)}\n\n`);
  const signals = watchSignals();
  const { concurrency } = settings;
  const pace = createClosedLoop(spacingFor(concurrency));
  const failFast = args.has("fail-fast");
  const run = startRun({ jobs: createJobs(options), concurrency, pace, failFast, worker, ...watched });
  void signals.first.then(() => {
    out.hurry();
    run.interrupt("signal");
  });
  const { broken, cut } = await run.done;
  if (limited) out.hurry();
  if (broken !== null) throw broken;
  await saySkipped(context, messages, prompts);
  // Otherwise each stream says so.
  if (outOfFiles && args.has("json")) await err.warn(messages.warning.tooManyFiles);
  if (out.dropped() > 0 && !args.has("quiet")) await err.warn(messages.warning.notShown(out.dropped()));
  if (aside) await err.write(`\n${err.fitted(`ℹ️  ${messages.frame.demoAfter(context.command)}`)}\n`);
  if (unknown !== null && signals.code() === null) {
    await Promise.race([suggestModel(context, target, unknown), signals.first]);
    codes.add(signals.code() ?? EXIT.ok);
  }
  if (cut) codes.add(signals.code() ?? EXIT.ok);
  const code = worstOf([...codes]);
  if (code > 128) return code;
  // The readers of stdout and of records may never take the rest: after a signal they get DRAIN_MS, and then the answer
  // did not get out.
  const late = signals.first.then(() => Bun.sleep(DRAIN_MS));
  const drained = Promise.all([context.out.drained(), scene.records?.drained()]);
  return Promise.race([drained.then(() => code), late.then(() => signals.code() ?? code)]);
}

/** `--debug` begins with every setting and where it comes from. */
async function showSettings({ context, target }: WatcherOptions): Promise<void> {
  const { configShow } = await import("./config.ts");
  const { messages, loaded } = target;
  const words = { ...messages.config, origin: messages.origin, command: context.command };
  await context.err.write(`${configShow({ loaded, env: context.env, words })}\n`);
}

function multiplied(count: number | null, repeat: number): number | null {
  return count === null ? null : count * repeat;
}

/** Most repeats of a prompt. */
const MOST_REPEATS = 1_000_000;

function repeatOf(given: string): number {
  const repeat = /^\d+$/.test(given) ? Number(given) : 0;
  if (repeat >= 1 && repeat <= MOST_REPEATS) return repeat;
  throw badOption("repeat", given, { kind: "integer", min: 1, max: null });
}

/** Ms that a suggestion may take. */
const PATIENCE = 3000;

/** After a refusal for the model's sake: says the nearest one there is, if the endpoint tells. */
async function suggestModel({ args, err }: Context, target: Target, refused: StreamRecord): Promise<void> {
  if (args.has("quiet")) return;
  const [{ listModels }, { isSameModel, nearestModel }] = await Promise.all([
    import("../stream/models.ts"),
    import("../config/nearest.ts"),
  ]);
  const { endpoint, api } = target.settings;
  const request = { ...target, endpoint, api, timeout: PATIENCE };
  const { models } = await listModels((url, init) => fetch(url, init), request);
  const names = models?.map((model) => model.id) ?? [];
  // Of one that it lists it must have refused something else.
  const listed = names.some((name) => isSameModel(name, refused.model));
  const name = listed ? null : nearestModel(refused.model, names);
  if (name !== null) await err.write(`💡 ${target.messages.hint.nearestModel(visible(target.mask(name)))}\n`);
}

/** Whether the endpoint does not know the model that was asked. */
function isUnknownModel({ error }: StreamRecord): boolean {
  return error?.kind === "http" && isAboutModel(error.status ?? 0, error.code ?? "", error.message);
}
