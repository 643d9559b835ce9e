import type { Service } from "../batch/queue/serve.ts";
import type { Messages, QueueWords } from "../i18n/load.ts";
import { visible, visibleJson } from "../text/visible.ts";
import type { Context } from "./context.ts";
import { createDrawnLine } from "./drawn-line.ts";
import { canRedraw } from "./terminal.ts";

/** Ms between two lines on a terminal, as JSON, and in a file. */
const EVERY = { live: 1000, file: 30_000 } as const;

/** What a worker does, in one line a second. */
export function createWorkerDisplay(
  { args, env, out, err }: Pick<Context, "args" | "env" | "out" | "err">,
  messages: Messages,
  words: QueueWords,
  service: Service,
): { clear(): void; close(): void } {
  const json = args.has("json");
  const live = canRedraw(err.terminal, env);
  const drawn = createDrawnLine(err);

  function line(): string {
    const { served, workers, failed, done, running, per_second: rate } = service.state();
    const { status, worker: say } = words;
    return [
      served.length === 0 ? say.idle : say.batches(served.map(({ name }) => name)),
      status.running(messages.count(running)),
      say.done(messages.count(done)),
      ...(failed > 0 ? [status.failed(messages.count(failed))] : []),
      ...(rate === null || done === 0 ? [] : [status.rate(messages.amount(rate))]),
      ...(workers > 1 ? [say.others(workers)] : []),
    ].join(" · ");
  }

  function show(): void {
    const { served, ...state } = service.state();
    if (json)
      void out.write(`${visibleJson({ v: 1, type: "worker", ...state, batches: served.map(({ name }) => name) })}\n`);
    else if (!live) void err.write(`${visible(line())}\n`);
    else drawn.draw(line());
  }

  const timer = args.has("quiet") && !json ? null : setInterval(show, json || live ? EVERY.live : EVERY.file);
  return {
    clear: drawn.clear,
    close() {
      if (timer !== null) clearInterval(timer);
      drawn.clear();
    },
  };
}
