import { describe, expect, test } from "bun:test";
import type { Size } from "../../src/render/live/screen.ts";
import { createStage, type Stage } from "./stage.ts";

const STORY =
  "Once upon a time there was a small robot named ARIA who swept the floors of a museum. むかしむかし、小さなロボットが美術館で絵を見つけました。\n\n- first it looked\n- then it drew a line:\n\n\tlet line = draw(canvas);\n\nIt never swept again.";

const SIZES: readonly Size[] = [
  { columns: 120, rows: 40 },
  { columns: 80, rows: 24 },
  { columns: 40, rows: 15 },
];

const MODELS = ["granite3.3:2b", "gemma3:4b"];

async function shown(stage: Stage): Promise<string> {
  await stage.frame();
  return `\n${stage.emulator().text().join("\n")}\n`;
}

/** Words of the story, one token event each, 50 ms apart. */
function tell(stage: Stage, stream: number, words: number): void {
  for (const word of STORY.split(/(?<= )/).slice(0, words)) {
    stage.pass(50);
    stage.say(stream, word);
  }
}

/** One stream in each state that a run has. */
function playAll(stage: Stage): void {
  for (let stream = 0; stream < 12; stream++)
    stage.start(stream, { promptIndex: stream >> 1, model: MODELS[stream & 1] ?? "" });
  stage.pass(300);
  stage.say(0, "The last words of a stream that stalled");
  stage.pass(1200);
  tell(stage, 1, 30);
  stage.think(2, "What does the robot want?");
  stage.retry(3, 2, 12_500);
  tell(stage, 5, 8);
  stage.end(5, "failed");
  tell(stage, 6, 12);
  stage.end(6, "length", 14);
  tell(stage, 7, 5);
  stage.end(7, "truncated");
  stage.end(8, "timeout");
  stage.end(9, "cancelled");
  tell(stage, 10, 20);
  stage.end(10, "complete", 25);
  tell(stage, 1, 10);
  stage.think(2, " A brush, perhaps.");
}

for (const size of SIZES) {
  describe(`at ${size.columns}×${size.rows}`, () => {
    test("two models are columns, or panes where columns are too narrow", async () => {
      const stage = createStage({ models: MODELS, total: 2, size });
      for (const [stream, model] of MODELS.entries()) stage.start(stream, { model, promptIndex: 0 });
      stage.pass(212);
      tell(stage, 0, 60);
      stage.think(1, "What does the robot want? A brush, perhaps.");
      expect(await shown(stage)).toMatchSnapshot();
    });

    test("three prompts for one model are panes", async () => {
      const stage = createStage({ total: 3, size });
      for (const stream of [0, 1, 2])
        stage.start(stream, { prompt: "Write me a story about a robot who discovers art." });
      stage.pass(300);
      stage.retry(2, 2, 12_500);
      tell(stage, 0, 25);
      stage.end(0, "truncated");
      tell(stage, 1, 60);
      expect(await shown(stage)).toMatchSnapshot();
    });

    test("many streams are lines, those that run first", async () => {
      const stage = createStage({ models: MODELS, total: 400, concurrency: 100, size });
      playAll(stage);
      expect(await shown(stage)).toMatchSnapshot();
    });
  });
}

describe("a view", () => {
  test("puts a stream that starts in the place of one that ended, and moves no other", async () => {
    const stage = createStage({ concurrency: 3, size: { columns: 80, rows: 31 }, color: false });
    const titles = async () =>
      (await shown(stage))
        .split("\n")
        .filter((line) => line.includes("granite"))
        .map((line) => line.slice(0, 3));
    for (const stream of [0, 1, 2]) stage.start(stream);
    expect(await titles()).toEqual(["○ 1", "○ 2", "○ 3"]);
    stage.end(1);
    expect(await titles()).toEqual(["○ 1", "✓ 2", "○ 3"]);
    stage.start(3);
    expect(await titles()).toEqual(["○ 1", "○ 4", "○ 3"]);
  });

  test("has the figures of the record once a stream ended, and estimates before", async () => {
    const stage = createStage({ total: 1 });
    stage.start(0);
    tell(stage, 0, 10);
    expect(await shown(stage)).toContain("~10 tokens  ~20.0 tok/s  TTFT 50.0 ms");
    stage.end(0, "complete", 30);
    expect(await shown(stage)).toContain(" 30 tokens   60.0 tok/s  TTFT 50.0 ms");
  });

  test("says how long the rest will take, as far as those that ended tell", async () => {
    const stage = createStage({ total: 20, concurrency: 2 });
    stage.start(0);
    stage.start(1);
    stage.pass(4000);
    expect(await shown(stage)).not.toContain("left");
    stage.end(0);
    stage.start(2);
    expect(await shown(stage)).toContain("~36 s left");
  });

  test("counts the tokens of the last second of all streams", async () => {
    const stage = createStage({ total: 2 });
    stage.start(0);
    stage.start(1);
    for (let token = 0; token < 60; token++) {
      stage.say(0, "a");
      stage.say(1, "b");
      stage.pass(100);
    }
    expect(await shown(stage)).toContain("~20.0 tok/s");
  });

  test("hides the reasoning when it is not wanted, and shows the answer in its place otherwise", async () => {
    for (const reasoning of ["show", "hide"] as const) {
      const stage = createStage({ total: 1, reasoning });
      stage.start(0);
      stage.think(0, "a thought");
      const thinking = await shown(stage);
      expect(thinking).toContain("thinking");
      expect(thinking.includes("a thought")).toBe(reasoning === "show");
      stage.say(0, "an answer");
      const answering = await shown(stage);
      expect(answering).toContain("an answer");
      expect(answering).not.toContain("a thought");
    }
  });

  test("gives a model that only a prompt names its own column", async () => {
    const stage = createStage({ models: ["one", "two"], total: 3, concurrency: 3, size: { columns: 100, rows: 20 } });
    for (const [stream, model] of ["one", "two", "three"].entries()) stage.start(stream, { model });
    expect((await shown(stage)).split("\n")[1]).toMatch(/one .*│.* two .*│.* three /);
  });

  test("tells every state apart without colours", async () => {
    const stage = createStage({
      models: MODELS,
      total: 400,
      concurrency: 100,
      color: false,
      size: { columns: 80, rows: 24 },
    });
    playAll(stage);
    stage.beat();
    expect(stage.writes.join("")).not.toMatch(/\u001B\[[1-9]\d*m/);
    await stage.flush();
    const marks = stage
      .emulator()
      .text()
      .slice(1, 13)
      .map((line) => line.charAt(0));
    expect(marks.join("")).toBe("◌●◐↻○○✓■◷⊣⇥✗");
  });
});
