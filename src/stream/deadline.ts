import type { CancelReason, Failure, Ms, StartTimer, TimerName, Timers } from "./event.ts";

/**
 * From when each timer counts that runs, and how long the thread had stood still by then. Plain data: each token writes
 * into it, and where it is has to be looked up in nothing else.
 */
type Running = Record<TimerName, Ms> & { stood: Ms };

export type Deadline = {
  running: Running;
  /** Aborts when a timer fires or the stream is cancelled. */
  signal: AbortSignal;
  sent(at: Ms): void;
  opened(): void;
  /** The first one; `nextToken` does for the others. */
  token(at: Ms): void;
  /** Between attempts only `total` runs. */
  rest(): void;
  /** We stop reading: `first_token` and `idle` stand still until `resume`. */
  hold(): void;
  resume(): void;
  cancel(reason: CancelReason): void;
  /** The timeout or the cancellation that aborted, if one did. */
  failure(): Failure | null;
  stop(): void;
};

/** `stood`: ms in all for which the thread has stood still until that instant, the present one. */
type Clock = { now: () => Ms; startTimer: StartTimer; stood: (at: Ms) => Ms };

/** In this order: of those that are due at once the first counts. */
const NAMES = ["total", "open", "first_token", "idle"] as const satisfies readonly TimerName[];
/** Of a timer that does not run: it is due in no time. */
const NEVER: Ms = Infinity;

/**
 * A token that is not the first moves the due time away, and the timer that is set looks again when it fires. What stood
 * still before it is over with it. `false` where it is the first.
 */
export function nextToken(running: Running, at: Ms, stood: Ms): boolean {
  if (running.first_token !== NEVER) return false;
  running.idle = at;
  running.stood = stood;
  return true;
}

/** The four timers of one stream on one timer and one controller. Milliseconds; 0 is off. */
export function createDeadline(timers: Timers, clock: Clock): Deadline {
  const { now, startTimer, stood } = clock;
  const controller = new AbortController();
  const since: Running = {
    idle: NEVER,
    first_token: NEVER,
    open: NEVER,
    total: NEVER,
    stood: clock.stood(clock.now()),
  };
  const limits: Record<TimerName, number> = {
    open: timers.open,
    first_token: timers.firstToken,
    idle: timers.idle,
    total: timers.total,
  };
  /** When the timer that is set fires. */
  let set: Ms = Infinity;
  let disarm = (): void => undefined;
  let heldFrom: Ms | null = null;
  let failure: Failure | null = null;

  function runs(name: TimerName): boolean {
    return since[name] !== NEVER && limits[name] > 0 && (heldFrom === null || name === "total");
  }

  function due(name: TimerName): Ms {
    return since[name] + limits[name];
  }

  function next(): TimerName | null {
    let nearest: TimerName | null = null;
    for (const name of NAMES) {
      if (runs(name) && (nearest === null || due(name) < due(nearest))) nearest = name;
    }
    return nearest;
  }

  /**
   * A timer that fires too early looks again, which costs less than a timer more: none is set for longer than `idle`, which
   * begins with the first token, so that most streams need one.
   */
  function arm(): void {
    const name = next();
    if (name === null || controller.signal.aborted || due(name) >= set) return;
    disarm();
    const at = now();
    set = limits.idle > 0 ? Math.min(due(name), at + limits.idle) : due(name);
    disarm = startTimer(fire, Math.max(0, set - at));
  }

  function fire(): void {
    set = Infinity;
    shiftByPauses();
    const name = next();
    if (name !== null && due(name) <= now()) {
      abort({ kind: "timeout", phase: name, after: limits[name], message: "" });
    } else {
      arm();
    }
  }

  /** While we hold, nothing but `total` runs, and what is held is shifted at its end. */
  function shiftByPauses(): void {
    const before = since.stood;
    since.stood = stood(now());
    if (heldFrom === null && since.stood > before) shift(since.stood - before);
  }

  function shift(by: number): void {
    for (const name of NAMES) if (name !== "total") since[name] += by;
  }

  function abort(why: Failure): void {
    disarm();
    if (failure !== null) return;
    failure = why;
    controller.abort(why);
  }

  return {
    running: since,
    signal: controller.signal,
    sent(at) {
      if (since.total === NEVER) since.total = at;
      since.idle = NEVER;
      since.open = since.first_token = at;
      arm();
    },
    opened() {
      // What still runs ran before, and is not due before the timer that is set.
      since.open = NEVER;
    },
    token(at) {
      since.first_token = NEVER;
      nextToken(since, at, stood(at));
      if (due("idle") < set) arm();
    },
    rest() {
      since.open = since.first_token = since.idle = NEVER;
      arm();
    },
    hold() {
      heldFrom = now();
      arm();
    },
    resume() {
      if (heldFrom === null) return;
      const from = heldFrom;
      heldFrom = null;
      const at = now();
      shift(at - from);
      since.stood = stood(at);
      arm();
    },
    cancel: (reason) => abort({ kind: "cancelled", reason, message: "" }),
    failure: () => failure,
    stop: () => disarm(),
  };
}
