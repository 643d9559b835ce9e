import { collect, MISSING, type Collected, type Wanted } from "../batch/collect.ts";
import { createFinished, type Key } from "../batch/finished.ts";
import { judgeAnswer } from "../batch/judge-answer.ts";
import { openJournal, type Journal } from "../batch/journal.ts";
import { isFinal, type ProviderBatch } from "../batch/provider.ts";
import { UserError } from "../config/user-error.ts";
import { load } from "../i18n/load.ts";
import { oneLine, sayFailure } from "../i18n/say.ts";
import { createCostOf } from "../metrics/tokens.ts";
import { visible } from "../text/visible.ts";
import { API_KINDS, loadApi, pathOf } from "../wire/apis.ts";
import { lockOutput, openResults, rewriteResults } from "./batch-files.ts";
import { commandFor, reaching, remarkUnsent, withProvider, type Chosen, type Session } from "./batch-provider.ts";
import { wantedOf } from "./batch-wanted.ts";
import { remarkProblems, watchChosen, withFiles, type Watched } from "./batch-watch.ts";
import type { Verb } from "./context.ts";
import { createErrorFile } from "./error-file.ts";
import { EXIT } from "./exit.ts";
import { checkNoTable } from "./batch-options.ts";
import { batching, submitting } from "./options.ts";
import { isStdout } from "./output-file.ts";
import { asOutputError } from "./replace-file.ts";

/** `llmaas batch fetch ID|FILE --out FILE`: what a batch has answered, as results that `batch run` goes on with. */
export const batchFetch: Verb = {
  meta: { name: "batch fetch" },
  args: { out: batching.out, wait: submitting.wait, ...reaching },
  words: "file",
  run: (context) => {
    const out = context.args.one("out");
    const [word = ""] = context.args.positionals;
    if (out === undefined)
      throw new UserError({
        code: "needs_option",
        option: "batch fetch",
        needed: ["--out"],
        example: "--out results.jsonl",
      });
    if (out === "-" || isStdout(out)) throw new UserError({ code: "batch_piped", option: "batch fetch" });
    checkNoTable(out);
    return withProvider(
      context,
      (session) => fetchAll(session, out),
      (words) => words.goOnFetch(commandFor(context, "fetch", word)),
    );
  },
};

async function fetchAll(session: Session, out: string): Promise<number> {
  const { context, words } = session;
  const { chosen, watched: told } = await watchChosen(session, "fetch", context.args.has("wait"));
  const watched = await withFiles(session, told);
  session.draw("");
  const over = watched.flatMap(({ batch }) => (batch !== null && isFinal(batch) ? [batch] : []));
  const found: Collected[] = [];
  if (over.length > 0) {
    const held = lockOutput(out);
    try {
      found.push(...(await collectAll(session, chosen, over, out)));
    } finally {
      held.release();
    }
  }
  for (const { id, batch } of watched)
    if (batch === null || !isFinal(batch))
      await context.err.warn(visible(words.nothingYet(id, words.status(batch?.status ?? "not_yet"))));
  const isUnsent = await remarkUnsent(session, chosen);
  const code = await sayEnd(session, chosen, watched, found, out);
  return isUnsent && code === EXIT.ok ? EXIT.incomplete : code;
}

/** Everything that the batches hold goes into the results, one batch after the other. */
async function collectAll(
  session: Session,
  chosen: Chosen,
  batches: readonly ProviderBatch[],
  out: string,
): Promise<Collected[]> {
  const results = await resultsIn(session, out);
  const found: Collected[] = [];
  try {
    for (const batch of batches) {
      const part = chosen.batches.find(({ id }) => id === batch.id)?.part ?? null;
      const wanted = await wantedOf(session, chosen, part, batch);
      if (wanted === null) await session.context.err.warn(session.words.unknownInput);
      found.push(await collectOne(session, batch, wanted, results));
    }
    await results.close();
  } catch (error) {
    await results.close().catch(() => undefined);
    throw asOutputError(error, out);
  }
  return found;
}

type Results = {
  journal: Journal;
  replace(result: string, key: Key, hash: number): void;
  /** Puts everything on the disk; what has an answer now takes the place of its failure. */
  close(): Promise<void>;
};

async function resultsIn({ context, target: { messages } }: Session, out: string): Promise<Results> {
  const journal = await openResults(out, { context, messages, words: await load(messages.lang, "batch") });
  const replaced = createFinished();
  const lines: { result: string; key: Key; hash: number }[] = [];
  return {
    journal,
    replace(result, key, hash) {
      if (replaced.add(key, hash, false)) lines.push({ result, key, hash });
    },
    async close() {
      await journal.close();
      if (lines.length === 0) return;
      await rewriteResults(out, ({ key, failed }) => !failed || replaced.requestOf(key) === null);
      const again = await openJournal(out);
      for (const { result, key, hash } of lines) again.add(result, key, hash, false);
      await again.close();
    },
  };
}

async function collectOne(
  { provider, target, words, draw }: Session,
  batch: ProviderBatch,
  wanted: Map<string, Wanted> | null,
  { journal, replace }: Results,
): Promise<Collected> {
  const { settings, messages, mask, about } = target;
  const kind = API_KINDS.find((each) => batch.endpoint === `/v1${pathOf(each)}`) ?? settings.api;
  const api = await loadApi(kind);
  const costOf = createCostOf(settings.prices);
  const total = messages.count(wanted?.size ?? batch.request_counts?.total ?? 0);
  let lines = 0;
  const judging = {
    api,
    kind,
    mask,
    trustDone: settings.trustDone,
    costOf,
    currency: settings.prices?.currency ?? null,
  };
  return collect({
    provider,
    batch,
    wanted,
    finished: journal.finished,
    judge: (body, model) => judgeAnswer(body, { ...judging, model }),
    say: (failure) => oneLine(sayFailure(messages, failure, about)),
    mask,
    add: journal.add,
    replace,
    onLine() {
      if (++lines % 100 === 0) draw(words.downloading(messages.count(lines), total));
    },
  });
}

/** Ids that are named on the spot. */
const NAMED = 5;

async function sayEnd(
  session: Session,
  { input, word }: Chosen,
  watched: readonly Watched[],
  found: readonly Collected[],
  out: string,
): Promise<number> {
  const { context, words, say, tell, target } = session;
  const { count, bytes } = target.messages;
  const sum = (of: (one: Collected) => number): number => found.reduce((all, one) => all + of(one), 0);
  for (const one of found) await remark(session, one);
  const open = found.flatMap((one) => one.open);
  const missing = open.filter(({ code }) => code === MISSING);
  const [answered, failed] = [sum((one) => one.answered), sum((one) => one.failed)];
  const listed = found.length === 0 ? null : list(`${out}.missing.jsonl`, open);
  for (const { batch, open: own, ...rest } of found)
    await tell({ type: "fetched", id: batch.id, status: batch.status, ...rest, open: own.length });
  if (found.length > 0) {
    const isGood = failed === 0 && open.length === 0;
    await say(
      `${isGood ? "✓" : "!"} ${words.collected(answered, failed, open.length - missing.length, missing.length)}`,
    );
    const codes = new Map<string, number>();
    for (const one of found)
      for (const [code, times] of Object.entries(one.codes)) codes.set(code, (codes.get(code) ?? 0) + times);
    if (codes.size > 0) await say(`  ${words.codes([...codes].map(([code, times]) => [code, count(times)]))}`);
    if (missing.length > 0) {
      const ids = missing.slice(0, NAMED).map(({ id }) => id);
      await say(words.missing(ids, missing.length - ids.length));
    }
    if (listed !== null) await say(words.listed(listed));
    await say(words.results(out, bytes(Bun.file(out).size)));
  }
  const isOver = found.length === watched.length;
  if (!isOver) await say(words.goOnFetch(commandFor(context, "fetch", word, " --wait")));
  else if (input !== null && open.length > 0) await say(words.rest(commandFor(context, "run", input)));
  else if (input !== null && failed > 0) await say(words.again(commandFor(context, "run", input, " --retry-failed")));
  if (isOver && answered === 0) return EXIT.failed;
  return isOver && failed === 0 && open.length === 0 ? EXIT.ok : EXIT.incomplete;
}

/** What is odd about the files of a batch. */
async function remark(session: Session, one: Collected): Promise<void> {
  const { context, words, target } = session;
  const { count } = target.messages;
  const { batch, miscounted, twice, unknown, broken, others } = one;
  await remarkProblems(session, batch);
  const said = [
    ...(miscounted === null ? [] : [words.miscounted(batch.id, count(miscounted.completed), count(one.came))]),
    ...(twice > 0 ? [words.twice(twice)] : []),
    ...(unknown.first === null ? [] : [words.unknown(unknown.count, unknown.first)]),
    ...(broken > 0 ? [words.broken(broken)] : []),
    ...(others > 0 ? [words.others(others)] : []),
  ];
  for (const sentence of said) await context.err.warn(visible(target.mask(sentence)));
}

/** Names every request without an answer in a file. */
function list(path: string, open: Collected["open"]): string | null {
  const file = createErrorFile(path);
  open.forEach(file.add);
  return file.close();
}
