/** What a request is known by: two hashes of its `custom_id`, 64 bits together. */
export type Key = { first: number; second: number };

/** "changed": the request that ended under this id was another. */
type Standing = "unknown" | "done" | "failed" | "changed";

/** The requests that have ended, in 13 bytes a slot: a million ids as texts would take 200 MB. */
export type Finished = {
  /** Notes an end; `request`: the hash of what was asked, `null` where nobody knows. `false`: the id has ended already. */
  add(key: Key, request: number | null, failed: boolean): boolean;
  standing(key: Key, request: number): Standing;
  /** Whether it ended badly, be it the same request or another. */
  hasFailed(key: Key): boolean;
  /** What was noted under a key; `null` where it has not ended. */
  requestOf(key: Key): number | null;
  count(): { done: number; failed: number };
};

/** The key of an id, or of its UTF-8 bytes. */
export function keyOf(name: string | Uint8Array): Key {
  // Half a surrogate pair has no bytes in UTF-8, and all of them would be the same.
  const id = typeof name === "string" && !name.isWellFormed() ? JSON.stringify(name) : name;
  return { first: Bun.hash.xxHash32(id, 0), second: Bun.hash.xxHash32(id, 1) };
}

/** What was asked, as it stands in the journal: the CRC-32 of the input line, begun with what the command line adds to it. */
export function requestHash(line: Uint8Array, added: number): number {
  return Bun.hash.crc32(line, added);
}

/** A hash as it stands in the results: eight digits. */
export function hashText(hash: number): string {
  return (hash >>> 0).toString(16).padStart(8, "0");
}

const EMPTY = 0;
const DONE = 1;
const FAILED = 2;
/** Added to DONE or FAILED where the request is not known. */
const ANY = 4;

/**
 * Open addressing with linear probing, at most 60 % full. The chance that one of n requests is taken for another is
 * n² / 2⁶⁵: 3·10⁻⁸ for a million.
 */
export function createFinished(): Finished {
  let size = 1 << 16;
  let slots = new Uint32Array(3 * size);
  let states = new Uint8Array(size);
  let done = 0;
  let failed = 0;

  /** Where a key stands, or would. */
  function find({ first, second }: Key): number {
    for (let at = first & (size - 1); ; at = (at + 1) & (size - 1)) {
      if (states[at] === EMPTY || (slots[3 * at] === first && slots[3 * at + 1] === second)) return at;
    }
  }

  function put(at: number, { first, second }: Key, request: number, state: number): void {
    slots[3 * at] = first;
    slots[3 * at + 1] = second;
    slots[3 * at + 2] = request;
    states[at] = state;
  }

  function grow(): void {
    const [oldSlots, oldStates] = [slots, states];
    size *= 2;
    slots = new Uint32Array(3 * size);
    states = new Uint8Array(size);
    for (const [at, state] of oldStates.entries()) {
      if (state === EMPTY) continue;
      const key = { first: oldSlots[3 * at] ?? 0, second: oldSlots[3 * at + 1] ?? 0 };
      put(find(key), key, oldSlots[3 * at + 2] ?? 0, state);
    }
  }

  return {
    add(key, request, isFailed) {
      const at = find(key);
      if (states[at] !== EMPTY) return false;
      put(at, key, request ?? 0, (isFailed ? FAILED : DONE) | (request === null ? ANY : 0));
      if (isFailed) failed++;
      else done++;
      if (done + failed > 0.6 * size) grow();
      return true;
    },
    standing(key, request) {
      const at = find(key);
      const state = states[at] ?? EMPTY;
      if (state === EMPTY) return "unknown";
      if ((state & ANY) === 0 && slots[3 * at + 2] !== request >>> 0) return "changed";
      return (state & FAILED) === 0 ? "done" : "failed";
    },
    hasFailed: (key) => ((states[find(key)] ?? EMPTY) & FAILED) !== 0,
    requestOf(key) {
      const at = find(key);
      return states[at] === EMPTY ? null : (slots[3 * at + 2] ?? 0);
    },
    count: () => ({ done, failed }),
  };
}
