import type { Arrived, Queue } from "./queue.ts";

type RepliesOptions = {
  queue: Queue;
  name: string;
  /** What becomes of a reply: "later" is acknowledged by its entry when that is known. */
  onReply(reply: Arrived): "taken" | "later";
  /** Settles when all that was written is on the disk. */
  durable(): Promise<void>;
};

export type Replies = ReturnType<typeof createReplies>;

/** Reads the replies of a batch; each leaves the engine when what it said is on the disk, and not before. */
export function createReplies({ queue, name, onReply, durable }: RepliesOptions) {
  /** Replies that were looked at, and are still in the engine. */
  const seen = new Set<string>();
  let cursor = "0-0";
  let taken: string[] = [];
  let acknowledging: Promise<void> | null = null;

  function take(replies: readonly Arrived[]): void {
    for (const reply of replies) {
      if (seen.has(reply.entry)) continue;
      seen.add(reply.entry);
      if (onReply(reply) === "taken") taken.push(reply.entry);
    }
  }

  async function acknowledgeAll(): Promise<void> {
    while (taken.length > 0) {
      const entries = taken;
      taken = [];
      await durable();
      await queue.acknowledge(name, entries);
      for (const entry of entries) seen.delete(entry);
    }
  }

  /** In the background: who waited for the disk after each read would take no more than one read in that time. */
  function acknowledge(): Promise<void> {
    acknowledging ??= acknowledgeAll().finally(() => (acknowledging = null));
    return acknowledging;
  }

  return {
    /** What comes within so many ms. */
    async collect(ms: number): Promise<void> {
      const replies = await queue.replies(name, cursor, ms);
      take(replies);
      cursor = replies.at(-1)?.entry ?? cursor;
      acknowledge().catch(() => undefined);
    },
    /** All that is there, from the first on: an engine that lost its memory begins anew. */
    async drain(): Promise<void> {
      for (let from = "0-0"; ;) {
        const replies = await queue.replies(name, from, 0);
        take(replies);
        const last = replies.at(-1)?.entry;
        if (last === undefined) return;
        cursor = from = last;
      }
    },
    /** One that was to be decided later. */
    decided: (entry: string) => void taken.push(entry),
    /** Settles when nothing is left to be acknowledged. */
    acknowledge,
  };
}
