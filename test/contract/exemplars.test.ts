import { en } from "../../src/i18n/en/messages.ts";
import { enSeveral } from "../../src/i18n/en/several.ts";
import { createAfterSeveral } from "../../src/render/after-several.ts";
import { createPanes } from "../../src/render/live/panes.ts";
import type { RunWatcher } from "../../src/metrics/watched.ts";
import { WORDS } from "../render/stage.ts";
import { describeWatcher } from "./watchers.ts";

/** What the screen sends of its own: frames, the other screen and back, cursor and wrapping. */
const SCREEN = /\u001B\[(?:\d+;1H|\d+G|H|K|0m|2J|\?(?:2026|1049|25|7)[hl])/g;
const CLOCK = "it draws by a clock, leaves out what a slow terminal cannot take, and fails at its next event";

/** Events after which the clock ticks but now and then: a hundred thousand frames would take a minute. */
const OFTEN = 2000;

/** Panes whose clock ticks at each event. */
function createTickingPanes(sink: Parameters<typeof createPanes>[0]["sink"]): RunWatcher {
  let tick: (() => void) | null = null;
  let events = 0;
  const panes = createPanes({
    sink,
    size: () => ({ columns: 100, rows: 30 }),
    words: WORDS,
    messages: en,
    models: ["m"],
    total: () => null,
    concurrency: 8,
    stall: 1000,
    reasoning: "show",
    framesPerSecond: 1000,
    schedule(wanted) {
      tick = wanted;
      return () => (tick = null);
    },
  });
  return {
    ...panes,
    on(event) {
      const settling = panes.on(event);
      if (events++ < OFTEN || events % OFTEN === 0) tick?.();
      return settling;
    },
  };
}

describeWatcher("panes", ({ out }) => createTickingPanes(out), {
  answer: null,
  own: SCREEN,
  skips: {
    "settles an event only when the sink has taken what was written for it": CLOCK,
    "keeps its order when the sinks take their time and events do not wait": CLOCK,
    "rejects once, with the sink's own error, when a sink rejects": CLOCK,
    "fails once, with the sink's own error, when a sink throws": CLOCK,
  },
});

for (const [name, here] of [
  ["after several (of a terminal)", true],
  ["after several (of a pipe)", false],
] as const)
  describeWatcher(
    name,
    ({ out, err }) =>
      createAfterSeveral({
        answers: here ? out : null,
        err,
        messages: en,
        words: enSeveral,
        columns: () => 80,
        concurrency: 8,
        currency: null,
        quiet: false,
      }),
    {
      answer: null,
      skips: here
        ? { "keeps nothing of streams that have ended": "it keeps their answers, up to a bound, for the end" }
        : {},
    },
  );
