import type { StreamEvent } from "../../src/stream/event.ts";
import { canariesIn, type Canary } from "../cli/canaries.ts";
import { createHastyClock, createVirtualClock, type VirtualClock } from "../fixtures/clocks.ts";
import { runStream, type Outcome } from "../fixtures/in-process.ts";
import { createMemoryNetwork } from "../fixtures/memory-network.ts";
import { startRawServer, type Exchange, type RawRequest } from "../fixtures/raw-server.ts";
import { secretArgs, secretEnv, storyOf, toAnswer, type Asked } from "./story.ts";

/** What a server does, which may wait until the client has seen something of it. */
export type SeenAnswer = (
  exchange: Exchange & { seen(type: StreamEvent["type"]): Promise<void> },
) => void | Promise<void>;
/** What a server does in the time of a clock. */
export type TimedAnswer = (exchange: Exchange & Pick<VirtualClock, "sleep">) => void | Promise<void>;

export type AskOptions = {
  args?: readonly string[];
  env?: { [name: string]: string };
  /** Endpoint to ask instead of the server. */
  endpoint?: string;
  terminal?: boolean;
  /** Secrets that the model's own text holds, and that may be shown. */
  saidByModel?: readonly Canary[];
};

type Ran = { outcome: Outcome; requests: RawRequest[] };

/**
 * Asks a server that does this, over the network of this machine, without a process: once for programs
 * (`--json --debug`) and once for people, in a pipe. The waits between attempts take no time.
 */
export function ask(answer: SeenAnswer | string | Uint8Array, options: AskOptions = {}): Promise<Asked> {
  return askTwice((args) => runOnce(answer, args, options));
}

/** The same without a network, in virtual time: each wait takes exactly as long as it is meant to. */
export function askInTime(answer: TimedAnswer | string | Uint8Array, options: AskOptions = {}): Promise<Asked> {
  return askTwice((args) => runInTime(answer, args, options));
}

async function askTwice(run: (args: readonly string[]) => Promise<Ran>): Promise<Asked> {
  const [json, plain] = await Promise.all([run(["--json", "--debug"]), run([])]);
  return storyOf(json.outcome, plain.outcome, json.requests);
}

/** One run, with every canary: none may stand in what it said. */
export async function runOnce(
  answer: SeenAnswer | string | Uint8Array,
  args: readonly string[],
  options: AskOptions = {},
): Promise<Ran> {
  const clock = createHastyClock();
  const seen = new Set<StreamEvent["type"]>();
  const looking = new Set<() => void>();
  const onEvent = ({ type }: StreamEvent): void => {
    if (type === "sent") seen.clear();
    seen.add(type);
    if (type === "retrying") clock.announceWait();
    for (const look of looking) look();
  };
  const until = (type: StreamEvent["type"]): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => void (seen.has(type) && looking.delete(look) && resolve());
      looking.add(look);
      look();
    });
  const does = toAnswer(typeof answer === "function" ? (exchange) => answer({ ...exchange, seen: until }) : answer);
  await using server = startRawServer(does);
  const outside = { fetch: (url: string, init: BunFetchRequestInit) => fetch(url, init), clock, onEvent };
  const outcome = await run(args, options.endpoint ?? server.url, outside, options);
  return { outcome, requests: [...server.requests] };
}

export async function runInTime(
  answer: TimedAnswer | string | Uint8Array,
  args: readonly string[],
  options: AskOptions = {},
): Promise<Ran> {
  const clock = createVirtualClock();
  const { sleep } = clock;
  const does = toAnswer(typeof answer === "function" ? (exchange) => answer({ ...exchange, sleep }) : answer);
  const { fetch, requests } = createMemoryNetwork(does, clock);
  const outcome = await clock.during(run(args, "http://127.0.0.1:9/v1", { fetch, clock }, options));
  return { outcome, requests };
}

type Outside = Omit<Parameters<typeof runStream>[1], "env">;

async function run(
  args: readonly string[],
  endpoint: string,
  outside: Outside,
  { args: more = [], env = {}, terminal = false, saidByModel }: AskOptions,
): Promise<Outcome> {
  const command = ["hi", ...secretArgs(), ...args, ...more];
  const outcome = await runStream(command, { ...outside, env: { ...secretEnv(endpoint), ...env }, terminal });
  const { stdout, stderr } = outcome;
  for (const text of [stdout, stderr]) {
    const found = canariesIn(text, saidByModel);
    if (found.length > 0) throw new Error(`a secret is shown (${found.join(", ")}):\n${text}`);
  }
  return outcome;
}
