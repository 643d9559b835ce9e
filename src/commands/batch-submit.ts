import { closeSync, existsSync, renameSync } from "node:fs";
import { createFinished } from "../batch/finished.ts";
import { createInput, type BadLine, type BatchRequest, type Input } from "../batch/input.ts";
import { lock, type Lock } from "../batch/lock.ts";
import { isFinal } from "../batch/provider.ts";
import { ProviderError } from "../batch/provider-http.ts";
import {
  createPlacement,
  PART_LIMITS,
  planParts,
  readSubmission,
  submissionPath,
  writeSubmission,
  type PartLimits,
  type Submission,
} from "../batch/submission.ts";
import { submitParts, UncertainError, type SubmitEvent } from "../batch/submit.ts";
import { integer } from "../config/kinds.ts";
import { UserError } from "../config/user-error.ts";
import { load } from "../i18n/load.ts";
import { sayProblem } from "../i18n/say.ts";
import { now } from "../stream/event.ts";
import { visible } from "../text/visible.ts";
import { pathOf } from "../wire/apis.ts";
import { onlyWord, readOption } from "./args.ts";
import { checkPlace, commandFor, reaching, sayRefusal, withProvider, type Session } from "./batch-provider.ts";
import { askingOf } from "./batch-run.ts";
import { createSendable } from "./batch-sendable.ts";
import { asEvent, watchChosen } from "./batch-watch.ts";
import type { Context, Verb } from "./context.ts";
import { createErrorFile, lineErrorOf, problemOf } from "./error-file.ts";
import { EXIT } from "./exit.ts";
import { askingLines, batching, multiple, submitting } from "./options.ts";
import { openFile, readableKind } from "./output-file.ts";
import { paramsOf } from "./request-options.ts";
import type { Target } from "./target.ts";

/** `llmaas batch submit FILE`: gives the requests of a file to the provider. */
export const batchSubmit: Verb = {
  meta: { name: "batch submit" },
  args: {
    wait: submitting.wait,
    "part-requests": submitting["part-requests"],
    again: submitting.again,
    "dry-run": batching["dry-run"],
    "skip-invalid": multiple["skip-invalid"],
    ...askingLines,
    ...reaching,
  },
  words: "file",
  run: (context) => {
    const path = inputOf(context);
    return withProvider(
      context,
      (session) => submitFile(session, path),
      (words) => words.goOnSubmit(commandFor(context, "submit", path)),
    );
  },
};

function inputOf({ args }: Context): string {
  const path = onlyWord(args, "batch submit", "FILE.jsonl");
  if (path === "-" || readableKind(path, "prompts") === "pipe") throw new UserError({ code: "submit_pipe" });
  return path;
}

async function submitFile(session: Session, path: string): Promise<number> {
  const { context, target } = session;
  const dryRun = context.args.has("dry-run");
  const reading = await openReading(context.args, target, path);
  const held = dryRun ? null : lockInput(path);
  try {
    const before = readSubmission(path);
    const state = before === null || context.args.has("again") ? await plan(session, reading, before) : before;
    if (state === before) await checkSame(reading, before, target);
    await sayPlan(session, state);
    if (dryRun) return EXIT.ok;
    const isDone = state.parts.every(({ batch_id: id }) => id !== null);
    if (isDone) await session.say(session.words.already(commandFor(context, "submit", path, " --again")));
    else await submitRest(session, reading, state);
    return await end(session, path, state);
  } catch (error) {
    if (error instanceof UncertainError) return await sayUncertain(session, path, error);
    throw error;
  } finally {
    reading.input.close();
    held?.remove();
  }
}

/** How the input is read, in which form its requests are sent, and what parts they make. */
type Reading = {
  path: string;
  input: Input;
  added: number;
  requests: () => AsyncIterable<BatchRequest>;
  placement: () => ReturnType<typeof createPlacement>;
};

async function openReading(args: Context["args"], target: Target, path: string): Promise<Reading> {
  const params = paramsOf(args.all("param"));
  const how = await askingOf(target, params, "");
  const most = readOption(args, "part-requests", integer({ min: 1, max: 1_000_000 }));
  const input = createInput(path, { format: null, ...how });
  const sendable = await createSendable(target, params);
  const limits: PartLimits = { ...PART_LIMITS, requests: most };
  return {
    path,
    input,
    added: how.added,
    requests: () => input.requests(createFinished()),
    placement: () => createPlacement(limits, sendable),
  };
}

function lockInput(path: string): Lock {
  // Says why where it cannot be.
  closeSync(openFile(`${submissionPath(path)}.lock`, "a"));
  const held = lock(submissionPath(path));
  if ("set" in held) return held;
  throw new UserError({ code: "batches_locked", path, pid: held.pid, host: held.host });
}

/** Checks all of the file, and says what would be sent of it; what was sent before is put aside, and never lost. */
async function plan(session: Session, reading: Reading, before: Submission | null): Promise<Submission> {
  const { context, target } = session;
  const { path, input, added } = reading;
  await validate(session, reading);
  const token = crypto.randomUUID().slice(0, 13);
  const parts = await planParts(reading.requests(), reading.placement(), token);
  const { model, api } = target.settings;
  const url = `/v1${pathOf(api)}`;
  const state: Submission = { v: 1, stamp: input.stamp, endpoint: target.endpoint, added, model, url, parts };
  if (context.args.has("dry-run")) return state;
  if (before !== null) putAside(submissionPath(path));
  writeSubmission(path, state);
  return state;
}

function putAside(path: string): void {
  for (let number = 1; ; number++) {
    const aside = path.replace(/\.batches\.json$/, `.${number}.batches.json`);
    if (!existsSync(aside)) return renameSync(path, aside);
  }
}

/** Lines that are named. */
const NAMED = 10;

async function validate({ context, draw, say, target }: Session, { path, input }: Reading): Promise<void> {
  const { messages } = target;
  const [words, problems] = await Promise.all([load(messages.lang, "batch"), load(messages.lang, "problems")]);
  const named: BadLine[] = [];
  const skip = context.args.has("skip-invalid");
  const list = skip && !context.args.has("dry-run") ? `${path}.invalid.jsonl` : null;
  const listed = list === null ? null : createErrorFile(list);
  const { bad, count } = await input.validate(createFinished(), {
    onBad(problem) {
      if (named.length < NAMED) named.push(problem);
      const { what } = sayProblem(problems, problemOf(path, problem), context.command);
      listed?.add(lineErrorOf(problem, what));
    },
    onProgress: (read, size) => draw(words.checking(path, messages.percent(read / size))),
  });
  draw("");
  listed?.close();
  if (bad > 0 && !skip) throw new UserError({ code: "batch_lines", path, count: bad, lines: named });
  if (bad > 0 && list !== null) await say(words.skipped(bad, list));
  if (count === 0) throw new UserError({ code: "no_prompts", path });
}

/** Refuses to go on with a file, or a place, that is another than before. */
async function checkSame(reading: Reading, before: Submission, target: Target): Promise<void> {
  const { path, input, requests, placement } = reading;
  checkPlace(path, before, target.endpoint);
  if (input.stamp === before.stamp) return;
  // A copy, or one that was only touched, holds the same.
  const parts = await planParts(requests(), placement(), "");
  const isSame = before.parts.every(({ checksum }, at) => parts[at]?.checksum === checksum);
  if (!isSame || parts.length !== before.parts.length)
    throw new UserError({ code: "submitted_changed", path, state: submissionPath(path) });
}

async function sayPlan({ words, say, target }: Session, { parts }: Submission): Promise<void> {
  const requests = parts.reduce((sum, part) => sum + part.requests, 0);
  await say(words.planned(requests, parts.length));
  if (parts.length === 1) return;
  const isOne = new Set(parts.map(({ url }) => url)).size === 1;
  for (const { part, model, url, requests: own, bytes } of parts.slice(0, NAMED))
    await say(words.part(part, isOne ? model : `${model} · ${url}`, own, target.messages.bytes(bytes)));
  if (parts.length > NAMED) await say("  …");
}

async function submitRest(session: Session, reading: Reading, state: Submission): Promise<void> {
  const { provider, target, sleep } = session;
  const { path, requests, placement } = reading;
  await submitParts({
    input: path,
    state,
    save: (kept) => writeSubmission(path, kept),
    provider,
    requests,
    placement,
    retries: target.settings.retries,
    now,
    sleep,
    random: Math.random,
    on: (event) => tellStep(session, state, event),
  });
}

function tellStep({ words, draw, say, target }: Session, { parts }: Submission, { type, part }: SubmitEvent): void {
  switch (type) {
    case "uploading":
      return draw(words.uploading(part.part, parts.length, target.messages.bytes(part.bytes)));
    case "looking":
      return draw(words.looking(part.part));
    case "found_file":
      return void say(words.foundFile(part.part));
    case "found_batch":
      return void say(words.foundBatch(part.part));
    case "created":
      return void say(words.created(part.batch_id ?? "", part.requests, part.model));
    case "uploaded":
      return draw("");
  }
}

/** The ids on standard output, and what can be done with them. */
async function end(session: Session, path: string, { parts }: Submission): Promise<number> {
  const { context, words, say, tell, target } = session;
  for (const { batch_id: id, part, model, url, requests, file_id: file } of parts)
    await tell({ type: "submitted", id, part, model, url, requests, input_file_id: file });
  if (!context.args.has("json"))
    await context.out.write(parts.map(({ batch_id: id }) => `${visible(target.mask(id ?? ""))}\n`).join(""));
  await say(words.kept(submissionPath(path)));
  const fetched = commandFor(context, "fetch", path, " --out results.jsonl");
  if (!context.args.has("wait")) {
    await say(words.next(commandFor(context, "status", path, " --wait"), fetched));
    return EXIT.ok;
  }
  const { watched } = await watchChosen(session, "submit", true);
  session.draw("");
  for (const one of watched) {
    await tell(asEvent(one));
    await say(`${one.id}: ${words.status(one.batch?.status ?? "not_yet")}`);
  }
  await say(words.next(commandFor(context, "status", path), fetched));
  const isGood = watched.every(({ batch }) => batch !== null && isFinal(batch) && batch.status === "completed");
  return isGood ? EXIT.ok : EXIT.incomplete;
}

async function sayUncertain({ context, words, target }: Session, path: string, error: UncertainError): Promise<number> {
  const { part, cause } = error;
  const again = commandFor(context, "submit", path);
  if (cause instanceof ProviderError) await context.err.complain(visible(sayRefusal(context, target, words, cause)));
  await context.err.complain(words.uncertain(part.part, submissionPath(path), again));
  return EXIT.failed;
}
