import type { ApiKind } from "../wire/apis.ts";
import { CONNECTION_FAULTS } from "./connection-faults.ts";
import { EVENT_FAULTS } from "./event-faults.ts";
import { completionScript, REPLY_FAULTS, type ReplyFault } from "./replies.ts";
import { NO_TWIST, type Plan, type Script, type StreamFault } from "./script.ts";
import { streamScript } from "./stream-script.ts";

const KNOWN = { ...EVENT_FAULTS, ...CONNECTION_FAULTS, ...REPLY_FAULTS };

/** A way to fail that the simulator knows. */
export type FaultName = keyof typeof KNOWN;

export const FAULT_NAMES: readonly FaultName[] = Object.keys(KNOWN).filter(isFaultName);

/** Every fault with what it does; "token `at`" counts token events from 0, parameters stand in backticks. */
export const FAULTS: readonly { name: FaultName; description: string }[] = FAULT_NAMES.map((name) => ({
  name,
  description: KNOWN[name].description,
}));

export function isFaultName(value: unknown): value is FaultName {
  return typeof value === "string" && Object.hasOwn(KNOWN, value);
}

/** Whether an API can fail in this way. */
export function canHave(api: ApiKind, name: FaultName): boolean {
  return faultOf(name).apis?.includes(api) ?? true;
}

/** The reply to a request with this fault, or a good one. */
export function answerScript(plan: Plan, fault: FaultName | null): Script {
  const instead = fault === null ? null : replyOf(plan, fault);
  if (instead !== null) return instead;
  const known = fault === null ? null : faultOf(fault);
  const twist = known !== null && "twist" in known ? known.twist : NO_TWIST;
  return plan.stream ? streamScript(plan, twist) : completionScript(plan, fault, twist);
}

/** The reply of a fault that needs no stream; `null` when it is another kind, or does not concern this plan. */
export function replyOf(plan: Plan, fault: FaultName): Script | null {
  const known = faultOf(fault);
  return "reply" in known ? known.reply(plan) : null;
}

function faultOf(name: FaultName): StreamFault | ReplyFault {
  return KNOWN[name];
}
