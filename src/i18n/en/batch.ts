import { enNumbers } from "../numbers.ts";

const { count, counted } = enNumbers;

/** What a batch says. */
export const enBatch = {
  checking: (path: string, share: string) => `Checking ${path}: ${share}`,
  reading: (path: string, share: string) => `Reading the results in ${path}: ${share}`,
  plan: (total: number, done: number, failed: number) => {
    const before = done + failed;
    if (before === 0) return `${counted(total, "request")} to ask.`;
    const bad =
      failed === 0
        ? ""
        : ` ${count(failed)} of these failed: --retry-failed asks ${failed === 1 ? "it" : "them"} again.`;
    return `${counted(total, "request")}, ${count(before)} of them done before: ${count(Math.max(0, total - before))} to ask.${bad}`;
  },
  estimate: {
    tokens: (prompt: string, answer: string) =>
      `Tokens: about ${prompt} in the prompts, at most ${answer} in the answers`,
    time: (time: string) => `Time under the limits: at least ${time}`,
    noTime: "Time: no limit was given; the server's speed decides",
    cost: (cost: string) => `Cost: at most about ${cost}`,
    noCost: "Cost: the settings have no prices for this endpoint",
  },
  torn: (bytes: string, path: string) =>
    `The results ended in the middle of a line: these ${bytes} were cut off, and are kept in ${path}.`,
  broken: (lines: number, path: string) =>
    `${counted(lines, "line")} between the results ${lines === 1 ? "was" : "were"} none: taken out, and kept in ${path}.`,
  emptyShard: (path: string) => `${path} has no request for this shard: there is nothing to do.`,
  twice: (ids: number) => `${counted(ids, "id")} found more than once in the results: the first line counts.`,
  skipped: (bad: number, path: string) =>
    `${counted(bad, "line")} cannot be sent: ${path} lists ${bad === 1 ? "it with its reason" : "them, each with its reason"}.`,
  leftOut: (bad: number) => `${counted(bad, "line")} cannot be sent and ${bad === 1 ? "is" : "are"} left out.`,
  unchecked: (path: string, what: "keyword" | "format", name: string, nearest: string | null) => {
    const said = what === "format" ? "the format" : "the keyword";
    const hint = nearest === null ? "" : ` Did you mean ${JSON.stringify(nearest)}?`;
    return `${path}: ${said} ${JSON.stringify(name)} is not known here and checks nothing.${hint}`;
  },
  paused: (why: string, time: string) => `${why} All requests wait ${time}.`,
  refusing: (why: string, time: string) =>
    `${why} It has refused everything for ${time}: all is asked again until it takes it; Ctrl+C ends the batch, and keeps what is there.`,
  why: (command: string) => `  What went wrong, in full: ${command}`,
  fewer: (why: string) => `${why} Until then fewer requests run at once.`,
  away: (why: string, patience: string) =>
    `${why} All requests wait until it is back, and go on then; after ${patience} the batch would end.`,
  progress: {
    done: (done: string, total: string) => `${done}/${total} done`,
    running: (running: string) => `${running} running`,
    workers: (workers: number) => counted(workers, "worker"),
    failed: (failed: string, kinds: readonly (readonly [why: string, times: string])[]) =>
      `${failed} failed${kinds.length === 0 ? "" : ` (${kinds.map(([why, times]) => `${times} × ${why}`).join(", ")})`}`,
    rate: (rate: string) => `${rate}/s`,
    left: (time: string) => `${time} left`,
    tokens: (tokens: string) => `${tokens} tokens`,
    cost: (cost: string, expected: string | null) => (expected === null ? cost : `${cost} of about ${expected}`),
  },
  ended: (answered: number, failed: number, open: number) => {
    const parts = [`${counted(answered, "request")} answered`];
    if (failed > 0) parts.push(`${count(failed)} failed`);
    if (open > 0) parts.push(`${count(open)} left`);
    return `${parts.join(", ")}.`;
  },
  failures: (kinds: readonly (readonly [why: string, times: string])[]) =>
    kinds.map(([why, times]) => `${times} × ${why}`).join(" · "),
  results: (path: string, size: string) => `Results: ${path} (${size})`,
  refused: (first: number, model: string | null, path: string) =>
    model === null
      ? `The first ${count(first)} requests to ${path} were all refused, for the same reason: the others were not sent.`
      : `The first ${count(first)} requests for the model ${model} were all refused: the others for it were not sent.`,
  stopped: {
    quota: () => "The account has no credit left: the batch was stopped.",
    unreachable: () => "The endpoint cannot be reached: the batch was stopped.",
    refused_key: () => "The key was refused: the batch was stopped.",
    long_wait: (time: string) => `The server asks to wait ${time}: the batch was stopped.`,
    told: () => "The batch was stopped.",
    max_cost: () => "--max-cost is reached: the batch was stopped.",
    max_tokens: () => "--max-tokens-total is reached: the batch was stopped.",
    interrupted: () => "Stopped.",
  },
  spent: (spent: string, option: string) =>
    `This batch has taken ${spent} so far, in all of its runs: give a higher ${option} to go on.`,
  inputChanged: (path: string) =>
    `${path} was changed while it was read: start the same command again to ask what is new in it.`,
  notKept: "With --out FILE instead of --out -, a batch that was stopped can go on.",
  goOn: (command: string, kept: boolean) => `${kept ? "What was answered is kept. " : ""}Go on with:\n  ${command}`,
  report: {
    head: (path: string, results: number, answered: number, failed: number) =>
      `${path}: ${counted(results, "result")}, ${count(answered)} answered${failed > 0 ? `, ${count(failed)} failed` : ""}`,
    verdicts: (each: readonly string[]) => `Verdicts: ${each.join(" · ")}`,
    retries: (times: number) => `Asked again: ${counted(times, "time")}`,
    takenOver: (times: number) =>
      `Handed out again: ${counted(times, "time")}, because a worker or the queue was gone; the server may have been paid each time.`,
    tokens: (prompt: string, cached: string | null, answer: string, reasoning: string | null) =>
      `Tokens: ${prompt} in the prompts${cached === null ? "" : ` (${cached} from a cache)`}, ${answer} in the answers${reasoning === null ? "" : ` (${reasoning} of reasoning)`}`,
    uncounted: (answers: number) =>
      `The tokens of ${counted(answers, "answer")} were counted by llmaas: the server gave no usage.`,
    cost: (cost: string) => `Cost: ${cost}`,
    time: (span: string, from: string) => `Time: ${span} from ${from} UTC`,
    twice: (results: number) => `${counted(results, "further result")} for an id that has one already: not counted.`,
    nothing: (path: string) => `${path} holds no results yet.`,
    broken: (lines: number) =>
      `${counted(lines, "line")} between the results ${lines === 1 ? "is" : "are"} none: batch run takes ${lines === 1 ? "it" : "them"} out when it goes on.`,
    torn: (bytes: string) => `The last line is not whole (${bytes}): batch run cuts it off when it goes on.`,
    failures: "Failed:",
    ids: (ids: readonly string[], times: number) => `(${ids.join(", ")}${times > ids.length ? " …" : ""})`,
  },
};
