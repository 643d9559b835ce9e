import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RedisServer } from "../batch/queue/redis-server.ts";
import type { BatchServer } from "../batch/server.ts";
import { runProgram, startProgram, type Outcome, type Program } from "./program.ts";

export const KEY = "sk-queue-0123456789";
const ENV = { LLMAAS_API_KEY: KEY };

/** A folder with a batch. */
export function folderWith(lines: string) {
  const cwd = mkdtempSync(join(tmpdir(), "llmaas-queue-"));
  writeFileSync(join(cwd, "in.jsonl"), lines);
  return {
    cwd,
    results: (): Result[] =>
      readFileSync(join(cwd, "out.jsonl"), "utf8")
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)),
    [Symbol.dispose]: () => rmSync(cwd, { recursive: true }),
  };
}

type Result = {
  custom_id: string;
  llmaas: { verdict: string; taken_over?: number };
  error: { code: string; message: string } | null;
};

export const idsOf = (count: number): string[] => Array.from({ length: count }, (_, index) => `r${index}`).toSorted();
export const idsIn = (results: readonly Result[]): string[] => results.map(({ custom_id: id }) => id).toSorted();

type Place = { redis: Pick<RedisServer, "url">; server: BatchServer; cwd: string; env?: Record<string, string> };

export function feed({ redis, server, cwd, env }: Place, ...more: string[]): Promise<Program> {
  const args = ["batch", "run", "in.jsonl", "--out", "out.jsonl", "-e", server.url, "--queue", redis.url, ...more];
  return startProgram(args, { cwd, env: { ...ENV, ...env }, bound: 120_000 });
}

export async function startWorker({ redis, server, env }: Omit<Place, "cwd">, ...more: string[]): Promise<Program> {
  const args = ["batch", "worker", "-e", server.url, ...more];
  const worker = await startProgram(args, { env: { ...ENV, LLMAAS_QUEUE: redis.url, ...env }, bound: 120_000 });
  await worker.until("Waiting for work");
  return worker;
}

export async function endAll(workers: readonly Program[]): Promise<Outcome[]> {
  for (const worker of workers) worker.signal("SIGTERM");
  return Promise.all(workers.map((worker) => worker.ended));
}

/** How often the server was asked beyond once for each. */
export const extra = (server: BatchServer): number => server.got.length - server.asked.size;

/** What `batch report` says of the results in a folder. */
export async function reportOf(cwd: string): Promise<{ json: unknown; text: string; french: string }> {
  const said = async (...more: string[]): Promise<string> =>
    (await runProgram(["batch", "report", "out.jsonl", ...more], { cwd })).stdout;
  const [json, text, french] = await Promise.all([said("--json"), said(), said("--lang", "fr")]);
  return { json: JSON.parse(json), text, french };
}
