import { secretArgs, secretEnv, storyOf, toAnswer, type Asked } from "../../bad-streams/story.ts";
import { startRawServer, type Answer, type RawRequest, type RawServerOptions } from "../../fixtures/raw-server.ts";
import { runProgram, type Outcome, type ProgramOptions } from "../program.ts";

export type AskOptions = ProgramOptions & {
  args?: readonly string[];
  server?: RawServerOptions;
  /** Endpoint to ask instead of the server. */
  endpoint?: string;
};

/** Runs the program twice against a server that does this: for programs (`--json --debug`) and for people, in a pipe. */
export async function ask(answer: Answer | string | Uint8Array, options: AskOptions = {}): Promise<Asked> {
  const [json, plain] = await Promise.all([
    runOnce(answer, ["--json", "--debug"], options),
    runOnce(answer, [], options),
  ]);
  return storyOf(json.outcome, plain.outcome, json.requests);
}

/** Runs the program once, with every canary, and hands back what it said and what the server saw. */
export async function runOnce(
  answer: Answer | string | Uint8Array,
  args: readonly string[],
  options: AskOptions = {},
): Promise<{ outcome: Outcome; requests: RawRequest[] }> {
  await using server = startRawServer(toAnswer(answer), options.server);
  const command = ["stream", "hi", ...secretArgs(), ...args, ...(options.args ?? [])];
  const outcome = await runProgram(command, withSecrets(options.endpoint ?? server.url, options));
  return { outcome, requests: [...server.requests] };
}

export function withSecrets(endpoint: string, options: ProgramOptions = {}): ProgramOptions {
  return { ...options, env: { ...secretEnv(endpoint), ...options.env } };
}
