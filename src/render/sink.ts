/** The hole through which characters leave. A promise from `write` means that the reader is slow; it rejects when the reader is gone. */
export type Sink = {
  write(text: string): void | Promise<void>;
  /** Text from outside must be made harmless before it is written here. */
  terminal: boolean;
  color: boolean;
};

/** Settles when all that was written did; nothing to wait for is `undefined`. */
export function settled(...writes: (void | Promise<void>)[]): void | Promise<void> {
  const pending = writes.filter((write) => write !== undefined);
  if (pending.length > 0) return Promise.all(pending).then(() => undefined);
}
