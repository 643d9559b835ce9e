import { startsOf, type Sharding } from "../bench/shard.ts";
import type { Load } from "../bench/plan.ts";
import { askClock, parseTimeServer, type TimeServer } from "../bench/time-server.ts";
import { UserError } from "../config/user-error.ts";
import { load, type Messages } from "../i18n/load.ts";
import type { ClockReport } from "../metrics/shard-report.ts";
import type { Shard } from "../run/shard.ts";
import { now, type Ms } from "../stream/event.ts";
import { badOption, type Args } from "./args.ts";
import type { Context } from "./context.ts";

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
  serverOf(args);
  const sharding = { ...shard, start: instantOf(start, now) };
  const [begins = 0] = startsOf(load, sharding);
  if (begins < now) throw new UserError({ code: "start_passed", start, at: utcOf(begins), late: now - begins });
  return sharding;
}

/** Ms before the start in which a time server is not waited for any more. */
const BEFORE_START = 500;

/** What the time server of `--ntp` says of the clock of this machine, where one is named and answers in time; says so. */
export async function clockOf(
  { args, err }: Pick<Context, "args" | "err">,
  { lang, duration }: Messages,
  { start }: Sharding,
): Promise<ClockReport | null> {
  const server = serverOf(args);
  if (server === null) return null;
  const left = Math.max(0, start - now() - BEFORE_START);
  const clock = await Promise.race([askClock(server), Bun.sleep(left).then(() => null)]);
  if (args.has("quiet") || args.has("json")) return clock;
  const { shard: words } = await load(lang, "bench");
  const { offset_ms: offset, error_ms: error } = clock ?? { offset_ms: null, error_ms: null };
  if (offset === null || error === null) await err.warn(words.noClock(server.host));
  else {
    const said = words.clock(server.host, duration(Math.abs(offset)), offset > 0, duration(error));
    await err.write(`${err.fitted(said)}\n\n`);
  }
  return clock;
}

function serverOf(args: Args): TimeServer | null {
  const given = args.one("ntp");
  const server = given === undefined ? null : parseTimeServer(given);
  if (given !== undefined && server === null) throw badOption("ntp", given, { kind: "like", example: "pool.ntp.org" });
  return server;
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
