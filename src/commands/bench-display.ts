import { load, type BenchWords, type Messages } from "../i18n/load.ts";
import type { Progress } from "../metrics/progress.ts";
import type { RunReport } from "../metrics/report.ts";
import { createBenchLines, createBenchLive } from "../render/bench/live.ts";
import { sayPlan, type PlanToSay } from "../render/bench/plan.ts";
import { renderResult, renderVerdict } from "../render/bench/result.ts";
import { createPaint } from "../text/paint.ts";
import { visibleJson } from "../text/visible.ts";
import type { Context } from "./context.ts";
import { canRedraw, guardScreen, sizeOf, textColumns } from "./terminal.ts";

/** What a measured load shows: before, while and after. */
export type BenchDisplay = {
  plan(plan: PlanToSay): void | Promise<void>;
  progress(progress: Progress): void | Promise<void>;
  result(report: RunReport): void | Promise<void>;
  /** Leaves the terminal as it was, whatever ended the run. */
  close(): void | Promise<void>;
};

/** The display that fits where the output goes: JSON lines, the verdict alone, or words and a live picture on stderr. */
export async function openBenchDisplay(context: Context, messages: Messages): Promise<BenchDisplay> {
  const { out, err, args } = context;
  if (args.has("json")) return openJson(context);
  const words = await load(messages.lang, "bench");
  const options = { messages, words, paint: createPaint(out.color), terminal: out.terminal, columns: textColumns(out) };
  if (args.has("quiet")) {
    const none = (): void => undefined;
    return { plan: none, progress: none, close: none, result: (report) => out.write(renderVerdict(report, options)) };
  }
  const live = canRedraw(err.terminal, context.env)
    ? openLive(context, messages, words)
    : openLines(context, messages, words);
  return {
    plan: (plan) =>
      err.write(`${sayPlan(plan, { messages, words, terminal: err.terminal, columns: textColumns(err) })}\n`),
    ...live,
    async result(report) {
      await live.close();
      await out.write(renderResult(report, options));
    },
  };
}

/** Ms between two lines of progress, less what a look may come early. */
const JSON_EVERY = 900;

function openJson({ out }: Context): BenchDisplay {
  const line = (value: unknown): void | Promise<void> => out.write(`${visibleJson(value)}\n`);
  let saidAt = -Infinity;
  return {
    plan({ plan, endpoint, demo, models, prompts }) {
      return line({ v: 1, type: "plan", endpoint, demo, models, prompts, ...plan });
    },
    progress(progress) {
      if (progress.phase !== "done" && performance.now() - saidAt < JSON_EVERY) return;
      saidAt = performance.now();
      return line(progress);
    },
    result: line,
    close: () => undefined,
  };
}

function openLive({ err }: Context, messages: Messages, words: BenchWords): Pick<BenchDisplay, "progress" | "close"> {
  const live = createBenchLive({ sink: err, messages, words, size: () => sizeOf(process.stderr) });
  const release = guardScreen(process.stderr, live);
  return {
    progress: live.progress,
    async close() {
      release();
      await live.close();
    },
  };
}

function openLines({ err }: Context, messages: Messages, words: BenchWords): Pick<BenchDisplay, "progress" | "close"> {
  return { ...createBenchLines({ sink: err, messages, words }), close: () => undefined };
}
