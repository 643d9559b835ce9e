import { expect, test } from "bun:test";
import { startRawServer, type Answer, type Exchange } from "../fixtures/raw-server.ts";
import { DONE, finish, HEAD, token } from "../fixtures/answers.ts";
import { secretArgs, type Record } from "../bad-streams/story.ts";
import { withSecrets } from "./bad-streams/ask.ts";
import { startProgram } from "./program.ts";

const MIB = 1024 * 1024;
/** `idle` and `first_token` of these runs; stdout is blocked three times as long. */
const IDLE = 700;
const BLOCKED = 3 * IDLE;
const TIMERS = ["--timeout-idle", `${IDLE}ms`, "--timeout-first-token", `${IDLE}ms`];
/** Ms after which what has not ended never will: without a reader it would wait for ever. */
const LATE = 20_000;
/** Tokens of a whole answer: about 30 MiB over the wire, more than all buffers together. */
const TOKENS = 7_500;

/** Token number `i`: 4 KiB that are like no other. */
function text(i: number): string {
  return `${String(i).padStart(6, "0")} né 𝄞 ${"x".repeat(4096 - 20)}\n`;
}

/** Writes the whole answer as fast as it is taken. */
const pour: Answer = async (exchange) => {
  await exchange.write(HEAD);
  for (let i = 0; i < TOKENS && !exchange.gone(); i += 100) {
    const tokens = Array.from({ length: 100 }, (_, j) => token(text(i + j)));
    await exchange.write(tokens.join(""));
  }
  await exchange.write(finish() + DONE);
  exchange.fin();
};

/** What two sockets of this machine hold when nobody reads: the rest was read by the program. */
async function tcpHolds(): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  await using server = startRawServer(async (exchange: Exchange) => {
    void exchange.write(Buffer.alloc(64 * MIB));
    await Bun.sleep(300);
    resolve(exchange.written());
  });
  const client = await Bun.connect({
    hostname: "127.0.0.1",
    port: server.port,
    socket: { data: (socket) => void socket.pause() },
  });
  client.pause();
  client.write("GET / HTTP/1.1\r\n\r\n");
  const held = await promise;
  client.terminate();
  return held;
}

/** Settles when the server could write nothing more for a while. */
async function stuck({ exchanges }: { exchanges: Exchange[] }): Promise<number> {
  for (let before = -1; ;) {
    const written = exchanges[0]?.written() ?? 0;
    if (written > 0 && written === before) return written;
    before = written;
    await Bun.sleep(300);
  }
}

const WAYS: readonly [way: string, args: readonly string[]][] = [
  ["a plain answer", []],
  ["--json", ["--json"]],
];

for (const [way, args] of WAYS) {
  test.concurrent(
    `with stdout blocked for three times idle, ${way} is not read on, no timer fires, and all of it comes at last`,
    async () => {
      await using server = startRawServer(pour);
      const held = await tcpHolds();
      const program = await startProgram(
        ["stream", "hi", ...secretArgs(), ...TIMERS, ...args],
        withSecrets(server.url, { hold: true }),
      );
      const written = await stuck(server);
      await Bun.sleep(BLOCKED);
      const [exchange] = server.exchanges;
      expect(exchange?.gone()).toBe(false);
      expect(exchange?.written()).toBe(written);
      expect(written).toBeLessThan(held + 16 * MIB);
      expect(program.peak() ?? 0).toBeLessThan(256 * MIB);

      program.release();
      const { code, stdout, stderr } = await program.ended;
      expect(code).toBe(0);
      const whole = Array.from({ length: TOKENS }, (_, i) => text(i)).join("");
      if (args.length === 0) {
        expect(stdout === whole).toBe(true);
        expect(stderr).toContain("Verdict: complete");
        expect(stderr).toContain("✋");
      } else {
        const { deltas, record } = linesOf(stdout);
        expect(deltas === whole).toBe(true);
        // A record keeps the beginning of so long a text, and says how much is missing in it.
        expect(whole.startsWith(record.text)).toBe(true);
        expect(record.text.length + record.text_omitted).toBe(whole.length);
        expect(record).toMatchObject({ verdict: "complete", error: null, token_events: TOKENS, malformed: 0 });
        expect(record.held_ms).toBeGreaterThan(BLOCKED);
      }
    },
  );
}

for (const [way, args] of WAYS) {
  test(`Ctrl+C while stdout is blocked ends ${way} soon with 130, and the server sees the abort`, async () => {
    await using server = startRawServer(pour);
    const program = await startProgram(
      ["stream", "hi", ...secretArgs(), ...TIMERS, ...args],
      withSecrets(server.url, { hold: true }),
    );
    await stuck(server);
    program.signal("SIGINT");
    const left = await Promise.race([server.exchanges[0]?.left, Bun.sleep(LATE)]);
    expect(left?.how ?? "").not.toBe("");
    const late = await Promise.race([gone(program.pid), Bun.sleep(LATE).then(() => "still there")]);
    expect(late).toBe("gone");
    program.release();
    const { code, stdout } = await program.ended;
    expect(code).toBe(130);
    expect(stdout).toContain("000000 né 𝄞");
  });
}

/** More than a pipe holds, which is whole long before it is out. */
const large: Answer = async ({ write, fin }) => {
  await write(HEAD + Array.from({ length: 500 }, (_, i) => token(text(i))).join("") + finish() + DONE);
  fin();
};

for (const args of [[], ["--json"], ["-n", "40", "-j", "2"], ["-n", "40", "-j", "2", "--json"]]) {
  test(`one Ctrl+C ends the program whose answers are complete but not taken: ${args.join(" ") || "plain"}`, async () => {
    await using server = startRawServer(large);
    const program = await startProgram(
      ["stream", "hi", ...secretArgs(), ...args],
      withSecrets(server.url, { hold: true }),
    );
    while (server.exchanges[0] === undefined) await Bun.sleep(20);
    await server.exchanges[0].left;
    await stuck(server);
    program.signal("SIGINT");
    const late = await Promise.race([gone(program.pid), Bun.sleep(LATE).then(() => "still there")]);
    expect(late).toBe("gone");
    program.release();
    expect((await program.ended).code).toBe(130);
  });
}

test("a slow reader of stderr alone does not lose a byte of the answer", async () => {
  await using server = startRawServer(async ({ write, fin }) => {
    await write(HEAD + Array.from({ length: 500 }, (_, i) => token(text(i))).join("") + finish() + DONE);
    fin();
  });
  const shell = '"$@" 2>&1 >answer | { sleep 1; cat >&2; }';
  const program = await startProgram(["stream", "hi", ...secretArgs(), "--debug"], withSecrets(server.url, { shell }));
  const { files, stderr } = await program.ended;
  expect(files["answer"] === Array.from({ length: 500 }, (_, i) => text(i)).join("")).toBe(true);
  expect(stderr).toContain("Verdict: complete");
});

function linesOf(ndjson: string): { deltas: string; record: Record } {
  const lines = ndjson
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const texts = lines.filter((line) => line.type === "delta").map((line) => line.text);
  return { deltas: texts.join(""), record: lines.at(-1) };
}

async function gone(pid: number): Promise<string> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return "gone";
    }
    await Bun.sleep(20);
  }
}
