import { describe, expect, test } from "bun:test";
import { everyOption } from "../../src/commands/options.ts";
import { enNeeded } from "../../src/i18n/en/values.ts";
import { frNeeded } from "../../src/i18n/fr/values.ts";
import { load, type Lang } from "../../src/i18n/load.ts";
import { sayFailure, sayProblem, type Words } from "../../src/i18n/say.ts";
import { enNumbers } from "../../src/i18n/numbers.ts";
import { ABOUT, ABOUT_NO_KEY, ABOUT_OTHER, FAILURES, PROBLEMS } from "./samples.ts";
import { typographyProblems } from "./typography.ts";

const LANGUAGES = ["en", "fr"] as const;
const command = (line: string): string => `llmaas ${line}`;

/** Every problem and every failure there is, as it is said. */
async function everyMessage(lang: Lang): Promise<Words[]> {
  const [messages, said] = await Promise.all([load(lang, "messages"), load(lang, "problems")]);
  const problems = Object.values(PROBLEMS).flat();
  const failures = Object.values(FAILURES).flat();
  return [
    ...problems.map((problem) => sayProblem(said, problem, command)),
    ...failures.flatMap((failure) =>
      [ABOUT, ABOUT_NO_KEY, ABOUT_OTHER].map((about) => sayFailure(messages, failure, about)),
    ),
  ];
}

/** Each text there is, and what each function makes of sample values. */
function everyText(value: object): string[] {
  return Object.values(value).flatMap((child: unknown): string[] => {
    if (typeof child === "string") return [child];
    return typeof child === "object" && child !== null ? everyText(child) : [];
  });
}

describe.each(LANGUAGES)("a message in %s", (lang) => {
  test("says what happened in one sentence that ends, and what to do in another", async () => {
    for (const { what, todo } of await everyMessage(lang)) {
      expect(what.split("\n")[0]).toMatch(/[.!?…]$/);
      if (todo !== null) expect(todo).toMatch(/[.!?…]$|: \S.*$/);
    }
  });

  test("is short enough to be read", async () => {
    const long = (await everyMessage(lang)).filter(({ what, todo }) => what.length > 260 || (todo ?? "").length > 260);
    expect(long).toEqual([]);
  });

  test("has the system's codes in brackets alone, and no notation of ranges", async () => {
    for (const { what, todo } of await everyMessage(lang)) {
      const text = `${what} ${todo ?? ""}`.replace(/\([^()]*\)/g, "");
      expect(text).not.toMatch(/\bE[A-Z]{4,}\b/);
      expect(text).not.toMatch(/0x[\dA-F]{2}|\d … \d/i);
      expect(text).not.toMatch(/Accepted: |Valeur admise/);
    }
  });

  test("names what each option needs that takes a value", () => {
    const needed = lang === "fr" ? frNeeded : enNeeded;
    for (const [name, { type, valueHint = "", choices = [] }] of Object.entries(everyOption())) {
      if (type !== "string") continue;
      expect([name, needed(`--${name}`, valueHint, choices, null)]).not.toEqual([
        name,
        expect.stringMatching(/a value \(|une valeur \(/),
      ]);
    }
  });
});

describe("French", () => {
  const SECTIONS = [
    "messages",
    "help",
    "terms",
    "several",
    "bench",
    "compare",
    "selftest",
    "report",
    "batch",
    "queue",
    "batchProvider",
  ] as const;

  test("never calls the measuring machine a client, and has no word of the workshop", async () => {
    for (const section of SECTIONS) {
      const texts = everyText(await load("fr", section));
      const wrong = /\bclients?\b|\bblocages?\b|\bcoude\b|flux à la fois|\btube\b|en toute vérité|débit établi/i;
      expect(texts.filter((text) => wrong.test(text))).toEqual([]);
    }
  });

  test("keeps its typography in every section", async () => {
    for (const section of SECTIONS)
      expect(everyText(await load("fr", section)).flatMap((text) => typographyProblems(text.trim()))).toEqual([]);
  });

  test("has a narrow no-break space in thousands and before units", async () => {
    const { count, duration, percent, rate } = await load("fr", "messages");
    expect([count(100_000), duration(30_000), percent(0.5), rate(46.2)]).toEqual([
      "100\u202F000",
      "30,0\u202Fs",
      "50\u202F%",
      "46,2\u202Ftokens/s",
    ]);
    expect(enNumbers.count(100_000)).toBe("100,000");
  });
});
