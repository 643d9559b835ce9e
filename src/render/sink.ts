import { visible } from "../text/visible.ts";

/** The hole through which characters leave. A promise from `write` means that the reader is slow; it rejects when the reader is gone. */
export type Sink = {
  write(text: string): void | Promise<void>;
  /**
   * The same for what may come in floods: of it a terminal shows little more once somebody waits for the end. "line": it
   * goes on with no line that was begun.
   */
  pour?(text: string, begins?: "line"): void | Promise<void>;
  /** The same for a frame, which leaves the cursor where no line of text begins or ends. */
  draw?(text: string): void | Promise<void>;
  /** Text from outside must be made harmless before it is written here. */
  terminal: boolean;
  color: boolean;
  /** A terminal that shows words, and no pictures; what is written to it, but not what is poured, is made so. */
  wordsOnly?: boolean;
};

/** What makes a text from outside fit to be written there: harmless on a terminal, as it is elsewhere. */
export function showOn(sink: Sink): (text: string) => string {
  return sink.terminal ? visible : (text) => text;
}
