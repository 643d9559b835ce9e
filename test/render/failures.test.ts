import { describe, expect, test } from "bun:test";
import { en } from "../../src/i18n/en/messages.ts";
import { enSeveral } from "../../src/i18n/en/several.ts";
import { fr } from "../../src/i18n/fr/messages.ts";
import { frSeveral } from "../../src/i18n/fr/several.ts";
import { createFailures } from "../../src/render/failures.ts";
import type { Sink } from "../../src/render/sink.ts";
import type { RunEvent } from "../../src/run/event.ts";
import type { Failure, NoticeCode, StreamEvent } from "../../src/stream/event.ts";
import { delta, ended, jobOf, sent, told } from "../contract/samples.ts";
import { createStage } from "../contract/stage.ts";

const LANGS = { en: { messages: en, words: enSeveral }, fr: { messages: fr, words: frSeveral } };
const REFUSED: Failure = { kind: "refused", message: "nothing listens", code: "ECONNREFUSED", trace: "" };

function http(status: number, message = `HTTP ${status}`): Failure {
  return { kind: "http", status, message, code: null, html: false, refusedWait: null };
}

/** A stream that ends so; `null`: well. */
function ending(stream: number, failure: Failure | null, prompt = "Why?"): RunEvent[] {
  const events: StreamEvent[] =
    failure === null
      ? [sent(), delta("a"), ended("complete", { finishReason: "stop" })]
      : [sent(), ended("failed", { failure })];
  const job = { ...jobOf(stream, { prompt }), promptIndex: stream };
  return told(stream, events, job);
}

/** What is said at the end, and what was said before it. */
async function saidOf(events: readonly RunEvent[], lang: keyof typeof LANGS = "en", columns = 120): Promise<string> {
  const create = ({ err }: { err: Sink }) => createFailures({ err, ...LANGS[lang], columns: () => columns });
  const { play, sinks } = createStage(create, { terminal: true });
  await play(events);
  expect(sinks.text()).toBe("");
  await play([{ type: "finished" }]);
  return sinks.text();
}

describe("the failures of several streams", () => {
  test("are said at the end, once per kind, the most frequent first", async () => {
    const all = [...Array.from({ length: 12 }, () => REFUSED), http(429), http(500), http(429), null, null];
    const events = all.flatMap((failure, stream) => ending(stream, failure));
    expect(await saidOf(events)).toBe(
      [
        "❌ 12 of 17: refused: nothing listens",
        "   prompt 1 · m, prompt 2 · m, prompt 3 · m, prompt 4 · m, prompt 5 · m … and 7 more",
        "❌ 2 of 17: http: HTTP 429",
        "   prompt 13 · m, prompt 15 · m",
        "❌ prompt 14 · m: http: HTTP 500",
        "",
      ].join("\n"),
    );
  });

  test("that all streams share name none of them", async () => {
    const events = [0, 1, 2].flatMap((stream) => ending(stream, REFUSED));
    expect(await saidOf(events)).toBe("❌ 3 of 3: refused: nothing listens\n");
    expect(await saidOf(events, "fr")).toBe("❌ 3 sur 3\u00A0: refused: nothing listens\n");
  });

  test("of one kind are one, whatever their servers call them; a timer and a status make kinds of their own", async () => {
    const timeout = (phase: "idle" | "total"): Failure => ({ kind: "timeout", message: phase, phase, after: 1 });
    const all = [http(503, "busy 1"), http(503, "busy 2"), timeout("idle"), timeout("total")];
    const said = await saidOf(all.flatMap((failure, stream) => ending(stream, failure)));
    expect(said.match(/❌/g)).toHaveLength(3);
    expect(said).toContain("2 of 4: http: busy 1");
  });

  test("include what an answer is worth less for", async () => {
    const lost = (stream: number, code: NoticeCode, detail: string): RunEvent[] => {
      const events: StreamEvent[] = [sent(), { type: "notice", at: 0, code, detail }, ended("complete")];
      return told(stream, events, { ...jobOf(stream), promptIndex: stream });
    };
    const said = await saidOf([...lost(0, "lost_events", "1"), ...lost(1, "lost_events", "1"), ...ending(2, null)]);
    expect(said).toStartWith("ℹ️  2 of 3: 1 event could not be read");
    expect(await saidOf([...lost(0, "content_type", "text/plain"), ...ending(1, null)])).toBe("");
  });

  test("are harmless and few, whatever servers say", async () => {
    const events = Array.from({ length: 60 }, (_, at) => ending(at, http(400 + at, "a\u001B[2Jb\nc"))).flat();
    const said = await saidOf(events);
    expect(said).not.toContain("\u001B");
    expect(said.match(/❌/g)).toHaveLength(50);
    expect(said).toContain("\n   c\n");
    expect(said).toEndWith("… and 10 more kinds of failure: --records has them all.\n");
  });

  test("are wrapped by words where the terminal is narrow", async () => {
    const events = Array.from({ length: 9 }, (_, at) =>
      ending(at, at < 7 ? http(429, "word ".repeat(20)) : null),
    ).flat();
    const lines = (await saidOf(events, "en", 40)).trimEnd().split("\n");
    for (const line of lines) expect(Bun.stringWidth(line)).toBeLessThan(40);
    expect(lines.slice(1).every((line) => line.startsWith("   "))).toBe(true);
    expect(lines.length).toBeGreaterThan(4);
  });

  test("are not said where all went well, nor that nobody reads any more", async () => {
    const gone: Failure = { kind: "cancelled", message: "", reason: "reader_gone" };
    expect(await saidOf([...ending(0, null), ...ending(1, gone)])).toBe("");
  });
});
