import { isFinal, type ProviderBatch } from "../batch/provider.ts";
import { isWorthAgain, ProviderError } from "../batch/provider-http.ts";
import { SETTLED } from "../batch/submit.ts";
import { now } from "../stream/event.ts";
import { visible } from "../text/visible.ts";
import { choose, type Chosen, type Session } from "./batch-provider.ts";

/** A batch, or an id that the provider does not show yet. */
export type Watched = { id: string; batch: ProviderBatch | null };

/** Ms between two questions, at first and in the end. */
const FIRST = 500;
const LAST = 30_000;
/** Questions in a row without an answer after which nobody is there. */
const UNANSWERED = 20;

/** The batches that are meant, and how they stand, or with `wait` how they ended. */
export async function watchChosen(
  session: Session,
  verb: string,
  wait: boolean,
): Promise<{ chosen: Chosen; watched: Watched[] }> {
  const chosen = choose(session.context, verb, session.target);
  return { chosen, watched: await watch(session, chosen, wait) };
}

/** Asks for each batch once, or until all are over. What was created a moment ago may not be shown yet. */
async function watch(session: Session, chosen: Chosen, wait: boolean): Promise<Watched[]> {
  const { sleep } = session;
  const begun = now();
  const over = new Map<string, Watched>();
  let unanswered = 0;
  for (let pause = FIRST; ; pause = Math.min(1.5 * pause, LAST)) {
    try {
      const watched = await askAll(session, chosen, over, begun, wait);
      unanswered = 0;
      if (!wait || watched.every(({ batch }) => batch !== null && isFinal(batch))) return watched;
      await show(session, watched);
    } catch (error) {
      if (!wait || !(error instanceof ProviderError) || !isWorthAgain(error.failure)) throw error;
      if (++unanswered >= UNANSWERED) throw error;
    }
    await sleep(pause);
  }
}

async function askAll(
  { provider }: Session,
  { batches }: Chosen,
  over: Map<string, Watched>,
  begun: number,
  wait: boolean,
): Promise<Watched[]> {
  const watched: Watched[] = [];
  for (const { id, part } of batches) {
    const known = over.get(id);
    // Of one that nobody here has created, it is not known when that was: who waits gives it the time.
    const created = part === null || part.created_at === null ? (wait ? begun : 0) : Date.parse(part.created_at);
    const one = known ?? { id, batch: await shown(provider.retrieve(id), created) };
    if (one.batch !== null && isFinal(one.batch)) over.set(id, one);
    watched.push(one);
  }
  return watched;
}

/** `null`: it was created less than a minute ago, and is not shown yet. */
async function shown(asked: Promise<ProviderBatch>, created: number): Promise<ProviderBatch | null> {
  try {
    return await asked;
  } catch (error) {
    const notFound = error instanceof ProviderError && error.failure.kind === "http" && error.failure.status === 404;
    if (notFound && now() - created < SETTLED) return null;
    throw error;
  }
}

/** Times that a batch is asked again which is over, counts answers, and names no file. */
const LATE = 4;

/** Some providers name the files of a batch only a moment after it is over. */
export async function withFiles({ provider, sleep }: Session, watched: readonly Watched[]): Promise<Watched[]> {
  const found: Watched[] = [];
  for (const { id, batch: first } of watched) {
    let batch = first;
    for (let asked = 0; asked < LATE && batch !== null && lacksFiles(batch); asked++) {
      await sleep(FIRST * 2 ** asked);
      batch = await provider.retrieve(id);
    }
    found.push({ id, batch });
  }
  return found;
}

function lacksFiles(batch: ProviderBatch): boolean {
  const { completed = 0, failed = 0 } = batch.request_counts ?? {};
  const { output_file_id: output, error_file_id: error } = batch;
  return isFinal(batch) && ((completed > 0 && !output) || (failed > 0 && !error && !output));
}

/** All that is waited for, in one line. */
async function show({ draw, tell, words, target, context }: Session, watched: readonly Watched[]): Promise<void> {
  const sum = { total: 0, completed: 0, failed: 0 };
  for (const { batch } of watched) {
    sum.total += batch?.request_counts?.total ?? 0;
    sum.completed += batch?.request_counts?.completed ?? 0;
    sum.failed += batch?.request_counts?.failed ?? 0;
  }
  const { count } = target.messages;
  const states = new Set(watched.map(({ batch }) => words.status(batch?.status ?? "not_yet")));
  draw(`${words.counts(count(sum.completed), count(sum.total), sum.failed)} · ${[...states].join(", ")}`);
  if (context.args.has("json")) for (const one of watched) await tell(asEvent(one));
}

/** A batch as programs read it. */
export function asEvent({ id, batch }: Watched): object {
  return {
    type: "batch",
    id,
    status: batch?.status ?? "not_yet",
    request_counts: batch?.request_counts ?? null,
    output_file_id: batch?.output_file_id ?? null,
    error_file_id: batch?.error_file_id ?? null,
    created_at: batch?.created_at ?? null,
    expires_at: batch?.expires_at ?? null,
    errors: batch?.errors?.data ?? [],
  };
}

/** Problems that are named, of those that a provider has found in a file. */
const NAMED = 10;

/** Says what the provider has found wrong with a batch, a sentence each. */
export async function remarkProblems({ context, words, target }: Session, { errors }: ProviderBatch): Promise<void> {
  const found = errors?.data ?? [];
  const named = found.slice(0, NAMED).map(({ message, line }) => words.problem(message ?? "?", line));
  if (found.length > NAMED) named.push(words.moreProblems(found.length - NAMED));
  for (const problem of named) await context.err.warn(visible(target.mask(problem)));
}
