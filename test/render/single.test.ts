import { describe, expect, test } from "bun:test";
import { en } from "../../src/i18n/en/messages.ts";
import { fr } from "../../src/i18n/fr/messages.ts";
import type { Messages } from "../../src/i18n/load.ts";
import { closing, createSingle, opening } from "../../src/render/single.ts";
import type { Job } from "../../src/run/event.ts";
import type { Failure, StreamEvent } from "../../src/stream/event.ts";
import { createPaint } from "../../src/text/paint.ts";
import { visible } from "../../src/text/visible.ts";
import { delta, ended, sent } from "../contract/samples.ts";
import { createStage } from "../contract/stage.ts";
import { typographyProblems } from "../i18n/typography.ts";
import { ABOUT } from "../i18n/samples.ts";
import { job, records } from "./records.ts";

const plain = createPaint(false);

function end(messages: Messages, name: string): string {
  const record = records(messages).find(([known]) => known === name)?.[1];
  if (record === undefined) throw new Error(`no record ${name}`);
  return closing(messages, record, plain, visible).join("\n");
}

/** The prose of a frame: the marks at the beginning of its lines are wide, and some are followed by two spaces. */
function prose(text: string): string {
  return text.replace(/^[^\p{L}]+/gmu, "").replace(/\w+\(\{.*?\}?\)/g, "call");
}

const names = records(en).map(([name]) => name);

describe("the lines before an answer", () => {
  test.each([en, fr])("in $lang are those of the demonstration", (messages) => {
    expect(opening(messages, job(false), () => 80, visible).join("\n")).toMatchSnapshot();
    expect(opening(messages, job(true), () => 80, visible).join("\n")).toMatchSnapshot();
  });

  test("in French are the seed's, with its spaces no-break", () => {
    const lines = opening(fr, job(false), () => 80, visible).map((line) => line.replaceAll(/[\u00A0\u202F]/g, " "));
    expect(lines).toEqual([
      "🔧 Configuration :",
      "   - API : https://host.example/v1",
      "   - Modèle : granite3.3:2b",
      "   - Streaming : Activé (SSE)",
      "",
      "🚀 Démonstration Streaming LLMaaS",
      "📊 Modèle : granite3.3:2b",
      "💭 Question : Why is the sky blue?",
      "",
    ]);
  });

  test("make what comes from outside harmless", () => {
    const hostile = { ...job(false), prompt: "a\u001B[31mb\u202E" };
    expect(opening(en, hostile, () => 80, visible)[7]).toBe("💭 Question: a␛[31mb⟨U+202E⟩");
  });
});

describe("a prompt before an answer", () => {
  function shown(prompt: string, { width = 80, messages = en as Messages } = {}): string[] {
    const asked: Job = { ...job(false), prompt };
    return opening(messages, asked, () => width, visible).slice(7, -1);
  }

  test("of one or two lines is shown whole", () => {
    expect(shown("Why?")).toEqual(["💭 Question: Why?"]);
    expect(shown("word ".repeat(20), { width: 200 })).toEqual([`💭 Question: ${"word ".repeat(20).trim()}`]);
    expect(shown("Why?\n\n")).toEqual(["💭 Question: Why?"]);
    expect(shown("\n \nWhy?\nAnd how?")).toEqual(["💭 Question: Why?", "   And how?"]);
    expect(shown("word ".repeat(26).trim())).toEqual([
      `💭 Question: ${"word ".repeat(13).trim()}`,
      `   ${"word ".repeat(13).trim()}`,
    ]);
  });

  test("that is longer is shown by its first two lines, and how many follow", () => {
    const lines = Array.from({ length: 40 }, (_, at) => `line ${at + 1}`).join("\n");
    expect(shown(lines)).toEqual(["💭 Question: line 1", "   line 2", "   … 38 more lines"]);
    expect(shown("a\nb\nc")).toEqual(["💭 Question: a", "   b", "   … 1 more line"]);
    expect(shown("a\nb\nc", { messages: fr })[2]).toBe("   … 1 ligne de plus");
    expect(shown(lines, { messages: fr })[2]).toBe("   … 38 lignes de plus");
  });

  test("has no blank line among the two", () => {
    expect(shown("# Title\n\nText\n\nMore")).toEqual(["💭 Question: # Title", "   Text", "   … 2 more lines"]);
    expect(shown("a\n\n\nb")).toEqual(["💭 Question: a", "   b"]);
  });

  test("in one long paragraph has the lines that the screen gives it", () => {
    for (const width of [40, 60, 80, 120]) {
      const [first = "", second = "", more = ""] = shown("word ".repeat(600), { width });
      for (const line of [first, second]) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(width);
      const shownWords = `${first} ${second}`.split("word").length - 1;
      const each = Math.floor((width - 3 + 1) / 5);
      expect(more).toBe(`   … ${Math.ceil((600 - shownWords) / each)} more lines`);
    }
    const [first = "", second = ""] = shown("日本語".repeat(100), { width: 40 });
    for (const line of [first, second]) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(40);
  });

  test("of megabytes is counted roughly, in no time to speak of", () => {
    const more = shown("0123456789\n".repeat(500_000))[2] ?? "";
    expect(more).toMatch(/^ {3}… about 500,\d\d\d more lines$|^ {3}… about 499,\d\d\d more lines$/);
  });

  test("does not ask how wide a screen is for what fits on any", () => {
    const never = (): number => {
      throw new Error("asked");
    };
    for (const messages of [en, fr])
      expect(opening(messages, { ...job(false), prompt: messages.defaultPrompt }, never, visible)).toHaveLength(9);
  });
});

describe("the frame around an answer", () => {
  const RULE = "=".repeat(50);

  /** What stands after the prompt where this happens. */
  async function after(events: readonly StreamEvent[], reasoning: "show" | "hide" = "show"): Promise<string[]> {
    const { play, sinks } = createStage(
      ({ out, err }) => createSingle({ out, err, messages: en, about: ABOUT, quiet: false, reasoning, columns: null }),
      { terminal: true },
    );
    const started = { type: "started", job: job(false), due: 0, warmup: false } as const;
    await play([started, ...events.map((event) => ({ type: "stream", stream: 0, event }) as const)]);
    return sinks.text().split("\n").slice(9, -1);
  }

  const refused: Failure = { kind: "refused", message: "nothing listens", code: "ECONNREFUSED", trace: "" };

  test("is there from the first text on", async () => {
    const lines = await after([sent(), delta("Hello"), ended("complete", { finishReason: "stop" })]);
    expect(lines.slice(0, 5)).toEqual(["🎬 Streaming answer:", RULE, "Hello", RULE, "✅ Streaming finished!"]);
  });

  test("is not there around a failure before it: the cause and the verdict are", async () => {
    const lines = await after([sent(), ended("failed", { failure: refused })]);
    expect(lines.slice(0, 2)).toEqual(["❌ The request failed.", "   refused: nothing listens"]);
    expect(lines.at(-1)).toBe("🏁 Verdict: failed");
    expect(lines.join("\n")).not.toMatch(/===|🎬|Tokens received/);
  });

  test("is not there around nothing, whatever the verdict", async () => {
    const call = { index: 0, id: "c0", name: "weather", arguments: "{}", custom: false };
    const cancelled: Failure = { kind: "cancelled", message: "", reason: "signal" };
    const silent: StreamEvent[][] = [
      [sent(), ended("cancelled", { failure: cancelled })],
      [sent(), ended("timeout", { failure: { kind: "timeout", message: "", phase: "first_token", after: 1000 } })],
      [
        sent(),
        delta(""),
        ended("empty", {
          failure: { kind: "empty", message: "", finishReason: "stop", byLength: false, reasoningTokens: null },
        }),
      ],
      [sent(), delta("", { tools: [call] }), ended("complete", { finishReason: "tool_calls" })],
    ];
    for (const events of silent) expect((await after(events)).join("\n")).not.toMatch(/===|🎬/);
    const thought = [sent(), delta("", { reasoning: "hm" }), ended("failed", { failure: refused })];
    expect((await after(thought, "hide")).join("\n")).not.toContain("===");
    expect((await after(thought)).slice(0, 4)).toEqual(["🎬 Streaming answer:", RULE, "hm", RULE]);
  });

  test("and what is said around it is wrapped by words on a terminal", async () => {
    const { play, sinks } = createStage(
      ({ out, err }) =>
        createSingle({ out, err, messages: fr, about: ABOUT, quiet: false, reasoning: "show", columns: () => 40 }),
      { terminal: true },
    );
    const retrying: StreamEvent = { type: "retrying", at: 1, delay: 500, attempt: 2, failure: refused };
    const failure = { ...refused, message: "word ".repeat(30).trim() };
    const events: StreamEvent[] = [sent(), retrying, sent(2), ended("failed", { failure })];
    await play([
      { type: "started", job: job(false), due: 0, warmup: false },
      ...events.map((event) => ({ type: "stream", stream: 0, event }) as const),
    ]);
    const lines = sinks.text().split("\n").slice(7);
    for (const line of lines) expect(Bun.stringWidth(line)).toBeLessThan(40);
    expect(lines.filter((line) => line.startsWith("   word"))).toHaveLength(4);
  });

  test("comes below the notices of attempts that brought nothing", async () => {
    const retrying: StreamEvent = { type: "retrying", at: 1, delay: 500, attempt: 2, failure: refused };
    const lines = await after([sent(), retrying, sent(2), delta("a"), ended("complete", { finishReason: "stop" })]);
    expect(lines[0]).toStartWith("🔁");
    expect(lines[1]).toBe("🎬 Streaming answer:");
  });
});

describe("the lines after an answer", () => {
  test.each([en, fr])("in $lang are these, verdict by verdict", (messages) => {
    const all = names.map((name) => `${name}\n${end(messages, name)}`);
    expect(all.join("\n\n")).toMatchSnapshot();
  });

  test("in French begin as the seed's", () => {
    const lines = end(fr, "complete")
      .replaceAll(/[\u00A0\u202F]/g, " ")
      .split("\n");
    expect(lines.slice(0, 4)).toEqual([
      "✅ Streaming terminé !",
      "📊 Tokens reçus : 158",
      "⏱️  Durée : 3,42 s",
      "🚀 Vitesse : 46,2 tokens/s",
    ]);
  });

  test.each(names)("of an answer that is %s differ between the languages, line by line", (name) => {
    const [english, french] = [end(en, name).split("\n"), end(fr, name).split("\n")];
    expect(english.length).toBe(french.length);
    // The rule between them and the verdict's own name are the same everywhere.
    const same = english.filter((line, at) => line === french[at]);
    expect(same.filter((line) => !/^=+$/.test(line) && !line.startsWith("🔧"))).toEqual([]);
  });

  test("in French keep the rules of French typography", () => {
    const frames = [opening(fr, job(true), () => 80, visible).join("\n"), ...names.map((name) => end(fr, name))];
    const problems = frames.map((frame) => frame.replace("Why is the sky blue?", "").replace("Invalid API key. ", ""));
    expect(problems.map(prose).flatMap(typographyProblems)).toEqual([]);
  });

  test("have no hole and no figure that does not exist", () => {
    for (const messages of [en, fr])
      for (const name of names) expect(end(messages, name)).not.toMatch(/undefined|null|NaN|Infinity/);
    expect(end(en, "failed")).not.toContain("tokens/s");
    expect(end(en, "complete, without usage")).toContain("~158");
    expect(end(en, "complete, of one token")).not.toContain("Steady");
    // A p99 of eleven gaps is the longest by another name.
    expect(end(en, "complete, of few tokens")).toContain("Gap (ITL): median 20.2 ms · max 31.0 ms");
  });

  test("mark a good end green and a bad one red, where there are colours", () => {
    const colours = createPaint(true);
    for (const [name, record] of records(en)) {
      const headline = closing(en, record, colours, visible)[0];
      const good = name.startsWith("complete") || name === "length";
      expect(headline).toStartWith(good ? "\u001B[32m" : "\u001B[31m");
    }
  });
});
