import { expect, test } from "bun:test";
import { createAnswerBounds } from "../../src/stream/tokens.ts";
import { BOUNDS } from "../../src/wire/bounds.ts";

const call = (index: number, text: string) => ({ index, id: null, name: null, arguments: text, custom: false });

test("as many units of arguments as one event may hold are read, in one call or in many, and one more is not", () => {
  const { excessWith } = createAnswerBounds();
  for (let index = 0; index < 8; index++)
    expect(excessWith([call(index % 3, "x".repeat(BOUNDS.arguments / 8))], "")).toBeNull();
  expect(excessWith([call(0, "")], "")).toBeNull();
  expect(excessWith([call(0, "x")], "")).toBe("arguments");
});

test("as many units of a refusal are read, and one more is not", () => {
  const { excessWith } = createAnswerBounds();
  expect(excessWith([], "x".repeat(BOUNDS.refusal))).toBeNull();
  expect(excessWith([], "x")).toBe("refusal");
});

test("a thousand calls are read, however often they are spoken of, and one more is not", () => {
  const { excessWith } = createAnswerBounds();
  for (let round = 0; round < 3; round++)
    for (let index = 0; index < BOUNDS.tool_calls; index++) expect(excessWith([call(index, "")], "")).toBeNull();
  expect(excessWith([call(BOUNDS.tool_calls, "")], "")).toBe("tool_calls");
});
