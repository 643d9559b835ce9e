import { enSeveral } from "../../src/i18n/en/several.ts";
import { en } from "../../src/i18n/en/messages.ts";
import { createRecorder } from "../../src/metrics/recorder.ts";
import { createPanes, type PanesOptions } from "../../src/render/live/panes.ts";
import type { Size } from "../../src/render/live/screen.ts";
import type { Job, RunEvent } from "../../src/run/event.ts";
import type { Failure, StreamEvent, Verdict } from "../../src/stream/event.ts";
import { createEmulator, type Opinion } from "./emulator.ts";

export const WORDS = enSeveral.panes;

/** Ms since the epoch at which these runs begin. */
const ORIGIN = Date.UTC(2026, 10, 22, 10);

type Wish = Partial<Pick<PanesOptions, "models" | "concurrency" | "reasoning">> & {
  size?: Size;
  total?: number | null;
  opinion?: Opinion;
  color?: boolean;
};

export type Stage = ReturnType<typeof createStage>;

/** Panes on an emulated terminal, with a clock that stands until it is moved. */
export function createStage(wish: Wish = {}) {
  const { models = ["granite3.3:2b"], concurrency = 8, reasoning = "show", total = null, color = true } = wish;
  const size = { ...(wish.size ?? { columns: 80, rows: 24 }) };
  const writes: string[] = [];
  let emulator = createEmulator(size, wish.opinion);
  let at = ORIGIN;
  let clockwork: (() => void) | null = null;
  /** What a slow terminal makes the writer wait for. */
  let taken: Promise<void> | undefined;

  const panes = createPanes({
    sink: {
      terminal: true,
      color,
      write(text) {
        writes.push(text);
        return taken;
      },
    },
    size: () => size,
    words: WORDS,
    messages: en,
    models,
    total: () => total,
    concurrency,
    stall: 1000,
    reasoning,
    now: () => at,
    schedule(tick) {
      clockwork = tick;
      return () => {
        clockwork = null;
      };
    },
  });
  const say = (failure: Failure): string => `It failed: ${failure.message}`;
  const record = createRecorder({ stall: 1000, keepText: 0, say }, panes.on);
  const tell = (event: RunEvent): void => expectNothing(record(event));

  function on(stream: number, event: StreamEvent): void {
    tell({ type: "stream", stream, event });
  }

  function delta(stream: number, part: Partial<Extract<StreamEvent, { type: "delta" }>>): void {
    on(stream, {
      type: "delta",
      at,
      text: "",
      reasoning: "",
      refusal: "",
      tools: [],
      events: 1,
      backpressure: 0,
      idle: 0,
      ...part,
    });
  }

  /** Hands the emulator what was written since the last time. */
  async function flush(): Promise<void> {
    await emulator.write(writes.splice(0).join(""));
  }

  return {
    panes,
    size,
    writes,
    emulator: () => emulator,
    flush,
    tell,
    delta,
    running: () => clockwork !== null,
    beat: () => clockwork?.(),
    slow(until: Promise<void> | undefined): void {
      taken = until;
    },
    pass(ms: number): void {
      at += ms;
    },
    start(
      stream: number,
      { model = models[0] ?? "", promptIndex = stream, prompt = "Why is the sky blue?" } = {},
    ): void {
      tell({ type: "started", job: jobOf(stream, model, promptIndex, prompt), due: at, warmup: false });
      on(stream, { type: "sent", at, attempt: 1, request: null });
    },
    say: (stream: number, text: string) => delta(stream, { text }),
    think: (stream: number, reasoning: string) => delta(stream, { reasoning }),
    retry: (stream: number, attempt: number, delay: number) =>
      on(stream, { type: "retrying", at, attempt, failure: FAILURE, delay }),
    end(stream: number, verdict: Verdict = "complete", usage: number | null = null): void {
      const failure = verdict === "complete" || verdict === "length" ? null : FAILURE;
      on(stream, { type: "ended", at, verdict, finishReason: null, usage: countOf(usage), ...ENDING, failure });
    },
    /** One frame, on the screen. */
    async frame(): Promise<void> {
      clockwork?.();
      await flush();
    },
    resize(next: Size): void {
      Object.assign(size, next);
      emulator.resize(next);
      panes.resized();
    },
    /** What a terminal shows that never showed anything else, and has `spare` more columns than are told. */
    async drawnAnew(spare = 0): Promise<ReturnType<typeof createEmulator>> {
      const shown = emulator;
      emulator = createEmulator({ columns: size.columns + spare, rows: size.rows }, wish.opinion);
      panes.restore();
      panes.resized();
      clockwork?.();
      await flush();
      const anew = emulator;
      emulator = shown;
      return anew;
    },
  };
}

const FAILURE: Failure = { kind: "server_error", code: null, message: "the model ran out of memory" };

const ENDING = { server: null, response: null, backpressure: 0, tail: "" };

function countOf(tokens: number | null) {
  if (tokens === null) return null;
  return {
    prompt_tokens: 9,
    completion_tokens: tokens,
    total_tokens: tokens + 9,
    reasoning_tokens: null,
    cached_prompt_tokens: null,
  };
}

function expectNothing(settling: void | Promise<void>): void {
  if (settling !== undefined) throw new Error("the live display holds reading");
}

function jobOf(stream: number, model: string, promptIndex: number, prompt: string): Job {
  return {
    stream,
    promptIndex,
    repeat: 0,
    prompt,
    endpoint: "https://host.example/v1",
    demo: false,
    request: {
      endpoint: "https://host.example/v1",
      api: "chat",
      key: null,
      headers: {},
      body: { model, messages: [{ role: "user", content: prompt }], stream: true },
      timers: { open: 0, firstToken: 0, idle: 0, total: 0 },
      retries: 2,
      maxWait: 60_000,
      trustDone: false,
      secrets: [],
      observe: false,
    },
  };
}
