import { connect } from "node:net";
import { join } from "node:path";
import { run, type Run } from "./child.ts";
import { alternate, median } from "./contest.ts";
import { BINARY, openFixture } from "./fixture.ts";
import { atMost, micros, ms, plain, times, type Line } from "./lines.ts";

const ENGINES = ["redis-server", "valkey-server"];
const WORKERS = 3;
/** Streams at once, of one machine and of all workers together. */
const CONCURRENCY = 66;
const MOST_RATIO = 1.6;
const RUNS = { discarded: 1, rounds: 3 };

/** What each took of the processor for one run, ms. */
type Parts = { feeder: number; workers: number; engine: number };

/** What the same requests cost when three workers on a queue ask them, beside one machine that does. */
export async function* compareQueue(lines: string, requests: number): AsyncGenerator<Line> {
  const engine = ENGINES.map((name) => Bun.which(name)).find((path) => path !== null);
  if (engine === undefined) {
    yield plain("through a queue", `${ENGINES[0]} missing`);
    return;
  }
  const fixture = await openFixture({ rate: 0, ttft_ms: 0, tokens: 5 });
  const { cwd } = fixture;
  try {
    const input = join(cwd, "in.jsonl");
    await Bun.write(input, lines);
    let out = 0;
    const newOut = (): string => `out-${out++}.jsonl`;
    const command = (): string[] => [BINARY, "batch", "run", input, "--out", newOut(), "-q"];
    const parts: Parts[] = [];
    const one = (): Promise<Run> => run([...command(), "-j", String(CONCURRENCY)], { cwd });
    const many = async (): Promise<Run> => {
      const { whole, ...each } = await throughQueue(engine, command(), cwd);
      parts.push(each);
      return whole;
    };
    // What three processes cost on one machine whatever they do: each warms up, and all share its cores.
    const files = await partsOf(lines, cwd);
    const apart = async (): Promise<Run> => {
      const places = ["-j", String(CONCURRENCY / WORKERS)];
      const runs = files.map((file) =>
        run([BINARY, "batch", "run", file, "--out", newOut(), "-q", ...places], { cwd }),
      );
      const [first, ...others] = await Promise.all(runs);
      if (first === undefined) throw new Error("no part has run");
      return { ...first, cpu: others.reduce((sum, { cpu }) => sum + cpu, first.cpu) };
    };
    const found = await alternate({ one, many, apart }, RUNS);
    const each = (values: readonly number[]): number => (1000 * median(values)) / requests;
    const of = (part: keyof Parts): string => micros(each(parts.slice(RUNS.discarded).map((all) => all[part])));
    const cpu = (runs: readonly Run[]): number => each(runs.map((one) => one.cpu));
    const [alone, together, without] = [cpu(found.one), cpu(found.many), cpu(found.apart)];
    yield plain("CPU a request, one machine", micros(alone));
    yield plain(`CPU a request, ${WORKERS} parts without a queue, at once`, micros(without));
    yield plain(`CPU a request, queue: batch run and ${WORKERS} workers`, micros(together));
    yield plain("of it batch run", of("feeder"));
    yield plain("of it the workers", of("workers"));
    yield plain("the engine's own", of("engine"));
    yield plain("ratio to the parts, without the engine", times(together / without));
    yield atMost("ratio to one machine, without the engine", together / alone, MOST_RATIO, times);
    yield plain("time, one machine", ms(median(found.one.map((each) => each.ms))));
    yield plain("time, queue", ms(median(found.many.map((each) => each.ms))));
  } finally {
    await fixture.close();
  }
}

/** The input in as many files as there are workers. */
async function partsOf(lines: string, cwd: string): Promise<string[]> {
  const all = lines.split(/(?<=\n)/);
  const files = Array.from({ length: WORKERS }, (_, part) => join(cwd, `part-${part}.jsonl`));
  for (const [part, file] of files.entries())
    await Bun.write(file, all.filter((_, index) => index % WORKERS === part).join(""));
  return files;
}

/** One batch through an engine of its own, with workers that wait for it already. */
async function throughQueue(engine: string, command: readonly string[], cwd: string): Promise<Parts & { whole: Run }> {
  const port = freePort();
  const queue = `redis://127.0.0.1:${port}`;
  const options = ["--port", String(port), "--bind", "127.0.0.1", "--dir", cwd, "--save", "", "--appendonly", "no"];
  const broker = Bun.spawn([engine, ...options], { stdin: "ignore", stdout: "ignore" });
  try {
    await isOpen(port);
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    const worker = [BINARY, "batch", "worker", "-j", String(CONCURRENCY / WORKERS), "--queue", queue];
    const begun: Promise<void>[] = [];
    const workers = Array.from({ length: WORKERS }, () => {
      const { promise, resolve: begin } = Promise.withResolvers<void>();
      begun.push(promise);
      return run(worker, { cwd, begun: begin, end: over });
    });
    // A worker that ends before it begins ends the comparison.
    await Promise.race([Promise.all(begun), Promise.all(workers)]);
    const feeder = await run([...command, "--queue", queue], { cwd });
    end();
    const asked = (await Promise.all(workers)).reduce((sum, { cpu }) => sum + cpu, 0);
    broker.kill();
    await broker.exited;
    const own = Number(broker.resourceUsage()?.cpuTime.total ?? 0) / 1000;
    return { feeder: feeder.cpu, workers: asked, engine: own, whole: { ...feeder, cpu: feeder.cpu + asked } };
  } finally {
    broker.kill();
    await broker.exited;
  }
}

function freePort(): number {
  const server = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
  const { port } = server;
  server.stop(true);
  return port;
}

/** Settles when somebody listens there. */
async function isOpen(port: number): Promise<void> {
  for (let tries = 0; tries < 250; tries++) {
    const opened = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
    if (opened) return;
    await Bun.sleep(20);
  }
  throw new Error("the engine did not start");
}
