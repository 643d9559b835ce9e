import type { SloReason } from "../config/user-error.ts";
import type { LoadRecord } from "./load-record.ts";
import { isComplete } from "../stream/event.ts";

/** What a figure counts: ms, a share of 0 to 1, tokens or requests per second. */
export type Unit = "ms" | "share" | "tokens_per_second" | "requests_per_second";

type Row = {
  /** Which way is better. */
  better: "less" | "more";
  /** Made of tokens: `~` where they are counted by events, and not to be compared where they are counted otherwise. */
  ofTokens: boolean;
  /** Made of when single tokens came: where something on the way holds them back, it is that one's and not the model's. */
  ofReads: boolean;
};

/** A figure that every stream has of its own, in its record under the same name; of gaps, many. */
type DistributionRow = Row & {
  kind: "distribution";
  unit: "ms" | "tokens_per_second";
  /** Its definition, as the JSON Schema gives it. */
  about: string;
  /** Whose values count: of every measured stream that has one, or of complete ones, where it says nothing of a cut one. */
  who: "all" | "complete";
  /** A limit on it can be held against each stream. */
  objective: boolean;
  /** Only an arrival rate has it: in a closed loop a stream is due when it is sent. */
  ofArrivals: boolean;
  /** The page draws its curve. */
  curve: boolean;
};

/** A figure that is one number of a result. */
export type ScalarRow = Row & {
  kind: "scalar";
  /** The streams behind it. Tokens of one that the window's end cut have arrived all the same. */
  who: "ended" | "started";
  /** Only with objectives, and as these say. */
  ofObjectives: boolean;
  /** Said beside the one before it, and in no row of its own. */
  beside: boolean;
  value(result: Scalars): number | null;
} & (
    | { unit: "share"; /** What is counted, of all streams that ended. */ part: "failed" | "met" }
    | {
        unit: "tokens_per_second" | "requests_per_second";
        /** What is counted, each second; `null` where that of a run is not made of that of its tenths. */
        part: "met" | "requests" | "tokens" | null;
      }
  );

/** Where a result keeps its scalars. */
type Scalars = {
  error_rate: number | null;
  goodput: { share: number | null; per_second: number | null } | null;
  requests_per_second: number | null;
  output_tokens_per_second: number | null;
  peak_tokens_per_second: number | null;
};

const time = {
  kind: "distribution",
  unit: "ms",
  better: "less",
  ofTokens: false,
  ofReads: false,
  who: "all",
  objective: true,
  ofArrivals: false,
  curve: false,
} as const;
const ofComplete = { ...time, who: "complete" } as const;
const speed = { ...ofComplete, unit: "tokens_per_second", better: "more", ofTokens: true } as const;
const rate = {
  kind: "scalar",
  better: "more",
  ofTokens: false,
  ofReads: false,
  who: "started",
  ofObjectives: false,
  beside: false,
} as const;
const share = { ...rate, unit: "share", who: "ended" } as const;
const requests = { ...rate, unit: "requests_per_second" } as const;
const tokens = { ...rate, unit: "tokens_per_second", ofTokens: true } as const;

/** Every figure of a load, in the order in which they are shown. */
const ROWS = {
  ttft_ms: { ...time, ofReads: true, curve: true, about: "Time to first token, ms: first token event − request sent." },
  ttfo_ms: {
    ...time,
    ofReads: true,
    about: "Time to first visible output, ms: first event with content − request sent.",
  },
  gap_ms: {
    ...time,
    ofReads: true,
    objective: false,
    curve: true,
    about: "Gap (ITL), ms: between successive network reads that brought tokens.",
  },
  tpot_ms: {
    ...ofComplete,
    ofTokens: true,
    ofReads: true,
    curve: true,
    about:
      "Time per output token, ms: (last token − first token) ÷ (n − 1); n: token events where streamed tokens exceed them by 2 at most, else streamed tokens.",
  },
  duration_ms: { ...ofComplete, curve: true, about: "Duration, ms: last token − request sent; whole answers only." },
  tokens_per_second: {
    ...speed,
    curve: true,
    about: "Tokens/s of one stream: 1000 × tokens ÷ duration; whole answers only.",
  },
  decode_tokens_per_second: { ...speed, ofReads: true, about: "Tokens/s after the first token: 1000 ÷ tpot_ms." },
  latency_from_due_ms: {
    ...ofComplete,
    ofArrivals: true,
    about: "What a user felt, ms: last token − instant the request was due.",
  },
  dispatch_delay_ms: {
    ...time,
    // It is this program's, and not the server's.
    objective: false,
    ofArrivals: true,
    about: "How late this client was, ms: request sent − instant it was due.",
  },
  error_rate: { ...share, better: "less", part: "failed", value: (result) => result.error_rate },
  goodput: { ...share, ofObjectives: true, part: "met", value: ({ goodput }) => goodput?.share ?? null },
  goodput_per_second: {
    ...requests,
    who: "ended",
    ofObjectives: true,
    beside: true,
    part: "met",
    value: ({ goodput }) => goodput?.per_second ?? null,
  },
  requests_per_second: { ...requests, part: "requests", value: (result) => result.requests_per_second },
  output_tokens_per_second: { ...tokens, part: "tokens", value: (result) => result.output_tokens_per_second },
  peak_tokens_per_second: { ...tokens, part: null, value: (result) => result.peak_tokens_per_second },
} as const satisfies Record<string, DistributionRow | ScalarRow>;

type NameOf<Part> = { [N in keyof typeof ROWS]: (typeof ROWS)[N] extends Part ? N : never }[keyof typeof ROWS];

/** Figures of which every stream has its own. */
export type DistributionName = NameOf<{ kind: "distribution" }>;
/** Figures of a result that are one number each. */
export type ScalarName = NameOf<{ kind: "scalar" }>;
export type FigureName = DistributionName | ScalarName;
/** The figures that a limit on each stream can be about. */
export type ObjectiveName = NameOf<{ objective: true }>;

/** The row of each figure. */
export const FIGURES: Readonly<Record<DistributionName, DistributionRow> & Record<ScalarName, ScalarRow>> = ROWS;

const NAMES = Object.keys(ROWS).filter((name): name is FigureName => name in ROWS);

/** The distributions of a run; tokens per second are no time. */
export const DISTRIBUTIONS: readonly DistributionName[] = NAMES.filter(isDistribution);

/** The scalars of a result. */
export const SCALARS: readonly ScalarName[] = NAMES.filter((name) => !isDistribution(name));

/** Those that are shown and compared by themselves. */
export const SHOWN_SCALARS = SCALARS.filter((name) => !FIGURES[name].beside);

function isDistribution(name: FigureName): name is DistributionName {
  return ROWS[name].kind === "distribution";
}

/** Those that tell something of a load. */
export function distributionsOf(load: { kind: "closed" | "arrival" }): readonly DistributionName[] {
  return DISTRIBUTIONS.filter((name) => load.kind === "arrival" || !FIGURES[name].ofArrivals);
}

/** Whether each stream can keep a limit on it: gaps are many. */
export function isObjective(name: DistributionName): name is ObjectiveName {
  return FIGURES[name].objective;
}

/** What a stream has of a distribution; `null` where it has nothing that counts. */
export function valueIn<R extends Pick<LoadRecord, "verdict">, N extends DistributionName & keyof R>(
  record: R,
  name: N,
): R[N] | null {
  return FIGURES[name].who === "all" || isComplete(record) ? record[name] : null;
}

/** A value for each name. */
export function mapNames<N extends string, T>(names: readonly N[], make: (name: N) => T): Record<N, T>;
export function mapNames<N extends string, T>(names: readonly N[], make: (name: N) => T): Record<string, T> {
  return Object.fromEntries(names.map((name) => [name, make(name)]));
}

/** One number out of a distribution; `percent` is above 0 and at most 100. */
export type Statistic = { name: "mean" | "min" | "max" | "stdev" } | { name: "percentile"; percent: number };

/** One number of a result: a statistic of a distribution, or a figure that is a number by itself. */
export type Figure =
  { kind: "statistic"; of: DistributionName; statistic: Statistic } | { kind: "scalar"; of: ScalarName };

/** What somebody wrote is no figure; `accepted` lists what could stand where `part` stands, `meant` surely does. */
export type Misread = { kind: "misread"; why: SloReason; part: string; accepted: string; meant: string | null };

/** What can be written: a figure, or a whole distribution, which is one number only for one stream. */
type Written = Figure | { kind: "distribution"; of: DistributionName } | Misread;

/** Of a report from elsewhere as well: no two parts of it can share a space, else a long one takes minutes. */
const CALL = /^([\w.]+)\s*\(([^()]*)\)$/;
const STATISTICS = ["p50", "p95", "p99.9", "mean", "min", "max", "stdev"];

/** Reads `p95(ttft)`, `mean(gap_ms)`, `error_rate` or `ttft`; upper and lower case are the same. */
export function readFigure(text: string): Written {
  const plain = text.trim().toLowerCase();
  const call = CALL.exec(plain);
  if (call !== null) return readCall(call[1] ?? "", (call[2] ?? "").trim());
  if (!/^[\w.]+$/.test(plain)) {
    return { kind: "misread", why: "syntax", part: plain, accepted: "p95(ttft), ttft, error_rate", meant: null };
  }
  const scalar = SCALARS.find((name) => name === plain);
  if (scalar !== undefined) return { kind: "scalar", of: scalar };
  const of = distributionOf(plain);
  if (of !== undefined) return { kind: "distribution", of };
  return misread("metric", plain, [...DISTRIBUTIONS.map(shortName), ...SCALARS]);
}

function readCall(name: string, inner: string): Written {
  const statistic = readStatistic(name);
  if (statistic === null) return misread("function", name, STATISTICS, name === "median" ? "p50" : null);
  const of = distributionOf(inner);
  if (of !== undefined) return { kind: "statistic", of, statistic };
  const scalar = SCALARS.find((known) => known === inner);
  if (scalar !== undefined)
    return { kind: "misread", why: "syntax", part: `${name}(${inner})`, accepted: scalar, meant: scalar };
  return misread("metric", inner, DISTRIBUTIONS.map(shortName));
}

function misread(why: SloReason, part: string, known: readonly string[], meant: string | null = null): Misread {
  return { kind: "misread", why, part, accepted: known.join(", "), meant };
}

function readStatistic(name: string): Statistic | null {
  const percent = Number(/^p(\d{1,3}(?:\.\d+)?)$/.exec(name)?.[1] ?? NaN);
  if (percent > 0 && percent <= 100) return { name: "percentile", percent };
  switch (name) {
    case "avg":
      return { name: "mean" };
    case "mean":
    case "min":
    case "max":
    case "stdev":
      return { name };
    default:
      return null;
  }
}

function distributionOf(name: string): DistributionName | undefined {
  return DISTRIBUTIONS.find((known) => known === name || shortName(known) === name);
}

/** A distribution as people write it: `ttft` for `ttft_ms`. */
export function shortName(name: DistributionName): string {
  return name.replace(/_ms$/, "");
}

/** A figure as it is written: `p95(ttft)`, `error_rate`. */
export function figureText(figure: Figure): string {
  if (figure.kind === "scalar") return figure.of;
  const { statistic } = figure;
  const name = statistic.name === "percentile" ? `p${statistic.percent}` : statistic.name;
  return `${name}(${shortName(figure.of)})`;
}

/** What the figure of a limit such as `p95(ttft) < 800ms` counts; `null` where none can be read. */
export function unitOfLimit(text: string): Unit | null {
  const figure = readFigure(text.split(/[<>=]/)[0] ?? "");
  return figure.kind === "misread" ? null : FIGURES[figure.of].unit;
}

/** Which way is better; of any deviation, the smaller one. */
export function betterOf(figure: Figure): Row["better"] {
  return figure.kind === "statistic" && figure.statistic.name === "stdev" ? "less" : FIGURES[figure.of].better;
}

/** The percentiles that show a distribution: of times and of speeds the middle, and how far the bad side reaches. */
export const SHOWN_PERCENTS: Readonly<Record<Row["better"], readonly [number, number, number]>> = {
  less: [50, 95, 99],
  more: [50, 5, 1],
};

/** Whether what it is depends on the objectives. */
export function isOfObjectives(figure: Figure): boolean {
  return figure.kind === "scalar" && FIGURES[figure.of].ofObjectives;
}
