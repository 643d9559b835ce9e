import type { Figures } from "../src/metrics/timeline.ts";
import { API_KINDS, type ApiKind } from "../src/wire/apis.ts";
import { run } from "./child.ts";
import { median } from "./contest.ts";
import { BUN, MODEL, openFixture, peer } from "./fixture.ts";
import { atMost, plain, type Line } from "./lines.ts";

/** First token after 100 ms, then 39 gaps of 10 ms; the second also thinks for 20 more. */
const SCHEDULE = { ttft_ms: 100, rate: 100, tokens: 40, stamp: true };
const THINKING = { ...SCHEDULE, stamp: false, reasoning_tokens: 20 };
const ROUNDS = 100;
/** How far the medians of two APIs may lie apart, ms. */
const APART = 0.1;

type Measured = Figures & { api: ApiKind; written: number | null };
/** `of` is without what the server itself was late, as its stamps tell. */
type Figure = readonly [name: string, of: (measured: Measured) => number | null];

const ALWAYS: readonly Figure[] = [
  ["TTFT", ({ ttft_ms: ttft, written }) => ttft && written && ttft - written + SCHEDULE.ttft_ms],
  ["gap", ({ gap_ms: gap }) => gap?.p50 ?? null],
  ["TPOT", ({ tpot_ms: tpot }) => tpot],
];
const OF_THINKING: readonly Figure[] = [["thinking time", ({ thinking_ms: thinking }) => thinking]];

const exact = (value: number): string => `${value.toFixed(3)} ms`;

/** The same known schedule through each API at once: each figure's median in chat, and how far the others lie from it. */
export async function* compareApis(): AsyncGenerator<Line> {
  yield* compare(SCHEDULE, API_KINDS, ALWAYS);
  // A text that is gone on with has no reasoning.
  const thinking = API_KINDS.filter((api) => api !== "completions");
  yield* compare(THINKING, thinking, OF_THINKING);
}

async function* compare(
  schedule: Parameters<typeof openFixture>[0],
  apis: readonly ApiKind[],
  figures: readonly Figure[],
): AsyncGenerator<Line> {
  const fixture = await openFixture(schedule);
  try {
    const command = [...BUN, peer("apis-figures"), fixture.url, MODEL, String(ROUNDS), ...apis];
    const { text } = await run(command, { cwd: fixture.cwd, keep: true });
    const all = text
      .trim()
      .split("\n")
      .map((line): Measured => JSON.parse(line));
    for (const [name, figure] of figures) {
      const middle = (api: ApiKind): number =>
        median(all.flatMap((one) => (one.api === api ? (figure(one) ?? []) : [])));
      const chat = middle("chat");
      yield plain(`${name} p50, chat`, exact(chat));
      for (const api of apis.filter((one) => one !== "chat"))
        yield atMost(`${name} p50, ${api} away from chat`, Math.abs(middle(api) - chat), APART, exact);
    }
    yield plain("tokens of each answer", [...new Set(all.map(({ tokens }) => tokens))].join(", "));
  } finally {
    await fixture.close();
  }
}
