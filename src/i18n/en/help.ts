import { enExitCodes } from "./exit-codes.ts";

import { enBatchHelp } from "./batch-help.ts";
import { enOverview } from "./overview.ts";

/** What `--help` says of one verb. */
type VerbHelp<Option extends string = string> = {
  /** Its line in the short help. */
  summary: string;
  /** Commands that run as they stand. */
  examples: readonly [string, string, string];
  usage: string;
  about: string;
  /** Where an option means something else than with the other verbs. */
  options?: Partial<Record<Option, string>>;
};

/** All that `--help` says. */
export const enHelp = {
  heads: {
    examples: "Examples:",
    usage: "Usage: ",
    verbs: "Commands:",
    exit: "Exit codes:",
    faults: "Faults:",
    outcomes: "Outcomes of a batch:",
  },
  groups: {
    ask: "What to ask:",
    many: "Several at once:",
    load: "Load:",
    judge: "Thresholds:",
    batch: "The batch:",
    queue: "Many machines:",
    where: "Where to ask:",
    patience: "How long to wait (500ms, 10s, 2m, 30 is 30s, 0 is off):",
    speech: "How it speaks:",
    server: "Where it listens:",
    forms: "What to make of it (- is standard output):",
    output: "What to show:",
  },
  verbs: {
    stream: {
      summary: "streams the answers to one prompt or many, and measures them",
      examples: [
        'llmaas stream "Explain streaming in one paragraph"',
        'llmaas stream -m gemma3:4b,qwen3:8b "Tell me a story" "Tell me a joke"',
        'git diff | llmaas stream -q --stdin "Review this change" > review.txt',
      ],
      usage: "llmaas stream [options] [PROMPT… | -]",
      about:
        "The answer goes to stdout, everything else to stderr. A prompt of -, or none behind a pipe, is read from standard input; without either, a default question is sent. Each PROMPT is a stream of its own; when there are several, each must contain white space, or --each be given. Without any configuration, on a terminal, the built-in server answers.",
    },
    bench: {
      summary: "measures an endpoint under load, and whether it met its thresholds",
      examples: [
        "llmaas bench --demo",
        "llmaas bench -j 1,4,16 --duration 30s --warmup 5s --report run.html",
        "llmaas bench --rate 2 --slo 'p95(ttft) < 800ms' --slo 'error_rate < 1%'",
      ],
      usage: "llmaas bench [options] [PROMPT… | -]",
      about:
        "A closed loop (--concurrency, in users) or an open one (--rate, in requests per second); a list of either, such as 1,4,16, is a sweep, one step each. Says first what it is about to send. The first line of the result is the verdict; --help-numbers explains every figure. With --retries a first token counts from the first attempt.",
      options: {
        model: "Model to ask, or several: the requests go to each in turn",
        concurrency: "Streams at once, or a list of them",
        rate: "Requests to start per second, or a list of them",
        retries: "New attempts before the first token",
        seed: "Same seed: same arrivals and same synthetic prompts",
        json: "Progress, then the report, as JSON lines on stdout",
        quiet: "The verdict alone",
        demo: "Measure the built-in server, in a process of its own; no key is sent",
        shard:
          "Make one machine's part of the load: 0/3, 1/3 or 2/3 for three machines; llmaas merge joins their reports",
        append: "Let --records add to an existing file",
        force: "Let --records and --report replace existing files",
      },
    },
    compare: {
      summary: "says whether one run was better than another",
      examples: [
        "llmaas compare before.json after.json",
        "llmaas compare before.json after.json --fail-if 'p95(ttft) +10%'",
        "llmaas compare before-*.json vs after-*.json",
      ],
      usage: "llmaas compare [options] A.json B.json | A.json… vs B.json…",
      about:
        "Reads reports of llmaas bench. With one run a side, certainty comes from 10 blocks of its time, which tell nothing of how one run differs from the next; from three runs a side on, that is taken into account. Better or worse is said only when the difference is certain enough and above 2%.",
      options: {
        md: "The comparison as Markdown, for a pull request",
        json: "The comparison as JSON",
        quiet: "The verdict alone",
      },
    },
    merge: {
      summary: "joins the reports of a load that several machines have shared",
      examples: [
        "llmaas merge shard-*.json",
        "llmaas merge shard-*.json --report all.html --report all.json",
        "llmaas merge shard-0.json shard-2.json --allow-missing",
      ],
      usage: "llmaas merge [options] SHARD.json…",
      about:
        "Reads the reports that llmaas bench --shard made, or logs that end with one (--json), and makes one of them: distributions add exactly, rates where the machines measured at the same time, and thresholds are judged again over all. What the shards do not tell is given within bounds. Shards of different loads, models, thresholds or versions are refused.",
      options: {
        force: "Let --report replace existing files",
        json: "The merged report as JSON on stdout",
        quiet: "The verdict alone",
      },
    },
    ...enBatchHelp.verbs,
    report: {
      summary: "makes another form of a report: a page, Markdown, JUnit, CSV",
      examples: [
        "llmaas report run.json --page page.html",
        "llmaas report run.json --html run.html --md run.md",
        "llmaas report run.json --junit - > junit.xml",
      ],
      usage: "llmaas report [options] [RUN.json]",
      about:
        "Reads a .json report of llmaas bench and makes any other form of it, today or a year later. Without a form it shows the result as bench did; without RUN.json it takes the newest of the ten that bench keeps in ~/.cache/llmaas/reports. The charts of single streams are drawn by bench --report run.html alone: a .json report holds the figures, not each stream.",
      options: {
        force: "Replace existing files",
      },
    },
    selftest: {
      summary: "measures the error of llmaas itself on this machine",
      examples: ["llmaas selftest", "llmaas selftest -j 1,100", "llmaas selftest --json > selftest.json"],
      usage: "llmaas selftest [options]",
      about:
        "Runs the built-in server in another process with a known schedule and compares what it wrote, and when, with what is measured here. Then two trials: a busy main thread, which must not move the figures, and a load beyond what this machine can do, which must be reported as such.",
      options: {
        concurrency: "Streams at once, or a list of them",
        duration: "How long each load lasts",
        json: "The result as JSON",
        quiet: "The verdict alone",
      },
    },
    models: {
      summary: "lists the models of the endpoint",
      examples: ["llmaas models", "llmaas models gemma3:4b", "llmaas models --demo --json"],
      usage: "llmaas models [options] [MODEL]",
      about:
        "With a name: that model, or the nearest name there is. Without any configuration: the four models LLMaaS recommends to begin with.",
      options: {
        timeout: "Longest wait for the list; 30 s unless given",
        "timeout-open": "The same, and comes before --timeout",
        json: "The list as JSON",
        demo: "Ask the built-in server",
      },
    },
    simulate: {
      summary: "runs the built-in server: chosen speeds, chosen faults",
      examples: [
        "llmaas simulate",
        "llmaas simulate --port 9000 --models fast=500,slow=5",
        "llmaas simulate --fault reset@20:0.1 --fault stall:0.05 --seed 1",
      ],
      usage: "llmaas simulate [options]",
      about:
        "An endpoint on this machine that speaks four APIs, streamed or whole: /v1/chat/completions, /v1/responses, /v1/messages and /v1/completions, with /v1/models. A fault that an API cannot have is refused by name. It is not a model: everyone gets the same answer. Its URL goes to stdout; Ctrl+C stops it.",
    },
    config: {
      summary: "writes, shows and checks the settings",
      examples: ["llmaas config init", "llmaas config show", "llmaas config check --config ./config.json"],
      usage: "llmaas config init [PATH] | show | check | trust | schema",
      about:
        "init writes a file to start from, for your eyes only, and never over another. show prints every setting with its origin, the key masked. check says what is wrong, and where the key would go, without any network. trust remembers ./config.json as it is, so that your key and your prompts go to its endpoint without being asked; when it changes you are asked again. schema prints the JSON Schema of the file.",
      options: {
        model: "Model, instead of the configured one",
        config: "File to write, show, check or trust",
        json: "The settings as JSON (show)",
      },
    },
    completion: {
      summary: "prints the completion script of your shell",
      examples: [
        "source <(llmaas completion bash)",
        'llmaas completion zsh > "${fpath[1]}/_llmaas"',
        "llmaas completion fish | source",
      ],
      usage: "llmaas completion bash | zsh | fish",
      about: "Prints a script that completes commands, options and their values. Nothing touches the network.",
    },
    version: {
      summary: "tells the version and the licences",
      examples: ["llmaas version", "llmaas version --licenses", "llmaas version --licenses | less"],
      usage: "llmaas version [options]",
      about: "The versions of llmaas and of the runtime in it. Nothing touches the network.",
    },
  } satisfies Record<string, VerbHelp>,
  options: {
    model: "Model to ask, or several: each prompt goes to each of them",
    each: "Each argument is a prompt, single words too",
    repeat: "How often each prompt goes to each model",
    prompts:
      "One prompt a line: text, or JSONL with prompt or messages, and model and sampling if you like; - is standard input",
    "skip-invalid": "Leave out lines that are not prompts, and count them",
    image: "Image to send along (png, jpeg, webp or gif, at most 20 MiB); may be repeated",
    concurrency: "Most streams at once",
    "fail-fast": "Stop all at the first stream that is not complete",
    system: "System message put before each prompt",
    "max-tokens": "Longest answer, in tokens; off sends no limit",
    temperature: "Sampling temperature; off leaves it to the server",
    "top-p": "Nucleus sampling; the server's own unless given",
    param: "Further parameter of the request, such as presence_penalty=0.5, or null to leave one out; may be repeated",
    stdin: "Append standard input to the prompt",
    config: "Settings file; else LLMAAS_CONFIG, ./config.json, then ~/.config/llmaas/config.json",
    endpoint: "Base URL of the API (the path of an API at its end, such as /messages, chooses it)",
    api: "Which API the endpoint speaks (chat unless set)",
    header: "Further request header, or NAME=@FILE; may be repeated",
    "header-secret": "The same, its value never shown whatever its name",
    "allow-http": "Let the key travel over plain http to other machines",
    demo: "Ask the built-in server; no key is sent",
    timeout: "Sets the next three together",
    "timeout-open": "For the response headers; as for the first token unless given",
    "timeout-first-token": "For the first token",
    "timeout-idle": "Between two tokens",
    "timeout-total": "For the whole answer, retries included",
    retries: "New attempts before the first token",
    "trust-done": "Take [DONE] without a finish_reason for a whole answer",
    reasoning: "The model's reasoning, on stderr",
    quiet: "The answer alone, and why if there is none",
    json: "Events as JSON lines on stdout; the last of a stream is its record",
    records: "Write the record of each stream to this new file",
    append: "Let --records add to an existing file",
    force: "Let --records replace an existing file",
    debug: "All that goes over the wire, secrets masked",
    lang: "Language",
    color: "Colours",
    ...enBatchHelp.options,
    help: "This help",
    version: "The version",
    licenses: "Then the licences of all that the program and its HTML reports contain",
    host: "Address to listen on",
    port: "Port to listen on; 0 is any free one",
    "api-key": "Refuse requests that do not carry this key",
    models: "Models and their speeds in tokens/s; else the four that LLMaaS recommends",
    rate: "Speed of every model, in tokens/s; 0 is as fast as it goes",
    requests: "Streams to measure at each step; without it, --duration alone ends a step",
    duration: "How long to keep starting streams",
    drain: "How long running streams may then take",
    warmup: "Streams, or a time, before anything is counted",
    arrival: "Evenly spaced, or like independent users",
    "max-in-flight": "Most streams at once with --rate; a start that finds no place is missed, and counted",
    "allow-missing": "Join what there is when shards are missing; the load was less than planned then",
    ntp: "Time server to ask how far the clock of this machine is off; llmaas merge then says how far those of all are apart",
    "start-at": "When all shards begin: 2026-11-26T08:00:00Z, or what date +%s prints",
    "prompt-tokens": "Make prompts of about so many tokens, each different",
    slo: "A threshold, such as 'p95(ttft) < 800ms' or 'error_rate < 1%'; 'ttft < 1s' must hold for every stream, unless 'goodput > 95%' beside it says how many are enough; may be repeated",
    "if-disturbed":
      "What a limit counts as that is nearer than this machine may have shifted the figure: undecided exits with 6",
    "abort-on-fail":
      "Stop when a threshold has clearly failed, after 30 streams of a model at the earliest; throughput is judged at the end",
    report: "Write the report to this new file: .json, .html, .md, .csv, .xml (JUnit) or .vllm.json; may be repeated",
    page: "One page for management, in plain sentences: .html (A4) or .md",
    html: "A page with tables and charts, which needs nothing but itself",
    md: "Markdown, for a pull request",
    junit: "JUnit: one test case a threshold, for CI",
    csv: "One figure a line, for a spreadsheet",
    vllm: "JSON in the field names of vLLM's benchmark, which dashboards read",
    "help-numbers": "What each figure means",
    baseline: "The report of an earlier run to compare this one with; one that is not there yet is written",
    "no-keep": "Keep no copy of the report in your cache folder; LLMAAS_NO_KEEP=1 does the same",
    ci: "In GitHub Actions: failed thresholds as annotations, and the Markdown in the step summary",
    all: "Every figure, not only those that decide or differ",
    "fail-if":
      "Exit 5 when a figure got worse by more than this, such as 'p95(ttft) +10%', or when that cannot be known; may be repeated",
    strict: "--fail-if looks at the estimate itself, not at what is certain of it",
    ttft: "Time to the first token",
    jitter: "Jitter: random deviation of a token, as a share of the gap",
    "tokens-per-event": "Tokens in one event",
    "reasoning-tokens": "Tokens of reasoning before the answer",
    "cached-tokens": "Prompt tokens said to come from a cache; at most all of them",
    usage: "When usage is told: asked, always, null, every, on-finish or never",
    seed: "Same seed and same request: same bytes",
    fault: "The fault, after how many token events (3), in which share of the answers (1); may be repeated",
  },
  /** The options of which an option needs one. */
  with: (options: readonly string[]) => `(with ${options.join(" or ")})`,
  byDefault: (value: string) => `(default: ${value})`,
  /** A default that holds as long as `--duration` is not given. */
  withoutDuration: (value: string) => `${value} without --duration`,
  off: "off",
  systemLanguage: "the system's",
  /** A word in capitals that stands for a value, such as NAME. */
  hint: (hint: string) => hint,
  ...enExitCodes,
  /** How to ask for a fault in one request. */
  faults: 'For one request of llmaas stream: --param \'simulate={"fault":"reset","at":20}\'',
  more: "llmaas config show prints every setting and its origin; docs/ has the rest.",
  overview: enOverview,
};
