import type { PageStream } from "./data.ts";
import { byId, make } from "./dom.ts";
import {
  currentStreams,
  fill,
  isFailed,
  isolated,
  isUnfinished,
  modelOf,
  shown,
  textAt,
  words,
  write,
  page,
} from "./state.ts";

/** The stream that is marked in the waterfall, and whose figures are shown once it was opened. */
export const chosen: { stream: PageStream | null } = { stream: null };

/** Marks a stream; `open`: shows its figures too. */
export function chooseStream(stream: PageStream, open: boolean): void {
  chosen.stream = stream;
  shown.step = stream.step;
  if (open) show(stream);
  dispatchEvent(new CustomEvent("chosen"));
}

/** Takes the figures away when the step that is shown has not that stream. */
export function closeStream(): void {
  chosen.stream = null;
  byId("stream").hidden = true;
  dispatchEvent(new CustomEvent("chosen"));
}

function show(stream: PageStream): void {
  const panel = byId("stream");
  const heading = make("h3", "", fill(words.stream, { number: write.count(stream.stream) }));
  const [mood, sign] = isFailed(stream) ? ["bad", "✗"] : isUnfinished(stream) ? ["note", "▷"] : ["good", "✓"];
  const verdict = make("span", `sign ${mood}`, `${sign} ${textAt(stream.verdict)}`);
  const buttons = make("span", "zoom", step(words.previous, stream, -1), step(words.next, stream, 1), closing());
  panel.replaceChildren(
    make("div", "tools", heading, verdict, buttons),
    make(
      "dl",
      "facts",
      ...figuresOf(stream).map(([name, value, key]) =>
        make("div", "", make("dt", "", explained(name, key)), make("dd", "", value)),
      ),
    ),
    ...(stream.error === null
      ? []
      : [said(words.error, `${isolated(textAt(stream.error_kind))} – ${isolated(textAt(stream.error))}`)]),
    said(words.prompt, textAt(stream.prompt)),
  );
  panel.hidden = false;
  panel.scrollIntoView({ block: "nearest" });
}

/** A word that says what it means when it is opened. */
function explained(name: string, key = ""): Node | string {
  const meaning = page.meanings[key];
  if (meaning === undefined) return name;
  return make("details", "term", make("summary", "", name), make("p", "", meaning));
}

/** `key`: under which its meaning is found. */
type Figure = readonly [name: string, value: string, key?: string];

function figuresOf(stream: PageStream): Figure[] {
  const time = (ms: number | null): string => (ms === null ? "–" : write.duration(ms));
  const count = write.count(stream.tokens);
  const gaps = [stream.gap_p50_ms, stream.gap_p99_ms, stream.gap_max_ms].map(time).join(" · ");
  return [
    [words.model, modelOf(stream)],
    [words.sent, `${time(stream.sent)}${stream.warmup === 1 ? ` (${words.warmup})` : ""}`],
    [words.dispatch, time(Math.max(0, stream.sent - stream.due)), "dispatch_delay_ms"],
    [words.ttft, time(stream.ttft_ms), "ttft_ms"],
    [words.firstOutput, time(firstOutputOf(stream)), "ttfo_ms"],
    [words.duration, time(stream.duration_ms), "duration_ms"],
    [words.tokens, stream.estimated === 1 ? fill(words.estimated, { count }) : count, "tokens"],
    [
      words.tokensPerSecond,
      stream.tokens_per_second === null ? "–" : write.number(stream.tokens_per_second),
      "tokens_per_second",
    ],
    [words.tpot, time(stream.tpot_ms), "tpot_ms"],
    [words.gaps, gaps, "gap_ms"],
    [words.stalls, write.count(stream.stalls), "stalls"],
    [words.attempts, write.count(stream.attempts), "attempts"],
    ...keptBecause(stream),
  ];
}

/** Why it is drawn, where not all are. */
function keptBecause({ kept }: PageStream): Figure[] {
  const why = textAt(kept);
  if (why === "all") return [];
  return [[words.kept, why === "slow" ? words.slow : why === "failed" ? words.failed : words.sample]];
}

function said(title: string, text: string): HTMLElement {
  const quote = make("blockquote", "", text);
  quote.dir = "auto";
  return make("div", "said", make("h4", "", title), quote);
}

/** To the stream before or after it in the order of sending. */
function step(title: string, stream: PageStream, by: number): HTMLElement {
  const button = make("button", "", title);
  const streams = currentStreams();
  const next = streams[streams.indexOf(stream) + by];
  button.type = "button";
  button.disabled = next === undefined;
  button.addEventListener("click", () => {
    if (next === undefined) return;
    chooseStream(next, true);
    byId("stream").focus();
  });
  return button;
}

function closing(): HTMLElement {
  const button = make("button", "", words.close);
  button.type = "button";
  button.addEventListener("click", () => {
    closeStream();
    byId("chart-waterfall").querySelector<HTMLElement>(".plot")?.focus();
  });
  return button;
}

/** Instants are of a tenth of a ms: where both are one, the exact figure is that of the first token. */
function firstOutputOf({ first_output, first_token, ttft_ms, sent }: PageStream): number | null {
  return first_output === first_token ? ttft_ms : first_output === null ? null : first_output - sent;
}

/** A stream in one line. */
export function streamLine(stream: PageStream): string {
  const ttft = stream.ttft_ms === null ? "–" : write.duration(stream.ttft_ms);
  return [
    fill(words.stream, { number: write.count(stream.stream) }),
    ...(page.models.length > 1 ? [isolated(modelOf(stream))] : []),
    `${words.ttft} ${ttft}`,
    `${words.duration} ${write.duration(stream.duration_ms)}`,
    textAt(stream.verdict),
  ].join(" · ");
}

/** The titles of streams as a table. */
export function streamHead(): string[] {
  const { sent, ttft, duration, tokens, tokensPerSecond, verdict, model } = words;
  return [fill(words.stream, { number: "" }).trim(), model, sent, ttft, duration, tokens, tokensPerSecond, verdict];
}

/** A stream as a row of that table. */
export function streamRow(stream: PageStream): string[] {
  return [
    write.count(stream.stream),
    modelOf(stream),
    write.duration(stream.sent),
    stream.ttft_ms === null ? "–" : write.duration(stream.ttft_ms),
    write.duration(stream.duration_ms),
    write.count(stream.tokens),
    stream.tokens_per_second === null ? "–" : write.number(stream.tokens_per_second),
    textAt(stream.verdict),
  ];
}
