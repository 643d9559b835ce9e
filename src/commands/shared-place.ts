import type { Sink } from "../render/sink.ts";
import type { TerminalQueue } from "./terminal-queue.ts";

type Name = "out" | "err";
type Write = (text: string) => void | Promise<void>;

/** Where standard output and standard error go: often one terminal, file or pipe. */
type Place = {
  /** Whose line the cursor stands in; `null` at the start of one. */
  openLine: Name | null;
  /** The last write of each that the system has not taken yet. */
  pending: Record<Name, Promise<void> | null>;
  /** Whether it is one is going to be asked: finding out at once takes 2 ms, to load node:fs. */
  foresee(): void;
  isShared(): boolean;
};

type Stats = { dev: number; ino: number; rdev: number };

export function createPlace(): Place {
  let shared: boolean | null = null;
  let asked = false;

  function compare([out, err]: readonly [Stats, Stats]): void {
    shared ??= out.dev === err.dev && out.ino === err.ino && out.rdev === err.rdev;
  }

  return {
    openLine: null,
    pending: { out: null, err: null },
    foresee() {
      if (asked) return;
      asked = true;
      // One that is closed shares nothing.
      Promise.all([Bun.stdout.stat(), Bun.stderr.stat()]).then(compare, () => (shared ??= false));
    },
    isShared() {
      if (shared !== null) return shared;
      const { fstatSync }: typeof import("node:fs") = require("node:fs");
      try {
        compare([fstatSync(1), fstatSync(2)]);
      } catch {
        shared = false;
      }
      return shared ?? false;
    },
  };
}

/** Text that ends its line, whatever colour ends with it. */
const ENDS_LINE = /\n(?:\u001B\[[\d;]*m)*$/;

type Line = Required<Pick<Sink, "write" | "pour" | "draw">> & { drained(): Promise<void> };

/**
 * One of the two ways out. Where both lead to one place, what is written keeps its order, and a line that the other way
 * has left open is ended first. `queue`: of the terminal, where it leads to one.
 */
export function createLine(name: Name, place: Place, put: Write, queue: TerminalQueue | null): Line {
  const other = name === "out" ? "err" : "out";

  /** Behind what is still on its way. */
  function inOrder(text: string): void | Promise<void> {
    const { pending } = place;
    const before = pending[name] ?? (pending[other] !== null && place.isShared() ? pending[other] : null);
    const writing = before === null ? put(text) : before.catch(() => undefined).then(() => put(text));
    if (writing === undefined) return;
    const settled: Promise<void> = writing.finally(() => {
      if (pending[name] === settled) pending[name] = null;
    });
    pending[name] = settled;
    // The caller is told too; this branch only keeps the runtime from calling it unhandled.
    settled.catch(() => undefined);
    return settled;
  }

  function send(text: string, poured: boolean): void | Promise<void> {
    return queue === null ? inOrder(text) : queue.write(inOrder, text, poured);
  }

  function write(text: string, poured: boolean, beginsLine = false): void | Promise<void> {
    if (text === "") return;
    const inLine = place.openLine === name ? beginsLine : place.openLine === other && place.isShared();
    const ended = inLine ? `\n${text}` : text;
    place.openLine = ENDS_LINE.test(text) ? null : name;
    if (place.openLine !== null) place.foresee();
    return send(ended, poured);
  }

  return {
    write: (text) => write(text, false),
    pour: (text, begins) => write(text, true, begins === "line"),
    draw(text) {
      if (text !== "") place.openLine = null;
      return text === "" ? undefined : send(text, false);
    },
    async drained() {
      await queue?.settled();
      await place.pending[name];
    },
  };
}
