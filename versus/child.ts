/** What one run of a program took, and all that came out of it. */
export type Run = {
  /** From before its start to its end and the last byte of its output, ms. */
  ms: number;
  /** CPU of all its threads, ms. */
  cpu: number;
  /** Most memory it held at once, bytes. */
  peak: number;
  /** Bytes of stdout; of both outputs on a pseudo-terminal. */
  bytes: number;
  /** stdout, when it is kept. */
  text: string;
};

export type RunOptions = {
  cwd: string;
  /** A pseudo-terminal instead of drained pipes. */
  terminal?: boolean;
  /** Keep stdout as text. */
  keep?: boolean;
  /** Exit codes that are no failure; 0 unless given. */
  codes?: readonly number[];
  /** Called when it says its first word on stderr. */
  begun?: () => void;
  /** When it settles the program is told to end. */
  end?: Promise<void>;
};

/** Runs a program to its end with its output drained. */
export async function run(command: readonly string[], options: RunOptions): Promise<Run> {
  const { cwd, terminal = false, codes = [0] } = options;
  const env = { PATH: process.env["PATH"] ?? "", HOME: cwd, LLMAAS_LANG: "en" };
  const out = createDrain(options.keep === true);
  const err = createDrain(true, options.begun);
  const { promise: hungUp, resolve: hangUp } = Promise.withResolvers<void>();
  const begun = performance.now();
  const child = terminal
    ? Bun.spawn([...command], { cwd, env, terminal: { data: (_, bytes) => out.add(bytes), exit: () => hangUp() } })
    : Bun.spawn([...command], { cwd, env, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  void options.end?.then(() => child.kill("SIGTERM"));
  await Promise.all([
    child.stdout instanceof ReadableStream ? out.read(child.stdout) : hungUp,
    child.stderr instanceof ReadableStream ? err.read(child.stderr) : undefined,
    child.exited,
  ]);
  const ms = performance.now() - begun;
  const code = child.exitCode;
  if (code === null || !codes.includes(code)) throw new Error(`${command.join(" ")} ended with ${code}: ${err.text()}`);
  const usage = child.resourceUsage();
  const cpu = Number(usage?.cpuTime.total ?? 0) / 1000;
  return { ms, cpu, peak: usage?.maxRSS ?? 0, bytes: out.bytes(), text: out.text() };
}

function createDrain(keep: boolean, onFirst?: () => void) {
  const utf8 = new TextDecoder();
  let text = "";
  let bytes = 0;
  function add(chunk: Uint8Array): void {
    if (bytes === 0) onFirst?.();
    bytes += chunk.byteLength;
    if (keep) text += utf8.decode(chunk, { stream: true });
  }
  return {
    add,
    async read(stream: ReadableStream<Uint8Array>): Promise<void> {
      const reader = stream.getReader();
      for (let read = await reader.read(); read.value !== undefined; read = await reader.read()) add(read.value);
    },
    bytes: () => bytes,
    text: () => text,
  };
}
