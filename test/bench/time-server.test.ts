import { describe, expect, test } from "bun:test";
import { askClock, parseTimeServer, readReply } from "../../src/bench/time-server.ts";
import { replyTo, startTimeServer } from "../fixtures/time-server.ts";

describe("a time server", () => {
  test.each([
    ["pool.ntp.org", { host: "pool.ntp.org", port: 123 }],
    ["10.0.0.1:1123", { host: "10.0.0.1", port: 1123 }],
    ["[::1]:9", { host: "::1", port: 9 }],
    ["::1", { host: "::1", port: 123 }],
    ["", null],
    ["a b", null],
    ["host:0", null],
    ["host:70000", null],
    ["https://host", null],
    ["user@host", null],
  ])("%p is read as %p", (given, server) => expect(parseTimeServer(given)).toEqual(server));

  test.each([250, -3_600_000, 0.5])(
    "whose clock is %p ms ahead is found to be so, within what it says",
    async (ahead) => {
      const server = await startTimeServer({ ahead });
      try {
        const clock = await askClock({ host: "127.0.0.1", port: server.port });
        expect(server.asked()).toBe(4);
        expect(clock?.source).toBe("ntp");
        // Its own instants are whole milliseconds.
        expect(Math.abs((clock?.offset_ms ?? NaN) - ahead)).toBeLessThanOrEqual((clock?.error_ms ?? NaN) + 2);
      } finally {
        server.stop();
      }
    },
  );

  test("that refuses, has no time itself, answers somebody else, or says nothing tells nothing", async () => {
    const manners = [
      { stratum: 0 },
      { stratum: 16 },
      { leap: 3 },
      { mode: 3 },
      { origin: "other" },
      { short: true },
      { silent: true },
    ] as const;
    const clocks = manners.map(async (manner) => {
      const server = await startTimeServer({ ahead: 0, ...manner });
      return askClock({ host: "127.0.0.1", port: server.port }).finally(server.stop);
    });
    expect(await Promise.all(clocks)).toEqual(manners.map(() => null));
  });

  test("that is not there, or whose name nobody knows, tells nothing", async () => {
    const gone = await startTimeServer({ ahead: 0 });
    gone.stop();
    expect(await askClock({ host: "127.0.0.1", port: gone.port })).toBeNull();
    expect(await askClock({ host: "nowhere.invalid", port: 123 })).toBeNull();
  });

  test("tells its time after 2036 too, when its seconds begin again", () => {
    const request = new Uint8Array(48).fill(7, 40);
    const at = Date.UTC(2040, 0, 1);
    const exchange = readReply(replyTo(request, { ahead: 1000 }, at), request, { sent: at - 10, received: at + 10 });
    expect(exchange).toEqual({ offset: expect.closeTo(1000, 3), error: 10 });
  });
});
