import { describe, expect, test } from "bun:test";
import { createLine, createPlace, createTerminalQueue } from "../../src/commands/terminal-queue.ts";
import { createWordWrap } from "../../src/text/wrap.ts";
import { createEmulator, OPINIONS, type Opinion } from "../render/emulator.ts";
import { createRandom } from "../../src/run/random.ts";

type Wish = { columns: number; rows: number; opinion?: Opinion };

/** Both outputs on one terminal, the answer wrapped by words as it is there. */
function stage({ columns, rows, opinion }: Wish) {
  const emulator = createEmulator({ columns, rows }, opinion);
  const sent: string[] = [];
  const put = (text: string): void => {
    sent.push(text);
    // As the system's terminal driver does it.
    void emulator.write(text.replaceAll("\n", "\r\n"));
  };
  const place = createPlace();
  place.isShared = () => true;
  const queue = createTerminalQueue("");
  const [out, err] = [createLine("out", place, put, queue), createLine("err", place, put, queue)];
  const wrap = createWordWrap(() => emulator.size().columns);
  const { footer: shared } = out;
  if (shared === null) throw new Error("a terminal has a footer");
  const footer = { ...shared, show: (line: string) => shared.show(line, emulator.size().columns) };
  const answer = (text: string): void => void out.pour(wrap.push(text));
  const say = (text: string): void => void err.write(text);
  return { emulator, sent, queue, footer, answer, say, shown: () => emulator.write("") };
}

const WORDS = ["one ", "painting ", "art.\n", "\n\n", "né ", "a".repeat(70), "日本語 ", "👨‍👩‍👧 ", "⚠️ ", "— ", "x"];
const CLOSING = "=====\n✅ done\n📊 figures\n";

describe("the line below the text", () => {
  test("stands in the row below the one that is written, and what is written goes on where it was", async () => {
    const { emulator, footer, answer, shown } = stage({ columns: 40, rows: 8 });
    answer("One robot ");
    footer.show("⏳ 1.3 s");
    answer("saw ");
    await shown();
    expect(emulator.text().slice(0, 3)).toEqual(["One robot saw ", "⏳ 1.3 s", ""]);
    expect(emulator.cursor()).toEqual({ column: 14, row: 0 });
    answer("a painting.\nIt ");
    await shown();
    expect(emulator.text().slice(0, 3)).toEqual(["One robot saw a painting.", "It ", "⏳ 1.3 s"]);
    footer.show("");
    await shown();
    expect(emulator.text().slice(0, 3)).toEqual(["One robot saw a painting.", "It ", ""]);
  });

  test.each(OPINIONS)("leaves the screen and all that scrolled away as they are without it (%s)", async (opinion) => {
    for (let seed = 1; seed <= 40; seed++) {
      const random = createRandom(seed);
      const size = { columns: 20 + Math.floor(random() * 60), rows: 4 + Math.floor(random() * 12), opinion };
      const [bare, footed] = [stage(size), stage(size)];
      for (let step = 0; step < 150; step++) {
        const word = WORDS[Math.floor(random() * WORDS.length)] ?? "";
        const aside = random() < 0.05;
        for (const one of [bare, footed]) {
          if (aside) one.say("ℹ️  a notice\n");
          else one.answer(word);
        }
        if (random() < 0.4) footed.footer.show(`⏳ ${step} tokens`.slice(0, size.columns - 2));
      }
      footed.footer.show("");
      for (const one of [bare, footed]) {
        one.say(CLOSING);
        await one.queue.settled();
        await one.shown();
      }
      expect(footed.emulator.history()).toEqual(bare.emulator.history());
      expect(footed.emulator.cells()).toEqual(bare.emulator.cells());
      expect(footed.emulator.cursor()).toEqual(bare.emulator.cursor());
    }
  });

  test("leaves nothing behind where the terminal changes its size, or somebody presses Enter", async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const random = createRandom(seed);
      const { emulator, footer, answer, say, shown } = stage({ columns: 60, rows: 12 });
      for (let step = 0; step < 100; step++) {
        const chance = random();
        if (chance < 0.6) answer(WORDS[Math.floor(random() * 5)] ?? "");
        else if (chance < 0.8) footer.show(`FOOT ${"-".repeat(25)} FOOT`);
        else if (chance < 0.95) {
          await shown();
          emulator.resize({ columns: 35 + Math.floor(random() * 60), rows: 5 + Math.floor(random() * 12) });
          footer.show(`FOOT ${"-".repeat(25)} FOOT`);
        } else {
          // What the terminal itself echoes.
          void emulator.write("\r\n");
          footer.show("FOOT");
        }
      }
      footer.show("");
      say(CLOSING);
      await shown();
      expect(emulator.history().join("\n")).not.toContain("FOOT");
    }
  });

  test("costs nothing while a text goes on in its row, and is drawn again below one that does not", () => {
    const { sent, footer, answer } = stage({ columns: 60, rows: 12 });
    footer.show("F");
    answer("first\nOne ");
    sent.length = 0;
    answer("robot ");
    answer("saw");
    expect(sent).toEqual(["robot ", "saw"]);
    answer(" it\n");
    expect(sent.at(-1)).toContain("F");
  });

  test("is gone once somebody waits for the end, and once much is on its way", async () => {
    const { emulator, sent, queue, footer, answer, shown } = stage({ columns: 60, rows: 12 });
    footer.show("FOOT");
    for (let line = 0; line < 500; line++) answer(`${"x".repeat(60)}\n`);
    footer.show("FOOT");
    await queue.settled();
    await shown();
    expect(emulator.history().join("\n")).not.toContain("FOOT");
    footer.show("FOOT");
    queue.hurry();
    sent.length = 0;
    answer("the end");
    footer.show("FOOT");
    await shown();
    expect(emulator.history().join("\n")).not.toContain("FOOT");
    expect(emulator.history().join("\n")).toContain("the end");
  });

  test("is taken off at once where the program stops, and comes back below what was written meanwhile", async () => {
    const { emulator, footer, answer, shown } = stage({ columns: 60, rows: 12 });
    answer("One ");
    footer.show("FOOT");
    await emulator.write(`${footer.lift()}\r\n[1]+ Stopped\r\n$ fg\r\n`);
    expect(footer.lift()).toBe("");
    expect(emulator.text().join("\n")).not.toContain("FOOT");
    footer.show("FOOT");
    await shown();
    expect(emulator.text().slice(0, 5)).toEqual(["One ", "[1]+ Stopped", "$ fg", "", "FOOT"]);
  });

  test("is no reason to fail: whoever writes the next text is told that the terminal is gone", () => {
    const queue = createTerminalQueue("");
    const gone = (): void => {
      throw new Error("gone");
    };
    expect(() => queue.foot(gone, "F", 80)).not.toThrow();
    expect(() => queue.write(gone, "a", true)).toThrow("gone");
  });
});
