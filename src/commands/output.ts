import type { ConsolaInstance, LogObject } from "consola";
import type { Environment } from "../config/language.ts";
import type { Sink } from "../render/sink.ts";
import { createPaint } from "../text/paint.ts";
import { visible } from "../text/visible.ts";
import { isTerminal } from "./terminal.ts";

/** stdout, stderr or a file could not take what was written; `code` is the system's (EPIPE, ENOSPC, EBADF). */
export class OutputError extends Error {
  readonly code: string;
  /** The file, where it is one that was named. */
  readonly path: string | null;

  constructor(code: string, cause: unknown, path: string | null = null) {
    super(code, { cause });
    this.name = "OutputError";
    this.code = code;
    this.path = path;
  }
}

/** Whether nobody reads standard output any more. */
export function isReaderGone(error: unknown): boolean {
  return error instanceof OutputError && error.code === "EPIPE" && error.path === null;
}

export type Output = Sink & {
  /** Settles when all that was written is out. */
  drained(): Promise<void>;
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

/** Standard output: the answer. What it cannot take ends the run. */
export function openStdout(color: WantsColor): Output {
  const terminal = isTerminal(1);
  return createOutput(Bun.stdout, terminal, color(terminal), (error) => {
    throw error;
  });
}

/** Standard error: everything else. When nobody takes it there is nobody left to tell. */
export function openStderr(color: WantsColor): ErrorOutput {
  const terminal = isTerminal(2);
  const output = createOutput(Bun.stderr, terminal, color(terminal), () => undefined);
  let log: Promise<ConsolaInstance> | null = null;
  const speak = (): Promise<ConsolaInstance> => (log ??= openLog(output));
  return {
    ...output,
    warn: async (text) => (await speak()).warn(text),
    complain: async (text) => (await speak()).error(text),
  };
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

function createOutput(
  file: Bun.BunFile,
  terminal: boolean,
  color: boolean,
  onFailure: (error: OutputError) => void,
): Output {
  let writer: Bun.FileSink | null = null;
  let failed: OutputError | null = null;
  /** The writes under way; `null` when the system took everything at once. */
  let pending: Promise<void> | null = null;

  function fail(error: unknown): void {
    const code =
      error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : String(error);
    failed ??= new OutputError(code, error);
    onFailure(failed);
  }

  /** Bun 1.4: backpressure is a promise from write or from flush; both must be caught, or they kill the process. */
  function put(text: string): void | Promise<void> {
    if (failed !== null) return onFailure(failed);
    try {
      writer ??= file.writer({ highWaterMark: 1 });
      const results = [writer.write(text), writer.flush()].filter((result) => result instanceof Promise);
      if (results.length > 0) return Promise.all(results).then(() => undefined, fail);
    } catch (error) {
      fail(error);
    }
  }

  function write(text: string): void | Promise<void> {
    if (text === "") return;
    const writing = pending === null ? put(text) : pending.then(() => put(text));
    if (writing === undefined) return;
    const settled: Promise<void> = writing.finally(() => {
      if (pending === settled) pending = null;
    });
    pending = settled;
    // The caller is told too; this branch only keeps the runtime from calling it unhandled.
    settled.catch(() => undefined);
    return settled;
  }

  return { write, terminal, color, drained: async () => void (await pending) };
}
