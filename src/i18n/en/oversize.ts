import type { FailureOf } from "../../stream/event.ts";
import { enNumbers } from "../numbers.ts";
import { words, type Words } from "../say.ts";

const { count } = enNumbers;

const mebibytes = (units: number): string => `${units / 1024 / 1024} MiB`;

const SENTENCES: Record<FailureOf<"oversize">["reason"], (limit: number) => string> = {
  event: (limit) => `The server sent one event of more than ${mebibytes(limit)}.`,
  depth: (limit) => `The server sent JSON nested more than ${count(limit)} levels deep.`,
  values: (limit) => `The server sent one event of more than ${count(limit)} JSON values.`,
  tool_calls: (limit) => `The answer makes more than ${count(limit)} tool calls.`,
  arguments: (limit) => `The arguments of the answer's tool calls pass ${mebibytes(limit)}.`,
  refusal: (limit) => `The refusal passes ${mebibytes(limit)}.`,
};

/** What is said of an answer of which there is more than is read. */
export function oversize({ reason, limit }: FailureOf<"oversize">): Words {
  return words(SENTENCES[reason](limit), "The answer is read no further; what came is kept.");
}
