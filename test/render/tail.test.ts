import { expect, test } from "bun:test";
import { createTail } from "../../src/render/live/pane.ts";
import { createRateRing } from "../../src/render/live/rate-ring.ts";
import { sparkline } from "../../src/text/bars.ts";
import { createRandom } from "./random.ts";

test("a text that came in pieces is wrapped as the whole is", () => {
  const random = createRandom(4);
  for (const columns of [1, 5, 23]) {
    const grown = createTail(4096);
    const whole = createTail(4096);
    let text = "";
    for (let piece = 0; piece < 200; piece++) {
      const next = ["a ", "word ", "\n", "漢字", "e\u0301", "\r", "\n", "\tb", "❤️"][Math.floor(random() * 9)] ?? "";
      text += next;
      grown.push(next);
      grown.lines(columns, 30);
    }
    whole.push(text);
    expect(grown.lines(columns, 30).slice(-20)).toEqual(whole.lines(columns, 30).slice(-20));
  }
});

test("a text fills the screen after each resize as far as it is kept", () => {
  const tail = createTail(8192);
  tail.push("word ".repeat(1600));
  expect(tail.lines(40, 10)).toHaveLength(10);
  expect(tail.lines(40, 60)).toHaveLength(60);
  expect(tail.lines(100, 60)).toHaveLength(60);
  expect(tail.lines(100, 0)).toEqual([]);
});

test("a text without end is kept at its end alone", () => {
  const tail = createTail(100);
  for (let line = 0; line < 10_000; line++) tail.push(`line ${line}\n`);
  expect(tail.lines(20, 50).length).toBeLessThan(40);
  expect(tail.lines(20, 2)).toEqual(["line 9999", ""]);
  expect(tail.words(14)).toBe("…998 line 9999");
});

test("token events are counted in slices of time, the running one left out", () => {
  const rates = createRateRing(100, 6);
  rates.add(1000, 2);
  rates.add(1099, 1);
  rates.add(1250, 5);
  expect(rates.last(5, 1300)).toEqual([0, 0, 3, 0, 5]);
  expect(rates.last(2, 1299)).toEqual([3, 0]);
  expect(rates.last(5, 9000)).toEqual([0, 0, 0, 0, 0]);
  rates.add(9000, 1);
  expect(rates.last(5, 9100)).toEqual([0, 0, 0, 0, 1]);
});

test("a sparkline tells nothing from little", () => {
  expect(sparkline([0, 1, 4, 8], 8)).toBe(" ▁▄█");
});
