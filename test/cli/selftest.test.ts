import { beforeAll, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { cameThrough, type SelftestReport } from "../../src/metrics/selftest.ts";
import { CLIENT_CHECKS } from "../../src/metrics/report.ts";
import { CANARIES } from "./canaries.ts";
import { compiledBinary } from "./compiled.ts";
import { runProgram, startProgram, type Program } from "./program.ts";

/** Longest time from the end of the program to that of its server, on a busy machine; unhindered it takes milliseconds. */
const SOON = 10_000;
const SHORT = ["selftest", "-j", "1,5", "--duration", "300ms"];
/** So many streams that a signal always finds the load under way. */
const LONG = ["selftest", "-j", "5", "--duration", "1m"];
const env = { LLMAAS_API_KEY: CANARIES.key };

/** The program as it runs in the project, and as it is delivered. */
const forms: Record<"from source" | "compiled", string | undefined> = { "from source": undefined, compiled: undefined };

beforeAll(async () => {
  forms.compiled = await compiledBinary();
}, 60_000);

function optionsOf(form: keyof typeof forms) {
  const binary = forms[form];
  return { env, ...(binary === undefined ? {} : { binary }) };
}

type Server = { pid: number; group: number; command: string; environment: string };

/** What the system says of a process; `null` when there is none, or only its exit code is left. */
function look(pid: number): (Server & { state: string; parent: number }) | null {
  try {
    const read = (name: string): string => readFileSync(`/proc/${pid}/${name}`, "utf8");
    const [, state = "", parent, group] = /\) (\w) (\d+) (\d+) /.exec(read("stat")) ?? [];
    if (state === "Z") return null;
    const command = read("cmdline").replaceAll("\0", " ");
    return { pid, state, parent: Number(parent), group: Number(group), command, environment: read("environ") };
  } catch {
    return null;
  }
}

/** The server of a self-test, once there is one. */
async function serverOf({ pid }: Program): Promise<Server> {
  for (;;) {
    const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    const processes = all.map((name) => look(Number(name)));
    const server = processes.find((one) => one?.parent === pid && one.command.includes(" simulate "));
    if (server) return server;
    await Bun.sleep(20);
  }
}

const lives = (pid: number): boolean => look(pid) !== null;

async function gone(pid: number): Promise<boolean> {
  const end = performance.now() + SOON;
  while (lives(pid) && performance.now() < end) await Bun.sleep(20);
  return !lives(pid);
}

// The system's list of processes is read where Linux has it.
const withProcesses = process.platform === "linux" ? test : test.skip;

// Whole self-tests, at the same time: what they say of each other's load is not asked here.
describe("the self-test", () => {
  test.concurrent.each(["from source", "compiled"] as const)(
    "%s pairs every token that was injected, and both trials are there",
    async (form) => {
      const { code, stdout, stderr } = await runProgram([...SHORT, "--json"], optionsOf(form));
      const report: SelftestReport = JSON.parse(stdout);
      expect(stderr).toBe("");
      expect(report).toMatchObject({ v: 1, type: "selftest", tool: { name: "llmaas", bun: Bun.version } });
      expect(report.loads.map(({ concurrency }) => concurrency)).toEqual([1, 5]);
      const { quiet, busy, held } = report.busy_main;
      for (const load of [...report.loads, quiet, busy]) {
        expect(cameThrough(load)).toBe(true);
        expect(load.streams.measured).toBe(load.concurrency);
        expect(load.tokens.paired).toBe(load.tokens_per_stream * load.concurrency);
        expect(load.error.arrival_ms?.count).toBe(load.tokens.paired);
        for (const name of ["ttft_ms", "duration_ms", "request_ms"] as const)
          expect(load.error[name]?.count).toBe(load.concurrency);
        // What was injected is what was asked: no token before its time, but for the half of a gap that is chance.
        expect(load.injected.ttft_ms?.min).toBeGreaterThanOrEqual(90);
        expect(load.clock_ahead_ms?.min).toBeLessThanOrEqual(load.clock_ahead_ms?.max ?? Infinity);
        expect(load.client.checks.map(({ name }) => name)).toEqual([...CLIENT_CHECKS]);
      }
      // Bytes as fast as they are taken keep reading behind on any machine, and its limits are passed many times over.
      expect(report.saturated).toMatchObject({ said: true, client: { healthy: false } });
      expect(report.passed).toBe(held);
      expect(code).toBe(report.passed ? 0 : 1);
    },
  );

  test.concurrent(
    "on a terminal says what it does while it runs, then the result in 80 columns, in French",
    async () => {
      const options = { terminal: true, env: { ...env, LLMAAS_LANG: "fr", NO_COLOR: "1" } };
      const { stdout } = await runProgram(["selftest", "-j", "2", "--duration", "200ms"], options);
      const [load = "", ...rest] = stdout.replaceAll("\r", "").trimEnd().split("\n");
      expect(load).toMatch(/^2 flux × 50 tokens\/s … erreur du TTFT p99 [\d,]+\u202Fm?s$/);
      const result = rest.slice(rest.findIndex((line) => /^[✓✗]/.test(line)));
      expect(result[0]).toMatch(/^[✓✗] (Erreur du TTFT, p99|Autotest en échec)\u00A0: /);
      expect(result.filter((line) => Bun.stringWidth(line) > 80)).toEqual([]);
      expect(result.join("\n")).toContain("Il le reconnaît");
    },
  );

  test.concurrent("with --quiet says the verdict alone", async () => {
    const { stdout, stderr } = await runProgram(["selftest", "-j", "1", "--duration", "200ms", "-q"], { env });
    expect(stdout).toMatch(/^[✓✗] (TTFT error, p99|Self-test failed): .*\n$/);
    expect(stderr).toBe("");
  });
});

describe.each(["from source", "compiled"] as const)("the self-test %s", (form) => {
  withProcesses("runs its server without the user's key, and Ctrl+C leaves neither with exit 130", async () => {
    const program = await startProgram(LONG, optionsOf(form));
    const server = await serverOf(program);
    expect(server.environment).toContain("PATH=");
    expect(server.environment).not.toContain(CANARIES.key);
    expect(server.command).not.toContain(CANARIES.key);
    program.signal("SIGINT");
    expect(await program.ended).toMatchObject({ code: 130, stdout: "", stderr: "" });
    expect(await gone(server.pid)).toBe(true);
  });

  withProcesses("leaves no server when it is killed", async () => {
    const program = await startProgram(LONG, optionsOf(form));
    const server = await serverOf(program);
    program.signal("SIGKILL");
    expect(await program.ended).toMatchObject({ signal: "SIGKILL" });
    expect(await gone(server.pid)).toBe(true);
  });
});

describe("the self-test on a terminal", () => {
  withProcesses("Ctrl+C of the terminal reaches it alone, and ends it at once", async () => {
    const program = await startProgram(LONG, { terminal: true, env });
    const server = await serverOf(program);
    // What a terminal does: a signal to everybody in the foreground.
    process.kill(-program.pid, "SIGINT");
    expect(server.group).not.toBe(program.pid);
    expect((await program.ended).code).toBe(130);
    expect(await gone(server.pid)).toBe(true);
  });
});

describe("the self-test refuses", () => {
  test.each([
    [["-j", "0"], "--concurrency"],
    [["-j", "1,,5"], "--concurrency"],
    [["-j", "1,20000"], "--concurrency"],
    [["--duration", "10ms"], "--duration"],
    [["--duration", "1h"], "--duration"],
    [["twice"], "twice"],
    [["--endpoint", "http://127.0.0.1:1"], "--endpoint"],
  ])("%p", async (args, named) => {
    const { code, stdout, stderr } = await runProgram(["selftest", ...args], { env });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(named);
  });
});
