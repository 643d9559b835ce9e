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
export type TerminalQueue = {
  /** At once where nothing waits and there is little of it. */
  write(put: Put, text: string, poured: boolean): void | Promise<void>;
  /** Somebody waits for the end: of what is poured, a piece more is shown. */
  hurry(): void;
  /** UTF-16 units that were left out. */
  dropped(): number;
  /** Settles when nothing waits any more. */
  settled(): Promise<void>;
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
        return put(text);
      }
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      // The caller is told too; this branch only keeps the runtime from calling it unhandled.
      promise.catch(() => undefined);
      waiting.push({ put, text, poured, settling: promise, done: resolve, failed: reject });
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
  };
}

/** The beginning of a text, without half of a letter at its end. */
function pieceOf(text: string, units: number): string {
  if (text.length <= units) return text;
  const half = (text.charCodeAt(units - 1) & 0xfc00) === 0xd800;
  return text.slice(0, Math.max(0, half ? units - 1 : units));
}
