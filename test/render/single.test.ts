import { describe, expect, test } from "bun:test";
import { en } from "../../src/i18n/en/messages.ts";
import { fr } from "../../src/i18n/fr/messages.ts";
import type { Messages } from "../../src/i18n/load.ts";
import { closing, opening } from "../../src/render/single.ts";
import { createPaint } from "../../src/text/paint.ts";
import { visible } from "../../src/text/visible.ts";
import { typographyProblems } from "../i18n/typography.ts";
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
    expect(opening(messages, job(false), visible).join("\n")).toMatchSnapshot();
    expect(opening(messages, job(true), visible).join("\n")).toMatchSnapshot();
  });

  test("in French are the seed's, with its spaces no-break", () => {
    const lines = opening(fr, job(false), visible).map((line) => line.replaceAll(/[\u00A0\u202F]/g, " "));
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
      "🎬 Réponse en streaming :",
      "=".repeat(50),
    ]);
  });

  test("make what comes from outside harmless", () => {
    const hostile = { ...job(false), prompt: "a\u001B[31mb\u202E" };
    expect(opening(en, hostile, visible)[7]).toBe("💭 Question: a␛[31mb⟨U+202E⟩");
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
    expect(lines.slice(0, 5)).toEqual([
      "=".repeat(50),
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
    const frames = [opening(fr, job(true), visible).join("\n"), ...names.map((name) => end(fr, name))];
    const problems = frames.map((frame) => frame.replace("Why is the sky blue?", "").replace("Invalid API key. ", ""));
    expect(problems.map(prose).flatMap(typographyProblems)).toEqual([]);
  });

  test("have no hole and no figure that does not exist", () => {
    for (const messages of [en, fr])
      for (const name of names) expect(end(messages, name)).not.toMatch(/undefined|null|NaN|Infinity/);
    expect(end(en, "failed")).not.toContain("tokens/s");
    expect(end(en, "complete, without usage")).toContain("~158");
    expect(end(en, "complete, of one token")).not.toContain("Steady");
  });

  test("mark a good end green and a bad one red, where there are colours", () => {
    const colours = createPaint(true);
    for (const [name, record] of records(en)) {
      const headline = closing(en, record, colours, visible)[1];
      const good = name.startsWith("complete") || name === "length";
      expect(headline).toStartWith(good ? "\u001B[32m" : "\u001B[31m");
    }
  });
});
