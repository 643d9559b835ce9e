import { expect, test } from "bun:test";
import { API_KINDS } from "../../src/wire/apis.ts";

const ENGINE = new URL("../../src/stream/stream.ts", import.meta.url).pathname;

/** The files of `wire/` that an engine has loaded once it speaks an API. */
async function loadedFor(api: string): Promise<string[]> {
  const script = `
    const { createEngine } = await import(${JSON.stringify(ENGINE)});
    const refused = async () => new Response("{}", { status: 400 });
    const engine = createEngine({ fetch: refused, now: () => performance.now() });
    const timers = { open: 0, firstToken: 0, idle: 0, total: 0 };
    const body = { model: "m", messages: [{ role: "user", content: "Hi" }], max_tokens: 5, stream: true };
    const request = { endpoint: "http://127.0.0.1:9/v1", api: ${JSON.stringify(api)}, key: null, headers: {}, body, timers, retries: 0, maxWait: 0, trustDone: false, secrets: [], observe: false };
    await engine.start(request, () => undefined).done;
    const files = Object.keys(require.cache).filter((path) => path.includes("/src/wire/"));
    console.log(JSON.stringify(files.map((path) => path.replace(/.*\\/|\\.ts$/g, ""))));`;
  const child = Bun.spawn([process.execPath, "--no-env-file", "-e", script], { stdin: "ignore", stdout: "pipe" });
  const files: string[] = JSON.parse(await new Response(child.stdout).text());
  return files;
}

test.each([...API_KINDS])("an engine that speaks %s loads no other API", async (api) => {
  const loaded = await loadedFor(api);
  expect(API_KINDS.filter((kind) => loaded.includes(kind))).toEqual([api]);
  // Nobody asks for the whole of the answer.
  expect(loaded.filter((name) => name.startsWith("assemble"))).toEqual([]);
  // Chat is what requests are kept in: nothing is translated.
  expect(loaded.includes("translation")).toBe(api !== "chat");
});
