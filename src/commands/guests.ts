import { oneLine, sayFailure } from "../i18n/messages.ts";
import { loadSeveral } from "../i18n/several.ts";
import { createCostOf } from "../metrics/cost.ts";
import type { Say, StreamRecord } from "../metrics/record.ts";
import { createRecorder } from "../metrics/recorder.ts";
import { createNotes, createPlain, createPlainSeveral } from "../render/plain.ts";
import { settled } from "../render/sink.ts";
import { createTerminal } from "../render/terminal.ts";
import type { Watcher } from "../run/event.ts";
import type { Door } from "./door.ts";
import type { Records } from "./records.ts";
import type { Target } from "./target.ts";
import { terminalColumns } from "./terminal.ts";

/** Everything the guests of a run may need. */
export type Scene = {
  door: Door;
  target: Target;
  records: Records | null;
  /** More than one stream may come. */
  several: boolean;
};

/** A guest that is also told the record of each stream. */
export type Guest = Watcher & { record?(record: StreamRecord): void | Promise<void> };

/** The guests of a run; the recorder comes last, so that a stream's last word is out before its figures. */
export async function inviteGuests(scene: Scene, onEnd: (record: StreamRecord) => void): Promise<Watcher[]> {
  const { door, target, records } = scene;
  const { args, out, err } = door;
  const { messages, about, settings } = target;
  const say: Say = (failure) => oneLine(sayFailure(messages, failure, about));
  const json = args.has("json");
  const guests: Guest[] = [];

  if (args.has("debug")) {
    const { createDebug } = await import("../render/debug.ts");
    guests.push(createDebug(err, out.terminal && err.terminal));
  }
  if (json) {
    const { createJsonLines } = await import("../render/jsonl.ts");
    guests.push(createJsonLines(out.write, say));
  } else {
    guests.push(...(scene.several ? await forSeveral(scene) : forOne(scene)));
  }
  if (records !== null) guests.push({ on: () => undefined, record: records.add });

  const onRecord = (record: StreamRecord): void | Promise<void> => {
    onEnd(record);
    return settled(...guests.map((guest) => guest.record?.(record)));
  };
  const keepText = json || records !== null || args.has("debug");
  const costOf = createCostOf(settings.prices);
  return [...guests, createRecorder({ stall: settings.stall, keepText, say, costOf, onRecord })];
}

function forOne({ door: { args, out, err }, target }: Scene): Guest[] {
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

async function forSeveral({ door, target }: Scene): Promise<Guest[]> {
  const { args, out, err } = door;
  const { settings, messages } = target;
  const [{ createAftermath }, words] = await Promise.all([
    import("../render/aftermath.ts"),
    loadSeveral(messages.lang),
  ]);
  const quiet = args.has("quiet");
  const aftermath = createAftermath({
    answers: out.terminal ? out : null,
    err,
    messages,
    words,
    columns: terminalColumns,
    stall: settings.stall,
    concurrency: settings.concurrency,
    currency: settings.prices?.currency ?? null,
    quiet,
  });
  const answers = out.terminal ? [] : [createPlainSeveral(out)];
  return [...answers, createNotes(err, messages, quiet), aftermath];
}
