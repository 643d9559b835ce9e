import { expect, test } from "bun:test";
import { FAULTS } from "../../src/simulator/server.ts";
import { parseResponse } from "./raw-client.ts";
import { provoke, startSpoken } from "./spoken.ts";

test("headers-only: the headers of a stream come, then nothing", async () => {
  const simulator = startSpoken();
  const seen = await provoke(simulator, { fault: "headers-only" }, (bytes) => bytes.includes("\r\n\r\n"));
  const { status, headers, body } = parseResponse(seen.bytes);
  expect(seen.end).toBe("open");
  expect([status, headers["content-type"], body.length]).toEqual([
    "HTTP/1.1 200 OK",
    "text/event-stream; charset=utf-8",
    0,
  ]);
  await simulator.stop();
});

test("invalid-http: the answer is no HTTP, and the connection ends", async () => {
  const simulator = startSpoken();
  const seen = await provoke(simulator, { fault: "invalid-http" });
  expect(seen).toMatchObject({ bytes: Buffer.from("SIMULATOR SAYS HELLO\r\n\r\n"), end: "fin" });
  await simulator.stop();
});

test("huge-headers: one header is as large as asked", async () => {
  const simulator = startSpoken();
  const plain = parseResponse((await provoke(simulator, { fault: "huge-headers" })).bytes);
  expect(plain.headers["x-huge"]).toHaveLength(1024 * 1024);
  const chosen = parseResponse((await provoke(simulator, { fault: "huge-headers", bytes: 5 })).bytes);
  expect(chosen.headers["x-huge"]).toBe("xxxxx");
  await simulator.stop();
});

test("every fault has a test that asks for it, and a description", async () => {
  const files = [...new Bun.Glob("*.test.ts").scanSync(import.meta.dir)];
  const tests = (await Promise.all(files.map((file) => Bun.file(`${import.meta.dir}/${file}`).text()))).join("");
  const missing = FAULTS.filter(({ name }) => !tests.includes(`("${name}: `) && !new RegExp(`\\(\\s*"${name}",`).test(tests));
  expect(missing).toEqual([]);
  expect(FAULTS.filter(({ description }) => description === "")).toEqual([]);
});
