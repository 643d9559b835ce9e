import { round } from "../metrics/distribution.ts";
import type { LoadRecord } from "../metrics/load-record.ts";
import { isInLumps, type Lumps } from "../metrics/lumps.ts";
import type { TrustReport } from "../metrics/trust-report.ts";
import { isComplete } from "../stream/event.ts";

/** Names of other models that are kept, and UTF-16 units of each. */
const MOST_OTHERS = 5;
const LONGEST_NAME = 200;

/** Token events of one stream: how many, how many of them shared a read, and how many of these came in lumps. */
export type TokenEvents = { events: number; coalesced: number; lumps: Readonly<Lumps> };

/** Sums up how far the figures of the streams can be trusted; `parted`: so that those of several parts can be added. */
export function createTrust(ttftFrom: TrustReport["ttft_from"], parted = false) {
  const source = { usage: 0, events: 0, whole_by_events: 0 };
  const sums = { streamed: 0, events: 0, coalesced: 0, stalls: 0, malformed: 0, held: 0 };
  const lumped: Lumps = { events: 0, count: 0, wait: 0 };
  const asked = createAsked();
  const others = new Map<string, number>();

  function addLumps({ events, count, wait }: Lumps): void {
    lumped.events += events;
    lumped.count += count;
    lumped.wait += wait;
  }

  function addModel({ notices, response_model: model }: LoadRecord): void {
    if (model === null || !notices.includes("other_model")) return;
    const name = model.slice(0, LONGEST_NAME);
    if (others.has(name) || others.size < MOST_OTHERS) others.set(name, (others.get(name) ?? 0) + 1);
  }

  return {
    add(record: LoadRecord, { events, coalesced, lumps }: TokenEvents): void {
      if (record.token_events > 0 || isComplete(record)) source[record.tokens_source]++;
      if (isComplete(record) && record.tokens_source === "events") source.whole_by_events++;
      if (events > 0) sums.streamed += record.streamed_tokens;
      sums.events += events;
      sums.coalesced += coalesced;
      addLumps(lumps);
      sums.stalls += record.stalls;
      sums.malformed += record.malformed;
      sums.held += record.held_ms;
      asked.add(record);
      addModel(record);
    },
    report(): TrustReport {
      const all: TokenSums = {
        token_events: sums.events,
        streamed_tokens: sums.streamed,
        coalesced: sums.coalesced,
        lumped: lumped.events,
        lumps: lumped.count,
        lump_wait_ms: round(lumped.wait),
      };
      return {
        tokens_source: { ...source },
        ...sharesOf(all),
        ...(parted ? { sums: all } : {}),
        ...asked.report(),
        other_models: [...others].map(([model, streams]) => ({ model, streams })),
        ttft_from: ttftFrom,
        stalls: sums.stalls,
        malformed: sums.malformed,
        held_ms: round(sums.held),
      };
    },
  };
}

type TokenSums = NonNullable<TrustReport["sums"]>;

/** What sums over the token events of all streams come to. */
export function sharesOf(sums: TokenSums) {
  const { token_events: events, streamed_tokens: streamed, coalesced, lumps, lump_wait_ms: wait } = sums;
  const perEvent = (sum: number): number | null => (events > 0 ? round(sum / events) : null);
  const lumped = perEvent(sums.lumped);
  return {
    tokens_per_event: perEvent(streamed),
    coalesced: perEvent(coalesced),
    lumped,
    lump_wait_ms: lumps > 0 ? round(wait / lumps) : null,
    in_lumps: isInLumps({ token_events: events, lumped }),
  };
}

type Asked = Pick<TrustReport, "retries" | "retry_wait_ms" | "stale_connections" | "notices">;

/** How often it was asked again, and why, and what else was worth saying of the streams. */
function createAsked() {
  const asked: Asked = { retries: 0, retry_wait_ms: 0, stale_connections: 0, notices: {} };
  return {
    add({ attempts, notices, retry_wait_ms: wait }: Pick<LoadRecord, "attempts" | "notices" | "retry_wait_ms">): void {
      asked.retries += Math.max(0, attempts - 1 - notices.filter(isNoRetry).length);
      asked.retry_wait_ms += wait;
      for (const notice of notices) {
        if (notice === "stale_connection") asked.stale_connections++;
        else asked.notices[notice] = (asked.notices[notice] ?? 0) + 1;
      }
    },
    report: (): Asked => ({ ...asked, retry_wait_ms: round(asked.retry_wait_ms), notices: { ...asked.notices } }),
  };
}

const NO_RETRIES: ReadonlySet<string> = new Set(["adapted_stream_options", "adapted_max_tokens", "stale_connection"]);

/** A request that was sent again, adapted or on a new connection, was no retry after a failure of the service. */
function isNoRetry(notice: string): boolean {
  return NO_RETRIES.has(notice);
}
