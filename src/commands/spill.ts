import type { Spill } from "../render/plain.ts";
import { codeOf } from "./output-file.ts";
import { OutputError } from "./output.ts";

/** Bytes that are read at once. */
const PIECE = 64 * 1024;

type Segment = { from: number; to: number };

/** Texts too long for the memory, in one temporary file without a name: whatever ends the program, nothing is left of it. */
export function createSpill(): Spill {
  const fs: typeof import("node:fs") = require("node:fs");
  let file: number | null = null;
  let end = 0;
  let open = 0;

  function opened(): number {
    if (file !== null) return file;
    const { tmpdir }: typeof import("node:os") = require("node:os");
    const path = `${tmpdir()}/llmaas-${process.pid}-${crypto.randomUUID()}`;
    file = attempt(path, () => fs.openSync(path, "wx+", 0o600));
    fs.rmSync(path, { force: true });
    return file;
  }

  function store(text: string): Segment {
    const bytes = Buffer.from(text);
    const from = end;
    const target = opened();
    attempt("", () => {
      // A disk that fills up takes a part and reports no error; the next call does.
      for (let written = 0; written < bytes.byteLength;)
        written += fs.writeSync(target, bytes, written, bytes.byteLength - written, from + written);
    });
    end = from + bytes.byteLength;
    return { from, to: end };
  }

  function* read(segments: readonly Segment[]): Generator<string> {
    const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
    const bytes = Buffer.alloc(PIECE);
    for (const { from, to } of segments) {
      for (let at = from; at < to;) {
        const length = fs.readSync(opened(), bytes, 0, Math.min(PIECE, to - at), at);
        if (length === 0) return;
        at += length;
        yield utf8.decode(bytes.subarray(0, length), { stream: true });
      }
    }
  }

  /** What is free again at its end is given back. */
  function close(): void {
    open--;
    if (open > 0 || file === null) return;
    end = 0;
    fs.ftruncateSync(file, 0);
  }

  return () => {
    const segments: Segment[] = [];
    open++;
    return {
      add(text) {
        const stored = store(text);
        const last = segments.at(-1);
        if (last?.to === stored.from) last.to = stored.to;
        else segments.push(stored);
      },
      pieces: () => read(segments),
      close,
    };
  };
}

/** A temporary file that cannot be written is an output that failed. */
function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new OutputError(codeOf(error), error, path);
  }
}
