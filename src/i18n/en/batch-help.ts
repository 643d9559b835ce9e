/** What the help says of batches. */
export const enBatchHelp = {
  verbs: {
    batch: {
      summary: "answers a file of requests, each exactly once, whatever happens",
      examples: examples(
        "llmaas batch run in.jsonl --out out.jsonl",
        "llmaas batch run in.jsonl --out out.jsonl --tier 2 --dry-run",
        "llmaas batch run in.jsonl --out out.jsonl --retry-failed",
      ),
      usage: "llmaas batch run FILE --out FILE",
      about: "run answers the requests of a file, here and now. llmaas batch run --help says all of it.",
    },
    "batch run": {
      summary: "answers the requests of a file, here and now",
      examples: examples(
        "llmaas batch run in.jsonl --out out.jsonl",
        "llmaas batch run in.jsonl --out out.jsonl --tier 2 --dry-run",
        "llmaas batch run prompts.txt --out out.jsonl -j 32 --retry-failed",
      ),
      usage: "llmaas batch run [options] FILE --out FILE",
      about:
        "FILE holds a request a line: those of the Batch API (custom_id, method, url, body), objects with prompt or messages, or plain text. All of it is checked before anything is sent. The results are written in the format of the Batch API as they come, and are the record of what is done: started again, whatever has ended it, the batch goes on with what is left. A request that was changed since is not taken for done. A server that has too much to do is asked less at a time, and again.",
      options: {
        out: "File of the results; what it holds already is not asked again",
        "skip-invalid": "Leave out lines that cannot be sent, and list them in a file beside the results",
        json: "Progress as JSON lines on stdout",
        quiet: "Only what went wrong",
        retries: "New attempts at a request that failed, or whose answer broke off",
      },
    },
  },
  options: {
    out: "File of the results",
    "retry-failed": "Ask again what has failed",
    changed: "What becomes of requests that ended and were others: refuse, or rerun",
    order: "Write the results in the order of the input when all is done",
    shard: "Answer only the lines of this machine: 0/3, 1/3 or 2/3 of three",
    tier: "Stay within the output tokens an hour of a tier of LLMaaS",
    "requests-per-minute": "Start no more requests than this",
    "tokens-per-minute": "Take no more tokens than this, prompt and answer",
    "tokens-per-hour": "The same for an hour, a minute's worth at a time",
    "max-cost": "Stop when this is spent, in the currency of the prices",
    "max-tokens-total": "Stop when so many tokens were taken",
    schema: "JSON schema that each answer must fit; the model is asked for it where its API has a word for that",
    "schema-retries": "Ask again this often for an answer that does not fit, and say what is wrong with it",
    "dry-run": "Check, count and estimate; nothing is sent",
  },
};

function examples(...lines: [string, string, string]): readonly [string, string, string] {
  return lines;
}
