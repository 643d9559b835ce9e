import { rmSync } from "node:fs";
import { join } from "node:path";
import { compareQueue } from "./batch-queue.ts";
import { run, type Run } from "./child.ts";
import { alternate, median } from "./contest.ts";
import { BINARY, BUN, openFixture, peer } from "./fixture.ts";
import { atMost, megabytes, micros, ms, plain, times, type Line } from "./lines.ts";

const REQUESTS = 20_000;
const CONCURRENCY = 64;
const MOST_RATIO = 2.5;
const MILLION = 1_000_000;
const RUNS = { discarded: 1, rounds: 3 };

/** What a batch costs beside a loop of fetch, and what a million lines take before the first request. */
export async function* compareBatch(): AsyncGenerator<Line> {
  yield* compareRequests();
  yield* compareQueue(linesOf(REQUESTS), REQUESTS);
  yield* measureMillion();
}

async function* compareRequests(): AsyncGenerator<Line> {
  const fixture = await openFixture({ rate: 0, ttft_ms: 0, tokens: 5 });
  const { cwd, url } = fixture;
  try {
    const input = join(cwd, "in.jsonl");
    await Bun.write(input, linesOf(REQUESTS));
    let out = 0;
    const batch = (): Promise<Run> => {
      const name = `out-${out++}.jsonl`;
      return run([BINARY, "batch", "run", input, "--out", name, "-j", String(CONCURRENCY), "-q"], { cwd });
    };
    const fetchAll = [...BUN, peer("batch-fetch"), url, input, String(CONCURRENCY)];
    const loop = (): Promise<Run> => run([...fetchAll, "whole"], { cwd });
    const streamed = (): Promise<Run> => run([...fetchAll, "streamed"], { cwd });
    const found = await alternate({ batch, loop, streamed }, RUNS);
    const cpu = (runs: readonly Run[]): number => (1000 * median(runs.map((one) => one.cpu))) / REQUESTS;
    yield plain("CPU a request, batch run", micros(cpu(found.batch)));
    yield plain("CPU a request, a loop of fetch", micros(cpu(found.loop)));
    yield plain("CPU a request, the same loop where it reads streams", micros(cpu(found.streamed)));
    yield atMost("ratio to the loop of fetch", cpu(found.batch) / cpu(found.loop), MOST_RATIO, times);
    yield plain("time, batch run", ms(median(found.batch.map((one) => one.ms))));
    yield plain("time, a loop of fetch", ms(median(found.loop.map((one) => one.ms))));
    yield plain("peak, batch run", megabytes(median(found.batch.map((one) => one.peak))));
  } finally {
    await fixture.close();
  }
}

async function* measureMillion(): AsyncGenerator<Line> {
  const fixture = await openFixture({});
  try {
    const input = join(fixture.cwd, "million.jsonl");
    const writer = Bun.file(input).writer();
    for (let from = 0; from < MILLION; from += 10_000) writer.write(linesOf(10_000, from));
    await writer.end();
    const fresh = await toFirstRequest(fixture.cwd, input);
    yield atMost("1 000 000 lines: validated after", fresh.planned, 8000, ms);
    yield atMost("first request after that", fresh.first - fresh.planned, 300, ms);
    yield atMost("peak", fresh.peak, 300e6, megabytes);
    await writeJournal(input, join(fixture.cwd, "out.jsonl"));
    const resumed = await toFirstRequest(fixture.cwd, input);
    yield atMost("resumed over 999 999 results: first request after", resumed.first, 10_000, ms);
    yield atMost("peak", resumed.peak, 300e6, megabytes);
    rmSync(input);
  } finally {
    await fixture.close();
  }
}

type Started = { planned: number; first: number; peak: number };

/** Runs a batch until its first request has come; ms from its start, and the most memory it held. */
async function toFirstRequest(cwd: string, input: string): Promise<Started> {
  const { promise: came, resolve } = Promise.withResolvers<number>();
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch() {
      resolve(performance.now());
      return new Response(new ReadableStream());
    },
  });
  const begun = performance.now();
  const child = Bun.spawn(
    [BINARY, "batch", "run", input, "--out", "out.jsonl", "-e", `http://127.0.0.1:${server.port}/v1`, "-j", "1"],
    {
      cwd,
      env: { PATH: "", HOME: cwd, LLMAAS_LANG: "en", LLMAAS_API_KEY: "sk-versus-0123456789" },
      stdin: "ignore",
      stdout: "ignore",
      stderr: "pipe",
    },
  );
  let planned = 0;
  let said = "";
  const reading = (async () => {
    for await (const bytes of child.stderr) {
      said += new TextDecoder().decode(bytes);
      if (planned === 0 && said.includes(" to ask.")) planned = performance.now();
    }
  })();
  const first = await Promise.race([came, child.exited.then(() => Promise.reject(new Error(said)))]);
  child.kill("SIGINT");
  await child.exited;
  await reading;
  await server.stop(true);
  return { planned: planned - begun, first: first - begun, peak: child.resourceUsage()?.maxRSS ?? 0 };
}

/** The results of all requests but the last, as a batch would have written them. */
async function writeJournal(input: string, out: string): Promise<void> {
  const writer = Bun.file(out).writer();
  const filler = "x".repeat(180);
  let count = 0;
  let rest = "";
  const utf8 = new TextDecoder();
  for await (const bytes of Bun.file(input).stream()) {
    const lines = (rest + utf8.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (++count === MILLION) break;
      const request = Bun.hash.crc32(line).toString(16).padStart(8, "0");
      const id = `req-${count - 1}`;
      writer.write(
        `{"custom_id":"${id}","llmaas":{"request":"${request}","verdict":"complete","x":"${filler}"},"error":null}\n`,
      );
    }
  }
  await writer.end();
}

function linesOf(count: number, from = 0): string {
  return Array.from({ length: count }, (_, index) => {
    const messages = [
      { role: "user", content: `Sum up text ${from + index} in a few words, and say what it is about.` },
    ];
    const body = { model: "granite3.3:2b", max_tokens: 300, messages };
    return `${JSON.stringify({ custom_id: `req-${from + index}`, method: "POST", url: "/v1/chat/completions", body })}\n`;
  }).join("");
}
