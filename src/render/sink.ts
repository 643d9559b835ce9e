/** The hole through which characters leave. A promise from `write` means that the reader is slow; it rejects when the reader is gone. */
export type Sink = {
  write(text: string): void | Promise<void>;
  /** Text from outside must be made harmless before it is written here. */
  terminal: boolean;
  color: boolean;
};
