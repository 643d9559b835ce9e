import { expect, test } from "bun:test";
import { BOUNDS, excessOf, parseJson } from "../../src/wire/bounds.ts";
import { parseChunk } from "../../src/wire/choices.ts";
import { parseModels } from "../../src/wire/models.ts";
import { errorOfText } from "../../src/wire/errors.ts";

const calls = (count: number, key = '"tool_calls"', call = "{}"): string =>
  `{"choices":[{"delta":{${key}:[${Array.from({ length: count }, () => call).join(",")}]}}]}`;
const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);

test("a text as deep as the bound is read, and one level more is not", () => {
  expect(excessOf(nested(BOUNDS.depth))).toBeNull();
  expect(excessOf(nested(BOUNDS.depth + 1))).toBe("depth");
  expect(excessOf(`{"a":${nested(BOUNDS.depth)}}`)).toBe("depth");
  expect(excessOf('{"a":'.repeat(BOUNDS.depth + 1))).toBe("depth");
  expect(excessOf("[".repeat(4_000_000))).toBe("depth");
});

test("brackets in texts are no levels, and quotes that are escaped end none", () => {
  for (const inside of ["[".repeat(5000), '\\"['.repeat(5000), "\\\\".repeat(5000), '\\\\\\"{'.repeat(5000)])
    expect(excessOf(`{"a":"${inside}"}`)).toBeNull();
  expect(excessOf(`{"a":"\\\\","b":${nested(BOUNDS.depth)}}`)).toBe("depth");
});

test("levels that are closed again do not add up", () => {
  expect(excessOf(`[${Array.from({ length: 5000 }, () => "[[]]").join(",")}]`)).toBeNull();
});

test("a thousand tool calls are read, and one more is not, whatever stands in them", () => {
  for (const call of ["{}", "0", '{"function":{"arguments":"[1,2,3]"}}', "[1,2,3]", '","']) {
    expect(excessOf(calls(BOUNDS.tool_calls, undefined, call))).toBeNull();
    expect(excessOf(calls(BOUNDS.tool_calls + 1, undefined, call))).toBe("tool_calls");
  }
  expect(excessOf(calls(BOUNDS.tool_calls + 1, ' "tool_calls" '))).toBe("tool_calls");
});

test("a list of another name may be as long as it likes, until there are a million values", () => {
  expect(excessOf(calls(100_000, '"logprobs"'))).toBeNull();
  expect(excessOf(calls(BOUNDS.values, '"logprobs"', "0"))).toBe("values");
  expect(excessOf(`[${'"",'.repeat(BOUNDS.values)}0]`)).toBe("values");
});

test("of tool calls under a key that is spelled with escapes one more than may be is made", () => {
  const parsed = parseChunk(calls(400_000, '"tool\\u005fcalls"'));
  expect(parsed.kind === "chunk" && parsed.chunk.tools.length).toBe(BOUNDS.tool_calls + 1);
});

test("the largest event there can be is looked through before anything of it is built", () => {
  const most = BOUNDS.event;
  for (const data of [calls(most / 2 - 50, undefined, "0"), calls(most / 3 - 50), nested(most / 2)])
    expect(parseChunk(data).kind).toBe("excess");
});

test("every reader of a body has the same bounds", () => {
  const deep = nested(BOUNDS.depth + 1);
  expect(parseJson(deep)).toBeUndefined();
  expect(parseJson("{oops")).toBeUndefined();
  expect(parseJson("null")).toBeNull();
  expect(parseModels(`{"data":[{"id":"a","x":${deep}}]}`)).toBeNull();
  expect(errorOfText(`{"error":{"message":${deep}}}`)).toBeNull();
});

test("an error that says event stream in event stream in event stream is read once, and soon", () => {
  for (const body of ["data:".repeat(100_000), "error:".repeat(100_000), "event: error\ndata: ".repeat(100_000)])
    expect(() => errorOfText(`${body}x`)).not.toThrow();
  const last = `${"[\n".repeat(1_000_000)}{"error":{"message":"at last"}}`;
  expect(errorOfText(last)?.message).toBe("at last");
});
