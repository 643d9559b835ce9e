import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Distribution } from "../src/metrics/distribution.ts";
import { run, type Run } from "./child.ts";
import { BINARY, BUN, peer } from "./fixture.ts";

/** Tokens a second of each stream. */
const RATE = 50;

/** What the stamping server says at the end. */
export type Seen = {
  /** Most requests it answered at once. */
  peak: number;
  /** Ms from the server's stamp just before each write to our stamp of the read that brought it. */
  arrival: Distribution | null;
  /** Tokens without one of the two stamps. */
  unmatched: number;
};

/** Streams of 50 tokens a second that all run at once, and for how long. */
export type Load = { streams: number; seconds: number };

/** Where the output goes: live panes on a terminal of 120 × 40, or nowhere. */
export type Display = "panes" | "null";

const OUTPUTS: Readonly<Record<Display, string>> = {
  panes: 'stty cols 120 rows 40; exec "$@"',
  null: 'exec "$@" >/dev/null',
};

/** A run whose arrivals were noted. */
export type Arrived = { peak: number; arrival: Distribution; run: Run };

/** One run of the product's engine, worker, run and watchers, with a watcher that notes arrivals. */
export async function measureArrival(load: Load, display: Display): Promise<Arrived> {
  return withServer(load, async ({ notes, cwd, args }) => {
    const program = [...BUN, peer("concurrency"), notes, String(tokensOf(load)), ...args];
    const made = await run(showing(display, program), { cwd, terminal: display === "panes" });
    return arrivedAt(notes, made);
  });
}

/** The same streams, read and dropped by a program of one thread. */
export async function measureDrop(load: Load): Promise<Arrived> {
  return withServer(load, async ({ url, notes, cwd }) => {
    const limit = `BUN_CONFIG_MAX_HTTP_REQUESTS=${load.streams}`;
    const program = [peer("concurrency-drop"), url, notes, String(tokensOf(load)), String(load.streams)];
    return arrivedAt(notes, await run(["env", limit, ...BUN, ...program], { cwd }));
  });
}

async function arrivedAt(notes: string, made: Run): Promise<Arrived> {
  const { peak, arrival, unmatched } = await seenBy(notes);
  if (arrival === null || unmatched > 0) throw new Error(`${unmatched} tokens have no pair of stamps`);
  return { peak, arrival, run: made };
}

/** One run of the program as it is delivered, into a pipe. `whole`: answers with exactly the text they should have. */
export async function measureProgram(load: Load): Promise<{ peak: number; whole: number; run: Run }> {
  return withServer(load, async ({ url, notes, cwd, args }) => {
    const made = await run([BINARY, "stream", ...args], { cwd, keep: true });
    const { peak } = await seenBy(notes);
    const expected = await answerOf(url, tokensOf(load));
    const answers = made.text.split(/^=== prompt .* ===\n/m).slice(1);
    return { peak, whole: answers.filter((answer) => answer.trimEnd() === expected.trimEnd()).length, run: made };
  });
}

/** The same with live panes; a stream that is not complete would fail the run. */
export async function measureLive(load: Load): Promise<{ peak: number; run: Run }> {
  return withServer(load, async ({ notes, cwd, args }) => {
    const made = await run(showing("panes", [BINARY, "stream", ...args]), { cwd, terminal: true });
    return { peak: (await seenBy(notes)).peak, run: made };
  });
}

function showing(display: Display, command: readonly string[]): string[] {
  return ["sh", "-c", OUTPUTS[display], "sh", ...command];
}

function tokensOf({ seconds }: Load): number {
  return RATE * seconds;
}

type Place = { url: string; notes: string; cwd: string; args: readonly string[] };

/** Each run has a server of its own: the clocks of two processes part with their age. */
async function withServer<T>(load: Load, use: (place: Place) => Promise<T>): Promise<T> {
  const cwd = await mkdtemp(join(tmpdir(), "llmaas-concurrency-"));
  const prompts = Array.from({ length: load.streams }, (_, stream) => `stream ${stream}\n`).join("");
  await Bun.write(join(cwd, "prompts.txt"), prompts);
  const control = JSON.stringify({ rate: RATE, ttft_ms: 0, jitter: 1, tokens: tokensOf(load) });
  const server = Bun.spawn([...BUN, peer("stamping-server"), control], { stdin: "ignore", stderr: "inherit" });
  try {
    // A short line comes in one piece.
    const { value } = await server.stdout.getReader().read();
    const [url = "", notes = ""] = new TextDecoder().decode(value).trim().split(" ");
    return await use({ url, notes, cwd, args: argumentsFor(load, url) });
  } finally {
    server.kill();
    await server.exited;
    await rm(cwd, { recursive: true, force: true });
  }
}

function argumentsFor({ streams }: Load, url: string): string[] {
  const all = ["--prompts", "prompts.txt", "-j", String(streams)];
  return [...all, "--endpoint", url, "--max-tokens", "1000000", "--retries", "0"];
}

async function seenBy(notes: string): Promise<Seen> {
  const seen: Seen = JSON.parse(await (await fetch(`${notes}/seen`)).text());
  return seen;
}

/** The whole answer, asked for without streaming. */
async function answerOf(url: string, tokens: number): Promise<string> {
  const messages = [{ role: "user", content: "the same" }];
  const body = { model: "granite3.3:2b", messages, max_tokens: tokens, simulate: { rate: 0, tokens } };
  const response = await fetch(`${url}/chat/completions`, { method: "POST", body: JSON.stringify(body) });
  const answer: { choices: { message: { content: string } }[] } = JSON.parse(await response.text());
  return answer.choices[0]?.message.content ?? "";
}
