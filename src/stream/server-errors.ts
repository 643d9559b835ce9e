import { ERROR_FIELD, errorOfText, NO_ERROR, titleOf, type ApiError } from "../wire/errors.ts";
import { gaveUp, hasEnded, type Facts } from "./judge.ts";
import { clip, quoteOf, type Mask } from "./mask.ts";

/** Most UTF-16 units that are kept of lines that are no fields. */
const OUTSIDE_LIMIT = 4096;

/** Folds what a server says went wrong into the facts of its answer, wherever it says so. */
export function createServerErrors(facts: Facts, mask: Mask) {
  let outside = "";

  /** After a finish reason nothing changes the verdict. `text`: what is quoted of an error without words. */
  function take(error: ApiError, text: string): void {
    if (hasEnded(facts) && !gaveUp(facts.finishReason)) return;
    facts.error = { ...error, message: clip(mask(error.message)) || quoteOf(mask(text)) };
  }

  /** What is called an error is one, whatever it looks like. */
  function takeCalled(text: string): void {
    facts.events++;
    take(errorOfText(text) ?? NO_ERROR, text);
  }

  return {
    take,
    takeCalled,
    /** A line that is no field of the event stream. */
    takeLine(line: string): void {
      if (facts.done || facts.error !== null) return;
      const text = line.startsWith(ERROR_FIELD) ? line.slice(ERROR_FIELD.length).trim() : null;
      if (text !== null && text !== "" && text !== "null") takeCalled(text);
      else if (text === null && line !== "" && outside.length < OUTSIDE_LIMIT) outside += `${line}\n`;
    },
    /** The body is over: such lines say why it has no end, where it has none. */
    settle(): void {
      if (facts.done || facts.error !== null || hasEnded(facts) || outside === "") return;
      const error = errorOfText(outside);
      if (error !== null && error.message !== "") take(error, outside);
      else facts.outside = quoteOf(mask(titleOf(outside) ?? outside));
    },
  };
}
