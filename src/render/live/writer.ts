import type { Sink } from "../sink.ts";

/** Writes frames to a terminal that may be slow or gone. */
export type FrameWriter = {
  put(frame: string): void;
  /** The terminal still takes the last frame. */
  isBusy(): boolean;
  /** What the terminal threw; nothing reaches it any more. */
  lost(): { error: unknown } | null;
  /** Settles when the last frame is out; rejects when the terminal is gone. */
  settled(): Promise<void>;
};

/** `onLost` is called once, when a frame cannot be written. */
export function createFrameWriter(sink: Sink, onLost: () => void = () => undefined): FrameWriter {
  let writing: Promise<void> | null = null;
  let lost: { error: unknown } | null = null;

  function lose(error: unknown): void {
    writing = null;
    if (lost !== null) return;
    lost = { error };
    onLost();
  }

  return {
    put(frame) {
      try {
        const settling = sink.write(frame)?.then(() => {
          if (writing === settling) writing = null;
        }, lose);
        writing = settling ?? null;
      } catch (error) {
        lose(error);
      }
    },
    isBusy: () => writing !== null,
    lost: () => lost,
    async settled() {
      await writing;
      if (lost !== null) throw lost.error;
    },
  };
}
