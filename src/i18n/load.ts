import type { Lang } from "./numbers.ts";

export type { Lang } from "./numbers.ts";

/** What English says, section by section, is what every language must say: no more and no less. */
const EN = {
  messages: async () => (await import("./en/messages.ts")).en,
  problems: async () => (await import("./en/problems.ts")).enProblems,
  help: async () => (await import("./en/help.ts")).enHelp,
  terms: async () => (await import("./en/terms.ts")).enTerms,
  several: async () => (await import("./en/several.ts")).enSeveral,
  bench: async () => (await import("./en/bench.ts")).enBench,
  compare: async () => (await import("./en/compare.ts")).enCompare,
  selftest: async () => (await import("./en/bench.ts")).enSelftest,
  report: async () => (await import("./en/report.ts")).enReport,
  forms: async () => (await import("./en/forms.ts")).enForms,
  batch: async () => (await import("./en/batch.ts")).enBatch,
  batchProvider: async () => (await import("./en/batch-provider.ts")).enBatchProvider,
  queue: async () => (await import("./en/queue.ts")).enQueue,
};

type Section = keyof typeof EN;
type WordsOf<S extends Section> = Awaited<ReturnType<(typeof EN)[S]>>;
type Language = { [S in Section]: () => Promise<WordsOf<S>> };

const FR: Language = {
  messages: async () => (await import("./fr/messages.ts")).fr,
  problems: async () => (await import("./fr/problems.ts")).frProblems,
  help: async () => (await import("./fr/help.ts")).frHelp,
  terms: async () => (await import("./fr/terms.ts")).frTerms,
  several: async () => (await import("./fr/several.ts")).frSeveral,
  bench: async () => (await import("./fr/bench.ts")).frBench,
  compare: async () => (await import("./fr/compare.ts")).frCompare,
  selftest: async () => (await import("./fr/bench.ts")).frSelftest,
  report: async () => (await import("./fr/report.ts")).frReport,
  forms: async () => (await import("./fr/forms.ts")).frForms,
  batch: async () => (await import("./fr/batch.ts")).frBatch,
  batchProvider: async () => (await import("./fr/batch-provider.ts")).frBatchProvider,
  queue: async () => (await import("./fr/queue.ts")).frQueue,
};

/** What every command may say. */
export type Messages = WordsOf<"messages">;
/** All that `--help` says. */
export type HelpTexts = WordsOf<"help">;
/** What is said of several streams. */
export type SeveralWords = WordsOf<"several">;
/** What a measured load says on a terminal. */
export type BenchWords = WordsOf<"bench">;
export type CompareWords = WordsOf<"compare">;
export type SelftestWords = WordsOf<"selftest">;
/** What stands on the page of a report. */
export type ReportWords = WordsOf<"report">;
/** What its other forms say: Markdown, JUnit and the page for management. */
export type FormWords = WordsOf<"forms">;

/** What a batch says. */
export type BatchWords = WordsOf<"batch">;
/** What is said of batches that the provider works off. */
export type BatchProviderWords = WordsOf<"batchProvider">;
/** What a batch on many machines says. */
export type QueueWords = WordsOf<"queue">;

/** The words of one section in one language; no other is loaded. */
export function load<S extends Section>(lang: Lang, section: S): Promise<WordsOf<S>> {
  const language: Language = lang === "fr" ? FR : EN;
  return language[section]();
}
