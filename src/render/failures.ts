import type { Messages, SeveralWords } from "../i18n/load.ts";
import type { StreamRecord } from "../metrics/record.ts";
import type { RunWatcher } from "../metrics/watched.ts";
import { isLoud, type NoticeEvent } from "../stream/event.ts";
import { createPaint } from "../text/paint.ts";
import { fold } from "../text/wrap.ts";
import { whose } from "./plain.ts";
import { showOn, type Sink } from "./sink.ts";

type FailuresOptions = {
  err: Sink;
  messages: Messages;
  words: Pick<SeveralWords, "failures">;
  /** Of the terminal. */
  columns(): number;
};

/** What went wrong in the same way: what goes wrong for one stream goes wrong for hundreds. */
type Kind = { mark: string; count: number; example: string; whose: string[] };

/** Kinds that are shown, and streams that each of them names. */
const KINDS_SHOWN = 50;
const STREAMS_NAMED = 5;
const FAILED = "❌";

/** What went wrong in several streams, once per kind, after all else: it is what there is to act on. */
export function createFailures({ err, messages, words: { failures: words }, columns }: FailuresOptions): RunWatcher {
  const paint = createPaint(err.color);
  const show = showOn(err);
  const kinds = new Map<string, Kind>();
  let streams = 0;
  /** Said of what streams under way brought: whose it is stands in their records. */
  const loud = new Map<number, NoticeEvent[]>();

  function add(key: string, mark: string, example: string, record: StreamRecord): void {
    const kind = kinds.get(key) ?? { mark, count: 0, example, whose: [] };
    kinds.set(key, kind);
    kind.count++;
    if (kind.whose.length < STREAMS_NAMED) kind.whose.push(whose(record));
  }

  function onNotice(stream: number, event: NoticeEvent): void {
    if (isLoud(event.code)) loud.set(stream, [...(loud.get(stream) ?? []), event]);
  }

  function onRecord(record: StreamRecord): void {
    streams++;
    for (const { code, detail } of loud.get(record.stream) ?? [])
      add(`notice ${code}`, "ℹ️ ", messages.notice[code](detail), record);
    loud.delete(record.stream);
    const { error } = record;
    if (error === null || error.reason === "reader_gone") return;
    const { kind, reason, status, code, phase, message } = error;
    add(JSON.stringify([kind, reason, status, code, phase]), FAILED, message, record);
  }

  /** One stream by its name; of several how many, and where these are not all which. */
  function say({ mark, count, example, whose: named }: Kind): string {
    const who = count === 1 ? show(named.join()) : words.of(messages.count(count), messages.count(streams));
    const what = fitted(`${mark} ${words.line(who, show(example).replaceAll("\n", "\n   "))}`);
    const head = mark === FAILED ? what.replace(FAILED, paint.red(FAILED)) : what;
    if (count === 1 || count === streams) return `${head}\n`;
    const more = count - named.length;
    const which = show(named.join(", ")) + (more > 0 ? words.more(messages.count(more)) : "");
    return `${head}\n${paint.dim(fitted(`   ${which}`))}\n`;
  }

  const fitted = (text: string): string => (err.terminal ? fold(text, columns() - 1, "   ") : text);

  function finish(): void | Promise<void> {
    const all = [...kinds.values()].toSorted((one, other) => other.count - one.count);
    const left = all.length - KINDS_SHOWN;
    const lines = [
      ...all.slice(0, KINDS_SHOWN).map(say),
      ...(left > 0 ? [`${words.left(messages.count(left))}\n`] : []),
    ];
    if (lines.length > 0) return err.write(lines.join(""));
  }

  return {
    on(event) {
      if (event.type === "finished") return finish();
      if (event.type === "record") onRecord(event.record);
      else if (event.type === "stream" && event.event.type === "notice") onNotice(event.stream, event.event);
    },
  };
}
