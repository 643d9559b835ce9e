import { closeSync, realpathSync, rmSync } from "node:fs";
import { basename } from "node:path";
import * as v from "valibot";
import { createFinished, type Finished, type Key } from "../batch/finished.ts";
import type { Row, Table } from "../batch/csv.ts";
import type { Head } from "../batch/head.ts";
import { isOfShard, type BadLine, type Input, type Validated } from "../batch/input.ts";
import { copyResults, openJournal, readResults, type Journal, type OnProgress } from "../batch/journal.ts";
import { readJson } from "../batch/json.ts";
import { lock, type Lock } from "../batch/lock.ts";
import { copyOrdered } from "../batch/order.ts";
import { UserError } from "../config/user-error.ts";
import { load } from "../i18n/load.ts";
import { sayProblem } from "../i18n/say.ts";
import { visible } from "../text/visible.ts";
import { openInput, type InputAsking, type Speaking } from "./batch-input.ts";
import type { BatchOptions } from "./batch-options.ts";
import { createPipedResults } from "./batch-stdout.ts";
import { createErrorFile, lineErrorOf, problemOf } from "./error-file.ts";
import { checkOutputs, lookAt, openFile, writeAll } from "./output-file.ts";
import { asOutputError, removeUnfinished, replaceFile } from "./replace-file.ts";

/** What a batch reads and writes, checked. */
export type BatchFiles = {
  input: Input;
  /** `null` where nothing is going to be written. */
  journal: Journal | null;
  finished: Finished;
  validated: Validated;
  /** What the batch is called where others know it; always the same for one file of results. */
  name(): string;
  /** Writes the table with its results, or puts these into the order of the input; the journal takes no more after that. */
  finish(isDone: boolean): Promise<void>;
  close(): Promise<void>;
};

/** Opens input and results and checks all of both, before anything is sent. */
export async function openBatchFiles(
  options: BatchOptions,
  asking: InputAsking,
  speaking: Speaking,
): Promise<BatchFiles> {
  checkPlaces(options);
  const { input, table } = await openInput(options, asking, speaking);
  let held: Lock | null = null;
  let journal: Journal | null = null;
  const isNew = options.out !== "" && lookAt(options.out) === "nothing";
  async function close(): Promise<void> {
    input.close();
    await journal?.close();
    held?.release();
  }
  async function finish(isDone: boolean): Promise<void> {
    if (table === null && !(options.orderInput && isDone)) return;
    await journal?.close();
    journal = null;
    if (options.orderInput && isDone) await putInOrder(options.out, input);
    if (table !== null && options.table !== null) await writeTable(table, options.table, options);
  }
  const name = (): string => nameOf(held, options.out);
  /** A file that was made only for this leaves again. */
  async function abandon(): Promise<void> {
    if (isNew && held !== null && Bun.file(options.out).size === 0) {
      rmSync(options.out, { force: true });
      held.remove();
      held = null;
    }
    await close();
  }
  try {
    if (options.dryRun || options.piped) {
      if (!options.dryRun) journal = createPipedResults(speaking.context.out, speaking.display);
      const found = journal?.finished ?? (await finishedSoFar(options.out, speaking));
      const finished = withoutAgain(found, options, createFinished());
      const validated = await validate(input, finished, options, speaking);
      return { input, journal, finished, validated, name, finish, close };
    }
    held = lockOutput(options.out);
    if (options.table !== null) removeUnfinished(options.table);
    journal = await readJournal(options.out, speaking);
    const known = recall(held, input, journal, options);
    const { validated, isKept } = known ?? (await checked(input, journal, options, speaking));
    if (isKept !== null) journal = await keepOnly(journal, isKept, options, speaking);
    if (known === null) remember(held, input, validated, journal);
    return { input, journal, finished: journal.finished, validated, name, finish, close };
  } catch (error) {
    await abandon();
    throw error;
  }
}

/** What a batch is called that has these results, from its first run on. */
function nameOf(held: Lock | null, out: string): string {
  const kept = held?.get("name") ?? null;
  const made = kept ?? `${basename(out).replace(/\.jsonl$|[^\w.-]/g, "")}-${crypto.randomUUID().slice(0, 8)}`;
  if (kept === null) held?.set("name", made);
  return made;
}

/** Refuses to write over what is read, or over a table that no batch has written. */
function checkPlaces({ input, out, table }: BatchOptions): void {
  if (out === "") return;
  const beside = [".lock", ".torn", ".invalid.jsonl"].map((ending) => out + ending);
  checkOutputs(input, [out, ...(table === null ? [] : [table]), ...beside]);
  if (table !== null && lookAt(table) === "file" && lookAt(out) === "nothing")
    throw new UserError({ code: "batch_table_exists", path: table });
}

/** Writes the rows of a table with their results, and puts the file in place when it is whole. */
async function writeTable(table: Table, path: string, { out, shard }: BatchOptions): Promise<void> {
  const { writeAnswers } = await import("../batch/csv-answers.ts");
  const isMine = ({ number }: Row): boolean => shard === null || isOfShard(number - 1, shard);
  await replaceFile(path, (file) => writeAnswers(table, out, isMine, (text) => writeAll(file, Buffer.from(text))));
}

async function putInOrder(out: string, input: Input): Promise<void> {
  await replaceFile(out, (file) => copyOrdered(out, file, keysOf(input)));
}

async function* keysOf(input: Input): AsyncGenerator<Key> {
  for await (const { key } of input.requests(createFinished())) yield key;
}

export function lockOutput(path: string): Lock {
  const found = lookAt(path);
  if (found === "special") throw new UserError({ code: "file_unwritable", path, why: "ESPIPE" });
  closeSync(openFile(path, "a"));
  // Behind a link, one file has several names.
  const held = locked(realpathSync(path), found === "nothing");
  if ("set" in held) {
    removeUnfinished(path);
    return held;
  }
  throw new UserError({ code: "batch_locked", path, pid: held.pid, host: held.host });
}

/** Where no lock can be, nothing is left of either. */
function locked(path: string, isNew: boolean): ReturnType<typeof lock> {
  try {
    return lock(path);
  } catch (error) {
    const isTheirs = lookAt(`${path}.lock`) === "file";
    for (const name of isNew ? [path, ...(isTheirs ? [] : [`${path}.lock`])] : []) rmSync(name, { force: true });
    throw error;
  }
}

/** `isKept`: which results stay, where some are to be asked again. */
type Checked = { validated: Validated; isKept: ((head: Head) => boolean) | null };

async function checked(input: Input, journal: Journal, options: BatchOptions, speaking: Speaking): Promise<Checked> {
  const again = createFinished();
  const validated = await validate(input, withoutAgain(journal.finished, options, again), options, speaking);
  const { done, failed } = again.count();
  const isKept = (head: Head): boolean =>
    again.requestOf(head.key) === null || (again.hasFailed(head.key) && !head.failed);
  return { validated, isKept: done + failed === 0 ? null : isKept };
}

/** The results without those that are to be asked again; which these are is noted, and which of them had failed. */
function withoutAgain(finished: Finished, { retryFailed, changed }: BatchOptions, again: Finished): Finished {
  return {
    ...finished,
    standing(key, hash) {
      const standing = finished.standing(key, hash);
      const isFailure = retryFailed && finished.hasFailed(key);
      if (!isFailure && (standing !== "changed" || changed === "refuse")) return standing;
      again.add(key, 0, isFailure);
      return "unknown";
    },
  };
}

async function readJournal(path: string, speaking: Speaking): Promise<Journal> {
  const { context, words, display } = speaking;
  const journal = await openResults(path, speaking, (read, size) => display.reading(path, read / size));
  if (journal.twice > 0) await context.err.warn(words.twice(journal.twice));
  return journal;
}

/** Opens results, and says what in them was no whole line and has left them. */
export async function openResults(
  path: string,
  { context, words, messages }: Pick<Speaking, "context" | "words" | "messages">,
  onProgress?: OnProgress,
): Promise<Journal> {
  const journal = await openJournal(path, onProgress);
  const { cut, brokenLines } = journal;
  if (cut > 0) await context.err.warn(words.torn(messages.bytes(cut), `${path}.torn`));
  if (brokenLines === 0) return journal;
  await context.err.warn(words.broken(brokenLines, `${path}.torn`));
  await journal.close();
  await rewriteResults(path, () => true);
  return openResults(path, { context, words, messages }, onProgress);
}

async function finishedSoFar(path: string, { display }: Speaking): Promise<Finished> {
  const found = path === "" ? "nothing" : lookAt(path);
  return found === "file" ? readResults(path, (read, size) => display.reading(path, read / size)) : createFinished();
}

/** Requests that are to be asked again leave the results. */
async function keepOnly(
  journal: Journal,
  keep: (head: Head) => boolean,
  { out }: BatchOptions,
  speaking: Speaking,
): Promise<Journal> {
  await journal.close();
  await rewriteResults(out, keep);
  return readJournal(out, speaking);
}

/** Writes the results anew, without those that are not kept. */
export async function rewriteResults(out: string, keep: (head: Head) => boolean): Promise<void> {
  await replaceFile(out, (file) => copyResults(out, file, keep)).catch((error: unknown) => {
    throw asOutputError(error, out);
  });
}

/** Lines that are named. */
const NAMED = 10;

async function validate(
  input: Input,
  finished: Finished,
  options: BatchOptions,
  { context, messages, words, display }: Speaking,
): Promise<Validated> {
  const { path } = input;
  const named: BadLine[] = [];
  const list = options.skipInvalid && options.out !== "" && !options.dryRun ? `${options.out}.invalid.jsonl` : null;
  /** Where there is no file that they could be listed beside. */
  const saysAll = options.skipInvalid && options.piped && !options.dryRun;
  const listed = list === null ? null : createErrorFile(list);
  const problems = await load(messages.lang, "problems");
  const validated = await input.validate(finished, {
    onBad(bad) {
      if (named.length < NAMED) named.push(bad);
      if (listed === null && !saysAll) return;
      const { what } = sayProblem(problems, problemOf(path, bad), context.command);
      listed?.add(lineErrorOf(bad, what));
      if (listed !== null) return;
      display.clear();
      void context.err.write(`${visible(what)}\n`);
    },
    onProgress: (read, size) => display.checking(path, read / size),
  });
  listed?.close();
  const { bad, count, changedLines } = validated;
  if (bad > 0 && !options.skipInvalid) throw new UserError({ code: "batch_lines", path, count: bad, lines: named });
  if (list !== null && bad > 0) await context.err.warn(words.skipped(bad, list));
  if (saysAll && bad > 0) await context.err.warn(words.leftOut(bad));
  // There may be more shards than requests.
  if (count === 0 && options.shard !== null && Bun.file(path).size > 0)
    await context.err.warn(visible(words.emptyShard(path)));
  else if (count === 0) throw new UserError({ code: "no_prompts", path });
  if (validated.changed > 0)
    throw new UserError({ code: "batch_changed", path, count: validated.changed, lines: changedLines });
  return validated;
}

const counts = v.object({ done: v.number(), failed: v.number() });
/** `others`: results of requests that are not in the input. */
const remembered = v.object({ stamp: v.string(), count: v.number(), bad: v.number(), others: counts });

/** What was found when this very file was validated; `null` where it must be read again. */
function recall(held: Lock, input: Input, { finished }: Journal, options: BatchOptions): Checked | null {
  const text = held.get("validated");
  const read = text === null ? null : readJson(remembered, text);
  if (read?.stamp !== input.stamp) return null;
  const { count, bad, others } = read;
  // Lines that were left out once are named again where nobody asks to leave them out.
  if (bad > 0 && !options.skipInvalid) return null;
  // Which results are those of others, or of requests that have changed, is not remembered.
  if (options.changed === "rerun" || (options.retryFailed && others.failed > 0)) return null;
  const all = finished.count();
  const [done, failed] = [all.done - others.done, all.failed - others.failed];
  if (Math.min(done, failed) < 0) return null;
  const isAgain = options.retryFailed && failed > 0;
  return {
    validated: { count, bad, done, failed: isAgain ? 0 : failed, changed: 0, changedLines: [] },
    isKept: isAgain ? (head) => !head.failed : null,
  };
}

function remember(held: Lock, { stamp }: Input, { count, bad, done, failed }: Validated, { finished }: Journal): void {
  const all = finished.count();
  const others = { done: all.done - done, failed: all.failed - failed };
  held.set("validated", JSON.stringify({ stamp, count, bad, others }));
}
