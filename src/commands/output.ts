import type { ConsolaInstance, LogObject } from "consola";
import type { Environment } from "../config/language.ts";
import type { Sink } from "../render/sink.ts";
import { createPaint } from "../text/paint.ts";
import { visible, wordsOnly } from "../text/visible.ts";
import { fold } from "../text/wrap.ts";
import { isStdoutClosed } from "./closed-stdout.ts";
import { createLine, createPlace, createTerminalQueue, type Footer } from "./terminal-queue.ts";
import { isTerminal, terminalColumns } from "./terminal.ts";

/** stdout, stderr or a file could not take what was written; `code` is the system's (EPIPE, ENOSPC, EBADF). */
export class OutputError extends Error {
  readonly code: string;
  /** The file, where it is one that was named. */
  readonly path: string | null;
  /** Where what was written stands all the same. */
  readonly kept: string | null;

  constructor(code: string, cause: unknown, path: string | null = null, kept: string | null = null) {
    super(code, { cause });
    this.name = "OutputError";
    this.code = code;
    this.path = path;
    this.kept = kept;
  }
}

/** Whether nobody reads standard output any more. */
export function isReaderGone(error: unknown): boolean {
  return error instanceof OutputError && error.code === "EPIPE" && error.path === null;
}

export type Output = Required<Sink> & {
  /** Below what it shows; `null` where it is no terminal. */
  footer: Footer | null;
  /** Takes what it needs of the system, before requests take all there is. */
  open(): void;
  /** Settles when all that was written is out. */
  drained(): Promise<void>;
  /** Somebody waits for the end: of what was poured on a terminal, little more is shown. */
  hurry(): void;
  /** UTF-16 units that are not shown for it. */
  dropped(): number;
};

/** Standard error, on which the program also speaks for itself. */
export type ErrorOutput = Output & {
  /** Says what deserves attention and stops nothing. */
  warn(text: string): Promise<void>;
  /** Says what went wrong. */
  complain(text: string): Promise<void>;
  /** Tells something to the reader of a log that obeys some of its lines. */
  instruct(line: string): void | Promise<void>;
  /** A sentence of ours as it fits the terminal, if it is one. */
  fitted(text: string): string;
};

/** Whether to colour: the option, then NO_COLOR, FORCE_COLOR, TERM=dumb, then whether somebody looks. */
type WantsColor = (terminal: boolean) => boolean;

/** Read before the arguments are checked: their errors have a colour too. */
export function colorChoice(wish: string | undefined, env: Environment): WantsColor {
  if (wish === "always" || wish === "never") return () => wish === "always";
  if (env["NO_COLOR"]) return () => false;
  if (env["FORCE_COLOR"]) return () => env["FORCE_COLOR"] !== "0";
  return (terminal) => terminal && env["TERM"] !== "dumb";
}

/** What makes a text harmless that comes in pieces; `null`: nothing is to be done. */
type Guard = ((text: string) => string) | null;

/** Standard output, the answer, and standard error, everything else. */
export function openOutputs(
  color: WantsColor,
  dumb: boolean,
  guards: { out: Guard; err: Guard },
): { out: Output; err: ErrorOutput } {
  const place = createPlace();
  const terminals = { out: isTerminal(1), err: isTerminal(2) };
  const colors = { out: color(terminals.out), err: color(terminals.err) };
  const queue = createTerminalQueue(colors.out || colors.err ? "\u001B[0m" : "");
  const open = (name: "out" | "err", writer: Writer, guard: Guard): Output => {
    const put = guard === null ? writer.put : (text: string) => writer.put(guard(text));
    const line = createLine(name, place, put, terminals[name] ? queue : null);
    const { hurry, dropped } = queue;
    const words = dumb && terminals[name];
    const write = words ? (text: string) => line.write(wordsOnly(text)) : line.write;
    const kind = { terminal: terminals[name], color: colors[name], wordsOnly: words };
    const take = (): void => {
      writer.open();
      place.look();
    };
    return { ...line, write, open: take, hurry, dropped, ...kind };
  };
  // What standard output cannot take ends the run; when nobody takes standard error there is nobody left to tell.
  const out = open(
    "out",
    createWriter(Bun.stdout, (error) => {
      throw error;
    }),
    guards.out,
  );
  const writer = createWriter(Bun.stderr, () => undefined);
  const err = open("err", writer, guards.err);
  const { write: instruct } = createLine("err", place, writer.put, terminals.err ? queue : null);
  const speak = createSpeech(err);
  return {
    out: checked(out),
    err: {
      ...err,
      instruct,
      warn: (text) => speak("warn", text),
      complain: (text) => speak("error", text),
      fitted: err.terminal ? folded : (text) => text,
    },
  };
}

/** What nothing takes is said when all is written. It is looked for from the first word on: at the end it took 0.4 ms. */
function checked(out: Output): Output {
  if (out.terminal) return out;
  let isClosed: Promise<boolean> | null = null;
  const note = (text: string): string => {
    if (text !== "") isClosed ??= isStdoutClosed();
    return text;
  };
  return {
    ...out,
    write: (text) => out.write(note(text)),
    pour: (text, end) => out.pour(note(text), end),
    async drained() {
      await out.drained();
      if (await isClosed) throw new OutputError("EBADF", null);
    },
  };
}

/**
 * consola is loaded at the first thing it has to say: it costs 6 ms. It writes where and as everything else does. Where no
 * file can be opened any more it cannot be loaded, and it is just then that there is something to say.
 */
function createSpeech({ write, terminal, color }: Output): (type: "warn" | "error", text: string) => Promise<void> {
  const paint = createPaint(color);
  function say(type: string, text: string): void {
    const mark = type === "error" ? paint.red("❌") : paint.yellow("⚠️ ");
    void write(`${mark} ${terminal ? folded(visible(text)) : text}\n`);
  }
  async function openLog(): Promise<ConsolaInstance | null> {
    const consola = await import("consola").catch(() => null);
    const log = ({ type, args: [text] }: LogObject): void => say(type, String(text));
    return consola && consola.createConsola({ level: consola.LogLevels.info, reporters: [{ log }] });
  }
  let opening: ReturnType<typeof openLog> | null = null;
  return async (type, text) => {
    const log = await (opening ??= openLog());
    if (log === null) say(type, text);
    else log[type](text);
  };
}

/** As wide as the mark before a sentence, and the space behind it. */
const INDENT = "   ";

function folded(text: string): string {
  return fold(text, terminalColumns() - INDENT.length, INDENT);
}

type Writer = {
  /** Takes its descriptor. */
  open(): void;
  /** A promise: it has not taken everything yet. */
  put(text: string): void | Promise<void>;
};

/** Writes to a file of the system. */
function createWriter(file: Bun.BunFile, onFailure: (error: OutputError) => void): Writer {
  let writer: Bun.FileSink | null = null;
  let failed: OutputError | null = null;

  function note(error: unknown): OutputError {
    const code =
      error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : String(error);
    return (failed ??= new OutputError(code, error));
  }

  const fail = (error: unknown): void => onFailure(note(error));
  const opened = (): Bun.FileSink => (writer ??= file.writer({ highWaterMark: 1 }));

  return {
    open() {
      try {
        opened();
      } catch (error) {
        // Said when something is written.
        note(error);
      }
    },
    /** Bun 1.4: backpressure is a promise from write or from flush; both must be caught, or they kill the process. */
    put(text) {
      if (failed !== null) return onFailure(failed);
      try {
        const results = [opened().write(text), opened().flush()].filter((result) => result instanceof Promise);
        if (results.length > 0) return Promise.all(results).then(() => undefined, fail);
      } catch (error) {
        fail(error);
      }
    },
  };
}
