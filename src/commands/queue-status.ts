import type { Departure, Noticed, Queue, RunNotice, Standing, WorkerNotice } from "../batch/queue/queue.ts";
import { load, type Messages, type QueueWords } from "../i18n/load.ts";
import { linesOf } from "../text/row.ts";
import { table, withoutEmpty } from "../text/table.ts";
import { visible, visibleJson } from "../text/visible.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./exit.ts";
import { hideQueue, openQueue } from "./open-queue.ts";
import { readSettings } from "./target.ts";

/** A batch in the queue: what its feeder last said of it, and what the queue holds. */
type Told = { run: Noticed<RunNotice>; standing: Standing };

/** Ms without a sign after which nobody feeds a batch any more. */
const SILENT = 5000;

/** How the batches in a queue stand, and who works on them. */
export async function sayQueue(context: Context, url: string): Promise<number> {
  hideQueue(context, [], url);
  const { settings } = await readSettings(context);
  const [messages, words] = await Promise.all([load(settings.lang, "messages"), load(settings.lang, "queue")]);
  const { queue, shown } = await openQueue(context, url, { messages, words }, false);
  try {
    const seen = await look(queue);
    if (context.args.has("json")) await context.out.write(`${visibleJson(asJson(seen))}\n`);
    else await context.out.write(visible(asText(seen, messages, words, shown)));
    return EXIT.ok;
  } finally {
    queue.close();
  }
}

/** All that there is in a queue. */
type Seen = {
  told: readonly Told[];
  workers: readonly Noticed<WorkerNotice>[];
  departures: readonly Noticed<Departure>[];
};

async function look(queue: Queue): Promise<Seen> {
  const [runs, noticed, departures] = await Promise.all([queue.runs(), queue.workers(), queue.departures()]);
  const told = await Promise.all(runs.map(async (run) => ({ run, standing: await queue.standing(run.name) })));
  // A worker says how many it runs every few seconds; the queue knows how many it holds now.
  const workers = noticed.map((worker) => ({ ...worker, running: heldBy(worker, told) }));
  return { told: told.toSorted((one, two) => (one.run.name < two.run.name ? -1 : 1)), workers, departures };
}

function heldBy({ name }: WorkerNotice, told: readonly Told[]): number {
  return told.reduce((sum, { standing }) => sum + (standing.running.get(name) ?? 0), 0);
}

function asJson({ told, workers, departures }: Seen): object {
  return {
    v: 1,
    type: "queue",
    batches: told.map(({ run, standing: { waiting, answers, running } }) => ({
      name: run.name,
      state: run.state,
      endpoint: run.endpoint,
      host: run.host,
      seen_ms: run.age,
      total: run.total,
      done: run.done,
      failed: run.failed,
      per_second: run.per_second,
      waiting,
      answers,
      running: Object.fromEntries(running),
    })),
    workers: workers.map(({ age, since: _since, ...worker }) => ({ ...worker, seen_ms: age })),
    departed: departures.map(({ age, ...departure }) => ({ ...departure, seen_ms: age })),
  };
}

function asText({ told, workers, departures }: Seen, messages: Messages, words: QueueWords, shown: string): string {
  const { status } = words;
  const batches = told.flatMap(({ run, standing }) => [
    status.batch(run.name, stateOf(run, messages, words)),
    `  ${countsOf(run, standing, messages, words)}`,
    ...gone(standing, workers).map((name) => `  ${status.gone(name)}`),
  ]);
  const { columns } = status;
  const rows = workers.map((worker) => [
    worker.state === "draining" ? `${worker.name} (${status.draining})` : worker.name,
    messages.count(worker.running),
    messages.count(worker.concurrency),
    messages.count(worker.done),
    worker.failed === 0 ? "" : messages.count(worker.failed),
    worker.per_second === null ? "" : messages.amount(worker.per_second),
    worker.endpoint,
  ]);
  const heads = [
    columns.worker,
    columns.running,
    columns.places,
    columns.done,
    columns.failed,
    columns.rate,
    columns.endpoint,
  ];
  const lines = [
    ...workers.flatMap(({ name, waits }) => (waits === null ? [] : [words.waits(name, waits)])),
    ...departures.map(({ name, age, said }) => status.departed(name, messages.duration(age), said)),
  ];
  return [
    told.length === 0 ? `${status.none(shown)}\n` : `${batches.join("\n")}\n`,
    rows.length === 0 ? `${status.noWorkers}\n` : linesOf(table(withoutEmpty([heads, ...rows]), "l", [1, 2, 3, 4, 5])),
    ...(lines.length === 0 ? [] : [`${lines.join("\n")}\n`]),
  ].join("\n");
}

function stateOf(run: Noticed<RunNotice>, messages: Messages, { status }: QueueWords): string {
  if (run.state === "stopped") return status.stopped;
  return run.age > SILENT ? status.silent(messages.duration(run.age)) : status.fed;
}

function countsOf(run: RunNotice, { waiting, answers, running }: Standing, messages: Messages, { status }: QueueWords) {
  const taken = [...running.values()].reduce((sum, count) => sum + count, 0);
  return [
    status.done(messages.count(run.done + run.failed), messages.count(run.total)),
    ...(run.failed > 0 ? [status.failed(messages.count(run.failed))] : []),
    status.waiting(messages.count(waiting)),
    status.running(messages.count(taken)),
    ...(answers > 0 ? [status.answers(answers)] : []),
    ...(run.per_second === null || run.state === "stopped" ? [] : [status.rate(messages.amount(run.per_second))]),
  ].join(" · ");
}

/** Those that have work and give no sign of life any more. */
function gone({ running }: Standing, workers: readonly WorkerNotice[]): string[] {
  const living = new Set(workers.map(({ name }) => name));
  return [...running].flatMap(([name, count]) => (count > 0 && !living.has(name) ? [name] : []));
}
