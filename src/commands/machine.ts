import { arch, cpus, platform, release, totalmem } from "node:os";
import type { RunReport } from "../metrics/summary.ts";

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
