import type { Failure, Ms } from "../stream/event.ts";
import { isOfConnection } from "./failures.ts";

/** Requests that nobody heard, one after the other, for which that cannot be their own fault. */
const ENOUGH = 10;
/** Statuses of a gateway that reaches nobody behind it. */
const OF_GATEWAYS = new Set([502, 504, 521, 522, 523]);
/** Ms between two tries while a server is away. */
const SHORTEST = 500;
const LONGEST = 10_000;

/** How long a server is waited for that was there before, and who is told that it has been away for so many ms. */
export type Waiting = { patience: Ms; onAway(failure: Failure, ms: Ms): void };

/** Whether somebody is there to speak with; a server that was there is waited for, where anything is. */
export function createContact(now: () => Ms, waiting: Waiting | null) {
  let replied = false;
  let served = false;
  let inARow = 0;
  let since: Ms | null = null;
  /** Lines of those that nobody has heard since. */
  const unheard = new Set<number>();

  function heard(): void {
    served = true;
    since = null;
    unheard.clear();
  }

  return {
    /** The request of a line was asked, and failed or not: how often in a row now there was no connection. */
    came(failure: Failure | null, line: number): number {
      // A timeout says neither that somebody is there nor that nobody is.
      if (failure?.kind === "timeout") return inARow;
      if (failure !== null && saysNobody(failure)) {
        since ??= now();
        if (unheard.size < ENOUGH) unheard.add(line);
      } else heard();
      if (failure !== null && isOfConnection(failure)) return ++inARow;
      replied = true;
      return (inARow = 0);
    },
    replied: () => replied,
    /** Ms until it is worth to try again, where a failure means that a server is away; `null`: it does not, or nobody waits for it. */
    wait(failure: Failure): Ms | "gone" | null {
      if (waiting === null || !served || since === null || !saysNobody(failure)) return null;
      if (!ofNoRequest(failure) && unheard.size < ENOUGH) return null;
      const away = now() - since;
      if (away >= waiting.patience) return "gone";
      waiting.onAway(failure, away);
      return Math.min(LONGEST, Math.max(SHORTEST, away / 2));
    },
  };
}

/** Whatever was asked, it did not come to that. */
function ofNoRequest({ kind }: Failure): boolean {
  return kind === "refused" || kind === "dns" || kind === "tls" || kind === "proxy";
}

function saysNobody(failure: Failure): boolean {
  if (failure.kind === "http") return OF_GATEWAYS.has(failure.status) && !failure.lasting;
  return ofNoRequest(failure) || isOfConnection(failure);
}
