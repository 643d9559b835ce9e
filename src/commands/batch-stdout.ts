import { createFinished } from "../batch/finished.ts";
import type { Journal } from "../batch/journal.ts";
import type { Sink } from "../render/sink.ts";
import { visibleLine } from "../text/visible.ts";
import type { BatchDisplay } from "./batch-display.ts";

/** Results that go to standard output as they come: they are no record of what is done, but to the end of this run. */
export function createPipedResults(out: Sink, display: Pick<BatchDisplay, "clear">): Journal {
  const finished = createFinished();
  let last: Promise<void> = Promise.resolve();
  let failure: unknown = null;
  const { promise: broken, reject: breakDown } = Promise.withResolvers<never>();
  broken.catch(() => undefined);

  async function put(text: string): Promise<void> {
    try {
      if (failure === null) await out.write(text);
    } catch (error) {
      failure ??= error;
      breakDown(failure);
    }
  }

  return {
    finished,
    cut: 0,
    brokenLines: 0,
    twice: 0,
    broken,
    add(line, key, request, failed) {
      if (!finished.add(key, request, failed)) return Promise.resolve();
      if (out.terminal) display.clear();
      return (last = put(`${visibleLine(line)}\n`));
    },
    async durable() {
      await last;
      if (failure !== null) throw failure;
    },
    close: () => Promise.resolve(),
  };
}
