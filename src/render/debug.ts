import type { StreamRecord } from "../metrics/record.ts";
import type { Watcher } from "../run/event.ts";
import type { StreamEvent } from "../stream/event.ts";
import type { Failure } from "../stream/failure.ts";
import { maskHeaders } from "../stream/mask.ts";
import { createPaint } from "./paint.ts";
import type { Sink } from "./sink.ts";
import { visible } from "./visible.ts";

/** What of a malformed event stands around the caret. */
const CARET_CONTEXT = 60;

/**
 * `--debug`: everything that goes over the wire, on stderr, in the order in which it happens.
 * `beside`: the answer grows on the same screen, so that a line of ours must not begin in the middle of one of its own.
 */
export function createDebug(
  err: Sink,
  beside: boolean,
): Watcher & { record(record: StreamRecord): void | Promise<void> } {
  const paint = createPaint(err.color);
  const show = err.terminal ? visible : (text: string): string => text;

  let midLine = false;

  function print(title: string, lines: readonly string[] = []): void | Promise<void> {
    const start = midLine && beside ? "\n" : "";
    midLine = false;
    const body = lines.map((line) => `   ${show(line).replaceAll("\n", "\n   ")}\n`).join("");
    return err.write(`${start}${paint.dim("🔍")} ${show(title)}\n${body}`);
  }

  function onStream(event: StreamEvent): void | Promise<void> {
    switch (event.type) {
      case "sent":
        return print(`→ payload (attempt ${event.attempt})`, [JSON.stringify(event.body, null, 2)]);
      case "opened":
        return print(`← HTTP ${event.status}`, headerLines(event.headers));
      case "line":
        return print(
          `← @${event.offset} ${event.line}`,
          event.parsed === null || event.parsed === "" ? [] : [`= ${event.parsed}`],
        );
      case "delta":
        midLine = event.text !== "" && !event.text.endsWith("\n");
        return;
      case "skipped":
        return print(`✗ malformed event: ${event.why}`, [event.data, ...caret(event.data, event.why)]);
      case "notice":
        return print(`ℹ ${event.code} ${event.detail}`);
      case "retrying":
        return print(`↻ attempt ${event.attempt} in ${Math.round(event.delay)} ms`, describe(event.failure));
      case "ended":
        if (event.failure === null) return;
        return print(`✗ ${event.verdict}`, [
          ...describe(event.failure),
          ...(event.tail === "" ? [] : ["last bytes received:", event.tail]),
        ]);
    }
  }

  return {
    on(event) {
      switch (event.type) {
        case "started": {
          const { request } = event.job;
          return print(
            `→ POST ${event.job.endpoint}/chat/completions`,
            headerLines(maskHeaders(Object.entries(request.headers), request.secrets)),
          );
        }
        case "stream":
          return onStream(event.event);
        case "finished":
          return;
      }
    },
    record: (record) => print("statistics", [JSON.stringify(record, null, 2)]),
  };
}

function headerLines(headers: Record<string, string>): string[] {
  return Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
}

function describe(failure: Failure): string[] {
  const { message, ...data } = failure;
  const trace = "trace" in data ? data.trace : "";
  const facts = Object.entries(data).filter(([name, value]) => name !== "trace" && value !== null);
  return [facts.map(([name, value]) => `${name}: ${value}`).join(", "), message, trace].filter((line) => line !== "");
}

/** Points at the character a JSON parser names by its position, where it does. */
function caret(data: string, why: string): string[] {
  const position = Number(/position (\d+)/.exec(why)?.[1] ?? Number.NaN);
  if (Number.isNaN(position)) return [];
  const from = Math.max(0, position - CARET_CONTEXT);
  return [data.slice(from, position + CARET_CONTEXT).replaceAll("\n", " "), `${" ".repeat(position - from)}^`];
}
