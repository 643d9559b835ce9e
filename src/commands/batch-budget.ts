import type { Stop } from "../batch/coordinator.ts";
import { readReport } from "../batch/journal-report.ts";
import type { BatchProgress, Tally } from "../batch/tally.ts";
import type { Batch, Given } from "./batch-summary.ts";

type Sums = Pick<BatchProgress, "cost" | "tokens">;

type Budget = {
  /** Whether all is spent that may be, and how much that is. */
  reached(sums: Sums): Stop | null;
  /** Counts what is spent, and stops the batch when that is enough. */
  spending(tally: Tally, stop: (reason: Stop) => void): Given["spend"];
};

/** What a batch may spend: all of its runs together, as far as the results say what those before have spent. */
export async function openBudget(batch: Batch): Promise<Budget> {
  const { maxCost, maxTokens } = batch.options;
  const isLimited = maxCost !== null || maxTokens !== null;
  const before = isLimited ? await spentBefore(batch) : { cost: 0, tokens: 0 };

  function reached(sums: Sums): Stop | null {
    const cost = before.cost + (sums.cost ?? 0);
    const tokens = before.tokens + sums.tokens.prompt + sums.tokens.completion;
    if (maxCost !== null && cost >= maxCost) return { why: "max_cost", spent: cost };
    return maxTokens !== null && tokens >= maxTokens ? { why: "max_tokens", spent: tokens } : null;
  }

  return {
    reached,
    spending: (tally, stop) => (spent) => {
      tally.spent(spent);
      // What has been spent is summed up where it may end the batch.
      const end = isLimited ? reached(tally.progress()) : null;
      if (end !== null) stop(end);
    },
  };
}

async function spentBefore({ options, files, target, display }: Batch): Promise<{ cost: number; tokens: number }> {
  const { done, failed } = files.finished.count();
  if (options.piped || done + failed === 0) return { cost: 0, tokens: 0 };
  const { out } = options;
  const { cost, tokens } = await readReport(out, (read, size) => display.reading(out, read / size));
  display.clear();
  return { cost: cost[target.settings.prices?.currency ?? ""] ?? 0, tokens: tokens.prompt + tokens.completion };
}
