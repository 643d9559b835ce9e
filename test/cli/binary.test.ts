import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cp, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator } from "../../src/simulator/server.ts";
import { CANARIES } from "./canaries.ts";
import { build, compiledBinary } from "./compiled.ts";
import { runProgram } from "./program.ts";

const ROOT = join(import.meta.dir, "../..");
const TEXT = "An answer that came through one file alone.";
const simulator = startSimulator({ answer: () => TEXT, control: { rate: 0, ttft_ms: 0 } });
const trap = startSimulator();
let folder = "";
let binary = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "llmaas-binary-"));
  binary = join(folder, "llmaas");
  await cp(await compiledBinary(), binary);
}, 60_000);

afterAll(async () => {
  await Promise.all([simulator.stop(), trap.stop()]);
  await rm(folder, { recursive: true, force: true });
});

describe("the single binary", () => {
  test("streams from an empty folder, and believes neither a bunfig.toml nor a .env there", async () => {
    const files = {
      "bunfig.toml": 'preload = ["./evil.ts"]\n',
      "evil.ts": 'await Bun.write("preloaded", "yes"); console.log("evil");\n',
      ".env": `HTTP_PROXY=http://127.0.0.1:${trap.port}\nLLMAAS_ENDPOINT=${trap.url}\n`,
    };
    const env = { LLMAAS_API_KEY: CANARIES.key };
    const outcome = await runProgram(["stream", "--endpoint", simulator.url, "two words"], { binary, files, env });
    expect(outcome).toMatchObject({ code: 0, stdout: TEXT });
    expect(Object.keys(outcome.files).toSorted()).toEqual(Object.keys(files).toSorted());
    expect(trap.requests()).toEqual([]);
    expect(simulator.requests().at(-1)?.headers["authorization"]).toBe(`Bearer ${CANARIES.key}`);
  });

  test("streams from the root folder", async () => {
    const outcome = await runProgram(["stream", "--endpoint", simulator.url, "two words"], {
      binary,
      shell: 'cd /; exec "$@"',
    });
    expect(outcome).toMatchObject({ code: 0, stdout: TEXT });
  });

  test("has every verb: --version, models, config, help and the demonstration", async () => {
    const run = (...args: string[]) => runProgram(args, { binary });
    expect((await run("--version")).stdout).toContain(Bun.version);
    expect((await run("models")).stdout).toContain("granite3.3:2b");
    expect((await run("config", "schema")).stdout).toContain("json-schema.org");
    expect((await run("stream", "--help")).stdout).toContain("--max-tokens");
    expect(await run("stream", "--demo", "--max-tokens", "3", "two words")).toMatchObject({ code: 0 });
  });

  test("without its thread says so and fails with 70: no silence, no hang", async () => {
    const crippled = join(folder, "crippled");
    await build(ROOT, crippled, (words) => words.filter((word) => word !== "src/worker/entry.ts"));
    const outcome = await runProgram(["stream", "--endpoint", simulator.url, "two words"], { binary: crippled });
    expect(outcome).toMatchObject({ code: 70, stdout: "" });
    expect(outcome.stderr).toContain("thread");
  }, 60_000);

  test("whose thread dies in the middle of an answer keeps what came, says so and fails with 70", async () => {
    const copy = join(folder, "copy");
    await cp(join(ROOT, "src"), join(copy, "src"), { recursive: true });
    for (const file of ["package.json", "THIRD-PARTY.md"]) await cp(join(ROOT, file), join(copy, file));
    await symlink(join(ROOT, "node_modules"), join(copy, "node_modules"));
    const entry = Bun.file(join(copy, "src/worker/entry.ts"));
    await Bun.write(
      entry,
      `${await entry.text()}\nsetTimeout(() => { throw new Error("the thread met its end"); }, 1000);\n`,
    );
    const dying = join(folder, "dying");
    await build(copy, dying);
    const slow = JSON.stringify({ rate: 5, ttft_ms: 0 });
    const args = ["stream", "--endpoint", simulator.url, "--param", `simulate=${slow}`, "two words"];
    const outcome = await runProgram(args, { binary: dying });
    expect(outcome.code).toBe(70);
    expect(TEXT.startsWith(outcome.stdout)).toBe(true);
    expect(outcome.stdout).not.toBe("");
    expect(outcome.stderr).toContain("the thread met its end");
  }, 60_000);
});
