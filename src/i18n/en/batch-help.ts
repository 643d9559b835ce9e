/** What the help says of batches. */
export const enBatchHelp = {
  verbs: {
    batch: {
      summary: "answers a file of requests, each exactly once, whatever happens",
      examples: examples(
        "llmaas batch run in.jsonl --out out.jsonl",
        "llmaas batch submit in.jsonl",
        "llmaas batch fetch in.jsonl --out out.jsonl --wait",
      ),
      usage: "llmaas batch COMMAND [options]",
      about:
        "The same file of requests is answered here and now (run), on many machines (run --queue, worker), or by the provider within a day at half price (submit, status, fetch). llmaas batch run --help explains run, and so on.",
    },
    "batch report": {
      summary: "says what a file of results holds: verdicts, tokens, cost, figures, failures",
      examples: examples(
        "llmaas batch report out.jsonl",
        "llmaas batch report out.jsonl --json",
        "llmaas batch report out.jsonl && echo all answered",
      ),
      usage: "llmaas batch report FILE",
      about:
        "FILE is the output of batch run or batch fetch; nothing else is needed, and a batch may still be writing it. Exit code 0: every result is an answer; 3: some are not.",
      options: { json: "The report as one line of JSON" },
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
        "FILE holds a request a line: those of the Batch API (custom_id, method, url, body), objects with prompt or messages, or plain text. All of it is checked before anything is sent. The results are written in the format of the Batch API as they come, and are the record of what is done: started again, whatever ended it, the batch goes on with what is left. A request that has changed since does not count as done. An overloaded server gets fewer requests at once, and those that it refused again.",
      options: {
        out: "File of the results; what it holds already is not asked again. - : standard output, and nothing is kept",
        model: "Model to ask; lines may name their own",
        "skip-invalid": "Leave out lines that cannot be sent, and list them in a file beside the results",
        csv: "A table in place of FILE; its rows come back in --out with the columns answer, verdict and error",
        json: "Progress as JSON lines on stdout",
        quiet: "Only what went wrong",
        retries: "New attempts when a request fails or its answer breaks off",
      },
    },
    "batch worker": {
      summary: "asks what a batch has put into a queue, on as many machines as you like",
      examples: examples(
        "llmaas batch worker --queue redis://:PASSWORD@HOST:6379",
        "llmaas batch worker --queue rediss://USER:PASSWORD@HOST:6380 -j 64",
        "llmaas batch worker -e http://127.0.0.1:8080/v1 --json",
      ),
      usage: "llmaas batch worker [options] --queue URL",
      about:
        "Takes requests from the queue, asks them at its own endpoint with its own key, and brings the answers back; batch run --queue puts the requests there and writes the results. A worker takes nothing that is for another endpoint. On SIGTERM or Ctrl+C it finishes what runs and takes no more. When a worker dies, others take over its work. LLMAAS_QUEUE instead of --queue keeps the password off the command line.",
      options: {
        concurrency: "Requests at once on this machine",
        quiet: "Only what went wrong",
        json: "Its state as JSON lines on stdout, one a second",
      },
    },
    "batch submit": {
      summary: "gives a file of requests to the provider, to be answered within a day at half price",
      examples: examples(
        "llmaas batch submit in.jsonl",
        "llmaas batch submit in.jsonl --wait",
        "llmaas batch submit in.jsonl --part-requests 5000 --dry-run",
      ),
      usage: "llmaas batch submit [options] FILE",
      about:
        "FILE is what batch run takes. It is checked, cut into batches of one model, one API and at most 50,000 requests and 200 MB, uploaded and started. The ids go to standard output and into FILE.batches.json. Interrupted and started again, it goes on where it was: no batch is made twice.",
      options: {
        retries: "New attempts when the provider does not answer",
        "timeout-open": "For an answer of the provider to begin",
        "timeout-idle": "Between two pieces of an answer or a file",
        timeout: "Sets both",
        model: "Model of prompts that name none; requests of the Batch API name theirs",
        wait: "Wait until all batches are over, and show how far they are",
        "skip-invalid": "Leave out lines that cannot be sent, and list them in FILE.invalid.jsonl",
        "dry-run": "Check the file and show its batches; nothing is sent",
        json: "The batches as JSON lines on stdout",
        quiet: "Only what went wrong, and the ids",
      },
    },
    "batch status": {
      summary: "says how far a batch is, at the provider or in a queue",
      examples: examples(
        "llmaas batch status in.jsonl --wait",
        "llmaas batch status batch_abc123",
        "llmaas batch status --queue redis://:PASSWORD@HOST:6379",
      ),
      usage: "llmaas batch status [options] ID|FILE|--queue URL",
      about:
        "With --queue: each batch that machines share there, with what is done, failed, waiting or running, its rate, and each worker. Otherwise: ID is that of one batch; FILE, a file that was submitted, means all of its batches. With --wait it ends when they do: 0 all answered, 3 some not, 1 none.",
      options: {
        retries: "New attempts when the provider does not answer",
        "timeout-open": "For an answer of the provider to begin",
        "timeout-idle": "Between two pieces of an answer or a file",
        timeout: "Sets both",
        wait: "Wait until it is over, and show how far it is",
        json: "The batches as JSON lines on stdout",
        quiet: "Only what went wrong",
      },
    },
    "batch fetch": {
      summary: "fetches the answers of a batch into a file that batch run goes on with",
      examples: examples(
        "llmaas batch fetch in.jsonl --out out.jsonl",
        "llmaas batch fetch batch_abc123 --out out.jsonl --wait",
        "llmaas batch fetch in.jsonl --out out.jsonl --json",
      ),
      usage: "llmaas batch fetch [options] ID|FILE --out FILE",
      about:
        "Takes the answers and errors of a batch however it ended, even expired or cancelled. Every request is then answered, failed with its reason, or listed in OUT.missing.jsonl; llmaas batch run asks those that are left. Fetching a batch twice writes nothing twice.",
      options: {
        retries: "New attempts when the provider does not answer",
        "timeout-open": "For an answer of the provider to begin",
        "timeout-idle": "Between two pieces of an answer or a file",
        timeout: "Sets both",
        out: "File of the results; what it holds already is kept",
        wait: "Wait until the batch is over",
        json: "What was found as JSON lines on stdout",
        quiet: "Only what went wrong",
      },
    },
    "batch cancel": {
      summary: "stops a batch at the provider",
      examples: examples(
        "llmaas batch cancel batch_abc123",
        "llmaas batch cancel in.jsonl",
        "llmaas batch cancel in.jsonl --json",
      ),
      usage: "llmaas batch cancel [options] ID|FILE",
      about: "What was already answered is paid for, and can be fetched.",
      options: {
        retries: "New attempts when the provider does not answer",
        "timeout-open": "For an answer of the provider to begin",
        "timeout-idle": "Between two pieces of an answer or a file",
        timeout: "Sets both",
        json: "The batches as JSON lines on stdout",
        quiet: "Only what went wrong",
      },
    },
    "batch list": {
      summary: "lists the batches at the provider, newest first",
      examples: examples(
        "llmaas batch list",
        "llmaas batch list --json",
        "llmaas batch list -e https://api.openai.com/v1",
      ),
      usage: "llmaas batch list [options]",
      about: "All that the key may see, whoever made them.",
      options: {
        retries: "New attempts when the provider does not answer",
        "timeout-open": "For an answer of the provider to begin",
        "timeout-idle": "Between two pieces of an answer or a file",
        timeout: "Sets both",
        json: "The batches as JSON lines on stdout",
      },
    },
  },
  options: {
    queue:
      "Redis (7 or later) or Valkey through which machines share the work: redis:// or, with TLS, rediss://; without it, LLMAAS_QUEUE",
    "queue-timeout":
      "Give up when the queue has been away for this long; where it is given, batch run waits at its start, too",
    lease: "Give a worker's requests to others when it has given no sign of life for this long",
    out: "File of the results",
    prompt: "With --csv: what is asked for each row; {column} stands for its cell",
    "retry-failed": "Ask again what failed",
    changed: "Requests that are done but have changed since: refuse them, or rerun them",
    order: "Write the results in the order of the input when all is done",
    shard: "Answer only this machine's share of the lines: 0/3, 1/3 or 2/3 for three machines",
    tier: "Stay within the output tokens per hour of a tier of LLMaaS",
    "requests-per-minute": "Start no more requests per minute than this",
    "tokens-per-minute": "Use no more tokens per minute than this, prompt and answer",
    "tokens-per-hour": "The same for an hour, a minute's worth at a time",
    "max-cost": "Stop when all runs of the batch have spent this, in the currency of the prices",
    "max-tokens-total": "Stop when all runs of the batch have used this many tokens",
    schema: "JSON schema that each answer must fit; sent to the model where its API allows it",
    "schema-retries": "How often to ask again for an answer that does not fit, with what is wrong with it",
    "batch-outcome": "What becomes of a batch (list below)",
    "batch-time": "How long a batch takes",
    "dry-run": "Check, count and estimate; nothing is sent",
    wait: "Wait until it is over",
    "part-requests": "Most requests in one batch",
    again: "Submit again a file that was already submitted",
  },
};

function examples(...lines: [string, string, string]): readonly [string, string, string] {
  return lines;
}
