import { describe, expect, test } from "bun:test";
import { finish, HEAD, DONE, token } from "../fixtures/answers.ts";
import { startRawServer, type Answer } from "../fixtures/raw-server.ts";
import { runProgram } from "./program.ts";

/** Answers in six writes: of 20 tokens with so many ms before each, or of so many that no wait could have held them. */
const answering =
  (wait: number): Answer =>
  async ({ write, fin }) => {
    await write(HEAD);
    for (let lump = 0; lump < 6; lump++) {
      if (wait > 0) await Bun.sleep(wait);
      await write(token("w ").repeat(wait > 0 ? 20 : 2000));
    }
    await write(finish() + DONE);
    fin();
  };

async function run(wait: number, ...args: string[]) {
  await using server = startRawServer(answering(wait));
  return await runProgram([...args, "--endpoint", server.url, "--model", "m"]);
}

const LOAD = ["bench", "hi", "-j", "4", "--requests", "8", "--report", "report.json"];

describe("answers in lumps", () => {
  test("are named by stream, once for one and once for several", async () => {
    const [one, several] = await Promise.all([run(300, "stream", "hi"), run(300, "stream", "hi", "-n", "3")]);
    expect(one.code).toBe(0);
    expect(one.stderr).toContain("The answer came in lumps");
    expect(several.stderr.match(/came in lumps/g)).toHaveLength(1);
    expect(several.stderr).toContain("3 of 3 answers came in lumps");
  });

  test("are in the first line of bench, its trust block and its report", async () => {
    const { stdout, files } = await run(300, ...LOAD);
    // On a busy machine the first line has something worse to say.
    expect(stdout.split("\n", 1)[0]).toMatch(/answers in lumps|limited by the client/);
    expect(stdout.replaceAll(/\s+/g, " ")).toContain("something on the way (a proxy, compression) holds them back");
    const report = JSON.parse(files["report.json"] ?? "");
    expect(report.verdict.in_lumps).toBe(true);
    expect(report.steps[0].results[0].trust).toMatchObject({ in_lumps: true, coalesced: 0.95 });
    expect(report.steps[0].results[0].trust.lump_wait_ms).toBeGreaterThanOrEqual(290);
  });

  test("are no lumps where they are the speed", async () => {
    const [one, load] = await Promise.all([run(0, "stream", "hi"), run(0, ...LOAD)]);
    expect(one.stderr).not.toContain("in lumps");
    expect(load.stdout).not.toContain("in lumps");
    expect(JSON.parse(load.files["report.json"] ?? "").verdict.in_lumps).toBe(false);
  });
});
