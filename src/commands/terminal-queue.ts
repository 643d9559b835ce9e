import type { Sink } from "../render/sink.ts";
import { createFooter } from "./footer.ts";

/**
 * Most UTF-16 units that a terminal is given in one turn of the event loop: a write to it blocks until it has taken them,
 * and as long no signal is heard, no timer fires and nothing else is read.
 */
const PIECE = 16 * 1024;
/** What is left of one text that must not be dropped, such as the arguments of a tool call. */
const LONGEST = 64 * 1024;

type Put = (text: string) => void | Promise<void>;
/** `poured`: most of it may be left out once somebody waits for the end. */
type Waiting = {
  put: Put;
  text: string;
  poured: boolean;
  settling: Promise<void>;
  done(): void;
  failed(error: unknown): void;
};

/** What goes to the terminal, standard output and standard error in their order, a piece a turn. */
type TerminalQueue = {
  /** At once where nothing waits and there is little of it. */
  write(put: Put, text: string, poured: boolean): void | Promise<void>;
  /** Somebody waits for the end: of what is poured, a piece more is shown. */
  hurry(): void;
  /** UTF-16 units that were left out. */
  dropped(): number;
  /** Settles when nothing waits any more. */
  settled(): Promise<void>;
  /** Shows a line below all that is written; "": none. */
  foot(put: Put, line: string, columns: number): void;
  /** What takes that line off the screen. */
  lift(): string;
};

/** One line below all that a terminal is given, which makes room for every text. */
export type Footer = {
  /** Shows it in the place of the one before, on a terminal of so many columns; "" takes it off. Left out while the terminal is behind. */
  show(line: string, columns: number): void;
  /** What takes it off the screen, to be written at once; it comes back with the next one shown. */
  lift(): string;
};

/** `reset`: what takes a terminal out of the middle of a colour. */
export function createTerminalQueue(reset: string): TerminalQueue {
  const waiting: Waiting[] = [];
  /** Units of this turn. */
  let spent = 0;
  let turning = false;
  let pumping = false;
  let dropped = 0;
  /** Units of what is poured that may still be shown. */
  let left = Infinity;
  /** The last text was cut: what comes next begins on a line of its own. */
  let cut = false;
  const footer = createFooter();

  function nextTurn(): void {
    if (turning) return;
    turning = true;
    setImmediate(() => {
      turning = false;
      spent = 0;
      if (!pumping) void pump();
    });
  }

  async function pump(): Promise<void> {
    pumping = true;
    for (let first = waiting[0]; first !== undefined && spent < PIECE; first = waiting[0]) {
      const piece = pieceOf(first.text, PIECE - spent);
      // Half a letter is all there is room for.
      if (piece === "" && first.text !== "") break;
      first.text = first.text.slice(piece.length);
      spent += piece.length;
      try {
        if (piece !== "") await first.put(piece);
      } catch (error) {
        first.text = "";
        first.failed(error);
      }
      if (first.text !== "") continue;
      waiting.shift();
      first.done();
    }
    pumping = false;
    if (waiting.length > 0) nextTurn();
  }

  /** What of a text is still shown, now that somebody waits for the end. */
  function shortened(text: string, poured: boolean): string {
    const shown = pieceOf(text, poured ? left : LONGEST);
    if (poured) left -= shown.length;
    dropped += text.length - shown.length;
    return shown;
  }

  function begun(text: string, poured: boolean): string {
    if (!cut || poured) return text;
    cut = false;
    return `${reset}\n${text}`;
  }

  return {
    write(put, whole, poured) {
      const shown = left === Infinity ? whole : shortened(whole, poured);
      const text = begun(shown, poured);
      cut ||= shown.length < whole.length;
      if (text === "") return;
      if (waiting.length === 0 && spent + text.length <= PIECE) {
        spent += text.length;
        nextTurn();
        return put(footer.above(text));
      }
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      // The caller is told too; this branch only keeps the runtime from calling it unhandled.
      promise.catch(() => undefined);
      waiting.push({ put, text: footer.before(text), poured, settling: promise, done: resolve, failed: reject });
      nextTurn();
      return promise;
    },
    hurry() {
      if (left !== Infinity) return;
      left = PIECE;
      for (const one of waiting) {
        const shown = shortened(one.text, one.poured);
        cut ||= shown.length < one.text.length;
        one.text = shown;
      }
    },
    dropped: () => dropped,
    async settled() {
      await waiting.at(-1)?.settling.catch(() => undefined);
    },
    foot(put, line, columns) {
      // Nor when somebody waits for the end.
      const frame = waiting.length > 0 ? "" : footer.draw(left === Infinity ? line : "", columns);
      if (frame === "") return;
      try {
        // Whoever writes the next text is told that the terminal is gone.
        void put(frame)?.catch(() => undefined);
      } catch {
        footer.lift();
      }
    },
    lift: footer.lift,
  };
}

/** The beginning of a text, without half of a letter at its end. */
function pieceOf(text: string, units: number): string {
  if (text.length <= units) return text;
  const half = (text.charCodeAt(units - 1) & 0xfc00) === 0xd800;
  return text.slice(0, Math.max(0, half ? units - 1 : units));
}

type Name = "out" | "err";
type Write = (text: string) => void | Promise<void>;

/** Where standard output and standard error go: often one terminal, file or pipe. */
type Place = {
  /** Whose line the cursor stands in; `null` at the start of one. */
  openLine: Name | null;
  /** The last write of each that the system has not taken yet. */
  pending: Record<Name, Promise<void> | null>;
  /** Begins to find out whether it is one, which takes the system some time. */
  look(): void;
  /** Whether it is one. */
  isShared(): boolean;
};

export function createPlace(): Place {
  let shared: boolean | null = null;
  let looking: Promise<void> | null = null;
  return {
    openLine: null,
    pending: { out: null, err: null },
    look() {
      looking ??= Promise.all([Bun.file(1).stat(), Bun.file(2).stat()]).then(
        ([out, err]) => void (shared ??= isSame(out, err)),
        // One that is closed shares nothing.
        () => void (shared ??= false),
      );
    },
    isShared: () => (shared ??= isOnePlace()),
  };
}

type Stats = { dev: number; ino: number; rdev: number };

function isSame(out: Stats, err: Stats): boolean {
  return out.dev === err.dev && out.ino === err.ino && out.rdev === err.rdev;
}

/** At once: it takes 1 ms to load node:fs, where Bun.file waits for another thread. */
function isOnePlace(): boolean {
  const { fstatSync }: typeof import("node:fs") = require("node:fs");
  try {
    return isSame(fstatSync(1), fstatSync(2));
  } catch {
    // One that is closed shares nothing.
    return false;
  }
}

/** Text that ends its line, whatever colour ends with it. */
const ENDS_LINE = /\n(?:\u001B\[[\d;]*m)*$/;
/** UTF-16 units in which a line end and the colours behind it stand: a long text is not searched for them. */
const ENDING = 256;

type Line = Required<Pick<Sink, "write" | "pour" | "draw">> & {
  /** Of a terminal. */
  footer: Footer | null;
  drained(): Promise<void>;
};

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
    place.openLine = ENDS_LINE.test(text.slice(-ENDING)) ? null : name;
    return send(ended, poured);
  }

  return {
    write: (text) => write(text, false),
    pour: (text, begins) => write(text, true, begins === "line"),
    draw(text) {
      if (text !== "") place.openLine = null;
      return text === "" ? undefined : send(text, false);
    },
    footer: queue && { show: (line, columns) => queue.foot(inOrder, line, columns), lift: queue.lift },
    async drained() {
      await queue?.settled();
      await place.pending[name];
    },
  };
}
