import { startsOf, type Sharding } from "../bench/shard.ts";
import type { Load } from "../bench/plan.ts";
import { UserError } from "../config/user-error.ts";
import type { Shard } from "../run/shard.ts";
import type { Ms } from "../stream/event.ts";
import { badOption, type Args } from "./args.ts";

/** `i/N`, counted from 0 as Kubernetes counts: 0/3 is the first of three, 2/3 the last; `null` where none is given. */
export function shardOf(args: Args): Shard | null {
  const given = args.one("shard");
  if (given === undefined) return null;
  const [, index = "", of = ""] = /^(\d{1,6})\/(\d{1,6})$/.exec(given) ?? [];
  const shard = { index: Number(index), of: Number(of) };
  if (index !== "" && shard.of >= 1 && shard.index < shard.of) return shard;
  throw badOption("shard", given, { kind: "like", example: "0/3, 1/3, 2/3" });
}

/** What a shard of a load cannot go with: what would end it at another time than the others, or judge a part for the whole. */
const ALONE = ["requests", "abort-on-fail", "baseline", "fail-if"] as const;

/** The shard of a load that `--shard` and `--start-at` ask for; refused where it could not be one of several alike. */
export function readSharding(args: Args, load: Load, now: Ms): Sharding | null {
  const shard = shardOf(args);
  if (shard === null) return null;
  const start = args.one("start-at");
  if (start === undefined)
    throw new UserError({
      code: "needs_option",
      option: "--shard",
      needed: ["--start-at"],
      example: `--start-at ${inTwoMinutes(now)}`,
    });
  if (load.duration_ms === null)
    throw new UserError({ code: "needs_option", option: "--shard", needed: ["--duration"], example: "--duration 1m" });
  for (const other of ALONE)
    if (args.has(other))
      throw new UserError({ code: "options_conflict", options: ["--shard", `--${other}`], why: "shard" });
  if (load.warmup !== null && "streams" in load.warmup)
    throw badOption("warmup", args.value("warmup"), { kind: "like", example: "500ms, 5s, 1m" });
  for (const { option, value } of smallest(load))
    if (value < shard.of) throw new UserError({ code: "shard_empty", option, value, of: shard.of });
  const sharding = { ...shard, start: instantOf(start, now) };
  const [begins = 0] = startsOf(load, sharding);
  if (begins < now) throw new UserError({ code: "start_passed", start, at: utcOf(begins), late: now - begins });
  return sharding;
}

/** What is shared out in whole numbers, and must be enough for all. */
function smallest({ loads }: Load): { option: string; value: number }[] {
  return loads.map((load) =>
    load.kind === "closed"
      ? { option: "--concurrency", value: load.concurrency }
      : { option: "--max-in-flight", value: load.max_in_flight },
  );
}

/** RFC 3339 with its zone, or seconds since 1970 as `date +%s` prints them: the same instant on every machine. */
function instantOf(given: string, now: Ms): Ms {
  const zoned = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)$/.test(given);
  const at = /^\d{9,11}$/.test(given) ? Number(given) * 1000 : zoned ? Date.parse(given.toUpperCase()) : NaN;
  if (Number.isNaN(at))
    throw badOption("start-at", given, { kind: "like", example: `${inTwoMinutes(now)}, $(date -d '+2 min' +%s)` });
  return at;
}

function inTwoMinutes(now: Ms): string {
  return utcOf(Math.ceil((now + 120_000) / 1000) * 1000);
}

/** An instant to the second. */
function utcOf(at: Ms): string {
  return new Date(at).toISOString().replace(/\.\d+/, "");
}
