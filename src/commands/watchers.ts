import { load } from "../i18n/load.ts";
import { oneLine, sayFailure } from "../i18n/say.ts";
import { createCostOf } from "../metrics/cost.ts";
import type { Say, StreamRecord } from "../metrics/record.ts";
import { createRecorder } from "../metrics/recorder.ts";
import { createNotes } from "../render/asides.ts";
import { createPlain, createPlainSeveral } from "../render/plain.ts";
import { settled } from "../render/sink.ts";
import { createTerminal } from "../render/terminal.ts";
import type { Watcher } from "../run/event.ts";
import type { Context } from "./context.ts";
import type { Records } from "./files.ts";
import type { Target } from "./target.ts";
import { canRedraw, terminalColumns } from "./terminal.ts";

/** Everything the guests of a run may need. */
export type WatcherOptions = {
  context: Context;
  target: Target;
  records: Records | null;
  /** More than one stream may come. */
  several: boolean;
  models: readonly string[];
  /** How many streams there will be; `null` while nobody knows. */
  total: () => number | null;
};

/** A guest that is also told the record of each stream. */
export type Guest = Watcher & { record?(record: StreamRecord): void | Promise<void> };

/** The guests of a run; the recorder comes last, so that a stream's last word is out before its figures. */
export async function openWatchers(scene: WatcherOptions, onEnd: (record: StreamRecord) => void): Promise<Watcher[]> {
  const { context, target, records } = scene;
  const { args, out, err } = context;
  const { messages, about, settings } = target;
  const say: Say = (failure) => oneLine(sayFailure(messages, failure, about));
  const json = args.has("json");
  const guests: Guest[] = [];

  if (args.has("debug")) {
    const { createDebug } = await import("../render/debug.ts");
    guests.push(createDebug(err, { beside: out.terminal && err.terminal, several: scene.several }));
  }
  if (json) {
    const { createJsonLines } = await import("../render/jsonl.ts");
    guests.push(createJsonLines(out.write, say));
  } else {
    guests.push(...(scene.several ? await forSeveral(scene) : forOne(scene)));
  }
  if (records !== null) guests.push({ on: () => undefined, record: records.add });

  const careful = guests.map(failLater);
  const onRecord = (record: StreamRecord): void | Promise<void> => {
    onEnd(record);
    return settled(...careful.map((guest) => guest.record(record)));
  };
  const keepText = json || records !== null || args.has("debug");
  const { stall, prices } = settings;
  const bill = { costOf: createCostOf(prices), currency: prices?.currency ?? null };
  return [...careful, createRecorder({ stall, keepText, say, ...bill, onRecord })];
}

/** A guest that cannot take a record fails at its next event instead: the others, and the recorder, go on. */
function failLater(guest: Guest): Required<Pick<Guest, "on" | "record">> & Watcher {
  let failed: { error: unknown } | null = null;
  const fail = (error: unknown): void => void (failed ??= { error });
  return {
    ...guest,
    on(event) {
      if (failed !== null) throw failed.error;
      return guest.on(event);
    },
    record(record): void | Promise<void> {
      if (failed !== null) return undefined;
      try {
        return guest.record?.(record)?.catch(fail);
      } catch (error) {
        return fail(error);
      }
    },
  };
}

function forOne({ context: { args, out, err }, target }: WatcherOptions): Guest[] {
  const { messages, about, settings } = target;
  const answer = out.terminal ? out : null;
  const terminal = createTerminal({
    out: answer,
    err,
    messages,
    about,
    quiet: args.has("quiet"),
    reasoning: settings.reasoning,
  });
  return answer === null ? [createPlain(out), terminal] : [terminal];
}

async function forSeveral(scene: WatcherOptions): Promise<Guest[]> {
  const { context, target } = scene;
  const { args, out, err } = context;
  const { settings, messages } = target;
  const { stall, concurrency, reasoning } = settings;
  const [{ createAftermath }, words] = await Promise.all([
    import("../render/after-several.ts"),
    load(messages.lang, "several"),
  ]);
  const live = canRedraw(context);
  const quiet = args.has("quiet");
  const currency = settings.prices?.currency ?? null;
  const answers = out.terminal ? out : null;
  const aftermath = createAftermath({
    answers,
    err,
    messages,
    words,
    columns: terminalColumns,
    stall,
    concurrency,
    currency,
    quiet,
  });
  const notes = createNotes({ err, messages, words, quiet, reasoning, hold: live });
  if (!live) return [...(answers === null ? [createPlainSeveral(out)] : []), notes, aftermath];
  const { openLive } = await import("./live.ts");
  const { models, total } = scene;
  return [
    openLive(context, { messages, words: words.panes, models, total, concurrency, stall, reasoning }),
    notes,
    aftermath,
  ];
}
