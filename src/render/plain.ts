import type { Watcher } from "../run/event.ts";
import type { Sink } from "./sink.ts";

/** One answer in a pipe: its exact visible text and nothing more, not even a newline. */
export function createPlain(out: Sink): Watcher {
  return {
    on(event) {
      if (event.type !== "stream" || event.event.type !== "delta" || event.event.text === "") return;
      return out.write(event.event.text);
    },
  };
}
