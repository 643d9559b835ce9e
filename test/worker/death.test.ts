import { describe, expect, test } from "bun:test";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createWorkerClient, type WorkerClient } from "../../src/worker/client.ts";
import { startRawServer } from "../raw-server.ts";
import { createListener, requestTo } from "./request.ts";

const ENTRY = join(import.meta.dir, "../../src/worker/entry.ts");
const HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";
const TOKEN = 'data: {"choices":[{"delta":{"content":"a"}}]}\n\n';

/** Longest time in which a death must be known, on a busy machine. */
const SOON = 4000;

/** A thread that runs this code. */
async function scriptOf(code: string): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), "llmaas-worker-")), "worker.ts");
  await Bun.write(path, code);
  return path;
}

/** The real thread, which does this 300 ms after its first request. */
const realThen = (deed: string): string => `
  import ${JSON.stringify(ENTRY)};
  const receive = self.onmessage;
  self.onmessage = (event) => { receive(event); if (event.data.type === "start") setTimeout(() => { ${deed} }, 300); };
`;

const DEATHS: readonly [name: string, code: string | null, said: string][] = [
  ["whose script is missing", null, ""],
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

/** What became of streams that were open when the thread died, and of one that was started afterwards. */
async function mourn(client: WorkerClient, endpoint: string) {
  const listeners = [createListener(), createListener(), createListener()];
  const request = requestTo(endpoint, { secrets: ["SECRET"] });
  const ids = listeners.map((listener) => client.start(request, (event) => listener.on(event)));
  const late = Bun.sleep(SOON).then(() => "late" as const);
  const ends = await Promise.all(listeners.map(({ ended }) => Promise.race([ended, late])));
  const after = createListener();
  ids.push(client.start(request, (event) => after.on(event)));
  ends.push(await Promise.race([after.ended, late]));
  for (const id of ids) client.cancel(id, "signal");
  client.close();
  await Bun.sleep(50);
  return { ends, ids, listeners: [...listeners, after] };
}

describe("every open stream ends exactly once, failed with worker_died, and so does each that starts later, with a thread", () => {
  for (const [name, code, said] of DEATHS) {
    test.concurrent(`${name}`, async () => {
      await using server = startRawServer(async ({ write }) => write(HEAD + TOKEN));
      const path = code === null ? "/nowhere/worker.ts" : await scriptOf(code);
      const { ends, ids, listeners } = await mourn(
        createWorkerClient(() => new Worker(path)),
        server.url,
      );
      expect(new Set(ids).size).toBe(4);
      for (const end of ends) {
        expect(end).toMatchObject({ type: "ended", verdict: "failed", failure: { kind: "worker_died" } });
        if (end !== "late") expect(end.failure?.message).toContain(said);
        expect(JSON.stringify(end)).not.toContain("SECRET");
      }
      for (const { events } of listeners) {
        expect(events.filter((event) => event.type === "ended")).toHaveLength(1);
        expect(events.at(-1)?.type).toBe("ended");
      }
    });
  }

  test("that cannot even be made", async () => {
    const client = createWorkerClient(() => {
      throw new Error("no threads left");
    });
    const { ends } = await mourn(client, "http://127.0.0.1:9/v1");
    for (const end of ends)
      expect(end).toMatchObject({ verdict: "failed", failure: { kind: "worker_died", message: "no threads left" } });
  });
});

test("what came before the death is kept, and the server sees the connection end", async () => {
  await using server = startRawServer(async ({ write }) => write(HEAD + TOKEN + TOKEN));
  const path = await scriptOf(realThen("process.exit(3)"));
  const client = createWorkerClient(() => new Worker(path));
  const { on, events, ended } = createListener();
  client.start(requestTo(server.url), on);
  await ended;
  expect(events.map((event) => event.type)).toEqual(["sent", "opened", "delta", "ended"]);
  expect((await server.exchanges[0]?.left)?.how ?? "").not.toBe("");
  client.close();
});

test("a thread that closes after its farewell is no death", async () => {
  await using server = startRawServer(async ({ write, fin }) => {
    await write(`${HEAD}${TOKEN}data: [DONE]\n\n`);
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
