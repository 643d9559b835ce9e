import { round } from "../../metrics/distribution.ts";
import { createHistogram, decodeHistogram } from "../../metrics/histogram.ts";
import { rangeOf, type LengthsReport } from "../../metrics/lengths.ts";
import type { ErrorReport } from "../../metrics/result-report.ts";
import type { ServerReport } from "../../metrics/server-report.ts";
import type { BoundsRange } from "../../metrics/shard-report.ts";
import type { TrustReport } from "../../metrics/trust-report.ts";
import { sharesOf } from "../trust.ts";
import { sumOf } from "./bounds.ts";

/** Adds what counts, name by name. */
export function addCounts<K extends string>(parts: readonly Partial<Record<K, number>>[]): Partial<Record<K, number>>;
export function addCounts(parts: readonly Record<string, number | undefined>[]): Record<string, number> {
  const sums = new Map<string, number>();
  for (const part of parts)
    for (const [name, value = 0] of Object.entries(part)) sums.set(name, (sums.get(name) ?? 0) + value);
  return Object.fromEntries(sums);
}

/** The errors of all parts by kind, the most frequent first, each with the first example there is. */
export function addErrors(parts: readonly (readonly ErrorReport[])[]): ErrorReport[] {
  const kinds = new Map<string, ErrorReport>();
  for (const error of parts.flat()) {
    const known = kinds.get(error.kind);
    kinds.set(error.kind, known === undefined ? { ...error } : { ...known, count: known.count + error.count });
  }
  return [...kinds.values()].toSorted((a, b) => b.count - a.count);
}

/** What was asked, and how long the answers were; the same prompt may have been asked by several. */
export function addLengths(parts: readonly LengthsReport[]): { lengths: LengthsReport; different: BoundsRange } {
  const prompts = parts.map(({ different_prompts: different }) => different);
  const named = parts.flatMap((part) => (part.prompts === undefined ? [] : [part.prompts]));
  const all = named.length === parts.length ? new Set(named.flat()).size : null;
  const different = {
    least: all ?? Math.max(...prompts),
    most: all ?? prompts.reduce((sum, one) => sum + one, 0),
  };
  const lengths = {
    different_prompts: different.least,
    prompt_tokens: addRanges(parts.map((part) => part.prompt_tokens)),
    answer_tokens: addRanges(parts.map((part) => part.answer_tokens)),
    cached_prompt_tokens: sumOf(parts.map((part) => part.cached_prompt_tokens)),
    cached_out_of: sumOf(parts.map((part) => part.cached_out_of ?? null)),
  };
  return { lengths, different };
}

type Range = LengthsReport["prompt_tokens"];

function addRanges(parts: readonly Range[]): Range {
  const known = parts.filter((part) => part !== null);
  const all = createHistogram();
  for (const { hdr = null } of known) if (hdr !== null) all.add(decodeHistogram(hdr));
  const range = rangeOf(all);
  if (range === null) return null;
  // What three digits blur, the parts have exactly.
  return { ...range, min: Math.min(...known.map(({ min }) => min)), max: Math.max(...known.map(({ max }) => max)) };
}

/** What the server says of its own work: means, each of so many streams. */
export function addServers(parts: readonly ServerReport[]): ServerReport | null {
  if (parts.length === 0) return null;
  const mean = (name: keyof ServerReport): ServerReport["ttft_ms"] => {
    const known = parts.flatMap((part) => part[name] ?? []);
    const count = known.reduce((sum, one) => sum + one.count, 0);
    if (count === 0) return null;
    return { mean: round(known.reduce((sum, one) => sum + one.mean * one.count, 0) / count), count };
  };
  return {
    queue_ms: mean("queue_ms"),
    prefill_ms: mean("prefill_ms"),
    ttft_ms: mean("ttft_ms"),
    observed_ttft_ms: mean("observed_ttft_ms"),
    network_and_client_ms: mean("network_and_client_ms"),
  };
}

/** How far the figures of all parts can be trusted. */
export function addTrust(parts: readonly [TrustReport, ...TrustReport[]]): TrustReport {
  const [first] = parts;
  const sum = (of: (part: TrustReport) => number): number => parts.reduce((total, part) => total + of(part), 0);
  const sums = parts.flatMap((part) => part.sums ?? []);
  const total = (name: keyof (typeof sums)[number]): number => sums.reduce((all, part) => all + part[name], 0);
  const others = addCounts(
    parts.map(({ other_models: models = [] }) =>
      Object.fromEntries(models.map(({ model, streams }) => [model, streams])),
    ),
  );
  return {
    tokens_source: {
      usage: sum((part) => part.tokens_source.usage),
      events: sum((part) => part.tokens_source.events),
      whole_by_events: sum((part) => part.tokens_source.whole_by_events),
    },
    ...sharesOf({
      token_events: total("token_events"),
      streamed_tokens: total("streamed_tokens"),
      coalesced: total("coalesced"),
      lumped: total("lumped"),
      lumps: total("lumps"),
      lump_wait_ms: total("lump_wait_ms"),
    }),
    retries: sum((part) => part.retries),
    retry_wait_ms: round(sum((part) => part.retry_wait_ms)),
    stale_connections: sum((part) => part.stale_connections),
    other_models: Object.entries(others).map(([model, streams = 0]) => ({ model, streams })),
    notices: addCounts(parts.map(({ notices }) => notices)),
    ttft_from: first.ttft_from,
    stalls: sum((part) => part.stalls),
    malformed: sum((part) => part.malformed),
    held_ms: round(sum((part) => part.held_ms)),
  };
}
