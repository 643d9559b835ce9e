import { describe, expect, test } from "bun:test";
import { createLumps, isInLumps } from "../../src/metrics/lumps.ts";
import { createRandom } from "../../src/run/random.ts";
import { delta } from "../contract/samples.ts";

type Read = readonly [events: number, idle: number, backpressure?: number];

/** The share of the token events of these reads that came in lumps, and whether that tells of something on the way. */
function lumpsOf(...reads: readonly Read[]) {
  const { lumps, add } = createLumps();
  for (const [at, [events, idle, backpressure = 0]] of reads.entries())
    add(delta("a", { events, idle, backpressure }), at === 0);
  const token_events = reads.reduce((sum, [events]) => sum + events, 0);
  const lumped = lumps.events / token_events;
  return { ...lumps, inLumps: isInLumps({ token_events, lumped }) };
}

const times = (count: number, read: Read): Read[] => Array.from({ length: count }, () => read);

describe("an answer is in lumps", () => {
  test.each<[string, Read[]]>([
    ["of 20 events every half second", times(6, [20, 500])],
    ["of four events every 40 ms, as behind a proxy's small buffer", [[4, 60], ...times(20, [4, 40])]],
    ["of hundreds of events every three seconds, as compression makes them", [[120, 3000], ...times(4, [150, 3000])]],
    ["that is one lump, after the time that it took to write it", [[300, 6000]]],
    ["that is one lump in many reads, one right after the other", [[7, 6000], ...times(40, [7, 0.1])]],
    ["in lumps of several reads each", times(5, [10, 400]).flatMap((read): Read[] => [read, ...times(2, [10, 0.2])])],
    [
      "whose role or heartbeat came before: the waits add up to what the reader was told",
      [
        [20, 480],
        [20, 480],
      ],
    ],
  ])("%s", (_, reads) => {
    expect(lumpsOf(...reads)).toMatchObject({ inLumps: true });
  });
});

describe("an answer is not in lumps", () => {
  test.each<[string, Read[]]>([
    ["with an event a read", [[1, 300], ...times(100, [1, 20])]],
    ["whose events come in twos: no more than half of them share a read", [[2, 300], ...times(50, [2, 40])]],
    ["at full speed, whatever a read holds", [[400, 3], ...times(50, [400, 1])]],
    ["at full speed on a machine that makes us wait for it now and then", [[350, 20], ...times(50, [350, 15])]],
    ["at full speed that is over with its first read", [[20, 45]]],
    ["at full speed after a long wait for the first token", [[400, 300], ...times(50, [400, 0.5])]],
    ["that lay there until we had time for it", times(20, [20, 0])],
    ["that we did not read ourselves", [[1, 300], ...times(20, [20, 500, 480])]],
    ["too short to tell", [[7, 2000]]],
    ["of which one lump in the middle is the exception", [[1, 300], ...times(50, [1, 20]), [20, 400]]],
    ["that has no token", []],
  ])("%s", (_, reads) => {
    expect(lumpsOf(...reads).inLumps).toBe(false);
  });
});

test("lumps are counted with the wait before each, however many reads it takes", () => {
  const lump: Read[] = [
    [10, 400],
    [10, 0.2],
    [1, 0.2],
  ];
  expect(lumpsOf(...lump, ...lump)).toMatchObject({ count: 2, wait: 800, events: 36 });
});

test("never more events came in lumps than shared a read, whatever the reads", () => {
  const random = createRandom(7);
  for (let round = 0; round < 2000; round++) {
    const reads = Array.from({ length: 1 + Math.floor(40 * random()) }, (): Read => {
      return [1 + Math.floor(random() * 10 ** Math.floor(3 * random())), random() * 10 ** Math.floor(4 * random())];
    });
    const { events, count, inLumps } = lumpsOf(...reads);
    const shared = reads.reduce((sum, [brought]) => sum + brought - 1, 0);
    expect(events).toBeLessThanOrEqual(shared);
    expect(count).toBeLessThanOrEqual(reads.length);
    if (inLumps) expect(shared).toBeGreaterThan(reads.length);
  }
});
