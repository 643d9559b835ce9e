import type { BatchRequest } from "../input.ts";
import type { Held, Queue } from "./queue.ts";

/** A request in the engine, or with a worker; `entry`: "" where it waits to be put there. */
export type Item = { request: BatchRequest; text: string; given: number; entry: string };

type InFlightOptions = {
  queue: Queue;
  /** What the batch is called there. */
  name: string;
  /** The engine has no room for more. */
  onFull(): void;
  stopped(): boolean;
  /** Something is to be put there, or is there no more. */
  onChange(): void;
  onError(error: unknown): void;
};

export type InFlight = ReturnType<typeof createInFlight>;

/** Requests that are put there in one step, and UTF-16 units. */
export const AT_ONCE = 100;
const UNITS_AT_ONCE = 1_000_000;
/** Ms between two looks whether there is room. */
const FULL = 500;

/** The requests of a batch that are in the engine or with a worker, and what puts them there. */
export function createInFlight({ queue, name, onFull, stopped, onChange, onError }: InFlightOptions) {
  const byId = new Map<string, Item>();
  const byEntry = new Map<string, Item>();
  let toSubmit: Item[] = [];
  let last = { generation: 0, line: 0 };
  let before: Promise<unknown> = Promise.resolve();
  let again = 0;
  let units = 0;
  let submitting: Promise<unknown> | null = null;
  /** Fewer where memory is short: what is on its way takes as much of it as what is there. */
  let atOnce = AT_ONCE;

  /** Names of entries rise by line; where a line is put there once more, in a new generation. */
  function nextEntry(line: number): string {
    last = { generation: line > last.line ? last.generation : last.generation + 1, line };
    return `${last.generation}-${line}`;
  }

  function rename(item: Item, entry: string): void {
    byEntry.delete(item.entry);
    item.entry = entry;
    if (entry !== "") byEntry.set(entry, item);
  }

  /** As much as goes there in one step. */
  function nextPart(): Item[] {
    let units = 0;
    return toSubmit.filter(
      ({ text }, at) =>
        at === 0 || (at < atOnce && (units += text.length) + (toSubmit[0]?.text.length ?? 0) <= UNITS_AT_ONCE),
    );
  }

  /** Puts there what waits for it; `false`: there is no room, not even for one. */
  async function submitAll(): Promise<boolean> {
    while (toSubmit.length > 0) {
      const part = nextPart();
      const entries: Held[] = part.map((item) => {
        const { id, hash, line } = item.request;
        rename(item, nextEntry(line));
        return { entry: item.entry, id, hash, line, given: item.given, text: item.text };
      });
      if (await queue.submit(name, entries)) {
        const done = new Set(part);
        toSubmit = toSubmit.filter((item) => !done.has(item));
        atOnce = Math.min(AT_ONCE, 2 * atOnce);
      } else {
        // Others may be named before it is tried again.
        for (const item of part) rename(item, "");
        toSubmit = toSubmit.filter((item) => byId.get(item.request.id) === item);
        if (part.length === 1) return false;
        atOnce = Math.ceil(part.length / 2);
      }
    }
    return true;
  }

  async function submit(): Promise<void> {
    // Who waits for room keeps nobody from making some.
    while (!(await inTurn(submitAll)) && !stopped()) {
      onFull();
      await Bun.sleep(FULL);
    }
  }

  /** One after the other: names of entries must rise. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = before.then(work);
    before = mine.catch(() => undefined);
    return mine;
  }

  return {
    inTurn,
    /** Where names of entries begin in this run: behind all that were given before. */
    beginAfter(entry: string): void {
      last = { generation: Number(entry.split("-")[0]), line: Infinity };
    },
    add(item: Item): void {
      units += item.text.length;
      byId.set(item.request.id, item);
      rename(item, item.entry);
      if (item.entry === "") toSubmit.push(item);
    },
    remove(item: Item): void {
      if (byId.delete(item.request.id)) units -= item.text.length;
      byEntry.delete(item.entry);
      if (item.entry === "") toSubmit = toSubmit.filter((each) => each !== item);
      onChange();
    },
    byId: (id: string) => byId.get(id),
    /** The request that has this entry now. */
    byEntry: (entry: string) => byEntry.get(entry) ?? null,
    /** Those that were put there. */
    there: () => [...byId.values()].filter(({ entry }) => entry !== ""),
    count: () => byId.size,
    /** UTF-16 units of all of them. */
    units: () => units,
    waiting: () => toSubmit.length,
    /** How often one was handed out again when its worker, or the engine, was gone. */
    again: () => again,
    submit,
    /** Not waited for: where memory is full it is the answers that are taken in which make room. */
    submitBeside(): void {
      submitting ??= submit().then(() => (submitting = null), onError);
    },
    /** Puts a request there once more; `paid`: the server may have been paid for it. */
    resubmit(item: Item, paid: boolean): void {
      if (item.entry === "") return;
      if (paid) again++;
      if (paid) item.given++;
      rename(item, "");
      toSubmit.push(item);
      onChange();
    },
    /** Gives what nobody gives a sign of to another worker. */
    async retake(item: Item, lease: number): Promise<void> {
      const as = nextEntry(item.request.line);
      if (!(await queue.retake(name, item.entry, as, lease))) return;
      rename(item, as);
      item.given++;
      again++;
    },
  };
}
