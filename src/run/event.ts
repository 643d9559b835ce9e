import type { Ms, StreamEvent, StreamRequest } from "../stream/event.ts";

/** One stream to run: a prompt, for a model, once. */
export type Job = {
  /** Number of the stream, from 0. */
  stream: number;
  /** Number of the prompt, from 0. */
  promptIndex: number;
  repeat: number;
  prompt: string;
  request: StreamRequest;
  /** The request as JSON in the form of its own API, in place of the body of `request`, which says its model alone. */
  own?: string;
  /** The endpoint as it may be shown: without userinfo and query values. */
  endpoint: string;
  /** Answered by the built-in server. */
  demo: boolean;
};

/**
 * What happens in a run. `due`: when the stream was to start; in a closed loop the instant a place was free. A stream
 * of the warm-up is run and left out of all figures. `missed`: a start was due and found no place.
 */
export type RunEvent =
  | { type: "started"; job: Job; due: Ms; warmup: boolean }
  | { type: "missed"; due: Ms; warmup: boolean }
  | { type: "stream"; stream: number; event: StreamEvent }
  | { type: "finished" };

/** Whoever hears of a run: a renderer, a meter. What `on` returns is awaited before the event is acknowledged. */
export type Watcher<E = RunEvent> = {
  on(event: E): void | Promise<void>;
  close?(): void | Promise<void>;
};
