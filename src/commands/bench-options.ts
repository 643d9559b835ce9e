import type { Load } from "../bench/plan.ts";
import { decimal, duration, integer, parseDuration, parseText, type Kind } from "../config/kinds.ts";
import type { Loaded } from "../config/load.ts";
import { meantBy } from "../config/meant.ts";
import type { Settings } from "../config/settings.ts";
import { UserError } from "../config/user-error.ts";
import { IF_DISTURBED, type IfDisturbed, type LoadReport, type PlanReport } from "../metrics/report.ts";
import { parseSlo, type Slo } from "../metrics/thresholds.ts";
import { parametersOf } from "../run/jobs.ts";
import type { Json } from "../stream/event.ts";
import { badOption, readGiven, readOption, withoutPartner, type Args } from "./args.ts";
import { judging, type OptionName } from "./options.ts";

/** Most steps of a sweep. */
const MOST_STEPS = 50;

/** Reads the options of a measured load; alone it is 20 requests, 4 at once. */
export function readLoad(args: Args): Load {
  const time = readGiven(args, "duration", duration());
  if (time === 0) throw badOption("duration", "0", { kind: "like", example: "1s, 30s, 5m" });
  return {
    loads: loadsOf(args),
    requests:
      args.has("requests") || time === undefined
        ? readOption(args, "requests", integer({ min: 1, max: 100_000_000 }))
        : null,
    duration_ms: time ?? null,
    drain_ms: readOption(args, "drain", duration()),
    warmup: warmupOf(args),
    seed: readGiven(args, "seed", integer({ min: 0, max: 2 ** 32 - 1 })) ?? Math.floor(Math.random() * 2 ** 32),
    prompt_tokens: readGiven(args, "prompt-tokens", integer({ min: 1, max: 10_000_000 })) ?? null,
    retries: readOption(args, "retries", integer({ min: 0, max: 100 })),
  };
}

function loadsOf(args: Args): LoadReport[] {
  if (!args.has("rate")) {
    const levels = listOf(args, "concurrency", integer({ min: 1, max: 65_535 }));
    return levels.map((concurrency) => ({ kind: "closed", concurrency }));
  }
  if (args.has("concurrency"))
    throw new UserError({ code: "options_conflict", options: ["--concurrency", "--rate"], why: "load" });
  const arrival = args.one("arrival") === "poisson" ? "poisson" : "constant";
  const most = readOption(args, "max-in-flight", integer({ min: 1, max: 65_535 }));
  const rates = listOf(args, "rate", decimal({ min: 0.001, max: 100_000 }));
  return rates.map((rate) => ({ kind: "arrival", rate, arrival, max_in_flight: most }));
}

/** A bare number is a number of streams, a number with its unit a time. */
function warmupOf(args: Args): Load["warmup"] {
  const given = args.one("warmup");
  if (given === undefined) return null;
  const streams = parseText(integer({ min: 0, max: 100_000_000 }), given);
  if (streams !== undefined) return streams === 0 ? null : { streams };
  const length = parseDuration(given);
  if (length === null)
    throw badOption("warmup", given, { kind: "like", example: "5, 500ms, 5s, 1m" }, meantBy(duration(), given));
  return length === 0 ? null : { length_ms: length };
}

function listOf(args: Args, option: OptionName, kind: Kind<number>): number[] {
  const given = args.value(option);
  const values = given.split(",").map((entry) => parseText(kind, entry.trim()));
  const known = values.filter((value) => value !== undefined);
  if (known.length === values.length && known.length <= MOST_STEPS) return known;
  const accepted = "min" in kind.accepted ? { ...kind.accepted, list: true as const } : kind.accepted;
  throw badOption(option, given, accepted, meantBy(kind, given));
}

/** What the request asks of an answer in the end; `null` where no limit, or no temperature, is sent. */
export function answerAsked(
  { maxTokens, temperature, params: ofFile }: Settings,
  params: Record<string, Json>,
): Pick<PlanReport, "max_tokens" | "temperature"> {
  const asked = parametersOf([{ max_tokens: maxTokens, temperature }, ofFile, params]);
  const longest = asked["max_completion_tokens"] ?? asked["max_tokens"];
  const heat = asked["temperature"];
  return {
    max_tokens: typeof longest === "number" && Number.isSafeInteger(longest) && longest > 0 ? longest : null,
    temperature: typeof heat === "number" ? heat : null,
  };
}

/** The thresholds of the command line, which replace those of the file. */
export function sloOf(args: Args, { settings, origins }: Loaded): Slo {
  const given = args.all("slo");
  const { slo: origin } = origins;
  const slo = given.length > 0 ? parseSlo(given) : parseSlo(settings.slo, origin.kind === "file" ? origin.path : null);
  if (slo.thresholds.length + slo.objectives.length > 0) return slo;
  if (args.has("abort-on-fail")) throw withoutPartner("abort-on-fail", judging["abort-on-fail"], judging);
  // A --fail-if can be undecided as well.
  if (args.has("if-disturbed") && !args.has("fail-if"))
    throw withoutPartner("if-disturbed", judging["if-disturbed"], judging);
  return slo;
}

/** What becomes of thresholds that a disturbed measurement leaves undecided. */
export function ifDisturbedOf(args: Args): IfDisturbed {
  const given = args.one("if-disturbed");
  return IF_DISTURBED.find((known) => known === given) ?? "undecided";
}
