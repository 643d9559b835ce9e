import type { Noticed, Queue, RunNotice, WorkerNotice } from "./queue.ts";

type BoardOptions = {
  queue: Queue;
  /** Where this worker sends requests, and nowhere else. */
  endpoint: string;
  /** A batch is for another endpoint. */
  onRefused(run: RunNotice): void;
  /** Settles when requests of a batch can be asked. */
  prepare(run: RunNotice): Promise<void>;
};

/** What others have told: the batches there are, and the workers. */
export function createBoard({ queue, endpoint, onRefused, prepare }: BoardOptions) {
  const refused = new Set<string>();
  const halted = new Set<string>();
  const idOf = ({ name, begun }: RunNotice): string => `${name} ${begun}`;
  const since = Date.now();
  let runs: Noticed<RunNotice>[] = [];
  let served: RunNotice[] = [];
  let colleagues: WorkerNotice[] = [];
  return {
    /** Learns what there is, and says how this worker stands. */
    async look(told: Omit<WorkerNotice, "refused" | "since"> | null): Promise<void> {
      const found = await queue.runs();
      const running = found.filter((run) => run.state === "running");
      for (const run of running) {
        if (run.endpoint === endpoint) await prepare(run);
        else if (!refused.has(run.name)) onRefused(run);
        if (run.endpoint !== endpoint) refused.add(run.name);
      }
      for (const each of refused) if (running.every((run) => run.name !== each)) refused.delete(each);
      runs = found;
      served = running.filter((run) => run.endpoint === endpoint && !halted.has(idOf(run)));
      if (told === null) return;
      const workers = await queue.tellWorker({ ...told, refused: [...refused], since });
      colleagues = workers
        .filter((worker) => worker.endpoint === endpoint && worker.state === "working")
        .toSorted((one, two) => one.since - two.since || (one.name < two.name ? -1 : 1));
    },
    served: () => served,
    /** Takes nothing more of this run of a batch. */
    leave(run: RunNotice): void {
      halted.add(idOf(run));
      served = served.filter((one) => one !== run);
    },
    run: (name: string) => runs.find((run) => run.name === name) ?? null,
    /** The shortest of all: what is told in that time is told in time for each. */
    lease: () => Math.min(...runs.map((run) => run.lease)),
    /** In the order in which they came. */
    colleagues: () => colleagues,
  };
}
