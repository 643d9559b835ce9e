import { enNumbers } from "../numbers.ts";

const { count, counted } = enNumbers;

/** Who answers what cannot be read; `null`: it does not say. */
type Author = { worker: string | null; version: string | null };

function answers({ worker, version }: Author): string {
  const which = version === null ? "of an unknown version" : `(llmaas ${version})`;
  return `${worker === null ? "A worker" : `Worker ${worker}`} ${which} answered`;
}

/** What a batch on many machines says. */
export const enQueue = {
  /** Of a queue that cannot be reached yet. */
  waiting: (what: string) => `${what} Waiting for it.`,
  lost: (url: string) => `The queue at ${url} is away: waiting for it. Nothing is lost.`,
  back: (url: string) => `The queue at ${url} is back.`,
  gone: (url: string, time: string) => `The queue at ${url} was away for ${time} (--queue-timeout): giving up.`,
  evicts: (policy: string) =>
    `The queue may drop requests when its memory is full (maxmemory-policy ${policy}): set it to noeviction. What it drops is asked again.`,
  full: "The memory of the queue is full: waiting until workers have taken something from it.",
  owned: "Another machine fed this batch a moment ago: waiting to see whether it is gone.",
  /** `time`: for how long there has been none; `null`: from the first. */
  noWorkers: (command: string, time: string | null) =>
    `${time === null ? "No worker yet." : `There has been no worker for ${time}; the requests wait.`} Start one on each machine: ${command}`,
  departed: (worker: string, said: string) => `Worker ${worker} has left: ${said}`,
  waits: (worker: string, said: string) => `Worker ${worker} asks nothing for now, and tries again by itself: ${said}`,
  elsewhere: (workers: number, endpoint: string) =>
    `No worker asks the endpoint of this batch; ${workers === 1 ? "one asks another" : `${count(workers)} ask others`}. For this batch, start workers with -e ${endpoint}`,
  halted: (worker: string, said: string) => `Worker ${worker} stopped the batch: ${said}`,
  left: (requests: number) =>
    requests === 1
      ? "One request is with a worker or in the queue; its answer waits there for a week, and is taken in when the batch goes on."
      : `${count(requests)} requests are with the workers or in the queue; their answers wait there for a week, and are taken in when the batch goes on.`,
  again: (times: number) =>
    `Requests were handed out again ${counted(times, "time")}, because a worker or the queue was gone; the server may have been paid each time.`,
  poisoned: (times: number) =>
    `${count(times)} workers disappeared while they had this request: it is not handed out again`,
  unreadable: (by: Author, ours: string) =>
    `${answers(by)} in a way that this llmaas (${ours}) cannot read. Run the same version on all machines.`,
  neverRead: (by: Author, ours: string, times: number) =>
    `${answers(by)} ${count(times)} times in a way that llmaas ${ours} cannot read: the request is not handed out again`,
  worker: {
    started: (url: string, endpoint: string, places: string) =>
      `Waiting for work at ${url}, for ${endpoint}, ${places} at once. Ctrl+C finishes what runs.`,
    idle: "no work",
    batches: (names: readonly string[]) => names.join(", "),
    done: (done: string) => `${done} done`,
    others: (workers: number) => counted(workers, "worker"),
    refused: (name: string, theirs: string, ours: string) =>
      `The batch ${name} is for ${theirs}, and this worker asks ${ours}: it takes nothing of it.`,
    draining: (requests: number) =>
      requests === 0
        ? "Taking no more work."
        : `Taking no more work; finishing ${counted(requests, "request")}. Ctrl+C again stops at once, and leaves ${requests === 1 ? "it" : "them"} to others.`,
    ended: (done: number, failed: number) =>
      `${counted(done, "request")} answered${failed === 0 ? "" : `, ${count(failed)} of them failed`}.`,
    unreachable: (said: string, time: string) => `${said} Its work went back to the others; trying again in ${time}.`,
    leaving: (said: string) => `${said} Its work went back to the others.`,
    halted: (said: string) => `${said} The batches for this endpoint were told to stop.`,
  },
  status: {
    none: (url: string) => `No batch is in the queue at ${url}.`,
    batch: (name: string, state: string) => `${name}: ${state}`,
    fed: "running",
    stopped: "stopped: batch run goes on with it",
    silent: (time: string) => `nobody has fed it for ${time}: batch run goes on with it`,
    done: (done: string, total: string) => `${done} of ${total} done`,
    failed: (failed: string) => `${failed} failed`,
    rate: (rate: string) => `${rate}/s`,
    waiting: (waiting: string) => `${waiting} waiting`,
    running: (running: string) => `${running} running`,
    answers: (answers: number) => `${counted(answers, "answer")} to be taken in`,
    gone: (name: string) => `worker ${name} is gone; its work goes to others`,
    departed: (worker: string, time: string, said: string) => `Worker ${worker} left ${time} ago: ${said}`,
    draining: "finishing",
    columns: {
      worker: "Worker",
      running: "Running",
      places: "At once",
      done: "Done",
      failed: "Failed",
      rate: "/s",
      endpoint: "Endpoint",
    },
    noWorkers: "No worker.",
  },
};
