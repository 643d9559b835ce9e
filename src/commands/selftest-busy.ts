/** Ms for which the thread is blocked at a time; between two times it is free for one. */
export const BLOCKED_MS = 50;

/** Blocks this thread almost all of the time, until what is returned is called. */
export function occupyThread(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  function block(): void {
    const until = performance.now() + BLOCKED_MS;
    while (performance.now() < until);
    timer = setTimeout(block, 1);
  }
  timer = setTimeout(block, 1);
  return () => clearTimeout(timer);
}
