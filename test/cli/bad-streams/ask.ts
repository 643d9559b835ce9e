import { expect } from "bun:test";
import { startRawServer, type Answer, type RawRequest, type RawServerOptions } from "../../raw-server.ts";
import { CANARIES, proxyWithCanaries, withCanaries } from "../canaries.ts";
import { runProgram, type Outcome, type ProgramOptions } from "../program.ts";

/** Ms for the client to read what was written before the connection is broken, on a busy machine too. */
export const READ = 500;

/** The head of a stream that ends with its connection. */
export const HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";
export const CHUNKED =
  "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
export const DONE = "data: [DONE]\n\n";

/** One event whose data is this JSON. */
export function event(data: unknown): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

/** One token of choice 0. */
export function token(content: string): string {
  return event({ choices: [{ index: 0, delta: { content }, finish_reason: null }] });
}

/** The event that ends choice 0. */
export function finish(reason = "stop"): string {
  return event({ choices: [{ index: 0, delta: {}, finish_reason: reason }] });
}

/** A piece of a chunked body. */
export function chunk(data: string | Uint8Array): Uint8Array {
  const bytes = Buffer.from(data as string);
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);
}

/** A whole response that is no stream. */
export function response(status: string, headers: string, body: string | Uint8Array = ""): Uint8Array {
  const bytes = Buffer.from(body as string);
  const head = `HTTP/1.1 ${status}\r\n${headers}Content-Length: ${bytes.length}\r\nConnection: close\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), bytes]);
}

export type Line = { type: string; [key: string]: unknown };

/** What the tests look at in a record. */
export type Record = {
  verdict: string;
  finish_reason: string | null;
  error: { kind: string; message: string; reason?: string; status?: number; code?: string; phase?: string } | null;
  text: string;
  reasoning: string;
  notices: string[];
  tool_calls: { index: number; id: string | null; name: string; arguments: string; invalid: boolean }[];
  tokens: number;
  tokens_source: string;
  token_events: number;
  prompt_tokens: number | null;
  reasoning_tokens: number | null;
  malformed: number;
  attempts: number;
  retry_wait_ms: number;
  held_ms: number;
  total_ms: number;
  http_status: number | null;
  response_model: string | null;
};

export type Asked = {
  record: Record;
  code: number | null;
  /** The lines of `--json`. */
  events: Line[];
  /** What `--debug` wrote. */
  debug: string;
  /** stderr of the run for people, in a pipe. */
  shown: string;
  /** The requests of one run. */
  requests: RawRequest[];
};

export type AskOptions = ProgramOptions & {
  args?: readonly string[];
  server?: RawServerOptions;
  /** Endpoint to ask instead of the server. */
  endpoint?: string;
};

const EXIT: { [verdict: string]: number } = {
  complete: 0,
  length: 0,
  empty: 3,
  filtered: 3,
  truncated: 3,
  failed: 1,
  timeout: 4,
};

/**
 * Runs the program twice against a server that does this: for programs (`--json --debug`) and for people, in a pipe.
 * Both must tell the same story, whatever the row.
 */
export async function ask(answer: Answer | string | Uint8Array, options: AskOptions = {}): Promise<Asked> {
  const [json, plain] = await Promise.all([
    runOnce(answer, ["--json", "--debug"], options),
    runOnce(answer, [], options),
  ]);
  const events = linesOf(json.outcome);
  const record = events.at(-1) as unknown as Record;
  const ended = events.filter((line) => line.type === "ended");
  expect(ended).toHaveLength(1);
  expect(events.at(-2)).toBe(ended[0] as Line);
  expect(ended[0]).toMatchObject({ verdict: record.verdict, finish_reason: record.finish_reason, error: record.error });
  expect(json.outcome.code).toBe(EXIT[record.verdict] ?? -1);
  expect(plain.outcome.code).toBe(json.outcome.code);
  expect(plain.outcome.stdout).toBe(record.text);
  expect(plain.outcome.stderr).toContain(`Verdict: ${record.verdict}`);
  // What a person reads is the first sentence at least: durations differ from run to run.
  if (record.error !== null) expect(plain.outcome.stderr).toContain(record.error.message.split(/[.:(\n]/, 1)[0] ?? "");
  return {
    record,
    code: json.outcome.code,
    events,
    debug: json.outcome.stderr,
    shown: plain.outcome.stderr,
    requests: json.requests,
  };
}

function linesOf({ stdout, stderr }: Outcome): Line[] {
  if (stdout === "") throw new Error(`nothing on stdout, and on stderr:\n${stderr}`);
  return stdout
    .trimEnd()
    .split("\n")
    .map((line): Line => JSON.parse(line));
}

/** Concurrent tests share two cores: more at once would only measure each other. */
const MOST_AT_ONCE = 6;
let running = 0;
const waiting: (() => void)[] = [];

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= MOST_AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  else running++;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next === undefined) running--;
    else next();
  }
}

/** Runs the program once, with every canary, and hands back what it said and what the server saw. */
export async function runOnce(
  answer: Answer | string | Uint8Array,
  args: readonly string[],
  options: AskOptions = {},
): Promise<{ outcome: Outcome; requests: RawRequest[] }> {
  await using server = startRawServer(toAnswer(answer), options.server);
  const command = ["stream", "hi", ...secretArgs(), ...args, ...(options.args ?? [])];
  const outcome = await inTurn(() => runProgram(command, withSecrets(options.endpoint ?? server.url, options)));
  return { outcome, requests: [...server.requests] };
}

/** Bytes are written as they are, and the connection ends. */
export function toAnswer(answer: Answer | string | Uint8Array): Answer {
  if (typeof answer === "function") return answer;
  return async ({ write, fin }) => {
    await write(answer);
    fin();
  };
}

/** The arguments and the environment that carry a secret each. */
export function secretArgs(): string[] {
  return ["--header", `x-canary: ${CANARIES.header}`];
}

export function withSecrets(endpoint: string, options: ProgramOptions = {}): ProgramOptions {
  const proxy = proxyWithCanaries(9);
  const env = { HTTP_PROXY: proxy, LLMAAS_API_KEY: CANARIES.key, LLMAAS_ENDPOINT: withCanaries(endpoint) };
  return { ...options, env: { ...env, ...options.env } };
}
