import { describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createWorkerClient } from "../../src/worker/client.ts";
import { startRawServer } from "../fixtures/raw-server.ts";
import type { Mourned } from "./say-death.ts";
import { createListener, requestTo } from "./request.ts";

const ENTRY = join(import.meta.dir, "../../src/worker/entry.ts");
const HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";
const TOKEN = 'data: {"choices":[{"delta":{"content":"a"}}]}\n\n';
const FINISH = 'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n';

/** The real thread, which does this 300 ms after its first request. */
const realThen = (deed: string): string => `
  import ${JSON.stringify(ENTRY)};
  const receive = self.onmessage;
  self.onmessage = (event) => { receive(event); if (event.data.includes('"start"')) setTimeout(() => { ${deed} }, 300); };
`;

const DEATHS: readonly [name: string, code: string | null, said: string][] = [
  ["whose script is no program", "this is no program", ""],
  ["that throws while it loads", "throw new Error('cannot load')", "cannot load"],
  ["that rejects while it loads", "await Promise.reject(new Error('cannot await'))", "cannot await"],
  ["that ends at once, as if all were well", "process.exit(0)", "closed"],
  ["that ends at the first message", "self.onmessage = () => process.exit(0)", "closed"],
  ["that throws in the middle of streams", realThen("throw new Error('a bug')"), "a bug"],
  ["that rejects in the middle of streams", realThen("Promise.reject(new Error('a bug'))"), "a bug"],
  ["that throws no error but a text", realThen("throw 'a bug'"), "a bug"],
  ["that exits in the middle of streams", realThen("process.exit(3)"), "closed"],
  ["that quotes a secret as it dies", realThen("throw new Error('at SECRET')"), "at •••"],
];

/** What became of three streams and a late one with a thread that runs this script; without one none can be made. */
async function mourn(endpoint: string, script?: string): Promise<Mourned> {
  const command = [
    process.execPath,
    join(import.meta.dir, "say-death.ts"),
    endpoint,
    ...(script === undefined ? [] : [script]),
  ];
  const child = Bun.spawn(command, { stdout: "pipe", stderr: "pipe", timeout: 20_000, killSignal: "SIGKILL" });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  if (stdout === "") throw new Error(`nothing came of it (${child.exitCode}, ${child.signalCode}): ${stderr}`);
  return JSON.parse(stdout);
}

function expectEndedOnce({ ids, events }: Mourned, said: string): void {
  expect(new Set(ids).size).toBe(4);
  for (const stream of events) {
    const end = stream.at(-1);
    expect(end).toMatchObject({ type: "ended", verdict: "failed", failure: { kind: "worker_died" } });
    expect(stream.filter((event) => event.type === "ended")).toHaveLength(1);
    expect(JSON.stringify(end)).toContain(said);
    expect(JSON.stringify(end)).not.toContain("SECRET");
  }
}

describe("every open stream ends exactly once, failed with worker_died, and so does each that starts later, with a thread", () => {
  for (const [name, code, said] of DEATHS) {
    test(`${name}`, async () => {
      await using server = startRawServer(async ({ write }) => write(HEAD + TOKEN));
      const folder = await mkdtemp(join(tmpdir(), "llmaas-worker-"));
      const script = join(folder, "worker.ts");
      await Bun.write(script, code ?? "");
      expectEndedOnce(await mourn(server.url, script), said);
      await rm(folder, { recursive: true });
    });
  }

  test("whose script is missing, or that cannot even be made", async () => {
    expectEndedOnce(await mourn("http://127.0.0.1:9/v1", "/nowhere/worker.ts"), "");
    expectEndedOnce(await mourn("http://127.0.0.1:9/v1"), "no threads left");
  });

  test("that dies in the middle: what came before is kept, and the server sees the connections end", async () => {
    await using server = startRawServer(async ({ write }) => write(HEAD + TOKEN + TOKEN));
    const folder = await mkdtemp(join(tmpdir(), "llmaas-worker-"));
    const script = join(folder, "worker.ts");
    await Bun.write(script, realThen("process.exit(3)"));
    const { events } = await mourn(server.url, script);
    await rm(folder, { recursive: true });
    for (const stream of events.slice(0, 3))
      expect(stream.map((event) => event.type)).toEqual(["sent", "opened", "delta", "ended"]);
    expect(events[3]?.map((event) => event.type)).toEqual(["ended"]);
    for (const exchange of server.exchanges) expect((await exchange.left).how).not.toBe("");
  });
});

test("a thread that closes after its farewell is no death", async () => {
  await using server = startRawServer(async ({ write, fin }) => {
    await write(`${HEAD}${TOKEN}${FINISH}`);
    fin();
  });
  const client = createWorkerClient(() => new Worker(ENTRY));
  const { on, events, ended } = createListener();
  client.start(requestTo(server.url), on);
  expect(await ended).toMatchObject({ verdict: "complete" });
  client.close();
  await Bun.sleep(100);
  expect(events.filter((event) => event.type === "ended")).toHaveLength(1);
});
