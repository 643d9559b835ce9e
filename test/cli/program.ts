import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canariesIn, type Canary } from "./canaries.ts";
import { withoutFooter } from "../fixtures/footer.ts";
import { binaryAt } from "./compiled.ts";
import { openHeldPipe, type HeldPipe } from "./held-pipe.ts";

const MAIN = join(import.meta.dir, "../../src/main.ts");

/** What the program calls itself in its hints when its sources run outside of the project. */
export const CALLED = `bun --no-env-file ${MAIN}`;

/** Ms after which a program that does not end is killed, and the test fails; below the 30 s that a test may take. */
const BOUND = 25_000;

export type ProgramOptions = {
  /** Added to a clean environment: PATH, a HOME of its own, LLMAAS_LANG=en. */
  env?: Record<string, string>;
  /** Current folder; without, an empty temporary one that is removed afterwards. */
  cwd?: string;
  /** Files of the current folder, by name, written before the start. */
  files?: Record<string, string | Uint8Array>;
  /** What stands on standard input; without, `/dev/null`. */
  stdin?: string | Uint8Array;
  /** A pseudo-terminal instead of pipes: all output is `stdout`, as the terminal got it. */
  terminal?: boolean;
  /** Ms that the terminal takes for each piece that it is given. */
  slow?: number;
  /** Where stdout goes instead of to us, such as `/dev/full`. */
  stdoutFile?: string;
  /** Do not read stdout before `release` is called: a reader that is stopped. */
  hold?: boolean;
  /**
   * A compiled binary to run, or "sources"; without, the binary that LLMAAS_BINARY names, such as `dist/llmaas`, and else
   * the sources.
   */
  binary?: string;
  /** A shell line in which `"$@"` is the program, such as `ulimit -n 20; exec "$@"`. */
  shell?: string;
  /** Secrets that the model's own text holds, and that may be shown. */
  saidByModel?: readonly Canary[];
  /** Ms after which it is killed. */
  bound?: number;
};

/** How the program ended, and all it said. `code` is `null` when a signal ended it. */
export type Outcome = {
  code: number | null;
  signal: string | null;
  stdout: string;
  /** stdout, byte for byte; of a terminal with the line below the answer too, of which `stdout` has nothing. */
  bytes: Uint8Array;
  stderr: string;
  /** What stands in its current folder at the end, by name. */
  files: Record<string, string>;
};

export type Program = {
  pid: number;
  /** Sends a signal to this process alone; nothing to one that has ended. */
  signal(name: NodeJS.Signals): void;
  /** What came so far. */
  stdout(): string;
  stderr(): string;
  /** Settles when the text stands in stdout or stderr; rejects when the program ends without it. */
  until(text: string): Promise<void>;
  /** Most memory it held so far, in bytes; `null` where the system does not say. */
  peak(): number | null;
  /** Begins to read a stdout that is held; `ended` waits for it. */
  release(): void;
  ended: Promise<Outcome>;
};

/** Runs the program to its end. Whatever the test, no canary may stand in an output. */
export async function runProgram(args: readonly string[], options: ProgramOptions = {}): Promise<Outcome> {
  const program = await startProgram(args, options);
  return program.ended;
}

/** Starts the real program, in an empty folder and a clean environment. */
export async function startProgram(args: readonly string[], options: ProgramOptions = {}): Promise<Program> {
  const root = await mkdtemp(join(tmpdir(), "llmaas-cli-"));
  const cwd = options.cwd ?? join(root, "work");
  const home = join(root, "home");
  await Promise.all([mkdir(cwd, { recursive: true }), mkdir(home)]);
  for (const [name, content] of Object.entries(options.files ?? {})) await Bun.write(join(cwd, name), content);

  const stdout = createOutput();
  const stderr = createOutput();
  const env = { PATH: process.env["PATH"] ?? "", HOME: home, LLMAAS_LANG: "en", ...options.env };
  const command = inShell(await commandOf(args, options), options.shell);
  const pipe = options.hold ? openHeldPipe(root) : null;
  const { child, terminalEnd } = spawn(command, cwd, env, options, stdout, pipe);
  pipe?.started();
  const reading = child.stderr instanceof ReadableStream ? [stderr.read(child.stderr)] : [terminalEnd];
  if (child.stdout instanceof ReadableStream) reading.push(stdout.read(child.stdout));
  const { promise: released, resolve: onRelease } = Promise.withResolvers<HeldPipe>();
  if (pipe !== null) reading.push(released.then((held) => stdout.read(held.release())));

  const bound = options.bound ?? BOUND;
  let late = false;
  const killer = setTimeout(() => {
    late = true;
    process.kill(child.pid, "SIGKILL");
  }, bound);

  async function end(): Promise<Outcome> {
    await child.exited;
    clearTimeout(killer);
    if (late) throw new Error(`killed after ${bound} ms: ${command.join(" ")}\n${stdout.text()}\n${stderr.text()}`);
    await Promise.all(reading);
    const files = await readFolder(cwd);
    await rm(root, { recursive: true, force: true });
    const outcome: Outcome = {
      code: child.signalCode === null ? child.exitCode : null,
      signal: child.signalCode === null ? null : String(child.signalCode),
      stdout: options.terminal ? withoutFooter(stdout.text()) : stdout.text(),
      bytes: stdout.bytes(),
      stderr: stderr.text(),
      files,
    };
    checkCanaries(outcome, options);
    return outcome;
  }

  const ended = end();
  // It is met where it is awaited, which may be after a wait of the test's own.
  ended.catch(() => undefined);
  return {
    pid: child.pid,
    signal: (name) => child.kill(name),
    stdout: stdout.text,
    stderr: stderr.text,
    peak: () => peakOf(child.pid),
    until: (text) => Promise.race([stdout.until(text), stderr.until(text), endedWithout(ended, text)]),
    release: () => void (pipe && onRelease(pipe)),
    ended,
  };
}

async function commandOf(args: readonly string[], options: ProgramOptions): Promise<string[]> {
  const named = process.env["LLMAAS_BINARY"];
  const binary = options.binary ?? (named ? await binaryAt(named) : "sources");
  return binary === "sources" ? [process.execPath, "--no-env-file", MAIN, ...args] : [binary, ...args];
}

function inShell(command: string[], line: string | undefined): string[] {
  return line === undefined ? command : ["sh", "-c", line, "sh", ...command];
}

function spawn(
  command: string[],
  cwd: string,
  env: Record<string, string>,
  { stdin, terminal, slow = 0, stdoutFile }: ProgramOptions,
  stdout: ReturnType<typeof createOutput>,
  pipe: HeldPipe | null,
) {
  const { promise: terminalEnd, resolve } = Promise.withResolvers<void>();
  const pseudo = {
    cols: 100,
    rows: 40,
    data(_: unknown, data: Uint8Array) {
      Bun.sleepSync(slow);
      stdout.add(data);
    },
    exit: () => resolve(),
  };
  if (terminal) return { child: Bun.spawn(command, { cwd, env, terminal: pseudo }), terminalEnd };
  const child = Bun.spawn(command, {
    cwd,
    env,
    stdin: stdin === undefined ? "ignore" : new Blob([stdin as string]),
    stdout: pipe?.writer ?? (stdoutFile === undefined ? "pipe" : Bun.file(stdoutFile)),
    stderr: "pipe",
  });
  return { child, terminalEnd };
}

/** What comes out of one pipe, and who waits for a text in it. */
function createOutput() {
  const parts: Uint8Array[] = [];
  const waiting = new Set<() => void>();
  const text = (): string => Buffer.concat(parts).toString();
  function add(bytes: Uint8Array): void {
    parts.push(Uint8Array.from(bytes));
    for (const look of waiting) look();
  }
  return {
    add,
    text,
    bytes: (): Uint8Array => Buffer.concat(parts),
    async read(stream: ReadableStream<Uint8Array>): Promise<void> {
      for await (const bytes of stream) add(bytes);
    },
    until: (wanted: string) =>
      new Promise<void>((resolve) => {
        const look = (): void => {
          if (!text().includes(wanted)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}

function peakOf(pid: number): number | null {
  try {
    const kilobytes = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kilobytes === undefined ? null : 1024 * Number(kilobytes);
  } catch {
    // No /proc, or no such process any more.
    return null;
  }
}

async function endedWithout(ended: Promise<Outcome>, text: string): Promise<never> {
  const { stdout, stderr } = await ended;
  throw new Error(`the program ended without ${JSON.stringify(text)}:\n${stdout}\n${stderr}`);
}

async function readFolder(folder: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const entry of await readdir(folder, { withFileTypes: true }))
    if (entry.isFile()) files[entry.name] = await Bun.file(join(folder, entry.name)).text();
  return files;
}

/** Files which the test wrote itself may hold what it put there. */
function checkCanaries({ stdout, stderr, files }: Outcome, { files: given = {}, saidByModel }: ProgramOptions): void {
  const outputs = { stdout, stderr, ...files };
  for (const [name, text] of Object.entries(outputs)) {
    if (given[name] === text) continue;
    const found = canariesIn(text, saidByModel);
    if (found.length > 0) throw new Error(`${name} shows a secret (${found.join(", ")}):\n${text}`);
  }
}
