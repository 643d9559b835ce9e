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

/** Ms in which replies are gathered that are acknowledged together: the disk is asked once for all. */
const GATHERING = 100;

/** Reads the replies of a batch; each leaves the engine when what it said is on the disk, and not before. */
export function createReplies({ queue, name, onReply, durable }: RepliesOptions) {
  /** Replies that were looked at, and are still in the engine. */
  const seen = new Set<string>();
  let cursor = "0-0";
  let taken: string[] = [];
  let acknowledging: Promise<void> = Promise.resolve();
  let timer: ReturnType<typeof setTimeout> | null = null;

  function take(replies: readonly Arrived[]): void {
    for (const reply of replies) {
      if (seen.has(reply.entry)) continue;
      seen.add(reply.entry);
      if (onReply(reply) === "taken") taken.push(reply.entry);
    }
  }

  async function acknowledgeTaken(): Promise<void> {
    const entries = taken;
    taken = [];
    if (entries.length === 0) return;
    await durable();
    await queue.acknowledge(name, entries);
    for (const entry of entries) seen.delete(entry);
  }

  function acknowledge(): Promise<void> {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    return (acknowledging = acknowledging.then(acknowledgeTaken));
  }

  return {
    /** Takes what comes within so many ms, and tells how many replies that were. */
    async collect(ms: number): Promise<number> {
      const replies = await queue.replies(name, cursor, ms);
      take(replies);
      cursor = replies.at(-1)?.entry ?? cursor;
      // In the background: who waited for the disk after each read would take no more than one read in that time.
      if (taken.length > 0) timer ??= setTimeout(() => acknowledge().catch(() => undefined), GATHERING);
      return replies.length;
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
    /** Settles when all that was taken is acknowledged. */
    acknowledge,
  };
}
