import { expect, test } from "bun:test";
import { join } from "node:path";

const CLIENT = JSON.stringify(join(import.meta.dir, "../../src/worker/client.ts"));
const REQUEST = JSON.stringify(join(import.meta.dir, "request.ts"));
const ENTRY = JSON.stringify(join(import.meta.dir, "../../src/worker/entry.ts"));

/** What a program of its own says that opens this thread and then does this. */
async function said(thread: string, then: string): Promise<string> {
  const program = `
    import { createWorkerClient } from ${CLIENT};
    import { requestTo } from ${REQUEST};
    const client = createWorkerClient(() => new Worker(${thread}));
    ${then}`;
  const child = Bun.spawn([process.execPath, "-e", program], { stdout: "pipe", timeout: 20_000 });
  const [stdout, code] = await Promise.all([child.stdout.text(), child.exited]);
  expect(code).toBe(0);
  return stdout.trim();
}

test("a thread of which nothing is asked keeps no program", async () => {
  expect(await said(ENTRY, "console.log('done')")).toBe("done");
});

test("a thread that died before anything was asked of it ends what starts later", async () => {
  const dead = `"data:text/javascript,process.exit(3)"`;
  const later = `
    await Bun.sleep(300);
    client.start(requestTo("http://127.0.0.1:9/v1", {}), (event) => console.log(event.verdict, event.failure.kind));`;
  expect(await said(dead, later)).toBe("failed worker_died");
});
