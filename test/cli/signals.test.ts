import { expect, test } from "bun:test";
import { startRawServer, type Answer } from "../fixtures/raw-server.ts";
import { DONE, finish, HEAD, response, token } from "../fixtures/answers.ts";
import { secretArgs } from "../bad-streams/story.ts";
import { withSecrets } from "./bad-streams/ask.ts";
import { startProgram, type Program, type ProgramOptions } from "./program.ts";

/** Longest time from a signal to the end, on a busy machine; unhindered it takes milliseconds. */
const SOON = 3000;

/** Two tokens, and then nothing until the client leaves. */
const stall: Answer = async ({ write, left }) => {
  await write(HEAD + token("né ") + token("𝄞"));
  await left;
};

type Interrupted = Awaited<Program["ended"]> & { ms: number; how: string; requests: number };

/** Starts the program against this server, and does something to it once the text is there. */
async function interrupt(
  answer: Answer,
  {
    args = [],
    when = "𝄞",
    act,
    ...options
  }: ProgramOptions & { args?: string[]; when?: string; act(program: Program): unknown },
): Promise<Interrupted> {
  await using server = startRawServer(answer);
  const program = await startProgram(["stream", "hi", ...secretArgs(), ...args], withSecrets(server.url, options));
  await program.until(when);
  const from = performance.now();
  await act(program);
  const outcome = await program.ended;
  const ms = performance.now() - from;
  const left = await Promise.race([server.exchanges[0]?.left, Bun.sleep(SOON)]);
  return { ...outcome, ms, how: left?.how ?? "", requests: server.requests.length };
}

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const) {
  test(`${signal} once: the server sees the abort, the text and its figures are kept, exit ${code}`, async () => {
    const ended = await interrupt(stall, { act: (program) => program.signal(signal) });
    expect(ended).toMatchObject({ code, signal: null, stdout: "né 𝄞", requests: 1 });
    expect(ended.how).not.toBe("");
    expect(ended.stderr).toContain("Verdict: cancelled");
    expect(ended.stderr).toContain("Tokens received: ~2");
    expect(ended.ms).toBeLessThan(SOON);
  });
}

test("Ctrl+C with --json ends with the event and the record of a stream cancelled by a signal", async () => {
  const ended = await interrupt(stall, { args: ["--json"], act: (program) => program.signal("SIGINT") });
  const [last, record] = ended.stdout
    .trimEnd()
    .split("\n")
    .slice(-2)
    .map((line) => JSON.parse(line));
  expect(ended.code).toBe(130);
  expect(last).toMatchObject({ type: "ended", verdict: "cancelled", error: { kind: "cancelled", reason: "signal" } });
  expect(record).toMatchObject({
    type: "record",
    verdict: "cancelled",
    text: "né 𝄞",
    token_events: 2,
    error: { reason: "signal" },
  });
});

test("a second Ctrl+C more than 200 ms later ends at once with 130, whatever still holds the program", async () => {
  await using server = startRawServer(async (exchange) => {
    await exchange.write(HEAD);
    while (!exchange.gone()) await exchange.write(token("x".repeat(60_000)));
  });
  const program = await startProgram(["stream", "hi", ...secretArgs()], withSecrets(server.url, { hold: true }));
  await program.until("Streaming answer");
  await Bun.sleep(500);
  program.signal("SIGINT");
  await Bun.sleep(300);
  const from = performance.now();
  program.signal("SIGINT");
  // What stdout still holds is read once the program is gone: nobody drains it before.
  const gone = Bun.sleep(SOON).then(() => "late");
  expect(await Promise.race([gone, exited(program.pid)])).toBe("exited");
  expect(performance.now() - from).toBeLessThan(700);
  program.release();
  expect((await program.ended).code).toBe(130);
});

test("a Ctrl+C doubled within 200 ms, as bun run does, is one: the figures are still shown", async () => {
  const act = async (program: Program): Promise<void> => {
    program.signal("SIGINT");
    await Bun.sleep(1);
    program.signal("SIGINT");
  };
  const ended = await interrupt(stall, { act });
  expect(ended).toMatchObject({ code: 130, stdout: "né 𝄞" });
  expect(ended.stderr).toContain("Verdict: cancelled");
});

test("Ctrl+C during the wait before a retry ends the wait", async () => {
  const busy: Answer = async ({ write, fin }) => {
    await write(response("503 Busy", "Retry-After: 30\r\n"));
    fin();
  };
  const ended = await interrupt(busy, { when: "503", act: (program) => program.signal("SIGINT") });
  expect(ended).toMatchObject({ code: 130, stdout: "", requests: 1 });
  expect(ended.stderr).toContain("Verdict: cancelled");
  expect(ended.ms).toBeLessThan(SOON);
});

test("Ctrl+C before the headers, and while the connection is made, aborts the request", async () => {
  const asked = Promise.withResolvers<void>();
  const silent: Answer = async ({ left }) => {
    asked.resolve();
    await left;
  };
  const act = async (program: Program): Promise<void> => {
    await asked.promise;
    program.signal("SIGINT");
  };
  const ended = await interrupt(silent, { when: "Question", act });
  expect(ended).toMatchObject({ code: 130, stdout: "", requests: 1 });
  expect(ended.how).not.toBe("");
  expect(ended.stderr).toContain("Verdict: cancelled");
});

test("Ctrl+C after the finish_reason, while usage is awaited, changes no verdict and exits 0", async () => {
  const finished: Answer = async ({ write, left }) => {
    await write(HEAD + token("né 𝄞") + finish());
    await left;
  };
  const ended = await interrupt(finished, { act: (program) => program.signal("SIGINT") });
  expect(ended).toMatchObject({ code: 0, stdout: "né 𝄞" });
  expect(ended.stderr).toContain("Verdict: complete");
});

test("on a terminal Ctrl+C keeps the partial answer and shows its figures", async () => {
  const ended = await interrupt(stall, { terminal: true, act: (program) => program.signal("SIGINT") });
  expect(ended.code).toBe(130);
  expect(ended.stdout).toContain("né 𝄞\r\n");
  expect(ended.stdout).toContain("Verdict: cancelled");
});

test("when the reader of stdout goes away the request is aborted at once and the program ends silently with 141", async () => {
  const lines: Answer = async (exchange) => {
    await exchange.write(HEAD);
    while (!exchange.gone()) await exchange.drip([token("a line\n")], 5);
  };
  await using server = startRawServer(lines);
  const shell = '{ "$@"; echo "exit $?" >&2; } | head -1';
  for (const args of [[], ["--json"]]) {
    const program = await startProgram(["stream", "hi", ...secretArgs(), ...args], withSecrets(server.url, { shell }));
    const { stdout, stderr } = await program.ended;
    expect(stdout.split("\n")).toHaveLength(2);
    expect(stderr).toEndWith("exit 141\n");
    expect(stderr).not.toMatch(/error|EPIPE|Verdict/i);
  }
  for (const exchange of server.exchanges) expect((await exchange.left).how).not.toBe("");
});

test("a stdout that is full is said on stderr, the request is aborted, exit 1", async () => {
  await using server = startRawServer(async (exchange) => {
    await exchange.write(HEAD);
    while (!exchange.gone()) await exchange.drip([token("a")], 5);
  });
  const options = withSecrets(server.url, { stdoutFile: "/dev/full" });
  for (const args of [[], ["--json"]]) {
    const program = await startProgram(["stream", "hi", ...secretArgs(), ...args], options);
    const { code, stderr } = await program.ended;
    expect(code).toBe(1);
    expect(stderr).toContain("ENOSPC");
  }
  for (const exchange of server.exchanges) expect((await exchange.left).how).not.toBe("");
  const short = startRawServer(async ({ write, fin }) => (await write(HEAD + token("a") + finish() + DONE), fin()));
  await using whole = short;
  const program = await startProgram(
    ["stream", "hi", ...secretArgs()],
    withSecrets(whole.url, { stdoutFile: "/dev/full" }),
  );
  expect((await program.ended).code).toBe(1);
});

/** Settles when the process is gone, or only a zombie is left of it. */
async function exited(pid: number): Promise<string> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return "exited";
    }
    await Bun.sleep(10);
  }
}
