import { LLMock } from "@copilotkit/aimock";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BatchOutcome } from "../../src/simulator/batch-outcomes.ts";
import { startSimulator } from "../../src/simulator/server.ts";
import { CANARIES } from "./canaries.ts";
import { runProgram, startProgram, type Outcome } from "./program.ts";

const KEY = CANARIES.key;

const IDS = Array.from({ length: 9 }, (_, at) => `r${at}`);
const lineOf = (id: string, model = "granite3.3:2b"): string =>
  JSON.stringify({
    custom_id: id,
    method: "POST",
    url: "/v1/chat/completions",
    body: { model, messages: [{ role: "user", content: `say ${id}` }] },
  });
const INPUT = `${IDS.map((id) => lineOf(id)).join("\n")}\n`;

/** A folder with a file of requests. */
function folder(input = INPUT): string {
  const cwd = mkdtempSync(join(tmpdir(), "llmaas-provider-"));
  writeFileSync(join(cwd, "in.jsonl"), input);
  return cwd;
}

type At = { url: string; cwd: string; env?: Record<string, string> };

const batch = ({ url, cwd, env = {} }: At, ...args: string[]): Promise<Outcome> =>
  runProgram(["batch", ...args, "-e", url], { cwd, env: { LLMAAS_API_KEY: KEY, ...env } });

type Line = { custom_id: string; llmaas: { verdict: string; request: string }; response: object | null };

const linesIn = (cwd: string, name = "out.jsonl"): Line[] =>
  readFileSync(join(cwd, name), "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line): Line => JSON.parse(line));

/** Every id stands there once, and is answered. */
function expectAll(cwd: string, ids: readonly string[] = IDS): void {
  const lines = linesIn(cwd);
  expect(lines.map(({ custom_id: id }) => id).toSorted()).toEqual(ids.toSorted());
  expect(lines.filter(({ response }) => response === null)).toEqual([]);
}

function start(outcome: BatchOutcome, ms = 1) {
  const simulator = startSimulator({ apiKey: KEY, control: { rate: 0, ttft_ms: 0 }, batch: { outcome, ms } });
  return { simulator, url: simulator.url, [Symbol.asyncDispose]: () => simulator.stop() };
}

/** Requests of one kind that came. */
const times = ({ simulator }: ReturnType<typeof start>, method: string, path: string): number =>
  simulator.requests().filter((seen) => seen.method === method && seen.path === path).length;

describe("a file that is given to the provider", () => {
  test("is submitted, followed, fetched, and done for batch run", async () => {
    await using server = start("completed");
    const at = { url: server.url, cwd: folder() };
    const submitted = await batch(at, "submit", "in.jsonl");
    expect([submitted.code, submitted.stderr]).toEqual([0, expect.stringContaining("9 requests, in one batch.")]);
    const id = submitted.stdout.trim();
    expect(id).toMatch(/^batch_sim_\d+$/);
    expect(JSON.parse(submitted.files["in.jsonl.batches.json"] ?? "")).toMatchObject({
      endpoint: server.url,
      parts: [{ requests: 9, batch_id: id, file_id: expect.stringMatching(/^file-/) }],
    });
    expect(statSync(join(at.cwd, "in.jsonl.batches.json")).mode & 0o777).toBe(0o600);
    const status = await batch(at, "status", id, "--wait");
    expect([status.code, status.stdout]).toEqual([0, expect.stringContaining("9/9 done")]);
    const fetched = await batch(at, "fetch", id, "--out", "out.jsonl");
    expect([fetched.code, fetched.stderr]).toEqual([0, expect.stringContaining("9 requests answered")]);
    expectAll(at.cwd);
    const asked = times(server, "POST", "/v1/chat/completions");
    const run = await batch(at, "run", "in.jsonl", "--out", "out.jsonl");
    expect([run.code, times(server, "POST", "/v1/chat/completions") - asked]).toEqual([0, 0]);
    expectAll(at.cwd);
  });

  test("is not submitted twice, fetched twice, or written twice", async () => {
    await using server = start("completed");
    const at = { url: server.url, cwd: folder() };
    const first = await batch(at, "submit", "in.jsonl");
    const second = await batch(at, "submit", "in.jsonl");
    expect([second.code, second.stdout]).toEqual([0, first.stdout]);
    expect(second.stderr).toContain("--again");
    expect(times(server, "POST", "/v1/batches")).toBe(1);
    await batch(at, "fetch", "in.jsonl", "--out", "out.jsonl", "--wait");
    const again = await batch(at, "fetch", "in.jsonl", "--out", "out.jsonl");
    expect(again.code).toBe(0);
    expectAll(at.cwd);
    const anew = await batch(at, "submit", "in.jsonl", "--again");
    expect(anew.stdout).not.toBe(first.stdout);
    expect(Object.keys(anew.files)).toContain("in.jsonl.1.batches.json");
  });

  test("is cut into batches of one model each, and those into parts", async () => {
    await using server = start("completed");
    const models = ["granite3.3:2b", "gemma3:4b"];
    const at = { url: server.url, cwd: folder(IDS.map((id, n) => lineOf(id, models[n % 2])).join("\n")) };
    const planned = await batch(at, "submit", "in.jsonl", "--part-requests", "3", "--dry-run");
    expect([planned.code, planned.stdout]).toEqual([0, ""]);
    expect(planned.stderr).toContain("9 requests, in 4 batches");
    expect(server.simulator.requests()).toEqual([]);
    const { stdout } = await batch(at, "submit", "in.jsonl", "--part-requests", "3");
    expect(stdout.trim().split("\n").length).toBe(4);
    const fetched = await batch(at, "fetch", "in.jsonl", "--out", "out.jsonl", "--wait");
    expect(fetched.code).toBe(0);
    expectAll(at.cwd);
  });

  test("may hold prompts, which get a body from the settings and count as done for batch run", async () => {
    await using server = start("completed");
    const cwd = folder('{"prompt":"one"}\n{"custom_id":"two","prompt":"two","model":"gemma3:4b"}\n');
    const at = { url: server.url, cwd };
    const asking = ["-m", "qwen3:8b", "--max-tokens", "20", "--system", "Be brief."];
    await batch(at, "submit", "in.jsonl", ...asking);
    const uploaded = server.simulator.requests().filter(({ path }) => path === "/v1/files");
    expect(uploaded.map(({ body }) => body).join("")).toContain('"max_tokens":20');
    expect(uploaded.map(({ body }) => body).join("")).not.toContain('"stream"');
    const fetched = await batch(at, "fetch", "in.jsonl", "--out", "out.jsonl", "--wait");
    expect([fetched.code, fetched.stderr]).toEqual([0, expect.stringContaining("2 requests answered")]);
    const before = times(server, "POST", "/v1/chat/completions");
    const run = await batch(at, "run", "in.jsonl", "--out", "out.jsonl", ...asking);
    expect([run.code, run.stderr, times(server, "POST", "/v1/chat/completions")]).toEqual([
      0,
      expect.anything(),
      before,
    ]);
    expectAll(cwd, ["line-1", "two"]);
  });

  test("with a line that cannot be sent, is refused with its number, and nothing was sent", async () => {
    await using server = start("completed");
    const at = { url: server.url, cwd: folder(`${lineOf("a")}\nno json\n${lineOf("a")}\n`) };
    const refused = await batch(at, "submit", "in.jsonl");
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/line 2.*\n.*line 3/)]);
    expect(server.simulator.requests()).toEqual([]);
    const skipped = await batch(at, "submit", "in.jsonl", "--skip-invalid");
    expect([skipped.code, skipped.stderr]).toEqual([0, expect.stringContaining("1 request, in one batch.")]);
    expect(skipped.files["in.jsonl.invalid.jsonl"]?.trim().split("\n").length).toBe(2);
  });

  test("that was changed since is refused, and what was submitted can still be fetched", async () => {
    await using server = start("completed");
    const at = { url: server.url, cwd: folder() };
    await batch(at, "submit", "in.jsonl");
    writeFileSync(join(at.cwd, "in.jsonl"), INPUT.replace("say r3", "sing r3"));
    const refused = await batch(at, "submit", "in.jsonl");
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("--again")]);
    const fetched = await batch(at, "fetch", "in.jsonl", "--out", "out.jsonl", "--wait");
    expect([fetched.code, fetched.stderr]).toEqual([0, expect.stringContaining("the provider's copy")]);
    // Eight are what they were; the ninth is another request by now, and is not taken for done.
    const run = await batch(at, "run", "in.jsonl", "--out", "out.jsonl");
    expect([run.code, run.stderr]).toEqual([2, expect.stringContaining("line 4")]);
    const rerun = await batch(at, "run", "in.jsonl", "--out", "out.jsonl", "--changed", "rerun");
    expect(rerun.code).toBe(0);
    expectAll(at.cwd);
  });

  test("can be fetched by its id on a machine that knows nothing of it, and is done for batch run there", async () => {
    await using server = start("missing");
    const id = (await batch({ url: server.url, cwd: folder() }, "submit", "in.jsonl")).stdout.trim();
    const there = { url: server.url, cwd: folder() };
    const fetched = await batch(there, "fetch", id, "--out", "out.jsonl", "--wait");
    expect([fetched.code, fetched.stderr]).toEqual([3, expect.stringContaining("Missing: r2, r5, r8")]);
    const before = times(server, "POST", "/v1/chat/completions");
    const run = await batch(there, "run", "in.jsonl", "--out", "out.jsonl");
    expect([run.code, times(server, "POST", "/v1/chat/completions") - before]).toEqual([0, 3]);
    expectAll(there.cwd);
  });

  test("that was only touched or copied is the same file", async () => {
    await using server = start("completed");
    const at = { url: server.url, cwd: folder() };
    const { stdout } = await batch(at, "submit", "in.jsonl");
    writeFileSync(join(at.cwd, "in.jsonl"), INPUT);
    const again = await batch(at, "submit", "in.jsonl");
    expect([again.code, again.stdout, times(server, "POST", "/v1/batches")]).toEqual([0, stdout, 1]);
    expect((await batch(at, "fetch", "in.jsonl", "--out", "out.jsonl", "--wait")).stderr).not.toContain("copy");
  });

  test("goes to one place: its batches are asked for nowhere else", async () => {
    await using server = start("completed");
    await using other = start("completed");
    const at = { url: server.url, cwd: folder() };
    await batch(at, "submit", "in.jsonl");
    for (const args of [
      ["status", "in.jsonl"],
      ["fetch", "in.jsonl", "--out", "o"],
      ["cancel", "in.jsonl"],
      ["submit", "in.jsonl"],
    ]) {
      const refused = await batch({ ...at, url: other.url }, ...args);
      expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining(server.url)]);
    }
    expect(other.simulator.requests()).toEqual([]);
  });
});

describe("a batch that does not end well", () => {
  const OUTCOMES: readonly [outcome: BatchOutcome, code: number, said: string][] = [
    ["failed", 1, "9 missing"],
    ["expired", 3, "5 requests answered, 4 without an answer, to be asked again"],
    ["partial", 3, "5 requests answered, 2 failed, 2 without an answer"],
    ["status-zero", 3, "3 × status_0"],
    ["missing", 3, "Missing: r2, r5, r8"],
    ["garbage", 0, "9 requests answered"],
    ["cut-download-whole", 0, "9 requests answered"],
    ["not-yet", 0, "9 requests answered"],
  ];
  for (const [outcome, code, said] of OUTCOMES)
    test(`${outcome}: is told as what it is, and batch run goes on with the rest`, async () => {
      await using server = start(outcome);
      const at = { url: server.url, cwd: folder() };
      await batch(at, "submit", "in.jsonl");
      const fetched = await batch(at, "fetch", "in.jsonl", "--out", "out.jsonl", "--wait");
      expect([fetched.code, fetched.stderr]).toEqual([code, expect.stringContaining(said)]);
      const open = linesIn(at.cwd).length < IDS.length;
      if (open) expect(fetched.stderr).toContain("batch run in.jsonl -o out.jsonl");
      const named = open ? linesIn(at.cwd, "out.jsonl.missing.jsonl").map(({ custom_id: id }) => id) : [];
      expect(new Set([...named, ...linesIn(at.cwd).map(({ custom_id: id }) => id)])).toEqual(new Set(IDS));
      const run = await batch(at, "run", "in.jsonl", "--out", "out.jsonl", "--retry-failed");
      expect(run.code).toBe(0);
      expectAll(at.cwd);
    });

  test("cancelled: what was answered by then is fetched", async () => {
    await using server = start("stuck", 400);
    const at = { url: server.url, cwd: folder() };
    await batch(at, "submit", "in.jsonl");
    const early = await batch(at, "fetch", "in.jsonl", "--out", "out.jsonl");
    expect([early.code, early.stderr]).toEqual([3, expect.stringContaining("nothing of it was fetched")]);
    const cancelled = await batch(at, "cancel", "in.jsonl");
    expect([cancelled.code, cancelled.stderr]).toEqual([0, expect.stringContaining("is being cancelled")]);
    const fetched = await batch(at, "fetch", "in.jsonl", "--out", "out.jsonl", "--wait");
    expect([fetched.code, fetched.stderr]).toEqual([3, expect.stringContaining("5 requests answered, 4 missing")]);
    const late = await batch(at, "cancel", "in.jsonl");
    expect(late.stderr).toContain("can no longer be cancelled");
  });

  test("an answer takes the place of what failed here before", async () => {
    await using server = start("completed");
    const at = { url: server.url, cwd: folder() };
    await batch(at, "submit", "in.jsonl");
    await batch(at, "fetch", "in.jsonl", "--out", "right.jsonl", "--wait");
    const failed = linesIn(at.cwd, "right.jsonl").map(({ custom_id: id, llmaas: { request } }) =>
      JSON.stringify({ custom_id: id, llmaas: { request, verdict: "failed" }, response: null, error: { code: "500" } }),
    );
    writeFileSync(join(at.cwd, "out.jsonl"), `${failed.slice(3).join("\n")}\n`);
    const fetched = await batch(at, "fetch", "in.jsonl", "--out", "out.jsonl");
    expect(fetched.code).toBe(0);
    expectAll(at.cwd);
  });
});

describe("an interruption", () => {
  test("after an upload or a creation whose answer was lost makes no second batch", async () => {
    for (const outcome of ["lost-upload", "lost-create"] as const) {
      await using server = start(outcome);
      const at = { url: server.url, cwd: folder() };
      const submitted = await batch(at, "submit", "in.jsonl");
      expect([outcome, submitted.code]).toEqual([outcome, 0]);
      expect([outcome, times(server, "POST", "/v1/files"), times(server, "POST", "/v1/batches")]).toEqual([
        outcome,
        1,
        1,
      ]);
    }
  });

  test("where the provider does not list its batches is said, and nothing is created again", async () => {
    await using server = start("no-list");
    const at = { url: server.url, cwd: folder() };
    for (let time = 0; time < 2; time++) {
      const submitted = await batch(at, "submit", "in.jsonl");
      expect([submitted.code, submitted.stderr]).toEqual([1, expect.stringContaining("creating_since")]);
    }
    expect(times(server, "POST", "/v1/batches")).toBe(1);
  });

  test("by SIGKILL while the batch is created is gone on with", async () => {
    let held: (() => void) | null = null;
    const created: string[] = [];
    const files = new Map<string, string>();
    const server = Bun.serve({
      port: 0,
      async fetch(request) {
        const { pathname } = new URL(request.url);
        if (pathname === "/v1/files" && request.method === "POST") {
          const name = /filename="([^"]*)"/.exec(await request.text())?.[1] ?? "";
          files.set(`file-${files.size}`, name);
          return Response.json({ id: `file-${files.size - 1}` });
        }
        if (pathname === "/v1/files")
          return Response.json({ data: [...files].map(([id, filename]) => ({ id, filename })), has_more: false });
        if (request.method === "POST") {
          const { input_file_id: file }: { input_file_id: string } = JSON.parse(await request.text());
          created.push(file);
          held?.();
          await new Promise(() => undefined);
        }
        const data = created.map((file, at) => ({ id: `batch-${at}`, status: "validating", input_file_id: file }));
        return Response.json({ data, has_more: false });
      },
    });
    const at = { url: `http://127.0.0.1:${server.port}/v1`, cwd: folder() };
    const isHeld = new Promise<void>((resolve) => (held = resolve));
    const first = await startProgram(["batch", "submit", "in.jsonl", "-e", at.url], {
      cwd: at.cwd,
      env: { LLMAAS_API_KEY: KEY },
    });
    await isHeld;
    first.signal("SIGKILL");
    await first.ended;
    const second = await batch(at, "submit", "in.jsonl");
    await server.stop(true);
    expect([second.code, second.stdout.trim(), created.length, files.size]).toEqual([0, "batch-0", 1, 1]);
  });

  test("by Ctrl+C while it waits says how to go on", async () => {
    await using server = start("stuck", 60_000);
    const at = { url: server.url, cwd: folder() };
    await batch(at, "submit", "in.jsonl");
    const waiting = await startProgram(["batch", "status", "in.jsonl", "--wait", "--json", "-e", at.url], {
      cwd: at.cwd,
      env: { LLMAAS_API_KEY: KEY },
    });
    await waiting.until('"type":"batch"');
    waiting.signal("SIGINT");
    const { code, stderr } = await waiting.ended;
    expect([code, stderr]).toEqual([130, expect.stringMatching(/goes on by itself.*batch status in\.jsonl --wait/)]);
  });

  test("two submissions of one file at once: the second is refused, and names the first", async () => {
    await using server = start("lost-create");
    let release = (): void => undefined;
    const slow = Bun.serve({
      port: 0,
      async fetch(request) {
        if (request.method === "POST") await new Promise<void>((resolve) => (release = resolve));
        const path = new URL(request.url);
        return fetch(`${server.url.replace(/\/v1$/, "")}${path.pathname}${path.search}`, request);
      },
    });
    const at = { url: `http://127.0.0.1:${slow.port}/v1`, cwd: folder() };
    const first = await startProgram(["batch", "submit", "in.jsonl", "-e", at.url], {
      cwd: at.cwd,
      env: { LLMAAS_API_KEY: KEY },
    });
    await first.until("in one batch");
    const second = await batch(at, "submit", "in.jsonl");
    expect([second.code, second.stderr]).toEqual([2, expect.stringContaining(String(first.pid))]);
    first.signal("SIGKILL");
    release();
    await first.ended;
    await slow.stop(true);
  });
});

/** A server that takes files and batches, unless `refuse` has an answer of its own. */
function provider(refuse: (path: string, body: string, nth: number) => Response | null) {
  const created: object[] = [];
  let asked = 0;
  const server = Bun.serve({
    port: 0,
    async fetch(request) {
      const { pathname } = new URL(request.url);
      const body = await request.text();
      const refused = request.method === "POST" ? refuse(pathname, body, asked++) : null;
      if (refused !== null) return refused;
      const id = /batches\/(.+)/.exec(pathname)?.[1];
      if (id !== undefined) return Response.json({ id, status: "in_progress" });
      if (request.method === "GET") return Response.json({ data: [], has_more: false });
      if (pathname === "/v1/files") return Response.json({ id: `file-${asked}` });
      created.push(JSON.parse(body));
      return Response.json({ id: `batch-${created.length}`, status: "validating" });
    },
  });
  return { url: `http://127.0.0.1:${server.port}/v1`, created, [Symbol.asyncDispose]: () => server.stop(true) };
}

describe("a provider of another kind", () => {
  test("that has no Batch API is told from one that has, and batch run is named", async () => {
    for (const status of [404, 405, 501]) {
      await using server = provider(() => new Response("<html>no</html>", { status }));
      const at = { url: server.url, cwd: folder() };
      const submitted = await batch(at, "submit", "in.jsonl", "--retries", "0");
      expect([status, submitted.code, submitted.stderr]).toEqual([
        status,
        1,
        expect.stringMatching(/has no Batch API.*batch run in\.jsonl --out results\.jsonl/),
      ]);
    }
  });

  test("that refuses metadata gets none, and the batch is made once", async () => {
    const error = { message: "Extra inputs are not permitted: metadata", type: "invalid_request_error" };
    await using server = provider((path, body) =>
      path === "/v1/batches" && body.includes("metadata") ? Response.json({ error }, { status: 400 }) : null,
    );
    const submitted = await batch({ url: server.url, cwd: folder() }, "submit", "in.jsonl");
    expect([submitted.code, submitted.stdout]).toEqual([0, "batch-1\n"]);
    expect(server.created).toEqual([
      { input_file_id: expect.any(String), endpoint: "/v1/chat/completions", completion_window: "24h" },
    ]);
  });

  test("that stops taking batches in the middle leaves those that are there, and the rest is named", async () => {
    const error = { message: "You have reached your enqueued token limit.", type: "invalid_request_error" };
    let full = true;
    await using server = provider((path, body) =>
      path === "/v1/batches" && full && body.includes("2/3") ? Response.json({ error }, { status: 400 }) : null,
    );
    const at = { url: server.url, cwd: folder() };
    const submitted = await batch(at, "submit", "in.jsonl", "--part-requests", "3");
    expect([submitted.code, submitted.stderr]).toEqual([1, expect.stringContaining("enqueued token limit")]);
    const status = await batch(at, "status", "in.jsonl", "--json");
    expect(status.stderr).toContain("2 of 3 batches of this file are not submitted yet");
    full = false;
    const again = await batch(at, "submit", "in.jsonl", "--part-requests", "3");
    expect([again.code, again.stdout.trim().split("\n").length, server.created.length]).toEqual([0, 3, 3]);
  });

  test("that answers something else is told so", async () => {
    await using server = provider(() => Response.json({ hello: "world" }));
    const submitted = await batch({ url: server.url, cwd: folder() }, "submit", "in.jsonl", "--retries", "0");
    expect([submitted.code, submitted.stderr]).toEqual([
      1,
      expect.stringContaining('neither a batch nor a file: "{"hello"'),
    ]);
  });

  test("whose words hold escape sequences moves no cursor", async () => {
    const error = { message: "\u001b[2J\u001b]0;owned\u0007 no", type: "x" };
    await using server = provider(() => Response.json({ error }, { status: 400 }));
    const submitted = await batch({ url: server.url, cwd: folder() }, "submit", "in.jsonl");
    expect(submitted.code).toBe(1);
    expect(submitted.stderr).not.toContain("\u001b");
  });

  test("that quotes the key is not quoted", async () => {
    await using server = provider(() =>
      Response.json({ error: { message: `bad ${KEY}`, type: "x" } }, { status: 400 }),
    );
    const submitted = await batch({ url: server.url, cwd: folder() }, "submit", "in.jsonl");
    expect(submitted.stderr).toContain("bad •••");
  });
});

describe("what is said", () => {
  test("is in French too", async () => {
    await using server = start("expired");
    const at = { url: server.url, cwd: folder(), env: { LLMAAS_LANG: "fr" } };
    const submitted = await batch(at, "submit", "in.jsonl");
    expect(submitted.stderr).toContain("9 requêtes, en un seul lot.");
    const fetched = await batch(at, "fetch", "in.jsonl", "--out", "out.jsonl", "--wait");
    expect(fetched.stderr).toContain("5 réponses obtenues, 4 sans réponse mais à relancer.");
    expect((await batch(at, "status", "in.jsonl")).stdout).toContain("expiré");
  });

  test("is JSON for programs: each batch, and what was found in it", async () => {
    await using server = start("expired");
    const at = { url: server.url, cwd: folder() };
    const submitted = await batch(at, "submit", "in.jsonl", "--json");
    const { id } = JSON.parse(submitted.stdout);
    expect(JSON.parse(submitted.stdout)).toMatchObject({ v: 1, type: "submitted", part: 1, requests: 9 });
    const fetched = await batch(at, "fetch", id, "--out", "out.jsonl", "--wait", "--json");
    const last = JSON.parse(fetched.stdout.trim().split("\n").at(-1) ?? "");
    expect(last).toMatchObject({ type: "fetched", id, status: "expired", answered: 5, failed: 0, open: 4 });
    const listed = await batch(at, "list", "--json");
    expect(JSON.parse(listed.stdout)).toMatchObject({ type: "batch", id, status: "expired" });
  });

  test("of what is wrong says what to do", async () => {
    await using server = start("completed");
    const at = { url: server.url, cwd: folder() };
    const cases: readonly [args: string[], code: number, said: string][] = [
      [["status"], 2, "the id of a batch"],
      [["status", "in.jsonl"], 2, "batch submit in.jsonl"],
      [["fetch", "in.jsonl"], 2, "--out"],
      [["submit", "nope.jsonl"], 2, "nope.jsonl"],
      [["submit", "in.jsonl", "more"], 2, "more"],
      [["submit", "-"], 2, "not a pipe"],
      [["submit", "/proc/version"], 2, "/proc/version.batches.json"],
      [["status", "batch_nobody"], 1, "has no batch batch_nobody"],
      [["status", "nope.jsonl"], 2, "There is no file nope.jsonl."],
      [["submit", "in.jsonl", "--part-requests", "0"], 2, "--part-requests"],
      [["submit", "in.jsonl", "-m", "a,b"], 2, "gemma3:4b"],
    ];
    for (const [args, code, said] of cases) {
      const outcome = await batch(at, ...args);
      expect([args.join(" "), outcome.code, outcome.stderr]).toEqual([
        args.join(" "),
        code,
        expect.stringContaining(said),
      ]);
    }
    const wrong = await batch({ ...at, env: { LLMAAS_API_KEY: "sk-wrong-0123456789" } }, "submit", "in.jsonl");
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining("LLMAAS_API_KEY")]);
  });
});

describe("a server that none of us wrote: aimock's Files and Batches", () => {
  const mock = new LLMock({ port: 0 });
  beforeAll(() => mock.start());
  afterAll(() => mock.stop());
  const at = (cwd: string): At => ({ url: `${mock.url}/v1`, cwd });
  const outcome = (name: string): string[] => ["--header", `x-aimock-batch-outcome: ${name}`];

  test("completed: submit, status, list, fetch, run", async () => {
    const cwd = folder();
    const submitted = await batch(at(cwd), "submit", "in.jsonl");
    expect(submitted.code).toBe(0);
    const id = submitted.stdout.trim();
    expect((await batch(at(cwd), "list")).stdout).toContain(id);
    const fetched = await batch(at(cwd), "fetch", id, "--out", "out.jsonl", "--wait");
    expect([fetched.code, fetched.stderr]).toEqual([0, expect.stringContaining("9 requests answered")]);
    expectAll(cwd);
    const run = await batch(at(cwd), "run", "in.jsonl", "--out", "out.jsonl");
    expect([run.code, run.stderr]).toEqual([0, expect.stringContaining("0 to ask")]);
  });

  test("failed: every request has its reason; expired: each is named; cancelled: as well", async () => {
    for (const [name, code, said] of [
      ["failed", 1, "9 × mock_failure"],
      ["expired", 1, "9 missing"],
      ["cancelled", 1, "9 missing"],
    ] as const) {
      const cwd = folder();
      await batch(at(cwd), "submit", "in.jsonl", ...outcome(name));
      const fetched = await batch(at(cwd), "fetch", "in.jsonl", "--out", "out.jsonl", "--wait");
      expect([name, fetched.code, fetched.stderr]).toEqual([name, code, expect.stringContaining(said)]);
    }
  });

  test("cancel: it is asked for, and told", async () => {
    const cwd = folder();
    await batch(at(cwd), "submit", "in.jsonl");
    const cancelled = await batch(at(cwd), "cancel", "in.jsonl");
    expect([cancelled.code, cancelled.stderr]).toEqual([0, expect.stringContaining("is being cancelled")]);
  });
});
