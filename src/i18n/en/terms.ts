import type { FigureName } from "../../metrics/figures.ts";
import type { NoKnee } from "../../metrics/knee.ts";
import type { ClientCheckName, PartialReason } from "../../metrics/report.ts";
import type { Doubt } from "../../metrics/trust-report.ts";
import { enNumbers } from "../numbers.ts";
import { term, type Term } from "../say.ts";

const { count, counted, number } = enNumbers;

const figure = {
  ttft_ms: term("TTFT", { row: "First token (TTFT)", long: "First token (TTFT)" }),
  ttfo_ms: term("TTFO", { row: "First visible (TTFO)", long: "First visible token (TTFO)" }),
  gap_ms: term("Gap (ITL)", { short: "gap", long: "Gap between tokens (ITL)" }),
  tpot_ms: term("TPOT", { row: "Time/token (TPOT)", long: "Time per token (TPOT)" }),
  duration_ms: term("Duration", { short: "duration" }),
  tokens_per_second: term("Tokens/s", { short: "tokens/s", long: "Tokens/s of a stream" }),
  decode_tokens_per_second: term("Steady tokens/s", { short: "steady tokens/s" }),
  latency_from_due_ms: term("Latency from due", { short: "latency from due" }),
  dispatch_delay_ms: term("Dispatch delay", { short: "dispatch delay" }),
  error_rate: term("Error rate"),
  goodput: term("Goodput"),
  goodput_per_second: term("goodput_per_second"),
  requests_per_second: term("Requests/s"),
  output_tokens_per_second: term("Output tokens/s"),
  peak_tokens_per_second: term("Peak tokens/s", { long: "Best second (tokens)" }),
} satisfies Record<FigureName, Term>;

/** What is called how, and what each figure means: all other texts read it here. */
export const enTerms = {
  figure,
  /** What models are compared by, as narrow as it can be; `currency` is that of the prices. */
  compared: {
    ttft: "First token",
    speed: figure.tokens_per_second.name,
    steady: figure.decode_tokens_per_second.name,
    duration: figure.duration_ms.name,
    tokens: "Tokens",
    gap_p50: "Gap, median",
    gap_p99: "Gap, p99",
    stalls: "Stalls",
    cost: (currency: string) => `Cost (${currency})`,
  },
  /** What the client must keep; the name says what limits it where it does not. */
  check: {
    worker_lag_p99_ms: term("event loop", { row: "event loop p99", long: "event loop lag p99 (ms)" }),
    dispatch_delay_p99_ms: term("dispatch delay", { row: "dispatch delay p99", long: "dispatch delay p99 (ms)" }),
    cpu_per_thread: term("CPU", { row: "CPU per thread", long: "processor use per thread" }),
    concurrency: term("concurrency", { long: "streams at once" }),
    held_ms: term("blocked output", { long: "output held (ms)" }),
    too_many_files: term("limit of open files", {
      row: "too many open files",
      long: "streams refused: too many open files",
    }),
  } satisfies Record<ClientCheckName, Term>,
  /** Why a run ended before its plan. */
  partial: {
    signal: term("interrupted", { long: "the run was interrupted" }),
    threshold: term("a failed threshold", {
      row: "stopped at a failed threshold",
      long: "stopped by a threshold that failed",
    }),
    crash: term("the measuring thread died"),
    output: term("the output could not be written"),
    prompts: term("its prompts could not be read on", {
      row: "the prompts could not be read on",
      long: "the prompts could not be read on",
    }),
    refused: term("every request was refused", {
      row: "stopped, as every request was refused",
      long: "stopped, as every request was refused",
    }),
  } satisfies Record<PartialReason, Term>,
  noKnee: {
    none: "No knee among these steps.",
    few_rounds: "No knee can be told: that takes three times as many requests as streams at once.",
    nothing_whole: "No knee can be told: no stream ended well.",
  } satisfies Record<NoKnee, string>,
  doubt: {
    unknown_finish_reason: (streams: number) => `${counted(streams, "answer")} with an unknown finish_reason`,
    lost_events: (streams: number) => `${counted(streams, "answer")} with lost events`,
    done_without_reason: (streams: number) => `${counted(streams, "answer")} whole by [DONE] alone (--trust-done)`,
    usage_impossible: (streams: number) =>
      `${counted(streams, "answer")} whose usage cannot be true: events were counted`,
    usage_not_total: (streams: number) => `${counted(streams, "answer")} whose usage is no total: events were counted`,
  } satisfies Record<Doubt, (streams: number) => string>,
  /** So many streams at once, or so many requests a second. */
  load: {
    closed: (concurrency: number) => `${counted(concurrency, "stream")} at once`,
    arrival: (rate: number) => `${number(rate)} requests/s`,
  },
  /** What is said of this program's own part in the figures. */
  client: {
    healthy: "client healthy",
    limited: "limited by the client",
    disturbed: (by: string, shifts: string | null) =>
      `Limited by the client (${by}): ${shifts ?? "by how much cannot be told"}. Use fewer streams or another machine, or run it again.`,
    shift: {
      time: (time: string) => `${figure.ttft_ms.name} up to ${time} too high`,
      rate: (share: string) => `tokens/s up to ${share} too low`,
      refused: (share: string) => `${share} of the streams never sent`,
    },
  },
  /** A limit that each stream must keep, and what came of it; of any limit, that nothing was measured. */
  noSamples: "no samples",
  tooFew: (samples: number, needed: number) => `${counted(samples, "value")}, it takes ${count(needed)}`,
  everyStream: (objective: string) => `${objective} (every stream)`,
  keptBy: (met: string, of: string, worst: string | null) =>
    `${met} of ${of} streams${worst === null ? "" : `, at worst ${worst}`}`,
  allModels: "all models",
  /** Which API was spoken, by its name in --api. */
  api: (name: string) => `${name} API`,
  /** What a server says of its own work, beside what was measured; all of it means. */
  server: {
    title: "Server (means)",
    queue: "queue",
    prefill: "prefill",
    ttft: (own: string | null, here: string) =>
      own === null ? `TTFT ${here} here (its queue is not told)` : `TTFT ${own} by its own account, ${here} here`,
    between: "network and client",
    longer: "it counts more than passed here",
    long: { queue: "Server's queue (mean)", prefill: "Server's prefill (mean)", ttft: "Server's own TTFT (mean)" },
    longBetween: "Network and client (mean)",
    here: (own: string, here: string) => `${own} (${here} here)`,
  },
  cache: {
    title: "Prompt cache",
    long: "Prompt tokens from the cache",
    value: (share: string) => `${share} of the prompt tokens`,
  },
  help: {
    title: "What each figure means",
    about:
      "Each has one definition, the same on screen, in records and in reports. Times are in milliseconds in the JSON. A figure that does not exist is null (– on screen), never 0: it enters no distribution, and how many are missing is said.",
    sections: {
      instants: {
        title: "The instants of one stream",
        about:
          "Stamped once, in a thread of their own, when bytes arrive and before they are decoded. All events of one network read share its instant.",
        figures: {
          due: "when the load wanted the request to start (with --rate; else the same as sent)",
          sent: "just before the request is made",
          opened: "status and headers of the response are known",
          first_token:
            "the first token event: visible text, a refusal, reasoning, or part of a tool call. An event that only names the role is none.",
          first_output: "the first event with visible text",
          last_token: "the last token event",
          ended:
            "the end mark of the API ([DONE], response.completed, message_stop), the end of the body, the error, or our own abort",
        },
      },
      stream: {
        title: "The figures of one stream",
        about: "Each retry starts from a sent of its own; in bench, ttft_ms counts from the first one.",
        figures: {
          duration_ms: "last_token − sent when the answer is whole or cut by max_tokens; else ended − sent",
          total_ms: "ended − the first sent: what the user waited, retries included",
          tail_ms: "ended − last_token: what the server still did after its last token",
          ttft_ms: "time to first token: first_token − sent",
          ttfo_ms: "time to first output: first_output − sent. Without reasoning the same as TTFT",
          thinking_ms: "first_output − first_token, when reasoning came first",
          tokens:
            "what the server's usage says (completion_tokens); without usage, or where it cannot be true, the number of token events, marked ~",
          tokens_source:
            "usage, or events where the server does not count: an event may hold several tokens, or part of one",
          streamed_tokens:
            "tokens, less those of reasoning that usage counts in them but no event carried, and with those that it counts beside them and events carried: what the events really brought",
          tokens_per_second: "tokens ÷ duration, the wait for the first one included",
          tpot_ms:
            "time per output token: (last_token − first_token) ÷ (n − 1); n is the number of token events where streamed_tokens exceeds it by 2 at most (an end of text is counted and has no event), else streamed_tokens; none under two tokens, when all came at once, or when fewer than 8 events carry more than 4 tokens each",
          decode_tokens_per_second: "1000 ÷ tpot_ms: the steady pace, without the wait for the first token",
          gap_ms:
            "inter-token latency (ITL): the time between successive reads that brought tokens. A read after a pause of our own is left out.",
          tokens_per_event: "streamed_tokens ÷ token events",
          coalesced:
            "share of the token events that came in one read with an earlier one: no gap can be measured between them",
          lumped:
            "share of them that came in lumps: after a wait of 5 ms or more (400 ms before the first), long enough for a model to write them one by one, in which this program had nothing else to do. Above half, something on the way (a proxy, compression) holds the answer back",
          stalls:
            "gaps longer than the stall setting (1 s), and the open one at the end of an answer that is not whole",
          stall_ms: "their sum",
          held_ms:
            "time during which we did not read: our own output was blocked, or the program was stopped (Ctrl+Z). A pause of 0.5 s or more is part of duration_ms and of no speed: tokens_per_second, tpot_ms and decode_tokens_per_second hold the pace of the tokens that were waited for, and are unknown with fewer than 8 of those; TTFT is unknown when the pause came before the first token",
          prompt_tokens: "from usage",
          cached_prompt_tokens:
            "from usage: those of the prompt that the server had in its cache; where it does not say, unknown and not 0",
          server:
            "what the server says of its own work, where it says so (vLLM, llama.cpp, Groq, Cerebras, SambaNova, Fireworks): queue_ms, prefill_ms, its own ttft_ms, decode_ms, mean_itl_ms, tokens_per_second; processing_ms is what OpenAI's header openai-processing-ms says. It enters no other figure",
          reasoning_tokens: "from usage",
          cost: "(prompt − cached) × input price + cached × cached_input price + (completion − reasoning) × output price + reasoning × its own price; reasoning that usage counts beside the completion is not taken off it; none without usage or prices",
          attempts: "requests made, those adapted to the server included",
          retry_wait_ms: "time spent waiting between them",
        },
      },
      load: {
        title: "Which streams count",
        about:
          "ttft, ttfo, gap and dispatch_delay count every measured stream that has them. duration, tpot, both tokens per second and latency_from_due count only answers that are whole or cut by max_tokens.",
        figures: {
          dispatch_delay_ms: "sent − due: how late this program was, not the server",
          latency_from_due_ms:
            "last_token − due: what a user who came at the due time felt, any wait behind others included",
          missed_starts: "due starts that found --max-in-flight streams under way, and did not happen",
          warmup:
            "streams that were run before and are in no figure; only where --duration alone ends the window does throughput count what still arrives of them",
          window: "the measured time. At its end no stream starts; those that run may finish within --drain.",
          unfinished:
            "streams that were then still running: outside error rate and goodput. Above 5% the verdict says that the window is too short.",
          left_out: "how many streams a distribution does not hold: unfinished, failed, or without this figure",
        },
      },
      distributions: {
        title: "Distributions",
        about: "",
        figures: {
          count: "values in it; each gap is one",
          missing: "measured streams that are not in it: the sum of left_out",
          mean: "exact, like min and max",
          stdev: "standard deviation of the sample (n − 1)",
          "p1 … p99.9":
            "the value at rank ⌈p × n ÷ 100⌉, to three significant digits; the same rule everywhere. Times are shown as p50 · p95 · p99, speeds from their slow side as p50 · p5 · p1: 95% of the answers were at least as fast as the p5. A p95 or p5 takes 20 values, a p99 or p1 takes 100: of fewer it is the largest or least by another name, and shown as –; the JSON keeps it beside its count",
          hdr: "the histogram itself (HdrHistogram V2, compressed, base64) of 1000 × the value: those of several reports can be added up",
        },
      },
      run: {
        title: "The figures of a run",
        about: "",
        figures: {
          requests_per_second: "answers that ended whole, or cut by max_tokens, inside the window ÷ its length",
          output_tokens_per_second:
            "tokens that arrived inside the window ÷ its length; a stream's tokens are spread over its token events. Live figures count events, and bear ~.",
          peak_tokens_per_second: "the same in the best second",
          network_and_client:
            "TTFT as measured here − the server's own TTFT (what it says, or its queue + prefill), on average over the streams that needed no second attempt: the way there and back, and this client. Unknown where the server leaves its queue out",
          concurrency: "streams between sent and ended: asked for, at most, and the mean over time",
          error_rate:
            "streams that are neither whole, nor cut by max_tokens, nor unfinished ÷ all that started but the unfinished",
          goodput:
            "share of the same streams that met every per-stream objective, such as --slo 'ttft < 1s'; those that failed missed it. Per second: those that ended inside the window.",
          thresholds:
            "--slo 'p95(ttft) < 800ms' and the like: passed, failed or undecided. 'ttft < 1s' must hold for every stream that counts for goodput; with a threshold on goodput beside it, for that share of them. A threshold that nothing was measured for, or too little for its percentile, has not passed.",
          undecided:
            "the limit is nearer to the value than the disturbance of the measurement: neither passed nor failed (exit 6)",
          knee: "the last step of a sweep that was worth its load: from there to the next, throughput grew by less than half of what the load grew by; judged from three requests a place on",
          blocks: "the same figures for each tenth of the window, with which llmaas compare tells change from chance",
        },
      },
      client: {
        title: "Client health",
        about:
          "What this program must keep for the figures to be the server's alone. All kept: client healthy; else limited by the client, by what and by how much. Nothing is said of it when no token came, or in under 1 s of measured time.",
        figures: {
          disturbance:
            "by how much a limited client may have shifted the figures. Times: the largest of event loop lag p99, dispatch delay p99 and the longest hold of a reading. Rates and time per token: that time ÷ the median duration, and the share that was not sent. Error rate and goodput: the share that was refused a connection, and of goodput the streams so near to their limit.",
          worker_lag_p99_ms: "how late the thread that reads was: p99 under 5 ms",
          dispatch_delay_p99_ms:
            "how late requests were sent, in a closed loop after a place was free: p99 under 10 ms",
          cpu_per_thread: "processor time per busy thread: under 80% of a core",
          concurrency: "never fewer streams than asked for (or left to do) for more than 1 s",
          held_ms: "our own output never blocked reading: 0",
          too_many_files: "streams that the system gave no connection: 0 (ulimit -n raises its limit)",
        },
      },
    },
  },
};
