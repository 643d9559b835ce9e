import type { PartialReason } from "../metrics/report.ts";
import type { RunWatcher } from "../metrics/watched.ts";
import { now, type CancelReason, type Ms } from "../stream/event.ts";

/** How a load ended. `failure`: an output that takes no more, or prompts that cannot be read; all the same it is reported. */
export type End = {
  partial: PartialReason | null;
  cutAt: Ms | null;
  failure: { error: unknown } | null;
  died: boolean;
};

/** Why a step ended before its plan did: the first reason counts. */
export type Ending = {
  state: End;
  first: Promise<PartialReason>;
  end(why: PartialReason): void;
  /** What was thrown is thrown again once everything that was measured is out. */
  fail(error: unknown, why?: PartialReason): void;
};

export function createEnding(): Ending {
  const { promise: first, resolve } = Promise.withResolvers<PartialReason>();
  const state: End = { partial: null, cutAt: null, failure: null, died: false };
  function end(why: PartialReason): void {
    state.died ||= why === "crash";
    if (state.partial !== null) return;
    state.partial = why;
    state.cutAt = now();
    resolve(why);
  }
  return {
    state,
    first,
    end,
    fail(error, why = "output") {
      state.failure ??= { error };
      end(why);
    },
  };
}

/** What the streams under way are told of it. */
export const INTERRUPTS: Readonly<Record<PartialReason, CancelReason>> = {
  signal: "signal",
  threshold: "abort",
  output: "reader_gone",
  prompts: "abort",
  refused: "abort",
  crash: "abort",
};

/** Statuses of a request that will not be answered however often it is sent: wrong key, no right, wrong name. */
const FINAL: ReadonlySet<number | null> = new Set([401, 403, 404]);
/** When more streams than these have ended, and all of them so, a load would only go on knocking. */
const REFUSALS = 30;

/** Ends a step that has no more to say: nothing but refusals came, or the thread is dead. */
export function createGiveUp({ end }: Ending): RunWatcher {
  let refused = 0;
  let answered = false;
  return {
    on(event) {
      if (event.type !== "record") return;
      const { http_status: status, error } = event.record;
      // A dead thread fails every stream at once: without an end a loop would go on failing.
      if (error?.kind === "worker_died") end("crash");
      answered ||= !FINAL.has(status);
      if (!answered && ++refused > REFUSALS) end("refused");
    },
  };
}
