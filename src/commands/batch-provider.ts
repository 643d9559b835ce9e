import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createProvider, type Provider } from "../batch/provider.ts";
import { ProviderError } from "../batch/provider-http.ts";
import { parseSubmission, readSubmission, type Part, type Submission } from "../batch/submission.ts";
import { UserError } from "../config/user-error.ts";
import { load, type BatchProviderWords } from "../i18n/load.ts";
import { oneLine, sayFailure, shellWord } from "../i18n/say.ts";
import { visible, visibleJson } from "../text/visible.ts";
import { now } from "../stream/event.ts";
import { loadApi } from "../wire/apis.ts";
import { onlyWord } from "./args.ts";
import type { Context } from "./context.ts";
import { createDrawnLine } from "./drawn-line.ts";
import { EXIT } from "./exit.ts";
import { connecting, everywhere, output, waiting } from "./options.ts";
import { watchSignals } from "./signals.ts";
import { openTarget, readSettings, type Target } from "./target.ts";
import { canRedraw } from "./terminal.ts";

const { demo: _demo, ...endpoint } = connecting;

/** What every verb takes that speaks with the provider. */
export const reaching = {
  ...endpoint,
  timeout: waiting.timeout,
  "timeout-open": waiting["timeout-open"],
  "timeout-idle": waiting["timeout-idle"],
  retries: waiting.retries,
  quiet: output.quiet,
  json: output.json,
  ...everywhere,
};

/** Ms between two lines where none can be drawn anew. */
const SELDOM = 30_000;

/** Ms in which what runs may end by itself, after a signal. */
const GRACE = 500;

/** The user had enough. */
class Interrupted extends Error {}

/** What a verb that speaks with the provider works with. */
export type Session = {
  context: Context;
  target: Target;
  words: BatchProviderWords;
  provider: Provider;
  sleep: (ms: number) => Promise<void>;
  /** Shows one thing that changes, in one line on a terminal; nowhere else. */
  draw(line: string): void;
  /** Says something, unless it is to be quiet. */
  say(text: string): Promise<void>;
  /** Writes one event, where JSON is wanted. */
  tell(event: object): Promise<void>;
};

/** Speaks with the provider; what it refuses becomes a sentence, and `goOn` is said where the user ends it. */
export async function withProvider(
  context: Context,
  work: (session: Session) => Promise<number>,
  goOn: (words: BatchProviderWords) => string | null,
): Promise<number> {
  const { err } = context;
  const target = await openTarget(context, await readSettings(context), "load");
  const words = await load(target.messages.lang, "batchProvider");
  const signals = watchSignals();
  const ending = new AbortController();
  void signals.first.then(() => ending.abort(new Interrupted()));
  const session = await openSession(context, target, words, ending.signal);
  try {
    const working = work(session);
    // What takes long and speaks with nobody hears of no signal.
    const tired = signals.first.then(async () => {
      await Promise.race([working, Bun.sleep(GRACE)]);
      throw new Interrupted();
    });
    return await Promise.race([working, tired]);
  } catch (error) {
    session.draw("");
    if (error instanceof ProviderError) {
      await err.complain(visible(sayRefusal(context, target, words, error)));
      return EXIT.failed;
    }
    if (!(error instanceof Interrupted)) throw error;
    const hint = goOn(words);
    if (hint !== null) await err.write(`${err.fitted(hint)}\n`);
    return signals.code() ?? EXIT.interrupted;
  } finally {
    session.draw("");
    await target.close();
  }
}

/** Statuses of a server that does not know what is asked. */
const UNKNOWN = new Set([404, 405, 501]);

/** What went wrong: a server that knows no batches at all, or not this one, says so in words of its own. */
export function sayRefusal(
  context: Context,
  { messages, about, endpoint: shown }: Target,
  words: BatchProviderWords,
  { failure, path }: ProviderError,
): string {
  if (failure.kind === "not_a_stream") return words.neither(shown, failure.message);
  if (failure.kind !== "http" || !UNKNOWN.has(failure.status)) return oneLine(sayFailure(messages, failure, about));
  const [, kind = "", id = ""] = /^\/(files|batches)\/([^/]+)/.exec(path) ?? [];
  if (kind === "batches") return words.noBatch(decodeURIComponent(id), shown, commandFor(context, "list", ""));
  if (kind === "files") return words.noFile(decodeURIComponent(id), shown);
  const file = context.args.positionals[0] ?? "FILE.jsonl";
  return words.noApi(shown, failure.status, context.command(`batch run ${shellWord(file)} --out results.jsonl`));
}

/** A wait that ends with the signal. */
function createSleep(signal: AbortSignal): (ms: number) => Promise<void> {
  return async (ms) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    const stop = (): void => reject(signal.reason);
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    await promise.finally(() => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    });
  };
}

/** Draws one line anew on a terminal; elsewhere it is written now and then. */
function createDrawing({ args, env, err }: Context): (line: string) => void {
  const quiet = args.has("quiet") || args.has("json");
  const live = canRedraw(err.terminal, env);
  const { draw, clear } = createDrawnLine(err);
  let saidAt = performance.now();
  return (line) => {
    if (quiet) return;
    if (line === "") return clear();
    if (live) return draw(line);
    const at = performance.now();
    if (at - saidAt < SELDOM) return;
    saidAt = at;
    void err.write(`${visible(line)}\n`);
  };
}

async function openSession(
  context: Context,
  target: Target,
  words: BatchProviderWords,
  signal: AbortSignal,
): Promise<Session> {
  const { args, out, err } = context;
  const { settings, mask } = target;
  const sleep = createSleep(signal);
  const draw = createDrawing(context);
  const provider = createProvider({
    fetch: (url, init) => fetch(url, init),
    endpoint: settings.endpoint,
    headers: { ...(await loadApi(settings.api)).headers(target.key), ...target.headers },
    proxy: target.proxy,
    mask,
    open: settings.timeoutOpen,
    idle: settings.timeoutIdle,
    retries: settings.retries,
    maxWait: settings.maxWait,
    now,
    sleep,
    random: Math.random,
    signal,
  });
  return {
    context,
    target,
    words,
    provider,
    sleep,
    draw,
    async say(text) {
      draw("");
      if (!args.has("quiet")) await err.write(`${err.fitted(visible(text))}\n`);
    },
    async tell(event) {
      if (args.has("json")) await out.write(`${visibleJson({ v: 1, ...event })}\n`);
    },
  };
}

/** Which batches are meant, and what is known of them. */
export type Chosen = {
  /** As it was given. */
  word: string;
  /** The file that was submitted; `null` where nobody knows. */
  input: string | null;
  state: Submission | null;
  batches: readonly { id: string; part: Part | null }[];
  /** Batches of the file that were not made yet. */
  unsent: number;
};

/** The batches that are meant by the id of one, or by the file that was submitted. */
export function choose({ args, cwd }: Context, verb: string, { endpoint: shown }: Target): Chosen {
  const word = onlyWord(args, `batch ${verb}`, "ID|FILE");
  const named = word.replace(/\.batches\.json$/, "");
  const state = readSubmission(named);
  if (state === null) {
    if (existsSync(word)) throw new UserError({ code: "not_submitted", path: word });
    const known = beside(cwd, word, shown);
    // No provider calls a batch so.
    if (known === null && /[/\\]|\.(?:jsonl?|txt|csv)$/.test(word))
      throw new UserError({ code: "file_unreadable", path: word, why: "ENOENT", kind: "value" });
    return known ?? { word, input: null, state, batches: [{ id: word, part: null }], unsent: 0 };
  }
  checkPlace(named, state, shown);
  const batches = state.parts.flatMap((part) => (part.batch_id === null ? [] : [{ id: part.batch_id, part }]));
  if (batches.length === 0) throw new UserError({ code: "not_submitted", path: named });
  return { word: named, input: named, state, batches, unsent: state.parts.length - batches.length };
}

/** What a file of this folder says of a batch. */
function beside(cwd: string, id: string, shown: string): Chosen | null {
  for (const name of readdirSync(cwd)) {
    if (!name.endsWith(".batches.json")) continue;
    const state = parseSubmission(readFileSync(`${cwd}/${name}`, "utf8"));
    const part = state?.parts.find(({ batch_id: known }) => known === id);
    if (!state || part === undefined) continue;
    const input = name.replace(/\.batches\.json$/, "");
    checkPlace(input, state, shown);
    return { word: id, input, state, batches: [{ id, part }], unsent: 0 };
  }
  return null;
}

/** Refuses to ask one endpoint for the batches of another. */
export function checkPlace(path: string, { endpoint: submitted }: Submission, shown: string): void {
  if (submitted === shown) return;
  throw new UserError({ code: "batches_elsewhere", path, submitted, endpoint: shown });
}

/** Says what of a file the provider was not given yet; whether there is any. */
export async function remarkUnsent({ context, words }: Session, { word, state, unsent }: Chosen): Promise<boolean> {
  if (unsent === 0) return false;
  await context.err.warn(words.unsent(unsent, state?.parts.length ?? 0, commandFor(context, "submit", word)));
  return true;
}

/** A verb of batches with what is meant, as it can be typed. */
export function commandFor({ command }: Context, verb: string, word: string, rest = ""): string {
  return command(`batch ${verb}${word === "" ? "" : ` ${shellWord(word)}`}${rest}`);
}
