import { decimal, duration, integer, parseNumber } from "../config/kinds.ts";
import { nearest } from "../config/nearest.ts";
import { UserError, type ListenReason, type Problem } from "../config/user-error.ts";
import { demoAnswer } from "../i18n/demo.ts";
import { shellWord } from "../i18n/say.ts";
import { BATCH_OUTCOME_NAMES, isBatchOutcome, type BatchOutcome } from "../simulator/batch-outcomes.ts";
import { RANGES, readControl, type Control } from "../simulator/control.ts";
import { FAULT_NAMES } from "../simulator/faults.ts";
import { MODELS, type SimulatedModel } from "../simulator/plan.ts";
import type { FaultChance } from "../simulator/routes.ts";
import { startSimulator, type Simulator } from "../simulator/server.ts";
import { API_KINDS } from "../wire/apis.ts";
import { badOption, readGiven, readOption, type Args } from "./args.ts";
import type { Context, Verb } from "./context.ts";
import { EXIT } from "./exit.ts";
import { codeOf } from "./output-file.ts";
import { everywhere, hidden, listening, speaking } from "./options.ts";
import { watchSignals } from "./signals.ts";

/** Time to the first token, ms, of a model that is only given a speed. */
const TTFT = 200;

/** `llmaas simulate`: the built-in server alone, until a signal comes. */
export const simulate: Verb = {
  meta: { name: "simulate" },
  args: { ...listening, ...speaking, ...everywhere, "while-stdin": hidden["while-stdin"] },
  async run(context) {
    const { args, messages, out, err, command } = context;
    const [extra] = args.positionals;
    if (extra !== undefined) throw new UserError({ code: "unexpected_argument", argument: extra, verb: "simulate" });
    const models = modelsOf(args.one("models"));
    const simulator = listen(context, models);
    const { simulate: words } = messages;
    if (!out.terminal) await out.write(`${simulator.url}\n`);
    if (args.has("while-stdin")) return await endWithStdin();
    const example = command(
      `stream -e ${simulator.url} -m ${shellWord(models[0]?.id ?? "")} "${messages.simulate.prompt}"`,
    );
    await err.write(
      [
        words.listening(simulator.url),
        words.apis(API_KINDS.join(", ")),
        words.models(models.map(({ id }) => id).join(", ")),
        words.try(example),
        words.stop,
        "",
      ].join("\n"),
    );
    const code = await new Promise<number>((resolve) => {
      const signals = watchSignals();
      void signals.first.then(() => resolve(signals.code() ?? EXIT.interrupted));
    });
    await simulator.stop();
    return code;
  },
};

/**
 * Ends when whoever started this process closes its standard input or is gone, and cuts what is under way. Ctrl+C is
 * theirs to obey.
 */
async function endWithStdin(): Promise<never> {
  for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => undefined);
  for await (const _ of Bun.stdin.stream());
  process.exit(EXIT.ok);
}

function listen({ args, messages, command }: Context, models: readonly SimulatedModel[]): Simulator {
  const host = args.value("host");
  const port = readOption(args, "port", integer({ min: 0, max: 65_535 }));
  const apiKey = args.one("api-key");
  const control = controlOf(args);
  const batch = { outcome: outcomeOf(args.value("batch-outcome")), ms: readOption(args, "batch-time", duration()) };
  try {
    return startSimulator({
      host,
      port,
      models,
      control,
      mix: faultsOf(args.all("fault")),
      batch,
      answer: ({ model }) => demoAnswer(messages.lang, model, command),
      ...(apiKey === undefined ? {} : { apiKey }),
    });
  } catch (error) {
    const problem = listenProblem(error, host, port);
    throw problem === null ? error : new UserError(problem);
  }
}

const LISTEN_REASONS: Readonly<Record<string, ListenReason>> = {
  ENOTFOUND: "no_such_host",
  ERR_INVALID_ARG_TYPE: "no_such_host",
  EADDRNOTAVAIL: "not_here",
  EINVAL: "not_here",
  EACCES: "not_allowed",
  EPERM: "not_allowed",
};

/** Why nothing listens there; `null` for an error that is not about that. */
function listenProblem(error: unknown, host: string, port: number): Problem | null {
  const address = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  // Bun 1.4: the error for a name that nobody knows has no code.
  const unknown = error instanceof Error && error.message === `Failed to listen at ${host}` && !("code" in error);
  const detail = unknown ? "ENOTFOUND" : codeOf(error);
  if (!unknown && !(error instanceof Error && "code" in error)) return null;
  if (detail === "EADDRINUSE") return { code: "port_in_use", address };
  return { code: "cannot_listen", address, why: LISTEN_REASONS[detail] ?? "other", detail };
}

/** `NAME[@N][:SHARE]`, every occurrence: in which share of the requests what goes wrong, after how many token events. */
function faultsOf(given: readonly string[]): FaultChance[] {
  return given.map((text) => {
    const [, name = "", at, share] = /^([^@:]*)(?:@(\d+))?(?::(\d*\.?\d+))?$/.exec(text) ?? [];
    const fault = FAULT_NAMES.find((known) => known === name);
    const chance = share === undefined ? 1 : Number(share);
    if (fault !== undefined && chance <= 1) return { fault, at: at === undefined ? undefined : Number(at), chance };
    throw badFault(text);
  });
}

/** What becomes of batches. */
function outcomeOf(name: string): BatchOutcome {
  if (isBatchOutcome(name)) return name;
  throw badOption("batch-outcome", name, { kind: "choice", words: BATCH_OUTCOME_NAMES });
}

/** What is wrong with a fault, by its parts: the name, what stands behind @, what stands behind the colon. */
function badFault(value: string): UserError {
  const [, name = "", at, share = ""] = /^([^@:]*)(?:@([^:]*))?(?::(.*))?$/s.exec(value) ?? [];
  const known = FAULT_NAMES.find((fault) => fault === name) ?? nearest(name, FAULT_NAMES);
  const problem = { code: "bad_fault", value, nearest: known } as const;
  if (known !== name) return new UserError({ ...problem, why: "name", part: name });
  if (at !== undefined && !/^\d+$/.test(at)) return new UserError({ ...problem, why: "at", part: at });
  return new UserError({ ...problem, why: "share", part: share });
}

/** What every request gets that does not ask otherwise with its own `simulate` object. */
function controlOf(args: Args): Control {
  const wishes = {
    rate: readGiven(args, "rate", decimal(RANGES.rate)),
    ttft_ms: readGiven(args, "ttft", duration()),
    jitter: readGiven(args, "jitter", decimal(RANGES.jitter)),
    tokens_per_event: readGiven(args, "tokens-per-event", integer(RANGES.tokens_per_event)),
    reasoning_tokens: readGiven(args, "reasoning-tokens", integer(RANGES.reasoning_tokens)),
    cached_tokens: readGiven(args, "cached-tokens", integer(RANGES.cached_tokens)),
    usage: args.one("usage"),
    seed: readGiven(args, "seed", integer(RANGES.seed)),
  };
  const control = readControl(Object.fromEntries(Object.entries(wishes).filter(([, value]) => value !== undefined)));
  if (typeof control !== "string") return control;
  throw new Error(control);
}

/** `NAME=TOKENS_PER_SECOND,…`; a known name alone keeps its published speed. */
function modelsOf(given: string | undefined): readonly SimulatedModel[] {
  if (given === undefined) return MODELS;
  return given.split(",").map((entry) => {
    const [id = "", speed] = entry.trim().split("=");
    const known = MODELS.find((model) => model.id === id) ?? { id, tokensPerSecond: 45, ttftMs: TTFT };
    if (speed === undefined && id !== "") return known;
    const tokensPerSecond = parseNumber(speed ?? "");
    if (id !== "" && tokensPerSecond !== null && tokensPerSecond >= 0) return { ...known, tokensPerSecond };
    throw badOption("models", entry, { kind: "like", example: "fast=500,slow=5" });
  });
}
