/** Codes and what they mean. */
type ExitCodes = readonly (readonly [code: string, meaning: string])[];

/** What the verbs end with. */
export const enExitCodes = {
  /** Exit codes of `stream`. */
  exit: [
    ["0", "complete, or cut by max_tokens (length)"],
    ["1", "failed: no answer, or an error in the middle of it"],
    ["2", "the command line or the configuration; nothing was sent"],
    ["3", "empty, filtered or truncated"],
    ["4", "timeout"],
    ["70", "a bug of llmaas"],
    ["129", "SIGHUP"],
    ["130", "Ctrl+C"],
    ["141", "the reader of stdout went away"],
    ["143", "SIGTERM"],
    ["", "several streams: the worst, in the order 70, signal, 1, 4, 3, 0"],
  ] satisfies ExitCodes,
  /** Of the verbs that measure. */
  ownExit: {
    bench: [
      ["0", "every threshold passed; without any: at least one stream complete"],
      ["1", "nothing completed"],
      ["2", "the command line or the configuration, or a prompt that cannot be read"],
      ["5", "a threshold failed"],
      ["6", "none failed, one is undecided: the client disturbed the measurement"],
      ["130", "Ctrl+C, with a report marked partial (143 SIGTERM, 129 SIGHUP)"],
    ],
    compare: [
      ["0", "compared, whatever the difference"],
      ["1", "nothing to compare: no load in common with the same model"],
      ["2", "the command line, or a report that cannot be read"],
      ["5", "a --fail-if failed"],
      ["6", "none failed, one is undecided: the client disturbed the measurement"],
    ],
    merge: [
      ["0", "every threshold passed; without any: at least one stream complete"],
      ["1", "nothing completed"],
      ["2", "the command line, or reports that do not belong together"],
      ["5", "a threshold failed"],
      ["6", "none failed, one is undecided: a disturbed client, or only bounds known"],
    ],
    "batch run": [
      ["0", "every request is answered"],
      ["1", "the batch was stopped, or nothing was answered"],
      ["2", "the command line, the settings or the file; nothing was sent"],
      ["3", "some requests failed for good"],
      ["130", "Ctrl+C; what was answered is kept (143 SIGTERM, 129 SIGHUP)"],
    ],
    selftest: [
      ["0", "all that was injected came out, and both trials were passed"],
      ["1", "otherwise: do not trust the figures of this machine"],
    ],
  } satisfies Record<string, ExitCodes>,
};
