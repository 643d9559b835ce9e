import { hostname } from "node:os";
import type { Queue } from "../batch/queue/queue.ts";
import { createRedisQueue } from "../batch/queue/redis.ts";
import { probe, type QueueTrouble } from "../batch/queue/probe.ts";
import { duration } from "../config/kinds.ts";
import { UserError } from "../config/user-error.ts";
import { load, type Messages, type QueueWords } from "../i18n/load.ts";
import { sayProblem } from "../i18n/say.ts";
import { createMask } from "../stream/mask.ts";
import { now, type Ms } from "../stream/event.ts";
import { redactUrl } from "../wire/endpoint.ts";
import { readOption } from "./args.ts";
import type { Context } from "./context.ts";

/** The queue, and its address as it may be shown. */
export type OpenQueue = { queue: Queue; shown: string; patience: Ms };

/** What opens a queue speaks with. */
type Speaking = { messages: Messages; words: QueueWords };

/** What may pass by itself. */
const PASSING = new Set<QueueTrouble["why"]>(["refused", "dns", "timeout", "closed", "busy"]);

/** Opens the queue, or says why it cannot be used; `patient`: one that may come is waited for. */
export async function openQueue(
  context: Context,
  url: string,
  { messages, words }: Speaking,
  patient: boolean,
): Promise<OpenQueue> {
  const shown = redactUrl(url).replace(/\/+$/, "");
  const address = addressOf(url);
  if (address === null) throw new UserError({ code: "bad_queue", url: shown, why: "url", detail: "" });
  const patience = readOption(context.args, "queue-timeout", duration());
  const until = patient ? now() + patience : 0;
  let said = false;
  for (let trouble = await probe(address); trouble !== null; trouble = await probe(address)) {
    const problem = { code: "bad_queue", url: shown, ...trouble } as const;
    if (!PASSING.has(trouble.why) || now() >= until) throw new UserError(problem);
    const { what } = sayProblem(await load(messages.lang, "problems"), problem, context.command);
    if (!said) await context.err.warn(words.waiting(what));
    said = true;
    await Bun.sleep(1000);
  }
  const queue = createRedisQueue({
    url: address,
    shown,
    patience,
    now,
    onChange: (lost) => void context.err.warn(lost ? words.lost(shown) : words.back(shown)),
  });
  const policy = await queue.evicts();
  if (policy !== null && !context.args.has("quiet")) await context.err.warn(words.evicts(policy));
  return { queue, shown, patience };
}

/** The address as Bun's client reads it; `null` where it is none. */
function addressOf(text: string): string | null {
  const url = URL.parse(text.trim());
  if (
    url === null ||
    !/^(redis|rediss|valkey|valkeys|redis\+tls|valkey\+tls):$/.test(url.protocol) ||
    url.hostname === "" ||
    // Nothing but the number of a database: what else looks like a path is the rest of a password with a slash.
    !/^\/?\d*$/.test(url.pathname)
  )
    return null;
  const secure = /^(rediss|valkeys|redis\+tls|valkey\+tls):$/.test(url.protocol);
  return url.href.replace(/^[^:]+:/, secure ? "rediss:" : "redis:");
}

/** What of the queue's address must not be shown anywhere. */
function queueSecrets(url: string): string[] {
  const { password = "", username = "" } = URL.parse(url.trim()) ?? {};
  // As it was typed, too: an address takes letters in a password that it writes otherwise.
  const [, typed = ""] = /^[^:]*:\/\/[^:]*:(.*)@/s.exec(url) ?? [];
  const forms = [password, typed, username === "default" ? "" : username].flatMap((text) => [text, decoded(text)]);
  return [...new Set(forms)].filter((text) => text.length >= 4);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone % is no encoding.
    return text;
  }
}

/** Hides the password of the queue wherever secrets are hidden. */
export function hideQueue(context: Context, secrets: readonly string[], url: string): void {
  context.hide(createMask([...secrets, ...queueSecrets(url)]));
}

/** This machine, as others are told of it. */
export function hostName(): string {
  return hostname().replace(/[^\w.-]/g, "-");
}
