import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { batchLines, startBatchServer } from "../server.ts";
import { startRedis, type RedisServer } from "./redis-server.ts";

/**
 * The accidents of test/cli/batch-queue-accidents.test.ts, longer: `bun test/batch/queue/long.ts [REQUESTS] [ROUNDS]`. Three workers of
 * which one is killed again and again, a queue that is killed or loses its last bytes and one that stands still for 20 s, a `batch run` that is
 * killed; each time every id once, and the requests that the server got beyond that are counted.
 */
const [requests = 3000, rounds = 5] = process.argv.slice(2).map(Number);
const MAIN = join(import.meta.dir, "../../../src/main.ts");
const PLACES = 16;

type Scene = { redis: RedisServer; url: string; cwd: string; came(share: number): Promise<void> };
type Child = Bun.Subprocess;

function start({ redis, url, cwd }: Scene, ...args: string[]): Child {
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: cwd,
    LLMAAS_API_KEY: "sk-long-0123456789",
    LLMAAS_QUEUE: redis.url,
  };
  const command = [process.execPath, "--no-env-file", MAIN, "batch", ...args, "-e", url, "-q"];
  return Bun.spawn(command, { cwd, env, stdout: "ignore", stderr: "ignore" });
}

const worker = (scene: Scene): Child => start(scene, "worker", "-j", String(PLACES));
const run = (scene: Scene): Child => start(scene, "run", "in.jsonl", "--out", "out.jsonl", "--lease", "5s");

/** Each accident: what happens while the batch runs; `bound`: requests that may be asked once more. */
const ACCIDENTS: Record<
  string,
  { bound: number; engine?: string[]; happen(scene: Scene, workers: Child[], feeder: Child): Promise<Child> }
> = {
  "the queue's machine loses its power": {
    bound: 1000,
    engine: ["--appendonly", "yes", "--appendfsync", "everysec"],
    async happen(scene, _, feeder) {
      for (let round = 1; round <= rounds; round++) {
        await scene.came(round / (rounds + 1));
        await scene.redis.loseTail(Math.round(Math.random() * 300_000));
      }
      return feeder;
    },
  },
  "a worker is killed": {
    bound: PLACES * rounds,
    async happen(scene, workers, feeder) {
      for (let round = 1; round <= rounds; round++) {
        await scene.came(round / (rounds + 1));
        workers.shift()?.kill("SIGKILL");
        workers.push(worker(scene));
      }
      return feeder;
    },
  },
  "batch run is killed": {
    bound: 0,
    async happen(scene, _, feeder) {
      let current = feeder;
      for (let round = 1; round <= rounds; round++) {
        await scene.came(round / (rounds + 1));
        current.kill("SIGKILL");
        await current.exited;
        current = run(scene);
      }
      return current;
    },
  },
  "the queue stands still for 20 s": {
    bound: 0,
    async happen(scene, _, feeder) {
      await scene.came(0.3);
      scene.redis.signal("SIGSTOP");
      await Bun.sleep(20_000);
      scene.redis.signal("SIGCONT");
      return feeder;
    },
  },
  "the queue is killed and forgets all": {
    bound: 1000,
    async happen(scene, _, feeder) {
      for (let round = 1; round <= rounds; round++) {
        await scene.came(round / (rounds + 1));
        await scene.redis.restart(1000);
      }
      return feeder;
    },
  },
};

let wrong = 0;
for (const [name, { bound, engine = [], happen }] of Object.entries(ACCIDENTS)) {
  await using redis = await startRedis(...engine);
  await using server = startBatchServer(async ({ prompt }) => {
    await Bun.sleep(100 + Math.random() * 200);
    return prompt;
  });
  const cwd = mkdtempSync(join(tmpdir(), "llmaas-long-"));
  writeFileSync(join(cwd, "in.jsonl"), batchLines(requests));
  const scene: Scene = { redis, url: server.url, cwd, came: (share) => server.came(Math.round(share * requests)) };
  const workers = [1, 2, 3].map(() => worker(scene));
  const feeder = await happen(scene, workers, run(scene));
  const code = await feeder.exited;
  for (const each of workers) each.kill("SIGTERM");
  await Promise.all(workers.map((each) => each.exited));
  const lines = readFileSync(join(cwd, "out.jsonl"), "utf8").trimEnd().split("\n");
  const ids = new Set(lines.map((line) => String(JSON.parse(line).custom_id)));
  const again = server.got.length - server.asked.size;
  const good = code === 0 && ids.size === requests && lines.length === requests && again <= bound;
  if (!good) wrong++;
  console.log(
    `${good ? "✓" : "✗"} ${name}: code ${code}, ${lines.length} lines, ${ids.size} ids, ${again} asked again (at most ${bound})`,
  );
  rmSync(cwd, { recursive: true });
}
process.exitCode = wrong === 0 ? 0 : 1;
