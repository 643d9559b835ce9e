import { expect, test } from "bun:test";
import { createIdle } from "../../src/stream/idle.ts";

test("a read is waited for since the request, or since what came before was dealt with", () => {
  const idle = createIdle({ ms: 0 }, 0);
  idle.came(100);
  expect(idle.take()).toBe(100);
  idle.done(110);
  idle.came(150);
  expect(idle.take()).toBe(40);
});

test("waits add up over reads that brought no token", () => {
  const idle = createIdle({ ms: 0 }, 0);
  for (const at of [100, 200, 300]) {
    idle.came(at);
    idle.done(at + 1);
  }
  expect(idle.take()).toBe(298);
});

test("what came while the thread read other streams lay there, and was not waited for", () => {
  const workload = { ms: 0 };
  const [one, other] = [createIdle(workload, 0), createIdle(workload, 0)];
  other.came(10);
  other.done(60);
  one.came(100);
  expect(one.take()).toBe(0);
  one.done(101);
  other.came(200);
  other.done(205);
  one.came(301);
  expect(one.take()).toBe(200);
});

test("the time for which reading was held is no wait", () => {
  const idle = createIdle({ ms: 0 }, 0);
  idle.came(10);
  idle.take();
  idle.done(11);
  idle.wait(5011);
  idle.came(5021);
  expect(idle.take()).toBe(10);
});
