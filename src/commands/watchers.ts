import { load } from "../i18n/load.ts";
import type { StreamRecord } from "../metrics/record.ts";
import { IN_RECORD } from "../metrics/content.ts";
import { createRecorder } from "../metrics/recorder.ts";
import type { RunWatcher, StartedEvent, WatchedEvent } from "../metrics/watched.ts";
import { createAsides, KEPT } from "../render/asides.ts";
import { createPlain, createPlainSeveral, type Spill } from "../render/plain.ts";
import { createSingle } from "../render/single.ts";
import type { RunOptions } from "../run/run.ts";
import type { Context } from "./context.ts";
import type { LiveLine } from "./live-line.ts";
import type { Records } from "./records.ts";
import { recordingOf, type Target } from "./target.ts";
import { canRedraw, guardScreen, sizeOf, terminalColumns } from "./terminal.ts";
import { codeOf } from "./output-file.ts";
import { OutputError } from "./output.ts";

/** Everything the watchers of a run may need. */
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

/** Who is told of a run, and the recorder that measures it for them; `onEnd` is called with the record of each stream. */
export async function openWatchers(
  scene: WatcherOptions,
  onEnd: (record: StreamRecord) => void,
): Promise<Pick<RunOptions<WatchedEvent>, "stage" | "watchers">> {
  const { context, target, records } = scene;
  const { args, out, err } = context;
  const recording = recordingOf(target);
  const json = args.has("json");
  const watchers = [onRecord(onEnd)];

  if (args.has("debug")) {
    const { createDebug } = await import("../render/debug.ts");
    watchers.push(createDebug(err, scene.several, target.mask));
  }
  if (json) {
    const { createJsonLines } = await import("../render/jsonl.ts");
    watchers.push(createJsonLines(out.pour, recording.say));
  } else {
    watchers.push(...(scene.several ? await forSeveral(scene) : forOne(scene)));
  }
  if (records !== null) watchers.push(onRecord(records.add));

  const whole = json || records !== null || args.has("debug");
  const keepText = whole ? IN_RECORD : scene.several ? (out.terminal ? KEPT.answers : KEPT.reasoning) : 0;
  return { watchers, stage: (tell) => createRecorder({ ...recording, keepText }, tell) };
}

function onRecord(take: (record: StreamRecord) => void | Promise<void>): RunWatcher {
  return { on: (event) => (event.type === "record" ? take(event.record) : undefined) };
}

function forOne({ context, target }: WatcherOptions): RunWatcher[] {
  const { args, env, out, err } = context;
  const { messages, about, settings } = target;
  const answer = out.terminal ? out : null;
  const redrawn = canRedraw(out.terminal || err.terminal, env) && !args.has("debug");
  const single = createSingle({
    out: answer,
    err,
    messages,
    about,
    quiet: args.has("quiet"),
    reasoning: settings.reasoning,
    // What --debug writes between two pieces of a line is not known there.
    columns: redrawn ? terminalColumns : null,
  });
  return [
    ...(redrawn && !args.has("quiet") ? [createLiveLine(context, target)] : []),
    single,
    ...(answer === null ? [createPlain(out)] : []),
  ];
}

/** Ms before somebody waits: who is answered at once loads nothing for it. */
const SOON = 100;

/** The line that says how one stream stands, from when it is waited for until it ends. */
function createLiveLine(context: Context, target: Target): RunWatcher {
  let line: LiveLine | null = null;
  let timer: Timer | undefined;
  let opened = false;
  let over = false;

  async function open(started: StartedEvent): Promise<void> {
    const { openLiveLine } = await import("./live-line.ts");
    const opening = await openLiveLine(context, target, started, opened);
    if (over) opening?.close();
    else line = opening;
  }

  function close(): void {
    over = true;
    clearTimeout(timer);
    line?.close();
    line = null;
  }

  return {
    on(event) {
      if (line !== null) line.on(event);
      if (event.type === "started") timer = setTimeout(() => void open(event), SOON).unref();
      else if (event.type === "stream" && event.event.type === "opened") opened = true;
      else if (event.type === "stream" && event.event.type === "ended") close();
    },
    close,
  };
}

async function forSeveral(scene: WatcherOptions): Promise<RunWatcher[]> {
  const { context, target } = scene;
  const { args, env, out, err } = context;
  const { settings, messages } = target;
  const { stall, concurrency, reasoning } = settings;
  const [{ createAfterSeveral }, { createFailures }, words] = await Promise.all([
    import("../render/after-several.ts"),
    import("../render/failures.ts"),
    load(messages.lang, "several"),
  ]);
  const quiet = args.has("quiet");
  const live = canRedraw(out.terminal && err.terminal, env) && !quiet && !args.has("debug");
  const currency = settings.prices?.currency ?? null;
  const answers = out.terminal ? out : null;
  const afterSeveral = createAfterSeveral({
    answers,
    err,
    messages,
    words,
    columns: terminalColumns,
    concurrency,
    currency,
    quiet,
  });
  const asides = createAsides({ err, messages, words, quiet, reasoning, hold: live });
  const last = [asides, afterSeveral, createFailures({ err, messages, words, columns: terminalColumns })];
  if (!live) return [...(answers === null ? [createPlainSeveral(out, createSpill())] : []), ...last];
  const { createPanes } = await import("../render/live/panes.ts");
  const { models, total } = scene;
  const size = () => sizeOf(process.stdout);
  const shown = { messages, words: words.panes, models, total, concurrency, stall, reasoning };
  const panes = createPanes({ ...shown, sink: out, size });
  const release = guardScreen(process.stdout, panes);
  async function close(): Promise<void> {
    release();
    await panes.close?.();
  }
  return [{ ...panes, close }, ...last];
}

/** Bytes that are read at once. */
const PIECE = 64 * 1024;

type Segment = { from: number; to: number };

/** Texts too long for the memory, in one temporary file without a name: whatever ends the program, nothing is left of it. */
export function createSpill(): Spill {
  const fs: typeof import("node:fs") = require("node:fs");
  let file: number | null = null;
  let end = 0;
  let open = 0;

  function opened(): number {
    if (file !== null) return file;
    const { tmpdir }: typeof import("node:os") = require("node:os");
    const path = `${tmpdir()}/llmaas-${process.pid}-${crypto.randomUUID()}`;
    file = attempt(path, () => fs.openSync(path, "wx+", 0o600));
    fs.rmSync(path, { force: true });
    return file;
  }

  function store(text: string): Segment {
    const bytes = Buffer.from(text);
    const from = end;
    const target = opened();
    attempt("", () => {
      // A disk that fills up takes a part and reports no error; the next call does.
      for (let written = 0; written < bytes.byteLength;)
        written += fs.writeSync(target, bytes, written, bytes.byteLength - written, from + written);
    });
    end = from + bytes.byteLength;
    return { from, to: end };
  }

  function* read(segments: readonly Segment[]): Generator<string> {
    const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
    const bytes = Buffer.alloc(PIECE);
    for (const { from, to } of segments) {
      for (let at = from; at < to;) {
        const length = fs.readSync(opened(), bytes, 0, Math.min(PIECE, to - at), at);
        if (length === 0) return;
        at += length;
        yield utf8.decode(bytes.subarray(0, length), { stream: true });
      }
    }
  }

  /** What is free again at its end is given back. */
  function close(): void {
    open--;
    if (open > 0 || file === null) return;
    end = 0;
    fs.ftruncateSync(file, 0);
  }

  return () => {
    const segments: Segment[] = [];
    open++;
    return {
      add(text) {
        const stored = store(text);
        const last = segments.at(-1);
        if (last?.to === stored.from) last.to = stored.to;
        else segments.push(stored);
      },
      pieces: () => read(segments),
      close,
    };
  };
}

/** A temporary file that cannot be written is an output that failed. */
function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new OutputError(codeOf(error), error, path);
  }
}
