import { realpathSync } from "node:fs";
import { createFeed } from "../batch/queue/feed.ts";
import { QueueGone, type RunNotice, type WorkerNotice } from "../batch/queue/queue.ts";
import { handedOutAgain, lostLine } from "../batch/result.ts";
import type { Stop } from "../batch/coordinator.ts";
import type { BatchRequest } from "../batch/input.ts";
import { duration } from "../config/kinds.ts";
import { load, type QueueWords } from "../i18n/load.ts";
import { shellWord } from "../i18n/say.ts";
import { now, type Ms } from "../stream/event.ts";
import { visible } from "../text/visible.ts";
import { loadApi, pathOf } from "../wire/apis.ts";
import { redactUrl } from "../wire/endpoint.ts";
import { badOption, readOption, type Args } from "./args.ts";
import { createJobOf, kindOf } from "./batch-options.ts";
import { standingOf, type Answering, type Batch, type Given } from "./batch-summary.ts";
import type { Context } from "./context.ts";
import { hideQueue, hostName, openQueue, type OpenQueue } from "./open-queue.ts";
import type { Target } from "./target.ts";

/** Ms after which a batch without workers says so. */
const LONELY = 3000;
/** And once more, as long as there are none. */
const REPEATED = 60_000;
/** Ms in which a batch that is stopped takes in what has come: a queue that is away holds nobody up. */
const LAST_WORDS = 700;

/**
 * Opens the queue before the files are checked, which may take long. One that is away is waited for where somebody said how
 * long: without, its address is more likely wrong.
 */
export async function openBatchQueue(context: Context, target: Target, url: string): Promise<OpenQueue> {
  leaseOf(context.args);
  hideQueue(context, target.secrets, url);
  const words = await load(target.messages.lang, "queue");
  return openQueue(context, url, { messages: target.messages, words }, context.args.has("queue-timeout"));
}

/** A shorter one would take work from workers that are alive: they give a sign three times in it. */
const SHORTEST_LEASE = 1000;

function leaseOf(args: Args): Ms {
  const lease = readOption(args, "lease", duration());
  if (lease < SHORTEST_LEASE) throw badOption("lease", args.one("lease") ?? "", { kind: "like", example: "15s" });
  return lease;
}

/** Puts a batch into the queue, and takes its answers in. */
export async function startQueued(batch: Batch, given: Given, opened: OpenQueue): Promise<Answering> {
  const words = await load(batch.target.messages.lang, "queue");
  return createQueued({ ...batch, ...given, ...opened, say: words });
}

function createQueued(queued: Batch & Given & OpenQueue & { say: QueueWords }): Answering {
  const { context, target, files, journal, tally, spend, queue, shown, patience, say } = queued;
  const { finished } = files;
  const endpoint = redactUrl(target.settings.endpoint);
  const once = createOnce(queued);
  const watch = createWorkerWatch(queued, endpoint, once);
  const remarks: string[] = [];
  const toldOnce = toldOf(queued);
  let running = 0;
  let stopped: Stop | null = null;
  const stopping = Promise.withResolvers<void>();

  function notice(): RunNotice {
    const progress = tally.progress();
    const { done, failed } = standingOf(files, progress);
    const state = stopped === null ? "running" : "stopped";
    return { ...toldOnce, endpoint, state, done, failed, per_second: progress.per_second };
  }

  function keep(request: BatchRequest, line: string, failed: boolean): void {
    // A disk that fails is told of by `broken`.
    journal.add(line, request.key, request.hash, failed).catch(() => undefined);
  }

  const feed = createFeed({
    queue,
    notice,
    // A copy of the results is another batch under the same name, and on one machine no less so.
    owner: `${hostName()} ${Bun.hash.crc32(realpathSync(queued.options.out))}`,
    requests: files.input.requests(finished, files.validated.bad === 0),
    finished,
    kindOf: (request) => kindOf(request, target.settings),
    textOf: createTextOf(createJobOf(target, queued.params, null)),
    onAnswer(request, { line, failed, why, prompt, tokens, cost, currency, given: told }, given) {
      // A worker that was slow knows nothing of those who were given its request after it.
      keep(request, given > told ? handedOutAgain(line, request, given) : line, failed);
      tally.ended(why);
      spend({ prompt_tokens: prompt, tokens, cost, currency });
    },
    onDeadly(request, deaths) {
      const message = say.poisoned(deaths);
      keep(request, lostLine(request, { code: "worker_died", message, given: deaths - 1 }), true);
      tally.ended("worker_died");
    },
    onUnreadable(request, by, times) {
      once("unreadable", say.unreadable(by, context.version));
      if (times === null) return;
      const message = say.neverRead(by, context.version, times);
      keep(request, lostLine(request, { code: "reply_unreadable", message, given: times - 1 }), true);
      tally.ended("reply_unreadable");
    },
    durable: () => journal.durable(),
    onHalt({ worker, said }) {
      remarks.push(say.halted(worker, said));
      stop({ why: "told" });
    },
    onWorkers(workers) {
      const ours = workers.filter((worker) => worker.endpoint === endpoint);
      running = ours.reduce((sum, worker) => sum + worker.running, 0);
      tally.workers(ours.length);
      watch(ours, workers.length).catch(stopping.reject);
    },
    onWaiting: (why) => once(why, why === "full" ? say.full : say.owned),
    now,
  });

  function stop(reason: Stop): void {
    stopped ??= reason;
    feed.stop();
    setTimeout(stopping.resolve, LAST_WORDS);
  }

  async function finish(): Promise<void> {
    try {
      await Promise.race([feed.done, journal.broken, stopping.promise]);
    } catch (error) {
      if (!(error instanceof QueueGone)) throw error;
      stop({ why: "told" });
      remarks.push(say.gone(shown, target.messages.duration(patience)));
    } finally {
      queue.close();
      feed.done.catch(() => undefined);
    }
    const { inFlight, again, refused } = feed.counts();
    if (refused.length > 0) stopped ??= { why: "refused", kinds: refused };
    if (inFlight > 0) remarks.push(say.left(inFlight));
    if (again > 0) remarks.push(say.again(again));
  }

  return { done: finish(), running: () => running, stop, stopped: () => stopped, remarks: () => remarks };
}

/** Says who works no more, and as long as nobody does, that nobody does. */
function createWorkerWatch(
  { context, target, queue, shown, say }: Batch & OpenQueue & { say: QueueWords },
  endpoint: string,
  once: (what: string, text: string) => void,
) {
  let before = 0;
  let aloneSince: Ms | null = now();
  let had = false;
  let times = 0;

  function sayAlone(others: number, ms: Ms): void {
    const time = had || times > 0 ? target.messages.duration(ms) : null;
    const command = context.command(`batch worker --queue ${shellWord(shown)}`);
    once(`alone ${aloneSince} ${times++}`, others > 0 ? say.elsewhere(others, endpoint) : say.noWorkers(command, time));
  }

  return async (ours: readonly WorkerNotice[], all: number): Promise<void> => {
    for (const { name, waits } of ours) if (waits !== null) once(`${name} ${waits}`, say.waits(name, waits));
    const isFewer = ours.length < before;
    before = ours.length;
    if (ours.length > 0) {
      had = true;
      aloneSince = null;
      times = 0;
    } else aloneSince ??= now();
    const ms = aloneSince === null ? 0 : now() - aloneSince;
    const isAlone = aloneSince !== null && ms >= LONELY + times * REPEATED;
    if (isAlone || isFewer)
      for (const { name, said, endpoint: theirs } of await queue.departures())
        if (theirs === endpoint) once(`${name} departed`, say.departed(name, said));
    if (isAlone) sayAlone(all, ms);
  };
}

/** What of a notice stays the same. */
function toldOf({ context, target, options, files, tally, schemaText: text }: Batch & Given) {
  const { rates, counts, schema: path, schemaRetries: retries } = options;
  return {
    name: files.name(),
    begun: Date.now(),
    host: hostName(),
    lease: leaseOf(context.args),
    rates,
    counts,
    prices: target.settings.prices,
    concurrency: context.args.has("concurrency") ? target.settings.concurrency : null,
    schema: text === null ? null : { path: path ?? "", text, retries },
    total: tally.progress().total,
  };
}

/** Says each thing once, above the line that is drawn. */
function createOnce({ context, display }: Batch): (what: string, text: string) => void {
  const said = new Set<string>();
  return (what, text) => {
    if (said.has(what)) return;
    said.add(what);
    display.clear();
    void context.err.warn(visible(text));
  };
}

/** Requests travel in one form, that of the Batch API: what makes a body of a prompt is said here, not by the workers. */
function createTextOf(jobOf: ReturnType<typeof createJobOf>): (request: BatchRequest) => string | Promise<string> {
  return async (request) => {
    const { id, asked, text } = request;
    if (asked.kind === "body") return text;
    const { api, body } = jobOf(request, 0).request;
    const said = (await loadApi(api)).body(body);
    if (said.body === null) throw new TypeError("a prompt that was to be refused before");
    return JSON.stringify({ custom_id: id, method: "POST", url: `/v1${pathOf(api)}`, body: said.body });
  };
}
