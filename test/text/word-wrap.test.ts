import { describe, expect, test } from "bun:test";
import { createWordWrap } from "../../src/text/wrap.ts";
import { createEmulator } from "../render/emulator.ts";
import { createRandom } from "../render/random.ts";

/** What a terminal shows of these pieces, line by line. */
async function shown(pieces: readonly string[], columns: number): Promise<string[]> {
  const terminal = createEmulator({ columns, rows: 200 });
  const { push } = createWordWrap(() => columns);
  // The line discipline makes both of a newline.
  await terminal.write(pieces.map(push).join("").replaceAll("\n", "\r\n"));
  const lines = terminal.text().map((line) => line.trimEnd());
  return lines.slice(0, lines.findLastIndex((line) => line !== "") + 1);
}

describe("a text that grows on a terminal", () => {
  test("is wrapped by words, wherever its pieces are cut", async () => {
    const text = "One long paragraph wraps by word on a terminal, tokenization or not.";
    const lines = ["One long paragraph", "wraps by word on a", "terminal,", "tokenization or not."];
    expect(await shown([text], 22)).toEqual(lines);
    expect(await shown([...text], 22)).toEqual(lines);
    expect(await shown(text.split(/(?<=[aeiou])/), 22)).toEqual(lines);
  });

  test("keeps its own lines, its indentation, and no blanks where it was wrapped", async () => {
    expect(await shown(["  a b\n\n", "    code      ", "  more\n", "- item"], 12)).toEqual([
      "  a b",
      "",
      "    code",
      "more",
      "- item",
    ]);
  });

  test("breaks a word only where it is as long as a line", async () => {
    expect(await shown(["see https://host.example/a/very/long/path now"], 16)).toEqual([
      "see",
      "https://host.ex",
      "ample/a/very/lo",
      "ng/path now",
    ]);
    expect(await shown([..."x".repeat(40)], 16)).toEqual(["x".repeat(15), "x".repeat(15), "x".repeat(10)]);
  });

  test("breaks between wide letters, which have no blanks between them", async () => {
    expect(await shown([..."汉字汉字汉字"], 8)).toEqual(["汉字汉", "字汉字"]);
    expect(await shown(["ab 汉字汉字"], 8)).toEqual(["ab 汉字", "汉字"]);
  });

  test("shows each piece as it comes, and takes back the beginning of a word that is too long", () => {
    const { push } = createWordWrap(() => 11);
    expect(push("ab")).toBe("ab");
    expect(push("cd efgh")).toBe("cd efgh");
    expect(push("ijkl")).toBe("i\u001B[6G\u001B[K\nefghijkl");
  });

  test("takes nothing back from a line of which terminals think differently", () => {
    const { push } = createWordWrap(() => 11);
    push("👩‍💻 abcdef");
    expect(push("ghijk")).not.toContain("\u001B");
  });

  test("begins anew where the terminal has another size", () => {
    let columns = 40;
    const { push } = createWordWrap(() => columns);
    push("some words on a line that is ");
    columns = 20;
    expect(push("not so wide any more")).toBe("\nnot so wide any\nmore");
  });

  test("shows the same words whatever the cuts and the width, none of them cut that fits", async () => {
    const seed = Date.now();
    const random = createRandom(seed);
    const pick = (below: number): number => Math.floor(random() * below);
    for (let round = 0; round < 300; round++) {
      const columns = 4 + pick(40);
      const words = Array.from({ length: 1 + pick(40) }, () => {
        const letters = [..."abcdefghijé-,.汉"];
        return Array.from({ length: 1 + pick(12) }, () => letters[pick(letters.length)]).join("");
      });
      const text = words.map((word) => word + (pick(12) === 0 ? "\n" : " ".repeat(1 + pick(2)))).join("");
      const pieces: string[] = [];
      for (let at = 0; at < text.length;) {
        const next = at + 1 + pick(9);
        pieces.push(text.slice(at, next));
        at = next;
      }
      const [whole, cut] = [await shown([text], columns), await shown(pieces, columns)];
      expect(`${seed} ${round} ${columns}: ${cut.join("|")}`).toBe(`${seed} ${round} ${columns}: ${whole.join("|")}`);
      const letters = (one: string): string => one.replaceAll(/\s/g, "");
      expect(letters(cut.join(""))).toBe(letters(text));
      for (const word of words)
        if (word.length < columns && !word.includes("汉"))
          expect(cut.some((line) => line.split(/\s+/).includes(word))).toBe(true);
    }
  });

  test("goes on where the terminal became narrower than what stands in the row", () => {
    for (const next of ["\n", "\n\n", "", " ", "word", "\tword\n"]) {
      let columns = 80;
      const { push } = createWordWrap(() => columns);
      push("x ".repeat(30));
      columns = 20;
      expect(push(next).trim()).toBe(next.trim());
    }
  });

  test("of a megabyte without a newline is wrapped in no time to speak of", () => {
    const { push } = createWordWrap(() => 100);
    const wrapped = push("lorem ipsum dolor ".repeat(60_000));
    expect(wrapped.split("\n").every((line) => line.length < 100)).toBe(true);
  });
});
