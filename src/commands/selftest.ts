import { ranOutOfFiles } from "../bench/health.ts";
import { load } from "../i18n/load.ts";
import { errorsHeld, holdsUpTo, cameThrough, type SelftestLoad, type SelftestReport } from "../metrics/selftest.ts";
import { showFor } from "../render/bench/figures.ts";
import { selftestResult, selftestVerdict, type SelftestTexts } from "../render/selftest.ts";
import { createPaint } from "../text/paint.ts";
import { visibleJson } from "../text/visible.ts";
import { cellsOf } from "../text/width.ts";
import type { Context, Verb } from "./context.ts";
import { EXIT } from "./exit.ts";
import { machineFacts } from "./machine.ts";
import { everywhere, loading, output } from "./options.ts";
import { liftRequestLimit } from "./own-process.ts";
import { BLOCKED_MS, runLoad, readPlan, type Lab, type Load, type SelftestPlan } from "./selftest-load.ts";
import { watchSignals } from "./signals.ts";
import { textColumns } from "./terminal.ts";

/** A clock that stood on the busy thread would be late by 25 ms (p50) and 45 ms (p90). */
const MOVED_MS = { p50: 5, p90: 20 } as const;

/** `llmaas selftest`: the error of this instrument on this machine, by load, and two trials of it. */
export const selftest: Verb = {
  meta: { name: "selftest" },
  args: {
    duration: loading.duration,
    concurrency: { type: "string", alias: "j", valueHint: "N", group: "load", default: "1,10,100,500,1000" },
    quiet: output.quiet,
    json: output.json,
    ...everywhere,
  },
  async run(context) {
    const plan = readPlan(context.args);
    const all = [...plan.loads, plan.quiet, ...plan.saturated];
    await liftRequestLimit(context, Math.max(...all.map(({ streams }) => streams)));
    context.out.open();
    context.err.open();
    const signals = watchSignals();
    const machine = machineFacts();
    const lab = { context, cores: machine.cores, stopped: signals.first };
    const { messages } = context;
    const [words, bench] = await Promise.all([load(messages.lang, "selftest"), load(messages.lang, "bench")]);
    const texts = { messages, words, bench, show: showFor(context.out.terminal), columns: textColumns(context.out) };
    const startedAt = new Date();
    const found = await runAll(lab, plan, createProgress(context, texts));
    // After a signal there is nothing to show: half of a self-test says nothing.
    if (found === null) return signals.code() ?? EXIT.interrupted;
    const report: SelftestReport = {
      v: 1,
      type: "selftest",
      tool: { name: "llmaas", version: context.version, bun: Bun.version },
      machine,
      started_at: startedAt.toISOString(),
      ended_at: new Date().toISOString(),
      schedule: plan.schedule,
      ...found,
    };
    await show(context, report, texts);
    if ([...report.loads, report.saturated].some(({ client }) => ranOutOfFiles(client)))
      await context.err.warn(messages.warning.tooManyFiles);
    return report.passed ? EXIT.ok : EXIT.failed;
  },
};

type Found = Pick<SelftestReport, "loads" | "limits" | "busy_main" | "saturated" | "passed">;

/** Every run in turn; `null` when a signal came. */
async function runAll(lab: Lab, plan: SelftestPlan, progress: Progress): Promise<Found | null> {
  const run = async (name: string, load: Load): Promise<SelftestLoad | null> => {
    await progress.begin(name);
    const found = await runLoad(lab, load);
    if (found !== null) await progress.end(found);
    return found;
  };
  const loads: SelftestLoad[] = [];
  for (const load of plan.loads) {
    const found = await run(progress.load(load), load);
    if (found === null) return null;
    loads.push(found);
  }
  const quiet = await run(progress.names.quiet, plan.quiet);
  const busy = quiet && (await run(progress.names.busy, plan.busy));
  let saturated: SelftestLoad | null = null;
  // A machine that keeps up is asked for more.
  for (const load of plan.saturated) {
    if (busy === null || saturated?.client.healthy === false) break;
    saturated = await run(progress.names.saturated, load);
  }
  if (quiet === null || busy === null || saturated === null) return null;
  await progress.done();
  const held = errorsHeld(quiet, busy, MOVED_MS);
  const { concurrency, tokens_per_second, client } = saturated;
  const said = !client.healthy;
  return {
    loads,
    limits: { under_1_ms_up_to: holdsUpTo(loads, 1), under_5_ms_up_to: holdsUpTo(loads, 5) },
    busy_main: { blocked_ms: BLOCKED_MS, quiet, busy, limits_ms: MOVED_MS, held },
    saturated: { concurrency, tokens_per_second, client, said },
    passed: [...loads, quiet, busy].every(cameThrough) && held && said,
  };
}

type Progress = {
  load(load: Load): string;
  names: Record<"quiet" | "busy" | "saturated", string>;
  begin(name: string): void | Promise<void>;
  end(found: SelftestLoad): void | Promise<void>;
  done(): void | Promise<void>;
};

/** One line a run on stderr, for whoever watches. */
function createProgress({ args, err }: Context, { messages, words, columns }: SelftestTexts): Progress {
  const { progress } = words;
  let begun = 0;
  const watched = err.terminal && !args.has("quiet");
  const write = (text: string): void | Promise<void> => (watched ? err.write(text) : undefined);
  return {
    load: ({ streams, rate }) => progress.load(messages.count(streams), messages.count(rate)),
    names: progress,
    begin(name) {
      begun = cellsOf(`${name} … `);
      return write(`${name} … `);
    },
    end(found) {
      const outcome = outcomeOf(found);
      return write(`${begun + cellsOf(outcome) <= columns ? "" : "\n  "}${outcome}\n`);
    },
    done: () => write("\n"),
  };

  function outcomeOf(found: SelftestLoad): string {
    if (found.tokens_per_second === 0) return progress.done;
    const { ttft_ms: error } = found.error;
    return cameThrough(found) && error !== null ? progress.error(messages.duration(error.p99)) : progress.lost;
  }
}

async function show({ args, out }: Context, report: SelftestReport, texts: SelftestTexts): Promise<void> {
  if (args.has("json")) return void (await out.write(`${visibleJson(report)}\n`));
  if (args.has("quiet")) return void (await out.write(`${selftestVerdict(report, texts)}\n`));
  await out.write(selftestResult(report, texts, createPaint(out.color)));
}
