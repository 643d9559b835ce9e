import { describe, expect, test } from "bun:test";
import { askInTime, runInTime, type TimedAnswer } from "./ask.ts";
import { DONE, event, finish, HEAD, ROLE, token } from "../fixtures/answers.ts";

const SAID = "The answer came in lumps";

/** Writes these events each so many ms after the one before, then a whole end. */
const writing =
  (writes: readonly (readonly [wait: number, events: string])[], head = HEAD): TimedAnswer =>
  async ({ write, fin, sleep }) => {
    if (head !== "") await write(head);
    for (const [wait, events] of writes) {
      await sleep(wait);
      await write((head === "" && events === writes[0]?.[1] ? HEAD : "") + events);
    }
    await write(finish() + DONE);
    fin();
  };

const lump = (events: number): string => token("w ").repeat(events);
const times = (count: number, wait: number, events: string): [number, string][] =>
  Array.from({ length: count }, () => [wait, events]);

/** Two things that a proxy may write while it holds an answer back. */
const COMMENT = ": ping\n\n";
const thought = event({ choices: [{ index: 0, delta: { reasoning_content: "hm " }, finish_reason: null }] });

describe("an answer that something holds back is named, with whose its figures are", () => {
  test.each<[string, TimedAnswer]>([
    ["20 events in one write every 500 ms", writing(times(6, 500, lump(20)))],
    ["small lumps, as of a proxy with a small buffer", writing(times(20, 60, lump(5)))],
    ["all of it in one piece, after the time it took", writing(times(1, 6000, lump(300)))],
    ["headers and all in one piece", writing(times(1, 6000, lump(300)), "")],
    ["the role at once, and the rest in one piece", writing([[10, ROLE], ...times(1, 4000, lump(200))])],
    ["comments between the lumps", writing([...times(4, 100, COMMENT), ...times(4, 400, COMMENT + lump(20))])],
    ["reasoning in lumps", writing([...times(3, 700, thought.repeat(20)), [700, lump(20)]])],
  ])("%s", async (_, answer) => {
    const { record, shown } = await askInTime(answer);
    expect(record.verdict).toBe("complete");
    expect(record.lumped).toBeGreaterThan(0.5);
    expect(record.lumped).toBeLessThanOrEqual(record.coalesced ?? 0);
    expect(shown).toContain(SAID);
    expect(shown).toContain("first token and gaps are its, not the model's");
  });

  test("in French too, and not at all where only what went wrong is wanted", async () => {
    const answer = writing(times(6, 500, lump(20)));
    const french = await runInTime(answer, ["--lang", "fr"]);
    expect(french.outcome.stderr).toContain("La réponse est arrivée par paquets");
    const quiet = await runInTime(answer, ["--quiet"]);
    expect(quiet.outcome.stderr).toBe("");
  });
});

describe("an answer is not said to be in lumps", () => {
  test.each<[string, TimedAnswer]>([
    ["that comes token by token", writing(times(60, 20, lump(1)))],
    ["whose tokens come in twos", writing(times(40, 40, lump(2)))],
    ["that comes as fast as it can", writing(times(8, 0, lump(150)))],
    ["that is short and comes in one piece at once", writing(times(1, 30, lump(20)))],
    ["of a few events, whenever they come", writing(times(1, 5000, lump(6)))],
    ["that hangs once", writing([...times(40, 20, lump(1)), [3000, lump(10)], ...times(40, 20, lump(1))])],
  ])("%s", async (_, answer) => {
    const { record, shown } = await askInTime(answer);
    expect(record.verdict).toBe("complete");
    expect(shown).not.toContain(SAID);
  });
});
