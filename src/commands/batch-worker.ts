import { createCoordinator, type Coordinator, type Stop } from "../batch/coordinator.ts";
import { QueueGone } from "../batch/queue/queue.ts";
import { createService, type Service } from "../batch/queue/serve.ts";
import { UserError } from "../config/user-error.ts";
import { load, type QueueWords } from "../i18n/load.ts";
import { oneLine, sayFailure } from "../i18n/say.ts";
import { now, startTimer } from "../stream/event.ts";
import { visible } from "../text/visible.ts";
import type { WorkerClient } from "../worker/client.ts";
import { redactUrl } from "../wire/endpoint.ts";
import { createAsker, startAsking, createSchemas, type Asker } from "./batch-asker.ts";
import { createWorkerDisplay } from "./worker-display.ts";
import type { Context, Verb } from "./context.ts";
import { EXIT } from "./exit.ts";
import { connecting, everywhere, multiple, output, queueing, waiting } from "./options.ts";
import { queueUrl } from "./batch-options.ts";
import { hideQueue, hostName, openQueue, type OpenQueue } from "./open-queue.ts";
import { liftRequestLimit } from "./own-process.ts";
import { watchSignals, type SignalWatch } from "./signals.ts";
import { openTarget, readSettings, type Target } from "./target.ts";

const { lease: _lease, ...queue } = queueing;
const { demo: _demo, ...where } = connecting;

/** `llmaas batch worker`: asks what a batch has put into a queue, until it is told to end. */
export const batchWorker: Verb = {
  meta: { name: "batch worker" },
  args: {
    ...queue,
    concurrency: multiple.concurrency,
    ...where,
    ...waiting,
    quiet: output.quiet,
    json: output.json,
    ...everywhere,
  },
  words: [],
  async run(context) {
    const [extra] = context.args.positionals;
    if (extra !== undefined)
      throw new UserError({ code: "unexpected_argument", argument: extra, verb: "batch worker" });
    const url = neededUrl(context, "batch worker");
    const loaded = await readSettings(context);
    await liftRequestLimit(context, loaded.settings.concurrency);
    const target = await openTarget(context, loaded, "load");
    hideQueue(context, target.secrets, url);
    const words = await load(target.messages.lang, "queue");
    const opened = await openQueue(context, url, { messages: target.messages, words }, true);
    const worker = context.openWorker();
    try {
      return await work({ context, target, words, worker }, opened);
    } catch (error) {
      if (!(error instanceof QueueGone)) throw error;
      await context.err.complain(words.gone(opened.shown, target.messages.duration(opened.patience)));
      return EXIT.failed;
    } finally {
      worker.close();
      opened.queue.close();
      await target.close();
    }
  },
};

/** The address of the queue, without which there is nothing to do. */
function neededUrl(context: Context, verb: string): string {
  const url = queueUrl(context);
  if (url !== null) return url;
  const example = `--queue ${queueing.queue.example ?? ""}`;
  throw new UserError({ code: "needs_option", option: verb, needed: ["--queue"], example });
}

/** What a worker works with. */
type Working = { context: Context; target: Target; words: QueueWords; worker: WorkerClient };

/** Ms that a worker which is told to end, and runs nothing any more, gives the queue to take back what it has of it. */
const FAREWELL = 2000;

/** Settles when that is enough: what is left was never asked, and goes to others where this worker gives no sign any more. */
async function farewell({ first }: Pick<SignalWatch, "first">): Promise<Handed> {
  await first;
  await Bun.sleep(FAREWELL);
  return { said: "", halts: false };
}

/** Ms that a worker waits before it tries an endpoint again that cannot be reached. */
const FIRST_WAIT = 5000;
const LONGEST_WAIT = 60_000;

async function work(working: Working, { queue: engine, shown }: OpenQueue): Promise<number> {
  const { context, target, words } = working;
  const { messages } = target;
  const endpoint = redactUrl(target.settings.endpoint);
  const signals = watchSignals();
  const schemas = createSchemas();
  let session: Session | null = null;
  let waits: string | null = null;
  const name = `${hostName()}-${process.pid}-${crypto.randomUUID().slice(0, 4)}`;
  const service = serviceOf(working, {
    queue: engine,
    name,
    endpoint,
    running: () => session?.coordinator.running() ?? 0,
    waits: () => waits,
    onChange: () => session?.coordinator.changed(),
    prepare: schemas.prepare,
  });
  const asker = createAsker(target, service, schemas.of);
  const display = createWorkerDisplay(context, messages, words, service);
  if (!context.args.has("quiet"))
    await context.err.write(`${words.worker.started(shown, endpoint, messages.count(target.settings.concurrency))}\n`);
  void signals.first.then(() => {
    service.drain();
    display.clear();
    if (!context.args.has("quiet")) void context.err.write(`${words.worker.draining(service.state().running)}\n`);
  });
  try {
    for (let wait = FIRST_WAIT; ; wait = Math.min(LONGEST_WAIT, 2 * wait)) {
      session = startSession(working, service, asker);
      const before = service.state().done;
      const stop = await Promise.race([session.done, service.broken]);
      const handing = [handOver(stop, service, target), service.broken, farewell(signals)];
      const { said, halts } = await Promise.race(handing);
      if (stop === null || signals.code() !== null) return EXIT.ok;
      if (service.state().done > before) wait = FIRST_WAIT;
      display.clear();
      if (stop.why === "refused_key") {
        await context.err.complain(words.worker.leaving(said));
        await Promise.race([engine.depart({ name, endpoint, said }), service.broken]);
        return EXIT.failed;
      }
      if (halts) {
        await context.err.warn(words.worker.halted(said));
        continue;
      }
      await context.err.warn(words.worker.unreachable(said, messages.duration(wait)));
      waits = said;
      await Promise.race([Bun.sleep(wait), signals.first, service.broken]);
      waits = null;
      if (signals.code() !== null) return EXIT.ok;
    }
  } finally {
    session?.end();
    display.close();
    await Promise.race([service.close().catch(() => undefined), farewell(signals)]);
    const { done, failed } = service.state();
    if (!context.args.has("quiet")) await context.err.write(`${words.worker.ended(done, failed)}\n`);
  }
}

type ServiceOptions = Parameters<typeof createService>[0];

function serviceOf(
  { context, target, words }: Working,
  options: Pick<ServiceOptions, "queue" | "name" | "endpoint" | "running" | "waits" | "onChange" | "prepare">,
): Service {
  const { endpoint } = options;
  return createService({
    ...options,
    version: context.version,
    account: accountOf(endpoint, target.key),
    concurrency: target.settings.concurrency,
    onRefused: ({ name, endpoint: theirs }) =>
      void context.err.warn(visible(words.worker.refused(name, theirs, endpoint))),
    now,
  });
}

/** Why a session ended, in words, and whether no other worker would fare better. */
type Handed = { said: string; halts: boolean };

/** Gives back what a session has left, and ends the batches that no other worker would fare better with. */
async function handOver(stop: Stop | null, service: Service, { messages, about }: Target): Promise<Handed> {
  const said = stop !== null && "failure" in stop ? visible(oneLine(sayFailure(messages, stop.failure, about))) : "";
  const halts = stop?.why === "quota" || stop?.why === "long_wait";
  // Before anything is given back: nobody else is to ask that in vain.
  if (halts) await service.halt(stop.why, said);
  await service.giveBack();
  return { said, halts };
}

/** Work until something ends it. */
type Session = {
  coordinator: Coordinator;
  /** Settles when nothing runs any more; why it stopped, `null` where it was told to. */
  done: Promise<Stop | null>;
  /** Ends what still runs. */
  end(): void;
};

/** Ms between two looks whether all that is left waits to be asked again. */
const LOOK = 100;

function startSession({ target, worker }: Working, service: Service, asker: Asker): Session {
  const { settings } = target;
  const coordinator = createCoordinator({
    ...asker,
    requests: service.requests(),
    limiter: service.limiter,
    concurrency: service.adaptive,
    retries: settings.retries,
    now,
    startTimer,
    random: Math.random,
  });
  const run = startAsking(coordinator, worker, target);
  const look = setInterval(() => {
    // What waits to be asked again waits with another one.
    if (service.isDraining() && coordinator.running() === 0) coordinator.stop({ why: "interrupted" });
  }, LOOK);
  const done = run.done.then(({ broken }) => {
    clearInterval(look);
    if (broken !== null) throw broken;
    const stop = coordinator.stopped();
    return stop?.why === "interrupted" ? null : stop;
  });
  // Who waits for the engine, too, may hear first that it is gone.
  done.catch(() => undefined);
  return {
    coordinator,
    done,
    end() {
      clearInterval(look);
      coordinator.stop({ why: "interrupted" });
      run.interrupt("signal");
    },
  };
}

/** Limits are for one account at one endpoint. Of the key no more goes out than 32 bits of a hash, which name it and say nothing of it. */
function accountOf(endpoint: string, key: string | null): string {
  return new Bun.CryptoHasher("sha256")
    .update(`${endpoint}\n${key ?? ""}`)
    .digest("hex")
    .slice(0, 8);
}
