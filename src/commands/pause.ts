/** Ctrl+Z stops the process as it is: what is on the screen is taken off before. What is returned takes this back. */
export function beforePause(leave: () => void): () => void {
  const pause = (): void => {
    leave();
    process.kill(process.pid, "SIGSTOP");
  };
  process.on("SIGTSTP", pause);
  return () => void process.off("SIGTSTP", pause);
}
