import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { scripts } from "../package.json" with { type: "json" };
import type { Control } from "../src/simulator/control.ts";

const ROOT = join(import.meta.dir, "..");
/** The program as it is delivered. */
export const BINARY = join(ROOT, "dist/llmaas");
/** The runtime all TypeScript contestants share. */
export const BUN: readonly string[] = [process.execPath, "--no-env-file"];
/** What is asked for. */
export const MODEL = "granite3.3:2b";
/** Above every number of tokens that is asked for. */
const MOST_TOKENS = 10_000_000;

/** A server in a process of its own, and a folder with the configuration of somebody who uses it. */
export type Fixture = {
  url: string;
  cwd: string;
  /** `llmaas stream` for this many tokens. */
  stream(tokens?: number): string[];
  /** The same request with another program: body of a POST to `url`/chat/completions. */
  body(tokens: number): string;
  close(): Promise<void>;
};

/** Builds the program with the project's own script. */
export function build(): void {
  const { exitCode, stderr } = Bun.spawnSync([process.execPath, "run", "build"], { cwd: ROOT, stdout: "ignore" });
  if (exitCode !== 0) throw new Error(`bun run build failed:\n${stderr?.toString()}`);
}

/** Compiles peers as the program is compiled, the first of them its entry; returns the path of the binary. */
export function compilePeer(folder: string, ...names: readonly string[]): string {
  const options = scripts.build.split(" ").filter((word) => word.startsWith("--") && word !== "--outfile");
  const outfile = join(folder, names[0] ?? "");
  const command = [process.execPath, "build", ...options, ...names.map(peer), "--outfile", outfile];
  const { exitCode, stderr } = Bun.spawnSync(command, { cwd: ROOT, stdout: "ignore" });
  if (exitCode !== 0) throw new Error(`${names.join(", ")} cannot be compiled:\n${stderr?.toString()}`);
  return outfile;
}

/** The path of a peer in `versus/peers`. */
export function peer(name: string): string {
  return join(import.meta.dir, "peers", `${name}.ts`);
}

/** Starts the built-in server in another process; `control` is what holds for each request. */
export function openFixture(control: Control): Promise<Fixture> {
  return openPeer("server", JSON.stringify(control));
}

/** The same of a server among the peers. */
export async function openPeer(name: string, ...args: readonly string[]): Promise<Fixture> {
  const server = Bun.spawn([...BUN, peer(name), ...args], { stdin: "ignore", stderr: "inherit" });
  const url = await firstLine(server.stdout);
  const cwd = await mkdtemp(join(tmpdir(), "llmaas-versus-"));
  const defaults = { model: MODEL, max_tokens: 300, temperature: 0.8, timeout: 30 };
  const config = { api: { endpoint: url, token: "sk-versus-0123456789" }, defaults };
  // For its owner alone: a key that others can read is remarked on, and the remark has its price.
  await writeFile(join(cwd, "config.json"), JSON.stringify(config, null, 2), { mode: 0o600 });
  return {
    url,
    cwd,
    stream: (tokens) => [BINARY, "stream", ...(tokens === undefined ? [] : asking(tokens)), "two words"],
    body: (tokens) => JSON.stringify(bodyOf(tokens)),
    async close() {
      server.kill();
      await server.exited;
      await rm(cwd, { recursive: true, force: true });
    },
  };
}

function asking(tokens: number): string[] {
  return ["--max-tokens", String(MOST_TOKENS), "--param", `simulate=${JSON.stringify({ tokens })}`];
}

function bodyOf(tokens: number): Record<string, unknown> {
  const messages = [{ role: "user", content: "two words" }];
  const options = { stream: true, stream_options: { include_usage: true } };
  return { model: MODEL, messages, ...options, max_tokens: MOST_TOKENS, temperature: 0.8, simulate: { tokens } };
}

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  const reader = stream.getReader();
  const utf8 = new TextDecoder();
  let text = "";
  while (!text.includes("\n")) {
    const { value } = await reader.read();
    if (value === undefined) throw new Error("the server did not start");
    text += utf8.decode(value, { stream: true });
  }
  reader.releaseLock();
  return text.slice(0, text.indexOf("\n"));
}
