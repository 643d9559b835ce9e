import { parseDuration, parseNumber } from "../config/settings.ts";
import { UserError } from "../config/user-error.ts";
import { demoAnswer } from "../i18n/demo.ts";
import { readControl, type Control } from "../simulator/control.ts";
import { FAULT_NAMES } from "../simulator/faults.ts";
import { MODELS, type SimulatedModel } from "../simulator/plan.ts";
import type { FaultChance } from "../simulator/routes.ts";
import { startSimulator, type Simulator } from "../simulator/server.ts";
import type { Args } from "./args.ts";
import type { Door, Verb } from "./door.ts";
import { EXIT } from "./exit.ts";
import { watchSignals } from "./signals.ts";

const LOCAL = "127.0.0.1";
const DEFAULT_PORT = 8080;
/** Time to the first token, ms, of a model that is only given a speed. */
const TTFT = 200;

/** `llmaas simulate`: the built-in server alone, until a signal comes. */
export const simulate: Verb = {
  name: "simulate",
  options: [
    "host",
    "port",
    "models",
    "rate",
    "ttft",
    "jitter",
    "tokens-per-event",
    "reasoning-tokens",
    "usage",
    "seed",
    "fault",
    "api-key",
    "lang",
    "color",
    "help",
  ],
  async run(door) {
    const { args, messages, out, err } = door;
    const [extra] = args.positionals;
    if (extra !== undefined) throw new UserError({ code: "unexpected_argument", argument: extra, verb: "simulate" });
    const models = modelsOf(args.one("models"));
    const simulator = listen(door, models);
    const { simulate: words } = messages;
    await out.write(`${simulator.url}\n`);
    const example = `llmaas stream --endpoint ${simulator.url} -m ${models[0]?.id ?? ""} "…"`;
    await err.write(
      [
        words.listening(simulator.url),
        words.models(models.map(({ id }) => id).join(", ")),
        words.try(example),
        words.stop,
        "",
      ].join("\n"),
    );
    const code = await new Promise<number>((resolve) => {
      const signals = watchSignals(() => resolve(signals.code() ?? EXIT.interrupted));
    });
    await simulator.stop();
    return code;
  },
};

function listen({ args, messages }: Door, models: readonly SimulatedModel[]): Simulator {
  const host = args.one("host") ?? LOCAL;
  const port = wholeOf(args, "port", 0, 65_535) ?? DEFAULT_PORT;
  const apiKey = args.one("api-key");
  const control = controlOf(args);
  try {
    return startSimulator({
      host,
      port,
      models,
      control,
      mix: faultsOf(args.all("fault")),
      answer: ({ model }) => demoAnswer(messages.lang, model),
      ...(apiKey === undefined ? {} : { apiKey }),
    });
  } catch (error) {
    if (error instanceof Error && "code" in error)
      throw new UserError({ code: "port_in_use", address: `${host}:${port}` });
    throw error;
  }
}

/** `NAME[@N][:SHARE]`, every occurrence: in which share of the requests what goes wrong, after how many token events. */
function faultsOf(given: readonly string[]): FaultChance[] {
  return given.map((text) => {
    const [, name = "", at, share] = /^([^@:]*)(?:@(\d+))?(?::(\d*\.?\d+))?$/.exec(text) ?? [];
    const fault = FAULT_NAMES.find((known) => known === name);
    const chance = share === undefined ? 1 : Number(share);
    if (fault !== undefined && chance <= 1) return { fault, at: at === undefined ? undefined : Number(at), chance };
    const accepted = fault === undefined ? FAULT_NAMES.join(" | ") : "NAME, NAME@20, NAME:0.1, NAME@20:0.1";
    throw new UserError({ code: "bad_option", option: "--fault", value: text, accepted });
  });
}

/** What every request gets that does not ask otherwise with its own `simulate` object. */
function controlOf(args: Args): Control {
  const ttft = args.one("ttft");
  const ttftMs = ttft === undefined ? undefined : parseDuration(ttft);
  if (ttftMs === null)
    throw new UserError({ code: "bad_option", option: "--ttft", value: ttft ?? "", accepted: "500ms, 10s, 2m" });
  const wishes = {
    rate: numberOf(args, "rate"),
    ttft_ms: ttftMs,
    jitter: numberOf(args, "jitter"),
    tokens_per_event: numberOf(args, "tokens-per-event"),
    reasoning_tokens: numberOf(args, "reasoning-tokens"),
    usage: args.one("usage"),
    seed: numberOf(args, "seed"),
  };
  const control = readControl(Object.fromEntries(Object.entries(wishes).filter(([, value]) => value !== undefined)));
  if (typeof control !== "string") return control;
  throw new UserError({ code: "options_out_of_bounds", why: control });
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
    throw new UserError({ code: "bad_option", option: "--models", value: entry, accepted: "NAME=TOKENS_PER_SECOND,…" });
  });
}

type NumberOption = "rate" | "jitter" | "tokens-per-event" | "reasoning-tokens" | "seed" | "port";

function numberOf(args: Args, option: NumberOption): number | undefined {
  const given = args.one(option);
  if (given === undefined) return undefined;
  const value = parseNumber(given);
  if (value === null)
    throw new UserError({ code: "bad_option", option: `--${option}`, value: given, accepted: "0, 1, 2.5 …" });
  return value;
}

function wholeOf(args: Args, option: NumberOption, min: number, max: number): number | undefined {
  const value = numberOf(args, option);
  if (value === undefined || (Number.isInteger(value) && value >= min && value <= max)) return value;
  throw new UserError({ code: "bad_option", option: `--${option}`, value: String(value), accepted: `${min} … ${max}` });
}
