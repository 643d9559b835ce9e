import { describe, expect, test } from "bun:test";
import { demoAnswer } from "../../src/i18n/demo.ts";
import { MODELS } from "../../src/simulator/plan.ts";
import { createTokens } from "../../src/simulator/speech.ts";
import { typographyProblems } from "./typography.ts";

const command = (line: string): string => `llmaas ${line}`;

describe("what the built-in server says", () => {
  test.each(["en", "fr"] as const)("in %s is at least 150 words, and not cut by the default max_tokens", (lang) => {
    for (const { id } of MODELS) {
      const answer = demoAnswer(lang, id, command);
      expect(answer.split(/\s+/).length).toBeGreaterThanOrEqual(150);
      expect(createTokens(answer).count).toBeLessThan(300);
      const called = demoAnswer(
        lang,
        id,
        (line) => `bun --no-env-file /home/me/projects/llmaas-stream/src/main.ts ${line}`,
      );
      expect(createTokens(called).count).toBeLessThan(300);
    }
  });

  test("says in its first sentence that it is no model", () => {
    expect(demoAnswer("en", "m", command).split(/[.:]\s/)[0]).toBe("I am the simulator built into llmaas, not a model");
    expect(demoAnswer("fr", "m", command).split(/\s:/)[0]).toBe(
      "Je suis le simulateur intégré à llmaas, pas un modèle",
    );
  });

  test.each(["en", "fr"] as const)("in %s names the model, what is seen and the way to a real answer", (lang) => {
    const answer = demoAnswer(lang, "granite3.3:2b", command);
    const named = ["granite3.3:2b", "SSE", "TTFT", "console.cloud-temple.com", "LLMAAS_API_KEY", "llmaas config init"];
    for (const name of named) expect(answer).toContain(name);
    expect(answer).toMatchSnapshot();
  });

  test.each(["en", "fr"] as const)("in %s ends its lines where paragraphs end, and nowhere else", (lang) => {
    const paragraphs = demoAnswer(lang, "m", command).split("\n\n");
    expect(paragraphs).toHaveLength(4);
    for (const paragraph of paragraphs) expect(paragraph).not.toMatch(/\n|^\s|\s$| {2}/);
  });

  test("is another text in each language, and keeps French typography", () => {
    expect(demoAnswer("fr", "m", command)).not.toBe(demoAnswer("en", "m", command));
    expect(typographyProblems(demoAnswer("fr", "m", command))).toEqual([]);
  });
});
