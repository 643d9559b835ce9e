import { enNumbers } from "../numbers.ts";

const { count, counted } = enNumbers;

/** What is said of batches that the provider works off. */
export const enBatchProvider = {
  planned: (requests: number, batches: number) =>
    batches === 1
      ? `${counted(requests, "request")}, in one batch.`
      : `${counted(requests, "request")}, in ${count(batches)} batches of one model and one API each.`,
  part: (part: number, what: string, requests: number, size: string) =>
    `  ${part}. ${what} · ${counted(requests, "request")} · ${size}`,
  uploading: (part: number, of: number, size: string) => `Uploading part ${part} of ${of} (${size})`,
  foundFile: (part: number) => `Part ${part} was uploaded before: that file is used.`,
  foundBatch: (part: number) => `The batch of part ${part} was created before: no other is created.`,
  looking: (part: number) => `No answer came: checking whether the batch of part ${part} was created`,
  created: (id: string, requests: number, model: string) => `✓ ${id}: ${counted(requests, "request")} for ${model}`,
  already: (again: string) =>
    `This file was submitted before, and these are its batches; nothing was sent. To submit it once more: ${again}`,
  kept: (path: string) => `The ids are kept in ${path}.`,
  next: (status: string, fetch: string) => `To wait for the answers: ${status}\nThen: ${fetch}`,
  goOnSubmit: (command: string) => `What was done is kept. Go on with: ${command}`,
  goOnWait: (command: string) => `The provider goes on by itself. To watch it again: ${command}`,
  goOnFetch: (command: string) => `What was fetched is kept. Go on with: ${command}`,
  uncertain: (part: number, path: string, again: string) =>
    `It is not known whether the batch of part ${part} was created: no answer came, and the provider's batches cannot be listed. So that nothing is paid for twice, it was not created again. Look at the provider's console: if the batch is not there, set creating_since of that part in ${path} to null; then: ${again}`,
  /** As the provider calls it; what it calls otherwise is shown as it is. */
  status: (status: string): string => STATUS[status] ?? status,
  counts: (done: string, total: string, failed: number) =>
    `${done}/${total} done${failed > 0 ? `, ${count(failed)} failed` : ""}`,
  problem: (message: string, line: number | null) => (line === null ? message : `line ${count(line)}: ${message}`),
  moreProblems: (more: number) => `… and ${count(more)} more`,
  columns: { id: "Batch", status: "Status", counts: "Requests", created: "Created", name: "File" },
  unsent: (parts: number, of: number, submit: string) =>
    `${count(parts)} of ${counted(of, "batch", "batches")} of this file ${parts === 1 ? "is" : "are"} not submitted yet. Do so with: ${submit}`,
  neither: (endpoint: string, said: string) =>
    `${endpoint} answered with something that is neither a batch nor a file: "${said}". Check that the endpoint is the provider's, and ends with /v1 if it has to.`,
  noBatch: (id: string, endpoint: string, list: string) =>
    `${endpoint} has no batch ${id}. To list those it has: ${list}`,
  noFile: (id: string, endpoint: string) =>
    `${endpoint} no longer has the file ${id}, or does not have it yet. Try again in a minute; some providers delete files after a time.`,
  noApi: (endpoint: string, status: number, run: string) =>
    `${endpoint} has no Batch API, or not all of it (HTTP ${status}). To answer the same file here and now: ${run}`,
  none: "The provider has no batches.",
  cancelled: (id: string, fetch: string) =>
    `${id} is being cancelled. What was already answered is kept, and paid for: ${fetch}`,
  cancelTooLate: (id: string, status: string) => `${id} can no longer be cancelled: ${status}.`,
  nothingYet: (id: string, status: string) => `${id} is not over (${status}): nothing of it was fetched.`,
  downloading: (lines: string, total: string) => `Fetching the answers: ${lines}/${total}`,
  collected: (answered: number, failed: number, open: number, missing: number) => {
    const parts = [`${counted(answered, "request")} answered`];
    if (failed > 0) parts.push(`${count(failed)} failed`);
    if (open > 0) parts.push(`${count(open)} without an answer, to be asked again`);
    if (missing > 0) parts.push(`${count(missing)} missing`);
    return `${parts.join(", ")}.`;
  },
  codes: (codes: readonly (readonly [code: string, times: string])[]) =>
    codes.map(([code, times]) => `${times} × ${code}`).join(" · "),
  missing: (ids: readonly string[], more: number) =>
    `Missing: ${ids.join(", ")}${more > 0 ? ` and ${count(more)} more` : ""}`,
  listed: (path: string) => `Every request without an answer is listed in ${path}.`,
  miscounted: (id: string, completed: string, found: string) =>
    `${id}: the provider counts ${completed} answers, its files hold ${found}. The files are right.`,
  twice: (ids: number) => `${counted(ids, "line")} repeated an id; an answer was preferred to an error.`,
  unknown: (ids: number, first: string) =>
    `${counted(ids, "line")} had an id that nobody asked for, such as ${first}: left out.`,
  broken: (lines: number) => `${counted(lines, "line")} could not be read: left out.`,
  others: (ids: number) =>
    `${counted(ids, "id")} in the results already, for a different request: nothing was changed there.`,
  changed: (path: string) =>
    `${path} has changed since it was submitted: the requests are read from the provider's copy.`,
  unknownInput:
    "The submitted requests can no longer be read: all that the files hold was taken, but nothing in it counts as the answer to one of your requests.",
  results: (path: string, size: string) => `Results: ${path} (${size})`,
  rest: (command: string) => `To ask the rest here and now: ${command}`,
  again: (command: string) => `To ask again what failed: ${command}`,
};

const STATUS: Readonly<Record<string, string>> = {
  validating: "being checked",
  in_progress: "in progress",
  finalizing: "being finished",
  cancelling: "being cancelled",
  canceled: "cancelled",
  not_yet: "not visible yet",
};
