import { describe, expect, test } from "bun:test";
import { createBreaker, ENOUGH, type Refusal } from "../../src/batch/breaker.ts";
import { keyOf } from "../../src/batch/finished.ts";
import type { BatchRequest } from "../../src/batch/input.ts";

function request(model: string, api: "chat" | "responses" = "chat"): BatchRequest {
  return { id: model, key: keyOf(model), hash: 1, line: 1, text: "", asked: { kind: "body", api, body: { model } } };
}
const OF_MODEL: Refusal = { of: "model", same: "404 no such model", said: "there is no such model" };
const OF_API: Refusal = { of: "api", same: "404", said: "not found" };

/** A breaker of ends that are numbers; `times`: refuses so many, and collects what they made results. */
function create() {
  const breaker = createBreaker<number>(({ asked }) =>
    asked.kind === "body" ? { api: asked.api, model: asked.body.model } : { api: "chat", model: "" },
  );
  let count = 0;
  return {
    ...breaker,
    refuse: (model: string, times: number, refusal = OF_MODEL, api: "chat" | "responses" = "chat") =>
      Array.from({ length: times }, () => breaker.refused(request(model, api), refusal, ++count)).flat(),
  };
}

describe("the circuit breaker of a batch", () => {
  test("trips when the first of a kind were all refused alike, and makes no results of them", () => {
    const { refuse, isOpen, tripped, releaseAll } = create();
    expect([refuse("x", ENOUGH - 1), isOpen(request("x"))]).toEqual([[], false]);
    expect([refuse("x", 3), isOpen(request("x")), isOpen(request("y"))]).toEqual([[], true, false]);
    expect([tripped(), releaseAll()]).toEqual([[{ api: "chat", model: "x", refusal: OF_MODEL }], []]);
  });

  test("what refuses an API refuses all models there, and no other API", () => {
    const { refuse, isOpen } = create();
    refuse("x", 5, OF_API, "responses");
    refuse("y", 5, OF_API, "responses");
    expect([isOpen(request("z", "responses")), isOpen(request("x"))]).toEqual([true, false]);
  });

  test("of fewer all are results in the end", () => {
    const { refuse, releaseAll, tripped } = create();
    refuse("x", ENOUGH - 1);
    expect([releaseAll().length, tripped()]).toEqual([ENOUGH - 1, []]);
  });

  test("one answer is enough for it never to trip; what was held is a result then", () => {
    const { refuse, answered, isOpen } = create();
    refuse("x", 4);
    refuse("y", 3, OF_API);
    expect(answered(request("x"))).toEqual([5, 6, 7, 1, 2, 3, 4]);
    expect([answered(request("x")), refuse("x", 20).length, isOpen(request("x"))]).toEqual([[], 20, false]);
  });

  test("refusals that differ are results", () => {
    const { refuse, isOpen } = create();
    refuse("x", 4);
    expect(refuse("x", 1, { ...OF_MODEL, same: "403 not yours" })).toEqual([1, 2, 3, 4, 5]);
    expect([refuse("x", 20).length, isOpen(request("x"))]).toEqual([20, false]);
  });

  test("an answer that was under way when it tripped closes it again", () => {
    const { refuse, answered, isOpen } = create();
    refuse("x", ENOUGH);
    expect([answered(request("x")), isOpen(request("x"))]).toEqual([[], false]);
  });

  test("holds little, however many kinds there are", () => {
    const { refuse, releaseAll } = create();
    const results = Array.from({ length: 1000 }, (_, nth) => refuse(`model-${nth}`, 1)).flat();
    expect([results.length, releaseAll().length]).toEqual([900, 100]);
  });
});
