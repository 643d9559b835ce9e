import { mergeUsage, type Usage } from "../wire/usage.ts";
import type { NoticeCode } from "./event.ts";

/** Token counts of an answer, without a count of the completion that cannot be; `doubt` says what was wrong with it. */
export type BelievedUsage = { usage: Usage | null; doubt: Extract<NoticeCode, `usage_${string}`> | null };

/** What came, to hold the counts against. `tokens`: token events; `bytes`: of the body; `reasoned`: in the open. */
type Came = { tokens: number; bytes: number; visible: boolean; reasoned: boolean };

const UNKNOWN = { completion_tokens: null, reasoning_tokens: null, total_tokens: null };

/** Most events that are made of one token, by a proxy that writes smaller ones. */
const CUT = 2;

/** Gathers what a server says of its tokens, in one event or in many. */
export function createUsage(): {
  /** What was said so far; `tokens`: token events so far. */
  add(said: Usage, tokens: number): Usage;
  believed(came: Came): BelievedUsage;
} {
  let usage: Usage | null = null;
  /** Token events that had come by the first count of the completion. */
  let counted: number | null = null;
  let grew = false;
  let fell = false;

  /** A count that stands still while tokens come is that of one event, and not of the answer; what falls was no sum. */
  function standsStill({ tokens }: Came): boolean {
    const completion = usage?.completion_tokens ?? 0;
    if (counted === null || completion >= tokens || (grew && !fell)) return false;
    // One that comes when all was said may be of tokens which a proxy cut in two.
    return counted < tokens || CUT * completion < tokens;
  }

  return {
    add(said, tokens) {
      const before = usage?.completion_tokens ?? 0;
      const completion = said.completion_tokens ?? 0;
      if (completion > 0) {
        counted ??= tokens;
        grew ||= before > 0 && completion > before;
        fell ||= completion < before;
      }
      return (usage = mergeUsage(usage, said));
    },
    believed(came) {
      if (usage === null || !usage.completion_tokens) return { usage, doubt: null };
      const doubt = standsStill(came) ? "usage_not_total" : cannotBe(usage, came) ? "usage_impossible" : null;
      return { usage: doubt === null ? usage : { ...usage, ...UNKNOWN }, doubt };
    },
  };
}

/** More tokens than bytes, or reasoning that is more than all there was beside a text. */
function cannotBe(usage: Usage, { bytes, visible, reasoned }: Came): boolean {
  const completion = usage.completion_tokens ?? 0;
  const reasoning = usage.reasoning_tokens ?? 0;
  if (reasoning > completion && visible && !isSumOfAll(usage)) return true;
  const hidden = reasoned || countsReasoningApart(usage) ? 0 : reasoning;
  return completion - hidden > bytes;
}

/**
 * Whether reasoning is counted beside `completion_tokens` and not in it: where the total is the sum of all three, or
 * where there is more of it.
 */
export function countsReasoningApart(usage: Usage): boolean {
  const { completion_tokens: completion, reasoning_tokens: reasoning } = usage;
  if (reasoning === null || reasoning === 0 || completion === null) return false;
  return reasoning > completion || isSumOfAll(usage);
}

/** Whether the total says itself that reasoning is counted beside the completion. */
function isSumOfAll(usage: Usage): boolean {
  const { prompt_tokens: prompt, completion_tokens: completion, reasoning_tokens: reasoning } = usage;
  if (prompt === null || completion === null || reasoning === null) return false;
  return reasoning > 0 && usage.total_tokens === prompt + completion + reasoning;
}
