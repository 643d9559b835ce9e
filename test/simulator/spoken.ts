import type { Control } from "../../src/simulator/control.ts";
import { startSimulator, type Simulator } from "../../src/simulator/server.ts";
import { ask, exchange, parseResponse, wholeBody, type Leave, type Seen } from "./raw-client.ts";

/** What the simulator says in these tests: four tokens, at once, always under the same id. */
export const SPOKEN = { text: "one two three four", rate: 0, ttft_ms: 0, seed: 7 } satisfies Control;

const BACKEND = '"backend":{"engine_type":"simulator","machine_name":"llmaas-simulator"}';
const SAME =
  '"created":1750450271,"id":"chatcmpl-s3jky1oz31vyoa0qrb57dxfz","model":"m","object":"chat.completion.chunk"';

/** A chunk with these choices, written by hand. */
export const choices = (list: string, more = ""): string => `{"choices":${list},${SAME}${more}}`;
export const delta = (json: string, more = ""): string =>
  choices(`[{"delta":${json},"finish_reason":null,"index":0}]`, more);
export const bare = `{${SAME}}`;
export const role = delta('{"content":"","role":"assistant"}', `,${BACKEND}`);
export const [one = "", two = "", three = "", four = ""] = ["one", " two", " three", " four"].map((token) =>
  delta(`{"content":"${token}"}`),
);
export const finish = (reason: string, more = ""): string =>
  choices(`[{"delta":{},"finish_reason":"${reason}","index":0}]`, `,${BACKEND}${more}`);
export const stop = finish("stop");
export const usage = (completion: number): string =>
  `,"usage":{"prompt_tokens":1,"completion_tokens":${completion},"total_tokens":${completion + 1}}`;
export const DONE = "[DONE]";

/** These events as the format has them by default. */
export const events = (...data: string[]): string => data.map((one) => `data: ${one}\n\n`).join("");

export function startSpoken(): Simulator {
  return startSimulator({ models: [{ id: "m", tokensPerSecond: 0, ttftMs: 0 }], control: SPOKEN });
}

/** Asks for a fault before token event 2 and gives all bytes. */
export function provoke({ port }: Simulator, control: Control, leave?: Leave, more = {}): Promise<Seen> {
  return exchange(port, ask({ at: 2, ...control }, more), leave);
}

/** The text of a body that ended well. */
export async function bodyOf(simulator: Simulator, control: Control, more = {}): Promise<string> {
  const { bytes, end } = await provoke(simulator, control, undefined, more);
  if (end !== "fin") throw new Error(`the connection ended by ${end}`);
  return wholeBody(parseResponse(bytes).body);
}
