import * as v from "valibot";
import { CLIENT_CHECKS, type PlanReport, type RunReport, type VerdictReport } from "../metrics/summary.ts";
import {
  about,
  count,
  type Entries,
  figure,
  flag,
  maybe,
  span,
  text,
  texts,
  timestamp,
  integer,
} from "./value-types.ts";
import { load, step } from "./shape-step.ts";

const plan = v.object({
  loads: about(v.array(load), "One a step."),
  requests: about(v.nullable(integer), "Measured streams a step; null when only time ends it."),
  duration_ms: about(v.nullable(span), "Length of a step's window, ms; null when only requests end it."),
  drain_ms: about(span, "Longest wait for running streams at the end of the window, ms."),
  warmup: about(
    v.nullable(
      v.union([v.object({ streams: count("Streams.") }), v.object({ length_ms: about(span, "Length, ms.") })]),
    ),
    "Warm-up by streams or by time, ms; null without.",
  ),
  seed: about(figure, "Seed of everything random."),
  prompt_tokens: about(v.nullable(integer), "Tokens of each synthetic prompt; null with prompts of the user's."),
  max_tokens: about(integer, "Longest answer that was asked for, in tokens."),
  retries: count("New attempts allowed a stream."),
  slo: about(texts, "Thresholds as they were written."),
  abort_on_fail: about(flag, "The run ends when a threshold fails."),
} satisfies Entries<PlanReport>);

const verdict = v.object({
  thresholds: about(
    v.object({ passed: count("Passed."), total: count("Checked.") } satisfies Entries<VerdictReport["thresholds"]>),
    "Over all steps.",
  ),
  goodput: about(maybe, "Share of the streams that met every objective; null without objectives, or without streams."),
  streams: about(
    v.object({
      ok: count("Verdict complete or length."),
      failed: count("Neither ok nor unfinished."),
      unfinished: count("Cut by the end of the window, or by the user."),
      missed_starts: count("Due starts that did not happen."),
    } satisfies Entries<VerdictReport["streams"]>),
    "Over all steps.",
  ),
  client: about(v.picklist(["healthy", "limited"]), "limited: the figures are this client's as well as the server's."),
  limited_by: about(v.array(v.picklist(CLIENT_CHECKS)), "Checks of the client that were not kept."),
  window_too_short: about(flag, "Of any step."),
  exit_code: count("Exit code of the command."),
} satisfies Entries<VerdictReport>);

const tool = v.object({
  name: about(text, "Name of the program."),
  version: about(text, "Its version."),
  bun: about(text, "Version of Bun."),
} satisfies Entries<RunReport["tool"]>);

const machine = v.object({
  os: about(text, "Operating system."),
  arch: about(text, "Kind of processor, such as x64."),
  cpu: about(text, "Name of the processor."),
  cores: count("Logical processors."),
  memory_bytes: count("Memory, bytes."),
} satisfies Entries<RunReport["machine"]>);

/** The JSON report of a run, held to `RunReport` by the compiler; keys it does not name may be there and are left out. */
export const reportShape = v.object({
  v: about(v.literal(1), "Version of this format: more keys may come, none changes meaning."),
  type: about(v.literal("report"), "What this object is."),
  tool: about(tool, "What wrote the report."),
  machine: about(machine, "Where the client ran."),
  endpoint: about(text, "Base URL that was asked."),
  demo: about(flag, "The built-in server answered."),
  arguments: about(texts, "The command line, secrets masked."),
  started_at: about(timestamp, "RFC 3339, UTC."),
  ended_at: about(timestamp, "RFC 3339, UTC."),
  partial: about(
    v.nullable(v.picklist(["signal", "threshold", "output", "prompts", "refused", "crash"])),
    "Why the run ended before its plan; null: it did not.",
  ),
  models: about(texts, "In the order of the columns."),
  plan: about(plan, "What was asked for."),
  verdict: about(verdict, "What came of it."),
  knee: about(
    v.nullable(integer),
    "Step, from 0, up to which more load still brought more; null where none stands out.",
  ),
  steps: about(v.array(step), "One a load; a run without a sweep has one."),
} satisfies Entries<RunReport>) satisfies v.GenericSchema<unknown, RunReport>;
