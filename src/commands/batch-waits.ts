import type { Waiting } from "../batch/contact.ts";
import type { Tally } from "../batch/tally.ts";
import { oneLine, sayFailure } from "../i18n/say.ts";
import { isOverload } from "../stream/retry.ts";
import { now, type Failure, type Ms } from "../stream/event.ts";
import { visible } from "../text/visible.ts";
import type { Batch } from "./batch-summary.ts";

/** Ms for which a server may be away in the middle of a batch: that of a large model takes minutes to start. */
const PATIENCE = 600_000;
/** Waits that are said, ms. */
const LONG_WAIT = 5000;
const LONG_AWAY = 2000;
const LONG_REFUSING = 10_000;

/** Counts what is asked again, and says once why everything waits for long. */
export function createWaitWatch({ context, target, words, display }: Batch, tally: Tally) {
  const { messages, about } = target;
  let saidUntil = 0;
  let saidAway = false;
  let saidFull = false;
  /** Since when it has refused all, and how many answers there were then. */
  let refusing: { since: Ms; done: number; said: boolean } | null = null;

  function say(failure: Failure, words: (why: string) => string): void {
    display.clear();
    void context.err.warn(visible(words(sayFailure(messages, failure, about).what)));
  }

  function sayFull(failure: Failure): void {
    if (saidFull) return;
    saidFull = true;
    display.clear();
    void context.err.warn(visible(words.fewer(oneLine(sayFailure(messages, failure, about)))));
  }

  /** One that refuses all, and asks for no wait. */
  function sayRefusing(failure: Failure): void {
    const { done } = tally.progress();
    if (refusing?.done !== done) refusing = { since: now(), done, said: false };
    const ms = now() - refusing.since;
    if (refusing.said || ms < LONG_REFUSING) return;
    refusing.said = true;
    say(failure, (why) => words.refusing(why, messages.duration(ms)));
  }

  const waiting: Waiting = {
    patience: PATIENCE,
    onAway(failure, away) {
      if (away < LONG_AWAY) saidAway = false;
      if (saidAway || away < LONG_AWAY) return;
      saidAway = true;
      say(failure, (why) => words.away(why, messages.duration(PATIENCE)));
    },
  };
  return {
    waiting,
    onRetry(failure: Failure | null, wait: Ms): void {
      tally.retried();
      if (failure?.kind === "too_many_files") return sayFull(failure);
      if (failure !== null && isOverload(failure)) sayRefusing(failure);
      const due = now() + wait;
      if (failure?.kind !== "http" || (failure.wait ?? 0) < LONG_WAIT || due < saidUntil + LONG_WAIT) return;
      saidUntil = due;
      say(failure, (why) => words.paused(why, messages.duration(wait)));
    },
  };
}
