import { arch, cpus, platform, release, totalmem } from "node:os";
import type { RunReport } from "../metrics/report.ts";
import type { Ms } from "../stream/event.ts";

/** What a report says of the machine that measured. */
export function machineFacts(): RunReport["machine"] {
  const processors = cpus();
  return {
    os: `${platform()} ${release()}`,
    arch: arch(),
    cpu: processors[0]?.model.trim() ?? "",
    cores: processors.length,
    memory_bytes: totalmem(),
  };
}

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
