/** `O_CLOEXEC` of Linux: no descriptor that was handed down has it. */
const CLOSE_ON_EXEC = 0o2000000;

/**
 * Whether the program was started without standard output (`>&-`). Bun 1.4 puts the null device in its place, which takes
 * everything; on Linux it can be told from one that was asked for.
 */
export async function isStdoutClosed(): Promise<boolean> {
  try {
    const [, flags = "0"] = /^flags:\s*(\d+)/m.exec(await Bun.file("/proc/self/fdinfo/1").text()) ?? [];
    return (Number.parseInt(flags, 8) & CLOSE_ON_EXEC) !== 0;
  } catch {
    return false;
  }
}
