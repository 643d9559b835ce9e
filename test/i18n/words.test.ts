import { describe, expect, test } from "bun:test";
import { load, type Lang } from "../../src/i18n/load.ts";
import { oneLine, sayFailure, sayOrigin, sayProblem, type About } from "../../src/i18n/say.ts";
import type { Failure, NoticeCode } from "../../src/stream/event.ts";
import { ABOUT, ABOUT_NO_KEY, ABOUT_OTHER, FAILURES, NOTICES, PROBLEMS } from "./samples.ts";
import { typographyProblems } from "./typography.ts";

const failures = Object.values(FAILURES).flat();
const problems = Object.values(PROBLEMS).flat();
const notices = Object.entries(NOTICES).flatMap(([code, details]) => details.map((detail) => ({ code, detail })));

/** Whom and what a failure is told of. */
function aboutsOf(failure: Failure): About[] {
  if (failure.kind !== "http" && failure.kind !== "proxy") return [ABOUT];
  const noKey = failure.kind === "http" && failure.status === 401 ? [ABOUT_NO_KEY] : [];
  return [ABOUT, ...noKey, ABOUT_OTHER];
}

/** All that may be said in a language of these samples. */
async function wordsIn(lang: Lang) {
  return { ...(await load(lang, "messages")), problems: await load(lang, "problems") };
}
type WordsOf = Awaited<ReturnType<typeof wordsIn>>;

const [en, fr] = await Promise.all([wordsIn("en"), wordsIn("fr")]);

/** Each sentence there is, after the sample it was made with. */
function sentencesOf(messages: WordsOf): [sample: string, sentence: string][] {
  return [
    ...failures.flatMap((failure): [string, string][] =>
      aboutsOf(failure).map((about) => [failure.kind, oneLine(sayFailure(messages, failure, about))]),
    ),
    ...problems.map((problem): [string, string] => [
      problem.code,
      oneLine(sayProblem(messages.problems, problem, ABOUT.command)),
    ]),
    ...notices.map(({ code, detail }): [string, string] => [code, sayNotice(messages, code, detail)]),
    ...Object.entries(messages.ended),
    ["retrying", messages.retrying(2, "…", messages.duration(1234))],
    ["insecureTls", messages.warning.insecureTls],
    ["readable", messages.warning.readable("/project/config.json")],
    ["foundEndpoint", messages.warning.foundEndpoint("https://b.example", "/project/config.json", ABOUT.command)],
    ["shortKey", messages.warning.shortKey("LLMAAS_API_KEY")],
    ["demoInstead", messages.warning.demoInstead],
    ["outputFailed", messages.warning.outputFailed("ENOSPC")],
    ["waitingForStdin", messages.warning.waitingForStdin],
    ["nearestModel", messages.hint.nearestModel("gemma3:4b")],
    ["bug", messages.bug],
    ["demoBefore", messages.frame.demoBefore],
    ["demoAfter", messages.frame.demoAfter(ABOUT.command)],
    ["stop", messages.simulate.stop],
    ["ignored", messages.config.ignored("/project/config.json")],
    ["ignoredUnread", messages.config.ignoredUnread("/project/config.json", ABOUT.command)],
    ["untaken", messages.config.untaken("api.allow_http")],
    ["valid", messages.config.valid("/project/config.json")],
    ["keyGoes", messages.config.keyGoes("LLMAAS_API_KEY", "https://host.example")],
    ["noKey", messages.config.noKey("https://host.example")],
    ["foundInFolder", messages.config.foundInFolder(ABOUT.command)],
  ];
}

function sayNotice(messages: WordsOf, code: string, detail: string): string {
  const known = Object.keys(messages.notice).find((name): name is NoticeCode => name === code);
  if (known === undefined) throw new Error(`no notice ${code}`);
  return messages.notice[known](detail);
}

/** Every text, with the functions among them called with plain words. */
function textsOf(value: object, path = ""): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [key, child] of Object.entries(value)) {
    const name = `${path}${key}`;
    if (typeof child === "string") texts.set(name, child);
    if (typeof child === "object" && child !== null)
      for (const entry of textsOf(child, `${name}.`)) texts.set(...entry);
  }
  return texts;
}

describe("sentences", () => {
  test.each(["en", "fr"] as const)("in %s are these", async (lang) => {
    expect(
      sentencesOf(await wordsIn(lang))
        .map((pair) => pair.join("\n  "))
        .join("\n"),
    ).toMatchSnapshot();
  });

  test("differ between the languages, each of them", () => {
    const french = sentencesOf(fr);
    const same = sentencesOf(en).filter(([, sentence], at) => sentence === french[at]?.[1]);
    expect(same).toEqual([]);
  });

  test.each([en, fr])("are whole in $lang: no hole, and an end", (messages) => {
    const sentences = sentencesOf(messages).map(([, sentence]) => sentence);
    expect(sentences.filter((sentence) => /undefined|(?<!o[ru] )\bnull\b|NaN|\[object|=>/.test(sentence))).toEqual([]);
    // What is to be copied, a command or a notation, stands after a colon and has no full stop.
    const whole = /[.!?…]$|: (?!.*[.!?] ).+$|\^$/;
    expect(sentences.filter((sentence) => !whole.test(sentence))).toEqual([]);
    expect(sentences.filter((sentence) => /[.!?]{2}|\s$|^\s/.test(sentence))).toEqual([]);
  });

  test("in French keep the rules of French typography", () => {
    // A configuration that is quoted with a caret is not prose.
    const sentences = sentencesOf(fr).map(([, sentence]) => sentence.split("\n")[0] ?? "");
    expect(sentences.flatMap(typographyProblems)).toEqual([]);
  });

  test("name the limit that a timeout has", () => {
    const said = FAILURES.timeout.map((failure) => oneLine(sayFailure(en, failure, ABOUT)));
    for (const option of ["--timeout-open", "--timeout-first-token", "--timeout-idle", "--timeout-total"])
      expect(said.filter((sentence) => sentence.includes(option))).toHaveLength(1);
    const [open] = FAILURES.timeout;
    if (open === undefined) throw new Error("a sample is missing");
    expect(oneLine(sayFailure(en, open, ABOUT))).toContain("only with the first token");
    expect(oneLine(sayFailure(en, open, { ...ABOUT, list: true }))).toEndWith("--timeout-open sets that limit.");
  });

  test("say where the key came from, or that there was none", () => {
    const [, refused] = FAILURES.http;
    if (refused === undefined) throw new Error("no sample");
    expect(oneLine(sayFailure(en, refused, ABOUT))).toContain("The key came from LLMAAS_API_KEY");
    expect(oneLine(sayFailure(en, refused, ABOUT_NO_KEY))).toContain("Set LLMAAS_API_KEY");
  });

  test("where a key is missing, name console and documentation", () => {
    for (const messages of [en, fr])
      for (const problem of [...PROBLEMS.unconfigured, ...PROBLEMS.placeholder_key.filter(({ llmaas }) => llmaas)]) {
        const sentence = oneLine(sayProblem(messages.problems, problem, ABOUT.command));
        expect(sentence).toContain("console.cloud-temple.com");
        expect(sentence).toContain("docs.cloud-temple.com");
      }
  });
});

describe("other texts", () => {
  test("differ between the languages", () => {
    const french = textsOf(fr);
    const same = [...textsOf(en)].filter(([name, text]) => french.get(name) === text).map(([name]) => name);
    expect(same).toEqual([]);
  });

  test("in French keep the rules of French typography, the seed's own question apart", () => {
    const texts = [...textsOf(fr)].filter(([name]) => name !== "defaultPrompt");
    expect(texts.flatMap(([name, text]) => typographyProblems(`${name} ${text}`.trimEnd()))).toEqual([]);
  });

  test("say where a value came from", () => {
    expect(sayOrigin(en, { kind: "default" })).toBe("the default");
    expect(sayOrigin(fr, { kind: "default" })).toBe("valeur par défaut");
    expect(sayOrigin(fr, { kind: "env", name: "LLMAAS_MODEL" })).toBe("LLMAAS_MODEL (environnement)");
    expect(sayOrigin(en, { kind: "flag", name: "--model" })).toBe("--model");
    expect(sayOrigin(en, { kind: "file", path: "/c.json" })).toBe("/c.json");
  });
});

describe("the loader", () => {
  test("loads one section of one language, and none before it is asked", async () => {
    const entry = new URL("../../src/i18n/load.ts", import.meta.url).pathname;
    const { outputs } = await Bun.build({ entrypoints: [entry], splitting: true, target: "bun" });
    const texts = await Promise.all(outputs.map((output) => output.text()));
    const sentences = ["This is a bug of llmaas", "Merci de le signaler", "About to send", "tour de r"];
    const places = sentences.map((sentence) => texts.flatMap((text, at) => (text.includes(sentence) ? [at] : [])));
    expect(places.map((found) => found.length)).toEqual([1, 1, 1, 1]);
    expect(new Set([...places.flat(), outputs.findIndex(({ kind }) => kind === "entry-point")]).size).toBe(5);
  });
});
