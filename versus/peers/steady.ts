/** Ms at the beginning that are left out: until then the runtime compiles what is hot. */
export const WARM_UP_MS = 2000;

/** Measures the CPU of this process from the end of the warm-up on; `end` gives the ms it took since. */
export function measureSteady(): { end(): number } {
  let before = process.cpuUsage();
  setTimeout(() => (before = process.cpuUsage()), WARM_UP_MS).unref();
  return {
    end() {
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    },
  };
}
