import { RedisClient } from "bun";
import type { Ms } from "../../stream/event.ts";
import { UserError } from "../../config/user-error.ts";
import { troubleOf } from "./probe.ts";
import { QueueGone } from "./queue.ts";

/** A connection that is made anew whenever it is lost. */
export type Link = {
  /** Sends a command, again and again until it is answered: each must be one that may be done twice. */
  send(command: string, args: string[]): Promise<unknown>;
  /** How often the connection was lost so far. */
  losses(): number;
  close(): void;
};

type LinkOptions = {
  url: string;
  /** As it may be shown. */
  shown: string;
  /** Ms without the engine after which nobody waits for it any more. */
  patience: Ms;
  now: () => Ms;
  /** The engine was lost, or is back. */
  onChange(lost: boolean): void;
};

/** Ms without an answer after which a connection is a dead one: the longest read blocks for one second. */
const SILENCE = 10_000;
const FIRST_WAIT = 100;
const LONGEST_WAIT = 2000;

/** What the engine says while it starts, is full of clients, or hands over to another. */
const PASSING = /^(LOADING|BUSY |READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|ERR max number of clients|NOREPLICAS)/;

/**
 * Bun 1.4's client is dead for good after a failed handshake, and after 20 tries: it is made anew here. Nor has it a time
 * limit of its own for an engine that keeps silent.
 */
export function createLink({ url, shown, patience, now, onChange }: LinkOptions): Link {
  let client: RedisClient | null = null;
  let closed = false;
  let lostAt: Ms | null = null;
  let losses = 0;
  let waiting = 0;
  let heardAt = now();
  const watchdog = setInterval(() => {
    if (waiting > 0 && now() - heardAt > SILENCE) client?.close();
  }, 1000);

  /** What was sent is safe to send again; a closed link sends nothing. */
  async function ask(command: string, args: string[]): Promise<unknown> {
    if (closed) throw new QueueGone();
    if (waiting++ === 0) heardAt = now();
    const mine = (client ??= new RedisClient(url, { autoReconnect: false, connectionTimeout: 5000 }));
    try {
      return await mine.send(command, args);
    } catch (error) {
      if (isPassing(error) && client === mine) {
        client = null;
        mine.close();
      }
      throw error;
    } finally {
      waiting--;
      heardAt = now();
    }
  }

  function lost(): void {
    if (lostAt !== null) return;
    lostAt = now();
    losses++;
    onChange(true);
  }

  return {
    async send(command, args) {
      for (let wait = FIRST_WAIT; ; wait = Math.min(LONGEST_WAIT, 2 * wait)) {
        try {
          const reply = await ask(command, args);
          if (lostAt !== null) onChange(false);
          lostAt = null;
          return reply;
        } catch (error) {
          if (closed) throw new QueueGone();
          if (!isPassing(error)) throw refusalOf(error, shown);
          lost();
          if (now() - (lostAt ?? now()) >= patience) throw new QueueGone();
          await Bun.sleep(wait);
        }
      }
    },
    losses: () => losses,
    close() {
      closed = true;
      clearInterval(watchdog);
      client?.close();
    },
  };
}

/** What an engine does not let this user do is no bug of ours. */
function refusalOf(error: unknown, shown: string): unknown {
  const trouble = error instanceof Error ? troubleOf(error.message) : null;
  return trouble === null ? error : new UserError({ code: "bad_queue", url: shown, ...trouble });
}

function isPassing(error: unknown): boolean {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return false;
  return error.code.startsWith("ERR_REDIS_CONN") || PASSING.test(error.message);
}
