import { describe, expect, test } from "bun:test";
import { createBroadcast, settled } from "../../src/run/broadcast.ts";
import type { Watcher } from "../../src/run/event.ts";

/** A watcher that writes down what it is told, and fails at that event. */
function createWitness(name: string, log: string[], fails: { at?: number; how?: "throws" | "rejects" } = {}) {
  const watcher: Watcher<number> = {
    on(event) {
      log.push(`${name}${event}`);
      if (event !== fails.at) return;
      if (fails.how === "rejects") return Promise.reject(new Error(name));
      throw new Error(name);
    },
    close: () => void log.push(`${name} closed`),
  };
  return watcher;
}

describe("a broadcast", () => {
  test("tells every watcher each event, in their order, and waits for nobody who has nothing to wait for", () => {
    const log: string[] = [];
    const { tell } = createBroadcast([createWitness("a", log), createWitness("b", log)], () => undefined);
    expect([tell(1), tell(2)]).toEqual([undefined, undefined]);
    expect(log).toEqual(["a1", "b1", "a2", "b2"]);
  });

  test("settles an event when the last watcher has taken it", async () => {
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const watchers = gates.map(({ promise }): Watcher<number> => ({ on: () => promise }));
    let taken = false;
    const telling = Promise.resolve(createBroadcast(watchers, () => undefined).tell(1)).then(() => (taken = true));
    gates[1]?.resolve();
    await Bun.sleep(0);
    expect(taken).toBe(false);
    gates[0]?.resolve();
    await telling;
  });

  for (const how of ["throws", "rejects"] as const)
    test(`tells no more to a watcher that ${how}, says so once, keeps the first error, and closes everybody`, async () => {
      const log: string[] = [];
      let lost = 0;
      const watchers = [
        createWitness("a", log, { at: 2, how }),
        createWitness("b", log),
        createWitness("c", log, { at: 3, how }),
      ];
      const broadcast = createBroadcast(watchers, () => lost++);
      for (const event of [1, 2, 3, 4]) await broadcast.tell(event);
      expect(log).toEqual(["a1", "b1", "c1", "a2", "b2", "c2", "b3", "c3", "b4"]);
      expect(lost).toBe(2);
      expect(broadcast.failure()).toEqual(new Error("a"));
      await broadcast.close();
      expect(log.slice(-3)).toEqual(["a closed", "b closed", "c closed"]);
    });

  test("closes the others although one cannot be closed, whose error counts where there is none before", async () => {
    const log: string[] = [];
    const stuck: Watcher<number> = { on: () => undefined, close: () => Promise.reject(new Error("stuck")) };
    const broadcast = createBroadcast([stuck, createWitness("b", log)], () => undefined);
    await broadcast.close();
    expect(log).toEqual(["b closed"]);
    expect(broadcast.failure()).toEqual(new Error("stuck"));
  });
});

test("nothing to wait for is no promise", () => {
  expect(settled(undefined, undefined)).toBeUndefined();
  expect(settled(undefined, Promise.resolve())).toBeInstanceOf(Promise);
});
