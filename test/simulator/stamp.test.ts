import { describe, expect, test } from "bun:test";
import type { Control } from "../../src/simulator/control.ts";
import { startSimulator } from "../../src/simulator/server.ts";
import { READ_AT, readStamps } from "../../src/simulator/stamp.ts";
import { API_KINDS, type ApiKind } from "../../src/wire/apis.ts";
import { askIn, exchange, parseResponse, wholeBody } from "./raw-client.ts";

type Stamped = { from: number; to: number; read: number; stamps: number[]; written: number[] };

/** One stamped stream, with what the server says to the outside of the same writes. */
async function stamped(control: Control, perEvent = 1, api: ApiKind = "chat"): Promise<Stamped> {
  const written: number[] = [];
  const simulator = startSimulator({
    models: [{ id: "m", tokensPerSecond: 0, ttftMs: 0 }],
    onWrite: (_, at) => void written.push(at),
  });
  const now = (): number => performance.timeOrigin + performance.now();
  const from = now();
  const { bytes } = await exchange(simulator.port, askIn(api, { stamp: true, tokens_per_event: perEvent, ...control }));
  const to = now();
  await simulator.stop();
  const { headers, body } = parseResponse(bytes);
  const texts = [...wholeBody(body).matchAll(/"(\d{13}\.\d{3} )"/g)].map(([, text = ""]) => text);
  return { from, to, read: Number(headers[READ_AT]), stamps: texts.flatMap((text) => readStamps(text)), written };
}

describe("a stamped stream", () => {
  test.each([
    ["paced", { rate: 500, ttft_ms: 20, tokens: 100, jitter: 1 }, 1, 100],
    ["as fast as it goes", { rate: 0, ttft_ms: 0, tokens: 300 }, 1, 300],
    ["with several tokens an event", { rate: 1000, ttft_ms: 1, tokens: 10 }, 4, 3],
  ] as const)("%s has the instant of each write as its text", async (_, control, perEvent, count) => {
    const { from, to, read, stamps, written } = await stamped(control, perEvent);
    expect(stamps).toHaveLength(count);
    expect(written).toHaveLength(count);
    expect(read).toBeGreaterThanOrEqual(from);
    expect(stamps).toEqual(stamps.toSorted((a, b) => a - b));
    for (const [index, stamp] of stamps.entries()) {
      // Told outside just before, and rounded to the microsecond.
      expect(stamp).toBeGreaterThanOrEqual((written[index] ?? Infinity) - 0.001);
      expect(stamp).toBeGreaterThanOrEqual(read);
      expect(stamp).toBeLessThanOrEqual(to);
    }
  });

  test.each(API_KINDS)("has them in the %s API too, among numbers that grow", async (api) => {
    const { stamps, written, read, to } = await stamped({ rate: 2000, ttft_ms: 5, tokens: 120 }, 1, api);
    expect([stamps.length, written.length]).toEqual([120, 120]);
    expect(stamps).toEqual(stamps.toSorted((a, b) => a - b));
    expect(stamps[0]).toBeGreaterThanOrEqual(read);
    expect(stamps.at(-1)).toBeLessThanOrEqual(to);
  });
});
