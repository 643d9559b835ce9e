import { expect } from "bun:test";
import { CANARIES, proxyWithCanaries, withCanaries } from "../cli/canaries.ts";
import type { Answer, RawRequest } from "../fixtures/raw-server.ts";

export type Line = { type: string; [key: string]: unknown };

/** What the tests look at in a record. */
export type Record = {
  verdict: string;
  finish_reason: string | null;
  error: { kind: string; message: string; reason?: string; status?: number; code?: string; phase?: string } | null;
  text: string;
  text_omitted: number;
  reasoning: string;
  notices: string[];
  tool_calls: { index: number; id: string | null; name: string; arguments: string; invalid: boolean }[];
  tokens: number;
  tokens_source: string;
  token_events: number;
  coalesced: number | null;
  lumped: number | null;
  prompt_tokens: number | null;
  reasoning_tokens: number | null;
  server: { [figure: string]: number | null } | null;
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

type Told = { code: number | null; stdout: string; stderr: string };

const EXIT: { [verdict: string]: number } = {
  complete: 0,
  length: 0,
  empty: 3,
  filtered: 3,
  truncated: 3,
  failed: 1,
  timeout: 4,
};

/** What a run for programs (`--json --debug`) and one for people told of the same stream: it must be the same story. */
export function storyOf(json: Told, plain: Told, requests: readonly RawRequest[]): Asked {
  const events = linesOf(json);
  const record = events.at(-1) as unknown as Record;
  const ended = events.filter((line) => line.type === "ended");
  expect(ended).toHaveLength(1);
  expect(events.at(-2)).toBe(ended[0] as Line);
  expect(ended[0]).toMatchObject({ verdict: record.verdict, finish_reason: record.finish_reason, error: record.error });
  expect(json.code).toBe(EXIT[record.verdict] ?? -1);
  expect(plain.code).toBe(json.code);
  expect(plain.stdout).toBe(record.text);
  expect(plain.stderr).toContain(`Verdict: ${record.verdict}`);
  // What a person reads is the first sentence at least: durations differ from run to run.
  if (record.error !== null) expect(plain.stderr).toContain(record.error.message.split(/[.:(\n]/, 1)[0] ?? "");
  return { record, code: json.code, events, debug: json.stderr, shown: plain.stderr, requests: [...requests] };
}

function linesOf({ stdout, stderr }: Told): Line[] {
  if (stdout === "") throw new Error(`nothing on stdout, and on stderr:\n${stderr}`);
  return stdout
    .trimEnd()
    .split("\n")
    .map((line): Line => JSON.parse(line));
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
  return ["--header-secret", `x-canary: ${CANARIES.header}`];
}

export function secretEnv(endpoint: string): { [name: string]: string } {
  const proxy = proxyWithCanaries(9);
  return { HTTP_PROXY: proxy, LLMAAS_API_KEY: CANARIES.key, LLMAAS_ENDPOINT: withCanaries(endpoint) };
}
