import { describe, expect, test } from "bun:test";
import { DONE, event, finish, HEAD, response, token } from "../fixtures/answers.ts";
import { messages, responses, typed } from "../fixtures/api-answers.ts";
import { askInTime } from "./ask.ts";

const TEXT = token("Bon") + token("jour");
const COUNTED = { prompt_tokens: 7, completion_tokens: 42, total_tokens: 49 };
const NONE = {
  queue_ms: null,
  prefill_ms: null,
  ttft_ms: null,
  decode_ms: null,
  mean_itl_ms: null,
  tokens_per_second: null,
  processing_ms: null,
};
const VLLM = {
  time_to_first_token_ms: 195.2,
  generation_time_ms: 900,
  queue_time_ms: 15,
  mean_itl_ms: 20.5,
  tokens_per_second: 48.7,
};
const OF_VLLM = { queue_ms: 15, ttft_ms: 195.2, decode_ms: 900, mean_itl_ms: 20.5, tokens_per_second: 48.7 };
const LLAMA = {
  cache_n: 4,
  prompt_n: 3,
  prompt_ms: 21.5,
  predicted_n: 42,
  predicted_ms: 800,
  predicted_per_token_ms: 19.05,
  predicted_per_second: 52.5,
};
const OF_LLAMA = { prefill_ms: 21.5, decode_ms: 800, mean_itl_ms: 19.05, tokens_per_second: 52.5 };
const TIMES = { queue_time: 0.0151, prompt_time: 0.18, completion_time: 0.9, total_time: 1.1 };
const OF_TIMES = { queue_ms: 15.1, prefill_ms: 180, decode_ms: 900 };
const last = (more: object): string => event({ choices: [], ...more });

describe("what a server says of its own work is in the record:", () => {
  test.each<[string, string, object]>([
    ["vLLM's metrics", last({ usage: COUNTED, metrics: VLLM }), OF_VLLM],
    [
      "vLLM's metrics, null but in the last chunk",
      event({ choices: [], metrics: null }) + last({ metrics: VLLM }),
      OF_VLLM,
    ],
    ["llama.cpp's timings", last({ timings: LLAMA }), OF_LLAMA],
    [
      "llama.cpp's timings with each token: the last",
      last({ timings: { prompt_ms: 21.5, predicted_ms: 19 } }) + last({ timings: LLAMA }),
      OF_LLAMA,
    ],
    ["Groq's usage, in seconds", last({ usage: { ...COUNTED, ...TIMES } }), OF_TIMES],
    ["Groq's x_groq", last({ x_groq: { id: "r", usage: { ...COUNTED, ...TIMES } } }), OF_TIMES],
    ["Cerebras' time_info", last({ usage: COUNTED, time_info: { ...TIMES, created: 1_764_103_600 } }), OF_TIMES],
    [
      "SambaNova's usage",
      last({ usage: { ...COUNTED, time_to_first_token: 0.25, completion_tokens_per_sec: 400 } }),
      { ttft_ms: 250, tokens_per_second: 400 },
    ],
    [
      "Fireworks' perf_metrics, texts in seconds",
      last({
        perf_metrics: {
          "server-time-to-first-token": "0.195",
          "fireworks-prefill-duration": "0.18",
          prefill_queue_duration: 0.015,
        },
      }),
      { ttft_ms: 195, prefill_ms: 180, queue_ms: 15 },
    ],
    [
      "parts of it in two events",
      last({ metrics: { queue_time_ms: 15 } }) + last({ timings: { prompt_ms: 180 } }),
      { queue_ms: 15, prefill_ms: 180 },
    ],
    [
      "no wait at all",
      last({ metrics: { queue_time_ms: 0, time_to_first_token_ms: 20 } }),
      { queue_ms: 0, ttft_ms: 20 },
    ],
  ])("%s", async (_, body, told) => {
    const { record, events } = await askInTime(HEAD + TEXT + finish() + body + DONE);
    expect(record).toMatchObject({ verdict: "complete", text: "Bonjour", server: { ...NONE, ...told } });
    expect(events.find(({ type }) => type === "ended")).toMatchObject({ server: { ...NONE, ...told } });
  });

  test.each([
    ["openai-processing-ms", "openai-processing-ms: 212", { processing_ms: 212 }],
    ["fireworks-server-time-to-first-token", "fireworks-server-time-to-first-token: 0.195", { ttft_ms: 195 }],
  ])("the header %s", async (_, header, told) => {
    const headers = `Content-Type: text/event-stream\r\n${header}\r\n`;
    const { record } = await askInTime(response("200 OK", headers, TEXT + finish() + DONE));
    expect(record).toMatchObject({ verdict: "complete", server: { ...NONE, ...told } });
  });

  test("an event has the last word over a header", async () => {
    const headers = "Content-Type: text/event-stream\r\nfireworks-server-time-to-first-token: 0.1\r\n";
    const body = TEXT + finish() + last({ perf_metrics: { "server-time-to-first-token": "0.195" } }) + DONE;
    const { record } = await askInTime(response("200 OK", headers, body));
    expect(record.server).toEqual({ ...NONE, ttft_ms: 195 });
  });

  test("an answer that was not streamed", async () => {
    const body = {
      choices: [{ message: { content: "Bonjour" }, finish_reason: "stop" }],
      usage: { ...COUNTED, ...TIMES },
    };
    const { record } = await askInTime(response("200 OK", "Content-Type: application/json\r\n", JSON.stringify(body)));
    expect(record.server).toEqual({ ...NONE, ...OF_TIMES });
  });

  test.each<[string, string, string]>([
    [
      "responses, in the answer",
      "responses",
      responses.created + responses.text("Bonjour") + responses.end("completed", { metrics: VLLM }),
    ],
    [
      "responses, beside the answer",
      "responses",
      responses.text("Bonjour") + typed("response.completed", { metrics: VLLM, response: { status: "completed" } }),
    ],
    [
      "messages, in message_delta",
      "messages",
      messages.start() +
        messages.text("Bonjour") +
        typed("message_delta", { delta: { stop_reason: "end_turn" }, metrics: VLLM }) +
        messages.stop,
    ],
    [
      "messages, in message_stop",
      "messages",
      messages.start() +
        messages.text("Bonjour") +
        messages.reason("end_turn") +
        typed("message_stop", { metrics: VLLM }),
    ],
    [
      "completions",
      "completions",
      event({ choices: [{ text: "Bonjour", finish_reason: "stop" }] }) + last({ metrics: VLLM }) + DONE,
    ],
  ])("in the API %s", async (_, api, body) => {
    const { record } = await askInTime(HEAD + body, { args: ["--api", api] });
    expect(record).toMatchObject({ api, verdict: "complete", text: "Bonjour", server: { ...NONE, ...OF_VLLM } });
  });
});

describe("what a server does not say is null, and never 0:", () => {
  test.each<[string, string]>([
    ["nothing", ""],
    ["nulls", last({ metrics: { time_to_first_token_ms: null }, timings: null, time_info: null })],
    ["no objects", last({ metrics: "fast", timings: [1], perf_metrics: 3, x_groq: { usage: true } })],
    ["a first token after no time", last({ metrics: { time_to_first_token_ms: 0, generation_time_ms: 0 } })],
    ["less than nothing", last({ metrics: { queue_time_ms: -1 }, timings: { prompt_ms: -3.5 } })],
    ["more than any answer takes", last({ metrics: { queue_time_ms: 1e15 } })],
    ["no numbers", last({ metrics: { queue_time_ms: "soon", mean_itl_ms: true, time_to_first_token_ms: "" } })],
    ["usage without times", last({ usage: COUNTED })],
  ])("%s", async (_, body) => {
    const { record } = await askInTime(HEAD + TEXT + finish() + body + DONE);
    expect(record).toMatchObject({ verdict: "complete", text: "Bonjour", server: null });
  });
});

describe("cached prompt tokens are read from", () => {
  test.each<[string, object]>([
    ["llama.cpp's timings, without usage", { timings: LLAMA }],
    ["llama.cpp's timings beside usage", { timings: LLAMA, usage: COUNTED }],
    ["DeepSeek's usage", { usage: { ...COUNTED, prompt_cache_hit_tokens: 4, prompt_cache_miss_tokens: 3 } }],
    ["Moonshot's usage", { usage: { ...COUNTED, cached_tokens: 4 } }],
  ])("%s", async (_, more) => {
    const { record } = await askInTime(HEAD + TEXT + finish() + last(more) + DONE);
    expect(record).toMatchObject({ prompt_tokens: 7, cached_prompt_tokens: 4 });
  });

  test.each<[string, object, number | null]>([
    ["a 0 that was said", { usage: { ...COUNTED, prompt_tokens_details: { cached_tokens: 0 } } }, 0],
    ["nothing", { usage: COUNTED }, null],
  ])("%s", async (_, more, cached) => {
    const { record } = await askInTime(HEAD + TEXT + finish() + last(more) + DONE);
    expect(record).toMatchObject({ cached_prompt_tokens: cached });
  });
});
