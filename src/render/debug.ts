import type { RunWatcher } from "../metrics/watched.ts";
import type { Failure, SentRequest, StreamEvent } from "../stream/event.ts";
import type { Mask } from "../stream/mask.ts";
import { createPaint } from "../text/paint.ts";
import { visible } from "../text/visible.ts";
import { cellsOf } from "../text/width.ts";
import { showOn, type Sink } from "./sink.ts";

/** What of a malformed event stands around the caret. */
const CARET_CONTEXT = 60;

/** `--debug`: everything that goes over the wire, on stderr, in the order in which it happens. `several`: each line says of which stream. `mask`: the request is the user's own, and may hold a key. */
export function createDebug(err: Sink, several: boolean, mask: Mask): RunWatcher {
  const paint = createPaint(err.color);
  const show = showOn(err);
  const { pour = err.write } = err;
  const sign = err.wordsOnly ? "" : "🔍 ";
  const endpoints = new Map<number, string>();
  /** Events of types that nobody knows, by stream. */
  const unknown = new Map<number, number>();

  function print(...entry: Parameters<typeof entryOf>): void | Promise<void> {
    return pour(entryOf(...entry), "line");
  }

  function entryOf(stream: number, title: string, lines: readonly string[] = []): string {
    const body = lines.map((line) => `   ${show(line).replaceAll("\n", "\n   ")}\n`).join("");
    const whose = several ? `#${stream} ` : "";
    const begin = `${sign}${whose}`.trimEnd();
    return `${begin === "" ? "" : `${paint.dim(begin)} `}${show(title)}\n${body}`;
  }

  function onSent(stream: number, attempt: number, request: SentRequest | null): void | Promise<void> {
    if (request === null) return;
    const url = (endpoints.get(stream) ?? "").replace(/(?=\?|$)/, request.path);
    const head = attempt === 1 ? entryOf(stream, `→ POST ${url}`, headerLines(request.headers)) : "";
    const body = entryOf(stream, `→ payload (attempt ${attempt})`, [mask(JSON.stringify(request.body, null, 2))]);
    return pour(head + body, "line");
  }

  function onRecord(stream: number, record: unknown): void | Promise<void> {
    const count = unknown.get(stream);
    endpoints.delete(stream);
    unknown.delete(stream);
    const ignored = count === undefined ? "" : entryOf(stream, `events of unknown types, ignored: ${count}`);
    return pour(ignored + entryOf(stream, "statistics", [JSON.stringify(record, null, 2)]), "line");
  }

  function onStream(stream: number, event: StreamEvent): void | Promise<void> {
    switch (event.type) {
      case "sent":
        return onSent(stream, event.attempt, event.request);
      case "opened":
        return print(stream, `← HTTP ${event.status}`, headerLines(event.headers));
      case "line":
        if (event.parsed === "ignored") unknown.set(stream, (unknown.get(stream) ?? 0) + 1);
        return print(
          stream,
          `← @${event.offset} ${event.line}`,
          event.parsed === null || event.parsed === "" ? [] : [`= ${event.parsed}`],
        );
      case "delta":
        return;
      case "skipped":
        return print(stream, `✗ malformed event: ${event.why}`, [event.data, ...caret(event.data, event.why)]);
      case "notice":
        return print(stream, `ℹ ${event.code} ${event.detail}`);
      case "retrying":
        return print(stream, `↻ attempt ${event.attempt} in ${Math.round(event.delay)} ms`, describe(event.failure));
      case "ended":
        if (event.failure === null) return;
        return print(stream, `✗ ${event.verdict}`, [
          ...describe(event.failure),
          ...(event.tail === "" ? [] : ["last bytes received:", event.tail]),
        ]);
    }
  }

  return {
    on(event) {
      switch (event.type) {
        case "started":
          return void endpoints.set(event.job.stream, event.job.endpoint);
        case "stream":
          return onStream(event.stream, event.event);
        case "record":
          return onRecord(event.stream, event.record);
        case "gap":
        case "missed":
        case "finished":
          return;
      }
    },
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

/** The place where a malformed event stops being JSON, pointed at. */
function caret(data: string, why: string): string[] {
  const offset = Number(/ at position (\d+)$/.exec(why)?.[1] ?? Number.NaN);
  if (Number.isNaN(offset)) return [];
  const from = Math.max(0, offset - CARET_CONTEXT);
  const before = visible(data.slice(from, offset).replaceAll("\n", " "));
  const after = visible(data.slice(offset, offset + CARET_CONTEXT).replaceAll("\n", " "));
  return [before + after, `${" ".repeat(cellsOf(before))}^`];
}
