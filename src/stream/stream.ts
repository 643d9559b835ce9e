import type { Adaptation, Api } from "../wire/api.ts";
import { BOUNDS } from "../wire/bounds.ts";
import { loadApi, loadAssembler, type ApiKind } from "../wire/apis.ts";
import { askedOf, bodyAsked, type Asked } from "./asked.ts";
import { attempt, type Attempted } from "./attempt.ts";
import { createConnections, type Connections, type Fetch } from "./http.ts";
import { createDeadline, nextToken, type Deadline } from "./deadline.ts";
import {
  isComplete,
  startTimer,
  type CancelReason,
  type EndedEvent,
  type Failure,
  type Ms,
  type NoticeCode,
  type StartTimer,
  type StreamEvent,
  type StreamRequest,
} from "./event.ts";
import type { Workload } from "./idle.ts";
import { failed, judge, oversize } from "./judge.ts";
import { maskFailure, maskReason, QUOTE } from "./mask.ts";
import { rehearsalOf } from "./rehearsal.ts";
import { backoff, isRetriable } from "./retry.ts";
import { createRoutes, type Route } from "./route.ts";

/** Takes an event; a promise holds reading until it settles. `weight`: bytes of response the event stands for. */
export type Emit = (event: StreamEvent, weight: number) => Promise<void> | undefined;

type Engine = {
  /** Loads what speaks an API, and rehearses an answer; a stream that starts before that waits for the first alone. */
  prepare(api: ApiKind): Promise<void>;
  /**
   * Runs one prompt, from request to verdict. `own`: the request as JSON in the form of its own API, in place of `body`.
   * `done` settles after "ended" was emitted; it rejects on a bug of ours.
   */
  start(
    request: StreamRequest,
    emit: Emit,
    own?: string | null,
  ): { done: Promise<void>; cancel(reason: CancelReason): void };
};

type EngineOptions = {
  fetch: Fetch;
  now: () => Ms;
  startTimer?: StartTimer;
  random?: () => number;
  /** Ms in all for which this thread has stood still, stopped or asleep, until that instant, the present one. */
  stood?: (at: Ms) => Ms;
};

/** The stream engine: attempts until a verdict. It knows no thread, no pace and no screen. */
export function createEngine(options: EngineOptions): Engine {
  const outside = {
    startTimer,
    random: Math.random,
    stood: () => 0,
    ...options,
    /** What servers refused once, for the life of the process. */
    adaptations: createAdaptations(),
    connections: createConnections(),
    workload: { ms: 0 },
  };
  const routeOf = createRoutes();
  return {
    async prepare(api) {
      await loadApi(api);
      const { fetch, request, own } = rehearsalOf(api);
      await createEngine({ ...outside, fetch }).start(request, () => undefined, own).done;
    },
    start(request, emit, own = null) {
      const deadline = createDeadline(request.timers, outside);
      const deliver = createGate(emit, deadline, outside);
      const done = run({ ...outside, deadline, deliver, route: routeOf(request) }, request, own);
      return { done, cancel: deadline.cancel };
    },
  };
}

type Context = Required<EngineOptions> & {
  adaptations: ReturnType<typeof createAdaptations>;
  connections: Connections;
  workload: Workload;
  deadline: Deadline;
  deliver: ReturnType<typeof createGate>;
  route: Route;
};

async function run(context: Context, request: StreamRequest, own: string | null): Promise<void> {
  const { adaptations, deadline, deliver } = context;
  try {
    const loading = loadApi(request.api);
    const api = loading instanceof Promise ? await loading : loading;
    const assembling = request.assemble === true ? loadAssembler(request.api) : null;
    const createAssembler = assembling instanceof Promise ? await assembling : assembling;
    const wanted = askedOf(api, request, own);
    let retries = 0;
    /** Once a stream, a request goes out again at once because a kept connection was stale. */
    let again = false;
    let wasStale = false;
    for (let number = 1; ; number++) {
      const asked = adaptations.apply(wanted, api, request);
      const attempted = await attempt({ ...context, request, api, createAssembler, asked, number, again });
      again = attempted.stale && !wasStale;
      if (again) {
        wasStale = true;
        await deliver({ type: "notice", at: attempted.at, code: "stale_connection", detail: "" });
        continue;
      }
      const code = adaptations.learn(attempted, asked, api, request);
      if (code !== null) {
        deadline.rest();
        await deliver({ type: "notice", at: attempted.at, code, detail: "" });
        continue;
      }
      const plan = planRetry(context, request, attempted, retries);
      if (plan === null || typeof plan === "object") return await finish(context, attempted, plan, request);
      retries++;
      const failure = attempted.stopped ?? { kind: "ended_early", message: "" };
      deadline.rest();
      const told = maskFailure(failure, context.route.mask);
      await deliver({ type: "retrying", at: attempted.at, attempt: number + 1, failure: told, delay: plan });
      await pause(plan, deadline.signal, context.startTimer);
      const aborted = deadline.failure();
      if (aborted !== null) return await finish(context, { ...attempted, at: context.now() }, aborted, request);
    }
  } finally {
    deadline.stop();
  }
}

/** The wait in ms before another attempt; a failure when the server asks for too long a wait; `null` for no retry. */
function planRetry(
  { random, deadline }: Context,
  request: StreamRequest,
  attempted: Attempted,
  retries: number,
): number | Failure | null {
  const { answer, wait } = attempted;
  if (deadline.signal.aborted || answer.facts().tokens > 0) return null;
  const { failure } = judge(answer.facts(), attempted.stopped, request);
  if (failure === null || !isRetriable(failure) || retries >= request.retries) return null;
  if (wait === null) return backoff(retries, random);
  return failure.kind === "http" && wait > request.maxWait ? { ...failure, refusedWait: wait } : wait;
}

async function finish(
  { deliver, route }: Context,
  attempted: Attempted,
  override: Failure | null,
  request: StreamRequest,
): Promise<void> {
  const { answer, at } = attempted;
  const { mask } = route;
  const facts = answer.facts();
  const { usage, doubt } = answer.usage();
  const whole = judge(facts, override ?? attempted.stopped, request);
  const body = isComplete(whole) ? answer.body(request.body.model, at) : null;
  const judged = body !== null && isTooLong(body) ? failed(oversize("body")) : whole;
  const { verdict, notice } = judged;
  // What came is judged, what is shown is masked.
  const failure = judged.failure && maskFailure(judged.failure, mask);
  const finishReason = facts.finishReason && maskReason(facts.finishReason, mask);
  if (facts.lost > 0 && facts.events > 0)
    await deliver({ type: "notice", at, code: "lost_events", detail: String(facts.lost) });
  if (notice !== null) await deliver({ type: "notice", at, code: notice, detail: finishReason ?? "" });
  if (doubt !== null) await deliver({ type: "notice", at, code: doubt, detail: "" });
  const tail = request.observe && failure !== null ? answer.tail() : "";
  const [response, server] = [answer.response(), answer.server()];
  if (facts.tokens > 0 && isOther(response?.model ?? null, mask(request.body.model)))
    await deliver({ type: "notice", at, code: "other_model", detail: (response?.model ?? "").slice(0, QUOTE) });
  const ended: EndedEvent = {
    type: "ended",
    at,
    verdict,
    finishReason,
    usage,
    server,
    response,
    failure,
    backpressure: 0,
    tail,
  };
  if (body !== null && failure === null) ended.body = body;
  const hold = deliver(ended);
  if (hold !== undefined) await hold;
}

/** What was weighed in letters may be more in bytes, three of which a letter takes at most. */
function isTooLong(body: string): boolean {
  return 3 * body.length > BOUNDS.body && Buffer.byteLength(body) > BOUNDS.body;
}

/** Whether the model that says it answered is another: a server may add a version, such as a date, to the name asked for. */
function isOther(answered: string | null, asked: string): boolean {
  return answered !== null && answered !== "" && !answered.toLowerCase().startsWith(asked.toLowerCase());
}

/** The way of events out, which counts the time for which the other side held us and writes it into them. */
function createGate(emit: Emit, deadline: Deadline, clock: Pick<Required<EngineOptions>, "now" | "stood">) {
  // Each token asks for these: together they lie in one place, and arguments elsewhere.
  const { now, stood } = clock;
  const { running } = deadline;
  const send = emit;
  let held = 0;
  let stoodBefore = running.stood;
  let told = 0;
  let waiting = 0;
  /** Made by the first wait: most streams have none. */
  let aborted: Promise<void> | null = null;

  async function wait(settled: Promise<void>): Promise<void> {
    const from = now();
    if (waiting++ === 0) deadline.hold();
    await Promise.race([settled, (aborted ??= abortOf(deadline.signal))]);
    if (--waiting > 0) return;
    deadline.resume();
    const at = now();
    held += at - from;
    stoodBefore = stood(at);
  }

  /** While it lasts, a wait counts all of its time. */
  const addStood = (at: Ms): void => {
    const before = stoodBefore;
    stoodBefore = stood(at);
    if (waiting === 0) held += stoodBefore - before;
  };

  return (event: StreamEvent, weight = 0): Promise<void> | undefined => {
    if (event.type === "delta") {
      addStood(event.at);
      if (!nextToken(running, event.at, stoodBefore)) deadline.token(event.at);
      event.backpressure = held - told;
      told = held;
    } else if (event.type === "ended") {
      addStood(now());
      event.backpressure = held;
    }
    const settled = send(event, weight);
    return settled === undefined ? undefined : wait(settled);
  };
}

function abortOf(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

/** Requests as servers want them: without what an earlier answer 400 named. */
function createAdaptations() {
  const refused = new Set<string>();
  const place = ({ code, ofModel }: Adaptation, { endpoint, api, body }: StreamRequest): string =>
    JSON.stringify([code, endpoint, api, ofModel ? body.model : null]);

  return {
    apply(asked: Asked, { adaptations }: Api, request: StreamRequest): Asked {
      if (refused.size === 0) return asked;
      const known = adaptations.filter((adaptation) => refused.has(place(adaptation, request)));
      if (known.length === 0) return asked;
      return bodyAsked(known.reduce((adapted, { apply }) => apply(adapted), asked.body()));
    },
    /** What to say when the refusal names something that can be left out or renamed, once. */
    learn(
      { stopped, refusal }: Attempted,
      asked: Asked,
      { adaptations }: Api,
      request: StreamRequest,
    ): NoticeCode | null {
      if (stopped?.kind !== "http" || (stopped.status !== 400 && stopped.status !== 422)) return null;
      const adaptation = adaptations.find(({ isRefused }) => isRefused(asked.body(), refusal));
      if (adaptation === undefined) return null;
      refused.add(place(adaptation, request));
      return adaptation.code;
    },
  };
}

/** Waits `ms`, or until the signal ends the wait. */
function pause(ms: number, signal: AbortSignal, startTimer: StartTimer): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      stop();
      signal.removeEventListener("abort", end);
      resolve();
    };
    const stop = startTimer(end, ms);
    signal.addEventListener("abort", end, { once: true });
  });
}
