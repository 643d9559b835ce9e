import { responseHead } from "./body.ts";
import type { Plan, Twist } from "./script.ts";
import { READ_AT } from "./stamp.ts";

/** Headers of an event stream. */
export function streamHead(plan: Plan, twist: Twist): string {
  const type = twist.contentType === undefined ? "text/event-stream; charset=utf-8" : twist.contentType;
  return responseHead(200, [
    ...(type === null ? [] : [["Content-Type", type] as const]),
    ["Cache-Control", "no-cache"],
    ...rateLimits(plan),
    ...(twist.encoding === undefined ? [] : [["Content-Encoding", twist.encoding] as const]),
    ...(plan.stamp ? [[READ_AT, plan.now.toFixed(3)] as const] : []),
    ...(twist.headers ?? []),
    plan.transfer === "chunked" ? ["Transfer-Encoding", "chunked"] : ["Connection", "close"],
  ]);
}

/** The three headers of the API, for a client far from its limit. */
export function rateLimits(plan: Plan): readonly (readonly [string, string])[] {
  return [
    ["X-RateLimit-Limit-Requests", "1000"],
    ["X-RateLimit-Remaining-Requests", "999"],
    ["X-RateLimit-Reset-Requests", String(plan.identity.created + 1)],
  ];
}
