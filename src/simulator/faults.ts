import { CONNECTION_FAULTS } from "./connection-faults.ts";
import { EVENT_FAULTS } from "./event-faults.ts";
import { completionScript, REPLY_FAULTS, type ReplyFault } from "./replies.ts";
import { NO_TWIST, type Plan, type Script, type StreamFault } from "./script.ts";
import { streamScript } from "./stream-script.ts";

type StreamFaultName = keyof typeof STREAM_FAULTS;
type ReplyFaultName = keyof typeof REPLY_FAULTS;

/** A way to fail that the simulator knows. */
export type FaultName = StreamFaultName | ReplyFaultName;

const STREAM_FAULTS = { ...EVENT_FAULTS, ...CONNECTION_FAULTS };

/** Every fault with what it does; "token `at`" counts token events from 0, parameters stand in backticks. */
export const FAULTS: readonly { name: FaultName; description: string }[] = [
  ...named(STREAM_FAULTS),
  ...named(REPLY_FAULTS),
];

export const FAULT_NAMES: readonly FaultName[] = FAULTS.map(({ name }) => name);

export function isFaultName(value: unknown): value is FaultName {
  return typeof value === "string" && (isStreamFault(value) || Object.hasOwn(REPLY_FAULTS, value));
}

/** The reply to a chat request with this fault, or a good one. */
export function chatScript(plan: Plan, fault: FaultName | null): Script {
  const instead = fault !== null && !isStreamFault(fault) ? replyOf(plan, fault) : null;
  if (instead !== null) return instead;
  if (!plan.stream) return completionScript(plan, fault);
  return streamScript(plan, fault !== null && isStreamFault(fault) ? twistOf(fault) : NO_TWIST);
}

/** The reply of a fault that needs no stream; `null` when it is another kind, or does not concern this plan. */
export function replyOf(plan: Plan, fault: FaultName): Script | null {
  if (isStreamFault(fault)) return null;
  const { reply }: ReplyFault = REPLY_FAULTS[fault];
  return reply(plan);
}

function twistOf(fault: StreamFaultName): StreamFault["twist"] {
  return STREAM_FAULTS[fault].twist;
}

function isStreamFault(name: string): name is StreamFaultName {
  return Object.hasOwn(STREAM_FAULTS, name);
}

function named<Name extends FaultName>(
  faults: Record<Name, { description: string }>,
): { name: Name; description: string }[] {
  const names = Object.keys(faults).filter((name): name is Name => Object.hasOwn(faults, name));
  return names.map((name) => ({ name, description: faults[name].description }));
}
