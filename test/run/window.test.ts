import { describe, expect, test } from "bun:test";
import { createWindow, type WindowOptions } from "../../src/run/window.ts";

/** What becomes of starts that are due then, each taken unless the window is closed. */
function parts(options: WindowOptions, dues: readonly number[]) {
  const window = createWindow(options);
  const found = dues.map((due) => {
    const part = window.at(due);
    if (part !== "closed") window.started(due);
    return part;
  });
  return { found, opens: window.opens(), closes: window.closes() };
}

describe("a window", () => {
  test("without a plan measures everything and never closes", () => {
    const { found, closes } = parts({ warmup: null, requests: null, duration: null }, [0, 1, 1e9]);
    expect(found).toEqual(["measured", "measured", "measured"]);
    expect(closes).toBeNull();
  });

  test("of so many requests closes after them", () => {
    const { found, opens } = parts({ warmup: null, requests: 2, duration: null }, [5, 6, 7]);
    expect(found).toEqual(["measured", "measured", "closed"]);
    expect(opens).toBe(5);
  });

  test("of a duration closes for what is due at its end, and not before", () => {
    const { found, closes } = parts({ warmup: null, requests: null, duration: 100 }, [5, 104.9, 105]);
    expect(found).toEqual(["measured", "measured", "closed"]);
    expect(closes).toBe(105);
  });

  test("begins after so many warm-up streams, with the first that is measured", () => {
    const { found, opens, closes } = parts({ warmup: { streams: 2 }, requests: null, duration: 50 }, [1, 2, 9, 58, 59]);
    expect(found).toEqual(["warmup", "warmup", "measured", "measured", "closed"]);
    expect([opens, closes]).toEqual([9, 59]);
  });

  test("begins after a warm-up time on its own, whether or not a stream is due then", () => {
    const { found, opens } = parts({ warmup: { length: 10 }, requests: 1, duration: null }, [100, 109.9, 117, 118]);
    expect(found).toEqual(["warmup", "warmup", "measured", "closed"]);
    expect(opens).toBe(110);
  });

  test("is opened by a start that was due and found no place, and counts no warm-up stream for it", () => {
    const window = createWindow({ warmup: { streams: 1 }, requests: null, duration: 100 });
    window.missed(0);
    expect(window.opens()).toBeNull();
    window.started(5);
    window.missed(10);
    window.started(80);
    expect([window.opens(), window.closes()]).toEqual([10, 110]);
  });

  test("of an arrival rate opens when that begins to count, not with the first who comes", () => {
    const window = createWindow({ warmup: null, requests: null, duration: 100 });
    window.begin(1000);
    window.started(1040);
    expect([window.opens(), window.at(1099), window.at(1100)]).toEqual([1000, "measured", "closed"]);
    const warmed = createWindow({ warmup: { length: 50 }, requests: null, duration: 100 });
    warmed.begin(1000);
    expect([warmed.at(1049), warmed.at(1050), warmed.opens()]).toEqual(["warmup", "measured", 1050]);
  });

  test("of both a number and a time is closed by what comes first", () => {
    expect(parts({ warmup: null, requests: 2, duration: 100 }, [0, 1, 2]).found.at(-1)).toBe("closed");
    expect(parts({ warmup: null, requests: 9, duration: 100 }, [0, 1, 100]).found.at(-1)).toBe("closed");
  });
});
