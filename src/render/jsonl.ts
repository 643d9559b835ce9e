import { round } from "../metrics/distribution.ts";
import { toError, type Say } from "../metrics/record.ts";
import type { StreamState } from "../metrics/timeline.ts";
import type { RunWatcher, WatchedEvent } from "../metrics/watched.ts";
import type { StreamEvent, ToolDelta } from "../stream/event.ts";
import { visibleJson } from "../text/visible.ts";

type Write = (text: string) => void | Promise<void>;

/** `--json`: one event of the run a line, and each stream's record after its last event. */
export function createJsonLines(write: Write, say: Say): RunWatcher {
  const open = new Map<number, Readonly<StreamState>>();
  return {
    on(event) {
      const line = toJsonEvent(event, open, say);
      return line === null ? undefined : write(`${visibleJson(line)}\n`);
    },
  };
}

/** The one mapping from an event of the run to its JSON: snake_case, `at` in ms since the stream's first "sent". */
function toJsonEvent(event: WatchedEvent, open: Map<number, Readonly<StreamState>>, say: Say): object | null {
  switch (event.type) {
    case "started": {
      const { stream, promptIndex, repeat, endpoint, demo, prompt, request } = event.job;
      open.set(stream, event.state);
      return {
        v: 1,
        type: "started",
        stream,
        prompt_index: promptIndex,
        repeat,
        endpoint,
        api: request.api,
        demo,
        model: request.body.model,
        prompt,
      };
    }
    case "stream": {
      const { stream } = event;
      const at = round(event.event.at - (open.get(stream)?.sent ?? event.event.at));
      if (event.event.type === "ended") open.delete(stream);
      return { v: 1, type: event.event.type, stream, at, ...fieldsOf(event.event, say) };
    }
    case "missed":
      return { v: 1, type: "missed", due: new Date(event.due).toISOString(), warmup: event.warmup };
    case "record":
      return event.record;
    case "gap":
    case "finished":
      return null;
  }
}

function fieldsOf(event: StreamEvent, say: Say): Record<string, unknown> {
  switch (event.type) {
    case "sent":
      return { attempt: event.attempt };
    case "opened":
      return { status: event.status, headers: event.headers };
    case "delta": {
      const { text, reasoning, refusal, tools, events, backpressure } = event;
      return { text, reasoning, refusal, tool_calls: tools.map(toToolCall), events, held_ms: round(backpressure) };
    }
    case "skipped":
      return { data: event.data, why: event.why };
    case "notice":
      return { code: event.code, detail: event.detail };
    case "line":
      return { line: event.line, offset: event.offset };
    case "retrying":
      return { attempt: event.attempt, delay_ms: round(event.delay), error: toError(event.failure, say) };
    case "ended": {
      const { verdict, finishReason, usage, server, response, failure, backpressure } = event;
      return {
        verdict,
        finish_reason: finishReason,
        usage,
        server,
        response,
        error: failure && toError(failure, say),
        held_ms: round(backpressure),
      };
    }
  }
}

/** `custom` is said where it holds: most calls are of functions. */
function toToolCall({ custom, ...call }: ToolDelta): object {
  return custom ? { ...call, custom } : call;
}
