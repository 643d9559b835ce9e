import type { Origin } from "../config/load.ts";
import type { Problem, ProblemCode } from "../config/user-error.ts";
import type { ComparisonNote } from "../metrics/comparison.ts";
import type { Unit } from "../metrics/figures.ts";
import type { Disturbance } from "../metrics/disturbance.ts";
import type { LoadReport } from "../metrics/report.ts";
import type { ThresholdReport } from "../metrics/result-report.ts";
import type { ServerReport } from "../metrics/server-report.ts";
import type { FailureKind, FailureOf } from "../stream/event.ts";
import type { Numbers } from "./numbers.ts";

/** What happened, and what to do about it where something can be done. */
export type Words = { what: string; todo: string | null };

/** What one thing is called: by itself, among others in a sentence, before its figures (24 cells), with room for all. */
export type Term = Record<"name" | "short" | "row" | "long", string>;

/** What to type for a command of the program, such as `config init`, here and with the user's own options. */
export type Command = (line: string) => string;

/** What a sentence may need to know of the run; all of it may be shown. */
export type About = {
  endpoint: string;
  /** It is LLMaaS's own, or the built-in server: keys are made at Cloud Temple's console. */
  llmaas: boolean;
  /** Not an answer was asked for, but the list of models. */
  list?: boolean;
  /** Which API was spoken, where it is not that of most servers. */
  api?: string | undefined;
  /** Where the key came from, in words; `null` without a key. */
  keyOrigin: string | null;
  /** Of the environment, when requests go through it. */
  proxy: string | null;
  /** Longest wait we obey, ms. */
  maxWait: number;
  command: Command;
};

/** What is told of one code. */
export type ProblemOf<K extends ProblemCode> = { [P in K]: Extract<Problem, { code: P }> }[K];
type NoteOf<K extends ComparisonNote["code"]> = Extract<ComparisonNote, { code: K }>;

/** A sentence for each failure: a new one does not compile until every language says it. */
export type Failures = { [K in FailureKind]: (failure: FailureOf<K>, about: About) => Words };
/** The same for what is wrong before anything is sent. */
export type Problems = { [K in ProblemCode]: (problem: ProblemOf<K>, command: Command) => Words };
/** And for what must be known beside a comparison. */
export type Notes = { [K in ComparisonNote["code"]]: (note: NoteOf<K>) => string };

/** A term; what is not given is as the name. */
export function term(name: string, other: Partial<Term> = {}): Term {
  return { name, short: name, row: name, long: name, ...other };
}

/** A sentence on what happened, and one on what to do. */
export function words(what: string, todo: string | null = null): Words {
  return { what, todo };
}

/** One word of a command line, as every POSIX shell reads it. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : shellQuoted(text);
}

/** In single quotes, as every POSIX shell reads them. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** What a verb is called where nothing is to be typed; the program without one is called as itself. */
export function nameOf(verb: string): string {
  return verb === "llmaas" ? verb : `llmaas ${verb}`;
}

/** A sentence that ends with what a server said, whatever that ends with. */
export function ended(text: string): string {
  return /[.!?…]\s*$/.test(text) ? text : `${text}.`;
}

/** The folder of a file that cannot be made since that is not there; `null` where the path names none. */
export function missingFolder(path: string, why: string): string | null {
  return why === "ENOENT" ? (/^(.+)[\\/][^\\/]*$/.exec(path)?.[1] ?? null) : null;
}

/** What of a proxy the runtime (Bun 1.4) cannot use: one of a kind it does not speak, such as SOCKS, or no address. */
export function unusable(code: string): "kind" | "address" | null {
  return code === "UnsupportedProxyProtocol" ? "kind" : code === "ERR_INVALID_ARG_VALUE" ? "address" : null;
}

/** What may be wrong with an address that the server does not know: the version at its end, unless it speaks of the model. */
export function lacksVersion(
  { status, html, message }: FailureOf<"http">,
  endpoint: string,
): "surely" | "perhaps" | null {
  const [version] = /\/v\d+$/.exec(endpoint.replace(/[?#].*/, "")) ?? [];
  if (status !== 404 || version === "/v1") return null;
  if (html || !/(?<!\/)mod[eè]l/i.test(message)) return "surely";
  // A server with another version that knows its models is asked rightly.
  return version === undefined ? "perhaps" : null;
}

/** An endpoint with the version that most have. */
export function withVersion(endpoint: string): string {
  return endpoint.replace(/(?:\/v\d+)?\/*(?=$|[?#])/, "/v1");
}

/** Host and port of an endpoint as it may be shown. */
export function hostOf(endpoint: string): string {
  return URL.parse(endpoint)?.host || endpoint;
}

/** One line out of what happened and what to do. */
export function oneLine({ what, todo }: Words): string {
  return todo === null ? what : `${what} ${todo}`;
}

/** Why a stream did not end well. */
export function sayFailure<K extends FailureKind>(
  { failure: say }: { failure: Failures },
  failure: FailureOf<K>,
  about: About,
): Words {
  return say[failure.kind](failure, about);
}

/** What is wrong with the command line or the configuration. */
export function sayProblem<K extends ProblemCode>(say: Problems, problem: ProblemOf<K>, command: Command): Words {
  return say[problem.code](problem, command);
}

/** The sentence of a note on a comparison. */
export function sayNote<K extends ComparisonNote["code"]>(
  { note: say }: { note: Notes },
  note: NoteOf<K> & { code: K },
): string {
  return say[note.code](note);
}

/** So many streams at once, or so many requests a second. */
export function sayLoad(
  { load: say }: { load: Record<LoadReport["kind"], (asked: number) => string> },
  load: LoadReport,
): string {
  return load.kind === "closed" ? say.closed(load.concurrency) : say.arrival(load.rate);
}

/** A value in the unit of its figure; a bare number where that says its own. */
export function sayIn(unit: Unit | null, value: number, numbers: Numbers): string {
  if (unit === "ms") return numbers.duration(value);
  return unit === "share" ? numbers.percent(value) : numbers.number(value);
}

/** What a threshold came to: its value, or how many streams kept it and the worst of them. */
export function sayCame(
  terms: {
    noSamples: string;
    tooFew(samples: number, needed: number): string;
    keptBy(met: string, of: string, worst: string | null): string;
  },
  { value, samples, met, needed }: Pick<ThresholdReport, "value" | "samples" | "met" | "needed">,
  unit: Unit | null,
  numbers: Numbers,
): string {
  if (samples === 0) return terms.noSamples;
  if (needed !== undefined) return terms.tooFew(samples, needed);
  const said = value === null ? null : sayIn(unit, value, numbers);
  return met === undefined ? (said ?? "–") : terms.keptBy(numbers.count(met), numbers.count(samples), said);
}

/** By how much a client may have shifted what it measured, a part for each kind of figure; `null` where it is not known. */
export function sayShifts(
  { client: { shift } }: { client: { shift: Record<"time" | "rate" | "refused", (size: string) => string> } },
  { time_ms, rate, refused }: Disturbance,
  { asked, percent }: Pick<Numbers, "asked" | "percent">,
): string | null {
  if (time_ms === null) return null;
  // In whole ms and per cent, and never less than it is.
  const share = (of: number): string => percent(Math.ceil(of * 100) / 100);
  return [
    shift.time(asked(Math.max(1, Math.ceil(time_ms)))),
    ...(rate === null || rate < LEAST_SHIFT ? [] : [shift.rate(share(rate))]),
    ...(refused === 0 ? [] : [shift.refused(share(refused))]),
  ].join(", ");
}

/** What a server says of its own work beside what was measured here, a part for each figure. */
export function sayServer(
  { server: say }: { server: ServerWords },
  { queue_ms, prefill_ms, ttft_ms, observed_ttft_ms: here, network_and_client_ms: between }: ServerReport,
  { duration }: Pick<Numbers, "duration">,
): string[] {
  return [
    ...(queue_ms === null ? [] : [`${say.queue} ${duration(queue_ms.mean)}`]),
    ...(prefill_ms === null ? [] : [`${say.prefill} ${duration(prefill_ms.mean)}`]),
    ...(here === null ? [] : [say.ttft(ttft_ms === null ? null : duration(ttft_ms.mean), duration(here.mean))]),
    ...(between === null ? [] : [between.mean < 0 ? say.longer : `${say.between} ${duration(between.mean)}`]),
  ];
}

type ServerWords = Record<"queue" | "prefill" | "between" | "longer", string> & {
  ttft(own: string | null, here: string): string;
};

/** A rate that is off by less is not worth a word. */
const LEAST_SHIFT = 0.005;

/** A sentence of ours after a colon: with a small letter, unless it begins with a name in capitals. */
export function inSentence(text: string): string {
  return text.replace(/^\p{Lu}(?=[\p{Ll}’'\s])/u, (letter) => letter.toLowerCase());
}

/** Where a value came from, in words. */
export function sayOrigin(
  { origin }: { origin: { default: string } & Record<"file" | "environment" | "flag", (name: string) => string> },
  from: Origin,
): string {
  switch (from.kind) {
    case "default":
      return origin.default;
    case "file":
      return origin.file(from.path);
    case "env":
      return origin.environment(from.name);
    case "flag":
      return origin.flag(from.name);
  }
}

/** Where the tokens of nearly all answers come from, by the share that counts events; `null`: some from each. */
export function sourceOf(byEvents: number): "usage" | "events" | null {
  return byEvents <= 0.02 ? "usage" : byEvents >= 0.98 ? "events" : null;
}

/** The first of several shards, as they are typed. */
export function firstShards(indexes: readonly number[], of: number): string {
  const first = indexes.slice(0, 10).map((index) => `${index}/${of}`);
  return [...first, ...(indexes.length > first.length ? ["…"] : [])].join(", ");
}
