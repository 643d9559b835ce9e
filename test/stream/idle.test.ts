import { expect, test } from "bun:test";
import { addWork, beginWait, createIdle, endWait, takeWaited } from "../../src/stream/idle.ts";

test("a read is waited for since the request, or since what came before was dealt with", () => {
  const idle = createIdle({ ms: 0 }, 0);
  endWait(idle, 100);
  expect(takeWaited(idle)).toBe(100);
  addWork(idle, 110);
  endWait(idle, 150);
  expect(takeWaited(idle)).toBe(40);
});

test("waits add up over reads that brought no token", () => {
  const idle = createIdle({ ms: 0 }, 0);
  for (const at of [100, 200, 300]) {
    endWait(idle, at);
    addWork(idle, at + 1);
  }
  expect(takeWaited(idle)).toBe(298);
});

test("what came while the thread read other streams lay there, and was not waited for", () => {
  const workload = { ms: 0 };
  const [one, other] = [createIdle(workload, 0), createIdle(workload, 0)];
  endWait(other, 10);
  addWork(other, 60);
  endWait(one, 100);
  expect(takeWaited(one)).toBe(0);
  addWork(one, 101);
  endWait(other, 200);
  addWork(other, 205);
  endWait(one, 301);
  expect(takeWaited(one)).toBe(200);
});

test("the time for which reading was held is no wait", () => {
  const idle = createIdle({ ms: 0 }, 0);
  endWait(idle, 10);
  takeWaited(idle);
  addWork(idle, 11);
  beginWait(idle, 5011);
  endWait(idle, 5021);
  expect(takeWaited(idle)).toBe(10);
});
