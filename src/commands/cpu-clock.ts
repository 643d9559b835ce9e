import type { Ms } from "../stream/event.ts";

/** CPU time of this process since the last call, and the time that passed, both in ms. */
export function createCpuClock(): () => { used: Ms; wall: Ms } {
  let usage = process.cpuUsage();
  let at = performance.now();
  return () => {
    const { user, system } = process.cpuUsage(usage);
    const wall = performance.now() - at;
    usage = process.cpuUsage();
    at = performance.now();
    return { used: (user + system) / 1000, wall };
  };
}
