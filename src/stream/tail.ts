import { maskTail } from "./mask.ts";

/** UTF-16 units of the end of a body that `--debug` shows when a stream failed. */
const TAIL_LIMIT = 4096;

/** Keeps the end of what was received; nothing when lines are not observed. */
export function createTail({ secrets, observe }: { secrets: readonly string[]; observe: boolean }): {
  push(bytes: Uint8Array): void;
  text(): string;
} {
  const longest = secrets.reduce((most, secret) => Math.max(most, secret.length), 0);
  const keep = 4 * (TAIL_LIMIT + longest);
  let kept: Buffer = Buffer.alloc(0);
  return {
    push(bytes) {
      if (observe) kept = Buffer.concat([kept, bytes]).subarray(-keep);
    },
    text: () => maskTail(new TextDecoder().decode(kept), TAIL_LIMIT, secrets),
  };
}
