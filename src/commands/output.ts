import type { ConsolaInstance, LogObject } from "consola";
import type { Environment } from "../config/language.ts";
import type { Sink } from "../render/sink.ts";
import { createPaint } from "../text/paint.ts";
import { visible } from "../text/visible.ts";
import { createLine, createPlace } from "./shared-place.ts";
import { createTerminalQueue } from "./terminal-queue.ts";
import { isTerminal } from "./terminal.ts";

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

/** Standard output, the answer, and standard error, everything else. */
export function openOutputs(color: WantsColor): { out: Output; err: ErrorOutput } {
  const place = createPlace();
  const terminals = { out: isTerminal(1), err: isTerminal(2) };
  const colors = { out: color(terminals.out), err: color(terminals.err) };
  const queue = createTerminalQueue(colors.out || colors.err ? "\u001B[0m" : "");
  const open = (name: "out" | "err", put: Sink["write"]): Output => {
    const line = createLine(name, place, put, terminals[name] ? queue : null);
    return { ...line, hurry: queue.hurry, dropped: queue.dropped, terminal: terminals[name], color: colors[name] };
  };
  // What standard output cannot take ends the run; when nobody takes standard error there is nobody left to tell.
  const out = open(
    "out",
    createWriter(Bun.stdout, (error) => {
      throw error;
    }),
  );
  const err = open(
    "err",
    createWriter(Bun.stderr, () => undefined),
  );
  let log: Promise<ConsolaInstance> | null = null;
  const speak = (): Promise<ConsolaInstance> => (log ??= openLog(err));
  const warn = async (text: string): Promise<void> => (await speak()).warn(text);
  const complain = async (text: string): Promise<void> => (await speak()).error(text);
  return { out, err: { ...err, warn, complain } };
}

/** consola is loaded at the first thing it has to say: it costs 6 ms. It writes where and as everything else does. */
async function openLog({ write, terminal, color }: Output): Promise<ConsolaInstance> {
  const { createConsola, LogLevels } = await import("consola");
  const paint = createPaint(color);
  const log = ({ type, args: [text] }: LogObject): void => {
    const mark = type === "error" ? paint.red("❌") : paint.yellow("⚠️ ");
    void write(`${mark} ${terminal ? visible(String(text)) : text}\n`);
  };
  return createConsola({ level: LogLevels.info, reporters: [{ log }] });
}

/** Writes to a file of the system. A promise: it has not taken everything yet. */
function createWriter(
  file: Bun.BunFile,
  onFailure: (error: OutputError) => void,
): (text: string) => void | Promise<void> {
  let writer: Bun.FileSink | null = null;
  let failed: OutputError | null = null;

  function fail(error: unknown): void {
    const code =
      error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : String(error);
    failed ??= new OutputError(code, error);
    onFailure(failed);
  }

  /** Bun 1.4: backpressure is a promise from write or from flush; both must be caught, or they kill the process. */
  return (text) => {
    if (failed !== null) return onFailure(failed);
    try {
      writer ??= file.writer({ highWaterMark: 1 });
      const results = [writer.write(text), writer.flush()].filter((result) => result instanceof Promise);
      if (results.length > 0) return Promise.all(results).then(() => undefined, fail);
    } catch (error) {
      fail(error);
    }
  };
}
