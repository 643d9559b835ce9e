import type { Messages, SeveralWords } from "../i18n/load.ts";
import { createConcurrency } from "../metrics/concurrency.ts";
import { createModelMeans } from "../metrics/model-means.ts";
import type { StreamRecord } from "../metrics/record.ts";
import type { RunWatcher } from "../metrics/watched.ts";
import { settled } from "../run/broadcast.ts";
import { createPaint } from "../text/paint.ts";
import { KEPT } from "./asides.ts";
import { modelsTable } from "./models.ts";
import { heading } from "./plain.ts";
import { showOn, type Sink } from "./sink.ts";
import { createWaterfall } from "./waterfall/chart.ts";
import { waterfall } from "./waterfall/waterfall.ts";

type AfterSeveralOptions = {
  /** Where the answers go one after another at the end; `null` when they are written as they finish. */
  answers: Sink | null;
  err: Sink;
  messages: Messages;
  words: SeveralWords;
  columns: () => number;
  concurrency: number;
  currency: string | null;
  /** The answers alone. */
  quiet: boolean;
};

/** What is said after several streams: the answers, where the time went, and how the models compare. */
export function createAfterSeveral(options: AfterSeveralOptions): RunWatcher {
  const { answers, err, messages, words, columns, currency, quiet } = options;
  const kept = createKept(answers);
  const trace = createWaterfall();
  const means = createModelMeans();
  const concurrency = createConcurrency(options.concurrency);
  const paint = createPaint(err.color);
  let streams = 0;
  let cost: number | null = null;

  function figures(): string {
    const all = { ...messages, ...words };
    const view = { columns: columns(), color: err.color };
    const { asked, max, mean, short } = concurrency.observed();
    const lines = [
      ...(err.terminal ? [waterfall(trace.chart(), all, view)] : []),
      modelsTable(means.models(), all, { ...view, currency }),
      `${paint.dim(words.concurrency(messages.count(Math.min(asked ?? 0, streams)), messages.count(max), messages.number(mean ?? 0)))}\n`,
      ...(cost === null ? [] : [`${words.total(messages.cost(cost, currency))}\n`]),
      ...(short ? [`${paint.yellow(`⚠️  ${words.short}`)}\n`] : []),
    ];
    return `\n${lines.join("\n")}`;
  }

  function onRecord(record: StreamRecord): void {
    streams++;
    if (record.cost !== null) cost = (cost ?? 0) + record.cost;
    means.add(record);
    kept.add(record);
  }

  function finish(): void | Promise<void> {
    const left = kept.left();
    return settled(
      (answers?.pour ?? answers?.write)?.(kept.text()),
      left === 0 ? undefined : err.write(`${words.answersLeft(messages.count(left))}\n`),
      quiet || streams === 0 ? undefined : err.write(figures()),
    );
  }

  return {
    on(event) {
      void trace.on(event);
      void concurrency.on(event);
      if (event.type === "record") onRecord(event.record);
      if (event.type === "finished") return finish();
    },
  };
}

/** Answers in the order of their streams, as long as there is room for them. */
function createKept(sink: Sink | null) {
  const ended = new Map<number, string>();
  let size = 0;
  let left = 0;

  return {
    add(record: StreamRecord): void {
      const { stream, text } = record;
      if (sink === null || text === "") return;
      size += text.length;
      // One of just so many units may have had more.
      if (size >= KEPT.answers) left++;
      else ended.set(stream, showOn(sink)(`${heading(record)}\n${text}${text.endsWith("\n") ? "" : "\n"}\n`));
    },
    text: () =>
      [...ended]
        .toSorted(([a], [b]) => a - b)
        .map(([, text]) => text)
        .join(""),
    left: () => left,
  };
}
