import { describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFinished } from "../../src/batch/finished.ts";
import { createInput } from "../../src/batch/input.ts";
import { ProviderError } from "../../src/batch/provider-http.ts";
import type { Provider, ProviderBatch } from "../../src/batch/provider.ts";
import {
  createPlacement,
  PART_LIMITS,
  planParts,
  readSubmission,
  sendableBody,
  submissionPath,
  writeSubmission,
  type PartLimits,
  type Submission,
} from "../../src/batch/submission.ts";
import { submitParts, UncertainError } from "../../src/batch/submit.ts";
import type { Failure } from "../../src/stream/event.ts";

const RESET: Failure = { kind: "reset", code: "ECONNRESET", message: "", trace: "" };
const http = (status: number, message = ""): Failure => ({
  kind: "http",
  status,
  message,
  code: null,
  html: false,
  refusedWait: null,
});

type Line = { id: string; model: string; content?: string; url?: string; stream?: boolean };

function lineOf({ id, model, content = "hello", url = "/v1/chat/completions", stream }: Line): string {
  const prompt = url === "/v1/responses" ? { input: content } : { messages: [{ role: "user", content }] };
  const body = { model, ...prompt, ...(stream === undefined ? {} : { stream }) };
  return JSON.stringify({ custom_id: id, method: "POST", url, body });
}

/** A file of requests, opened, in a folder of its own. */
function openInput(lines: readonly Line[]) {
  const path = join(mkdtempSync(join(tmpdir(), "llmaas-submit-")), "in.jsonl");
  writeFileSync(path, `${lines.map(lineOf).join("\n")}\n`);
  return createInput(path, { format: null, added: 0, addedToBody: 0 });
}

type Opened = ReturnType<typeof openInput>;

function placement(limits: Partial<PartLimits> = {}) {
  return createPlacement({ ...PART_LIMITS, ...limits }, (request) => {
    const { asked } = request;
    if (asked.kind !== "body") throw new Error("a prompt");
    return sendableBody({ ...request, asked });
  });
}

async function planned(input: Opened, limits: Partial<PartLimits> = {}): Promise<Submission> {
  const parts = await planParts(input.requests(createFinished()), placement(limits), "token");
  return {
    v: 1,
    stamp: input.stamp,
    endpoint: "http://e/v1",
    added: 0,
    model: "m",
    url: "/v1/chat/completions",
    parts,
  };
}

/** A provider that takes what is asked of it, and then may say nothing, or lose it. `lists`: whether it can be asked. */
function createFake({ lists = true, shownAfter = 0 } = {}) {
  const files: { id: string; filename: string; text: string }[] = [];
  const made: { batch: ProviderBatch; at: number }[] = [];
  const fails: { upload: (Failure | null)[]; create: (Failure | null)[] } = { upload: [], create: [] };
  let at = 0;
  const toBatch = (id: string, file: string, url: string): ProviderBatch => ({
    id,
    status: "validating",
    endpoint: url,
    input_file_id: file,
    output_file_id: null,
    error_file_id: null,
    created_at: null,
    expires_at: null,
    request_counts: null,
    errors: null,
    metadata: null,
  });
  const isLost = (failure: Failure | null | undefined): boolean => failure?.kind === "http" && failure.status < 500;
  const provider: Provider = {
    async upload({ path }) {
      const text = readFileSync(path, "utf8");
      const filename = /filename="([^"]*)"/.exec(text)?.[1] ?? "";
      const failure = fails.upload.shift();
      if (!isLost(failure)) files.push({ id: `file-${files.length}`, filename, text });
      if (failure) throw new ProviderError(failure);
      return files.at(-1)?.id ?? "";
    },
    async create({ file, url }) {
      const failure = fails.create.shift();
      const batch = toBatch(`batch-${made.length}`, file, url);
      if (!isLost(failure)) made.push({ batch, at });
      if (failure) throw new ProviderError(failure);
      return batch;
    },
    retrieve: () => Promise.reject(new Error("not asked")),
    cancel: () => Promise.reject(new Error("not asked")),
    async *batches() {
      if (!lists) throw new ProviderError(http(404));
      for (const { batch, at: since } of made) if (at >= since + shownAfter) yield batch;
    },
    async *files() {
      if (!lists) throw new ProviderError(http(404));
      yield* files;
    },
    async *lines() {
      yield "";
    },
  };
  return {
    provider,
    files,
    made,
    fails,
    now: () => at,
    sleep: async (ms: number) => void (at += ms),
  };
}

type Fake = ReturnType<typeof createFake>;

function submit(
  fake: Fake,
  input: Opened,
  state: Submission,
  options: { limits?: Partial<PartLimits>; save?: () => void; beforeSave?: () => void } = {},
) {
  return submitParts({
    input: input.path,
    state,
    save(kept) {
      options.beforeSave?.();
      writeSubmission(input.path, kept);
      options.save?.();
    },
    provider: fake.provider,
    requests: () => input.requests(createFinished()),
    placement: () => placement(options.limits),
    retries: 2,
    now: fake.now,
    sleep: fake.sleep,
    random: () => 0.5,
    on: () => undefined,
  });
}

const three: Line[] = [
  { id: "a", model: "m1" },
  { id: "b", model: "m2" },
  { id: "c", model: "m1" },
];

describe("the parts of a file", () => {
  test("hold one model and one path each, in the order of the file", async () => {
    const input = openInput([...three, { id: "d", model: "m1", url: "/v1/responses" }]);
    const { parts } = await planned(input);
    expect(parts.map(({ part, model, url, requests }) => [part, model, url, requests])).toEqual([
      [1, "m1", "/v1/chat/completions", 2],
      [2, "m2", "/v1/chat/completions", 1],
      [3, "m1", "/v1/responses", 1],
    ]);
  });

  test("hold no more requests than the provider takes", async () => {
    const input = openInput(Array.from({ length: 7 }, (_, at) => ({ id: `r${at}`, model: "m" })));
    const { parts } = await planned(input, { requests: 3 });
    expect(parts.map(({ requests, first_line: first, last_line: last }) => [requests, first, last])).toEqual([
      [3, 1, 3],
      [3, 4, 6],
      [1, 7, 7],
    ]);
  });

  test("hold no more bytes either, to the byte", async () => {
    const lines = Array.from({ length: 4 }, (_, at) => ({ id: `r${at}`, model: "m", content: "é".repeat(100) }));
    const bytes = Buffer.byteLength(lineOf(lines[0] ?? { id: "", model: "" })) + 1;
    const input = openInput(lines);
    expect((await planned(input, { bytes: 2 * bytes })).parts.map((part) => part.requests)).toEqual([2, 2]);
    expect((await planned(input, { bytes: 2 * bytes - 1 })).parts.map((part) => part.requests)).toEqual([1, 1, 1, 1]);
  });

  test("are told from those of another file, by a checksum of what is asked", async () => {
    const one = await planned(openInput(three));
    const same = await planned(openInput(three));
    const other = await planned(openInput([{ id: "a", model: "m1", content: "other" }, ...three.slice(1)]));
    expect(same.parts.map(({ checksum }) => checksum)).toEqual(one.parts.map(({ checksum }) => checksum));
    expect(other.parts[0]?.checksum).not.toBe(one.parts[0]?.checksum);
    expect(other.parts[1]?.checksum).toBe(one.parts[1]?.checksum ?? 0);
  });
});

describe("what is uploaded", () => {
  test("is the lines as they stand in the file, those of each part alone", async () => {
    const fake = createFake();
    const input = openInput(three);
    await submit(fake, input, await planned(input));
    const bodies = fake.files.map(({ text }) => text.split("\r\n\r\n").at(-1)?.split("\r\n--")[0]);
    expect(bodies).toEqual([
      `${lineOf(three[0] ?? { id: "", model: "" })}\n${lineOf(three[2] ?? { id: "", model: "" })}\n`,
      `${lineOf(three[1] ?? { id: "", model: "" })}\n`,
    ]);
  });

  test("is never a streamed request, though the file may say so for batch run", async () => {
    const fake = createFake();
    const input = openInput([{ id: "a", model: "m", stream: true }]);
    await submit(fake, input, await planned(input));
    expect(fake.files[0]?.text).toContain('"custom_id":"a"');
    expect(fake.files[0]?.text).not.toContain("stream");
  });

  test("leaves nothing beside the file but what was sent, which nobody else may read", async () => {
    const fake = createFake();
    const input = openInput(three);
    writeFileSync(`${submissionPath(input.path)}.upload`, "left by a process that was killed");
    await submit(fake, input, await planned(input));
    const folder = join(input.path, "..");
    expect(readdirSync(folder).toSorted()).toEqual(["in.jsonl", "in.jsonl.batches.json"]);
    expect(statSync(submissionPath(input.path)).mode & 0o777).toBe(0o600);
    expect(readSubmission(input.path)?.parts.map(({ batch_id: id }) => id)).toEqual(["batch-0", "batch-1"]);
  });
});

describe("a submission that is interrupted", () => {
  test("at any of its steps, and started again, makes each batch once", async () => {
    const points = Array.from({ length: 11 }, (_, at) => at + 1);
    for (const [crash, when] of points.flatMap((at) => [[at, "save"] as const, [at, "beforeSave"] as const])) {
      const fake = createFake({ shownAfter: 5000 });
      const input = openInput(three);
      const state = await planned(input);
      let saves = 0;
      const dies = (): void => {
        if (++saves === crash) throw new Error("killed");
      };
      await submit(fake, input, state, { [when]: dies }).catch(() => undefined);
      const again = readSubmission(input.path) ?? (await planned(input));
      await submit(fake, input, again);
      expect([crash, when, fake.made.map(({ batch }) => batch.input_file_id)]).toEqual([
        crash,
        when,
        ["file-0", "file-1"],
      ]);
      expect(fake.files.length).toBe(2);
    }
  });

  test("between an answer that was lost and the next step, finds what was made", async () => {
    for (const failure of [
      RESET,
      http(502),
      http(500),
      { kind: "timeout", phase: "open", after: 1, message: "" } as const,
    ]) {
      const fake = createFake({ shownAfter: 20_000 });
      fake.fails.create.push(failure);
      fake.fails.upload.push(failure);
      const input = openInput([{ id: "a", model: "m" }]);
      const state = await planned(input);
      await submit(fake, input, state);
      expect([failure.kind, fake.made.length, fake.files.length]).toEqual([failure.kind, 1, 1]);
      expect(state.parts[0]?.batch_id).toBe("batch-0");
    }
  });

  test("creates nothing again where the provider does not say what there is", async () => {
    const fake = createFake({ lists: false });
    fake.fails.create.push(RESET);
    const input = openInput([{ id: "a", model: "m" }]);
    const state = await planned(input);
    await expect(submit(fake, input, state)).rejects.toBeInstanceOf(UncertainError);
    await expect(submit(fake, input, state)).rejects.toBeInstanceOf(UncertainError);
    expect(fake.made.length).toBe(1);
  });

  test("creates it again when it was refused, and not taken", async () => {
    const fake = createFake();
    fake.fails.create.push(http(400, "billing hard limit"));
    const input = openInput([{ id: "a", model: "m" }]);
    const state = await planned(input);
    await expect(submit(fake, input, state)).rejects.toBeInstanceOf(ProviderError);
    expect(readSubmission(input.path)?.parts[0]).toMatchObject({
      file_id: "file-0",
      creating_since: null,
      batch_id: null,
    });
    await submit(fake, input, state);
    expect(fake.made.length).toBe(1);
    expect(fake.files.length).toBe(1);
  });

  test("uploads again what the provider has lost meanwhile", async () => {
    const fake = createFake();
    fake.fails.create.push(http(404, "No such file object: file-0"));
    const input = openInput([{ id: "a", model: "m" }]);
    const state = await planned(input);
    await expect(submit(fake, input, state)).rejects.toBeInstanceOf(ProviderError);
    expect(state.parts[0]?.file_id).toBeNull();
    await submit(fake, input, state);
    expect(state.parts[0]?.file_id).toBe("file-1");
  });
});
