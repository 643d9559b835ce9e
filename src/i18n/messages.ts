import type { Origin } from "../config/load.ts";
import type { Problem, ProblemCode } from "../config/user-error.ts";
import type { NoticeCode, Verdict } from "../stream/event.ts";
import type { FailureKind, FailureOf } from "../stream/failure.ts";
import type { Numbers } from "./numbers.ts";
import type { Words } from "./words.ts";

export type Lang = "fr" | "en";

/** What a sentence may need to know of the run; all of it may be shown. */
export type About = {
  endpoint: string;
  /** Where the key came from, in words; `null` without a key. */
  keyOrigin: string | null;
  /** Of the environment, when requests go through it. */
  proxy: string | null;
  /** Longest wait we obey, ms. */
  maxWait: number;
};

export type ProblemOf<K extends ProblemCode> = { [P in K]: Extract<Problem, { code: P }> }[K];

/** Everything the program says, in one language. A new failure or problem does not compile until both say it. */
export type Messages = Numbers & {
  lang: Lang;
  defaultPrompt: string;
  frame: {
    configuration: string;
    api: string;
    demo: string;
    model: string;
    streaming: string;
    enabled: string;
    title: string;
    question: string;
    answer: string;
    tokens: string;
    duration: string;
    speed: string;
    ttft: string;
    thinking: string;
    steady: string;
    gaps: string;
    gapValues(p50: string, p99: string, max: string): string;
    stalls: string;
    stallValues(count: number, time: string): string;
    held: string;
    malformed: string;
    attempts: string;
    attemptValues(count: number, wait: string): string;
    cost: string;
    verdict: string;
    tool: string;
    invalidArguments: string;
    demoBefore: string;
    demoAfter: string;
  };
  /** The line that ends the answer. */
  ended: Record<Verdict, string>;
  verdict: Record<Verdict, string>;
  retrying(attempt: number, why: string, wait: string): string;
  notice: Record<NoticeCode, (detail: string) => string>;
  failure: { [K in FailureKind]: (failure: FailureOf<K>, about: About) => Words };
  problem: { [K in ProblemCode]: (problem: ProblemOf<K>) => Words };
  origin: {
    default: string;
    file(path: string): string;
    environment(name: string): string;
    flag(name: string): string;
  };
  /** What the verb `config` says. */
  config: {
    created(path: string, schemaPath: string): string;
    file(path: string): string;
    /** Of a `./config.json` that nobody named. */
    foundInFolder: string;
    noFile: string;
    ignored(path: string): string;
    /** Of one whose owner cannot be told. */
    ignoredUnread(path: string): string;
    untaken(keys: string): string;
    off: string;
    valid(path: string): string;
    validWithoutFile: string;
    keyGoes(keyOrigin: string, endpoint: string): string;
    noKey(endpoint: string): string;
  };
  /** What the verb `models` says. */
  models: {
    columns: { model: string; owner: string; context: string; size: string; speed: string; use: string };
    unreachable: string;
    unconfigured: string;
    /** A published speed: ~45 tokens/s. */
    speed(tokensPerSecond: number): string;
    /** What each recommended model is good for. */
    use: Record<"granite3.3:2b" | "gemma3:4b" | "qwen3:8b" | "cogito:3b", string>;
  };
  /** What the verb `simulate` says. */
  simulate: {
    listening(url: string): string;
    models(names: string): string;
    stop: string;
    try(command: string): string;
  };
  warning: {
    insecureTls: string;
    outputFailed(why: string): string;
    waitingForStdin: string;
    demoInstead: string;
    /** `first` is the sentence on the first of them. */
    skippedLines(count: number, first: string): string;
  };
  hint: { nearestModel(model: string): string };
  bug: string;
};

/** The texts of one language; only that language's module is loaded. */
export async function loadMessages(lang: Lang): Promise<Messages> {
  switch (lang) {
    case "fr":
      return (await import("./fr/messages.ts")).fr;
    case "en":
      return (await import("./en/messages.ts")).en;
  }
}

export function sayFailure<K extends FailureKind>(messages: Messages, failure: FailureOf<K>, about: About): Words {
  return messages.failure[failure.kind](failure, about);
}

export function sayProblem<K extends ProblemCode>(messages: Messages, problem: ProblemOf<K>): Words {
  return messages.problem[problem.code](problem);
}

/** One line out of what happened and what to do. */
export function oneLine({ what, todo }: Words): string {
  return todo === null ? what : `${what} ${todo}`;
}

/** Where a value came from, in words. */
export function sayOrigin({ origin }: Pick<Messages, "origin">, from: Origin): string {
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
