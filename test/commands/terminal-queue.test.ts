import { describe, expect, test } from "bun:test";
import { createTerminalQueue } from "../../src/commands/terminal-queue.ts";

const KIB = 1024;

/** A queue before a terminal that notes what it is given, and in which turn of the event loop. */
function begin(reset = "") {
  const queue = createTerminalQueue(reset);
  const pieces: string[] = [];
  const put = (text: string): void => void pieces.push(text);
  return {
    ...queue,
    pieces,
    all: () => pieces.join(""),
    print: (text: string) => queue.write(put, text, false),
    pour: (text: string) => queue.write(put, text, true),
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("what goes to a terminal", () => {
  test("goes at once where there is little of it", () => {
    const { print, pour, pieces } = begin();
    expect(print("a")).toBeUndefined();
    expect(pour("b")).toBeUndefined();
    expect(pieces).toEqual(["a", "b"]);
  });

  test("goes a little a turn where there is much, in its order, and says when it is out", async () => {
    const { print, pour, pieces, all, settled } = begin();
    const whole = Array.from({ length: 100 * KIB }, (_, i) => i % 10).join("");
    const poured = pour(whole);
    const printed = print("end");
    expect(all().length).toBeLessThanOrEqual(64 * KIB);
    await turn();
    expect(all().length).toBeLessThanOrEqual(64 * KIB);
    await poured;
    expect(all()).toStartWith(whole);
    await printed;
    await settled();
    expect(all()).toBe(`${whole}end`);
    for (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(64 * KIB);
  });

  test("is bounded by the turn, however small the pieces it comes in", async () => {
    const { pour, pieces, all, settled } = begin();
    for (let i = 0; i < 1000; i++) void pour("x".repeat(KIB));
    expect(pieces.length).toBeLessThanOrEqual(64);
    await settled();
    expect(all().length).toBe(1000 * KIB);
  });

  test("keeps letters whole", async () => {
    for (const before of ["", "a", "ab", "abc"]) {
      const { pour, pieces, all, settled } = begin();
      const whole = before + "𝄞".repeat(50 * KIB);
      void pour(whole);
      await settled();
      expect(all() === whole).toBe(true);
      for (const piece of pieces) expect(piece.isWellFormed()).toBe(true);
    }
  });

  test("loses what waits of it once somebody waits for the end, but nothing of what is printed", async () => {
    const { pour, print, all, hurry, dropped, settled } = begin();
    const whole = "x".repeat(1000 * KIB);
    const poured = pour(whole);
    hurry();
    const late = pour(whole);
    const printed = print("figures\n");
    await Promise.all([poured, late, printed, settled()]);
    expect(all()).toEndWith("x\nfigures\n");
    expect(all().length).toBeLessThan(64 * KIB);
    expect(dropped()).toBe(2 * whole.length + "\nfigures\n".length - all().length);
  });

  test("loses nothing where there is little", async () => {
    const { pour, print, all, hurry, dropped, settled } = begin();
    void pour("one ");
    hurry();
    void pour("two\n");
    void print("figures\n");
    await settled();
    expect(all()).toBe("one two\nfigures\n");
    expect(dropped()).toBe(0);
  });

  test("keeps of one long text what a screen shows, and begins what comes next on its own line, without its colour", async () => {
    const { print, all, hurry, settled } = begin("\u001B[0m");
    hurry();
    void print(`call(${"x".repeat(8 * KIB * KIB)})\n`);
    void print("next\n");
    await settled();
    expect(all()).toEndWith("x\u001B[0m\nnext\n");
    expect(all().length).toBeLessThan(70 * KIB);
  });

  test("throws to who wrote what could not be written, and goes on", async () => {
    const { write, settled } = createTerminalQueue("");
    const written: string[] = [];
    const broken = (): void => {
      throw new Error("gone");
    };
    expect(() => write(broken, "a", true)).toThrow("gone");
    const failing = write(broken, "x".repeat(100 * KIB), true);
    const going = write((text) => void written.push(text), "b", false);
    expect(failing).rejects.toThrow("gone");
    await going;
    await settled();
    expect(written).toEqual(["b"]);
  });
});
