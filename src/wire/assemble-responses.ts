import { createLists, createScales, keepCounts, keepLast, writeMasked, type Assembler } from "./assembler.ts";
import { fieldsOf, isFields, stringOrNull, toText, type Fields } from "./fields.ts";

/** Where in an item the pieces of an event belong: its list, what counts in it, the type of the part, and its field. */
type Place = { list: "content" | "summary"; at: "content_index" | "summary_index"; type: string; field: string };

const TEXT: Place = { list: "content", at: "content_index", type: "output_text", field: "text" };
const SUMMARY: Place = { list: "summary", at: "summary_index", type: "summary_text", field: "text" };
const AUDIO: Place = { ...TEXT, type: "output_audio", field: "data" };
const THOUGHT: Place = { ...TEXT, type: "reasoning_text" };

const PLACES: Readonly<Record<string, Place>> = {
  output_text: TEXT,
  refusal: { ...TEXT, type: "refusal", field: "refusal" },
  reasoning_text: THOUGHT,
  reasoning: THOUGHT,
  reasoning_summary_text: SUMMARY,
  reasoning_summary: SUMMARY,
  audio: AUDIO,
  output_audio: AUDIO,
  "audio.transcript": { ...AUDIO, field: "transcript" },
  output_audio_transcript: { ...AUDIO, field: "transcript" },
};
/** The same of events that bring a part as a whole. */
const PARTS: Readonly<Record<string, Place>> = { content_part: TEXT, reasoning_summary_part: SUMMARY };
/** Pieces of an item itself: its type, and the field. */
const FIELDS: Readonly<Record<string, readonly [type: string, field: string]>> = {
  function_call_arguments: ["function_call", "arguments"],
  mcp_call_arguments: ["mcp_call", "arguments"],
  custom_tool_call_input: ["custom_tool_call", "input"],
  code_interpreter_call_code: ["code_interpreter_call", "code"],
};
const ENDS = new Set(["completed", "incomplete", "failed", "cancelled"]);
/** A status that the last event does not end with. */
const UNDER_WAY = new Set<unknown>([undefined, null, "in_progress", "queued"]);
const OF_EVENT = new Set(["type", "sequence_number", "response"]);

/** Puts responses together: what the last event says of the whole, and of an item it leaves out, what others said. */
export function createResponsesAssembler(): Assembler {
  const scales = createScales();
  const top: Fields = {};
  /** By their place in the output. */
  const items = new Map<unknown, Fields>();
  /** Where the last words stood. */
  let place: { part: Fields; field: string } | null = null;
  let isPlain = false;
  /** The event at hand is a piece of text. */
  let isPiece = false;
  /** What stands beside the text of a part, by the places of item and part: not every server says it again at the end. */
  const beside = new Map<string, ReturnType<typeof createLists>>();
  let whole: Fields | null = null;

  function itemAt({ output_index: index, item_id: id }: Fields, type: string): Fields {
    // Events of audio have no place: they belong to the last item, or part, that may be theirs.
    const place = index ?? id ?? [...items].findLast(([, item]) => item["type"] === type)?.[0] ?? items.size;
    const known = items.get(place);
    if (known !== undefined) return known;
    const item: Fields = { id: id ?? "", type, ...(type === "message" ? { role: "assistant" } : {}) };
    items.set(place, item);
    return item;
  }

  function partAt(event: Fields, { list, at, type, field }: Place): Fields {
    const parts = listIn(
      itemAt(event, type.startsWith("reasoning") || list === "summary" ? "reasoning" : "message"),
      list,
    );
    const last = parts.at(-1);
    const isLast = isFields(last) && last["type"] === type;
    const index = indexIn(parts, event[at], isLast ? parts.length - 1 : parts.length);
    const known = parts[index];
    if (isFields(known)) return known;
    const part: Fields = { type, ...(type === "output_text" ? { annotations: [] } : {}), [field]: "" };
    parts[index] = part;
    return part;
  }

  function takeBeside(event: Fields, name: "logprobs" | "annotations", list: unknown): void {
    if (!Array.isArray(list) || list.length === 0) return;
    const key = keyOf(event["output_index"], event["content_index"]);
    const lists = beside.get(key) ?? createLists(scales);
    beside.set(key, lists);
    lists.add({ [name]: list });
    isPlain = false;
  }

  function piece(event: Fields, where: Place): void {
    const part = partAt(event, where);
    isPlain = where === TEXT && place?.part === part;
    isPiece = where === TEXT;
    place = { part, field: where.field };
    if (!isPiece) words(partOf(event["delta"]));
    takeBeside(event, "logprobs", event["logprobs"]);
  }

  function ended(event: Fields, where: Place): void {
    const part = partAt(event, where);
    const { logprobs } = event;
    const text = event["text"] ?? event["refusal"] ?? event["transcript"];
    if (typeof text === "string") part[where.field] = text;
    if (Array.isArray(logprobs) && logprobs.length > 0) part["logprobs"] = logprobs;
  }

  function words(text: string): void {
    if (place === null) place = { part: partAt({ output_index: 0 }, TEXT), field: "text" };
    const { part, field } = place;
    part[field] = `${partOf(part[field])}${text}`;
    scales.addText(text);
  }

  function wholePart(event: Fields, { list, at }: Place): void {
    const { part } = event;
    if (!isFields(part)) return;
    const type = String(part["type"]);
    const item = itemAt(event, list === "summary" || type.startsWith("reasoning") ? "reasoning" : "message");
    const parts = listIn(item, list);
    parts[indexIn(parts, event[at], parts.length)] = part;
    scales.add(part);
  }

  function takeAnswer(answer: Fields): void {
    for (const [name, value] of Object.entries(answer))
      if (name !== "usage" && name !== "output" && !OF_EVENT.has(name) && keepLast(top, name, value)) scales.add(value);
    top["usage"] = keepCounts(top["usage"], answer["usage"] ?? null);
  }

  function end(answer: Fields, told: string): void {
    takeAnswer(answer);
    if (UNDER_WAY.has(answer["status"])) top["status"] = told;
    const { output } = answer;
    if (Array.isArray(output) && output.length > 0) top["output"] = output;
  }

  function takeEvent(event: Fields, type: string): void {
    const [, stem = "", form = ""] = /^response\.(?:(.+)\.)?(\w+)$/.exec(type) ?? [];
    const { item, output_index: index } = event;
    const answer = fieldsOf(event["response"]);
    const [where, parts, field] = [PLACES[stem], PARTS[stem], FIELDS[stem]];
    if (where !== undefined) return form === "delta" ? piece(event, where) : ended(event, where);
    if (parts !== undefined) return wholePart(event, parts);
    if (field !== undefined) return takeField(event, field, form === "delta");
    if (stem === "output_item" && isFields(item)) {
      items.set(index ?? item["id"], item);
      return scales.add(item);
    }
    if (stem === "output_text.annotation") return takeBeside(event, "annotations", [event["annotation"]]);
    if (stem === "" && ENDS.has(form))
      end(isFields(event["response"]) ? { usage: event["usage"], ...answer } : event, form);
    else if (stem === "") takeAnswer(answer);
  }

  function takeField(event: Fields, [type, field]: readonly [string, string], isPiece: boolean): void {
    const item = itemAt(event, type);
    const said = partOf(isPiece ? event["delta"] : (event["arguments"] ?? event["input"] ?? event["code"]));
    if (isPiece) item[field] = `${partOf(item[field])}${said}`;
    else if (said !== "") item[field] = said;
    scales.add(said);
  }

  return {
    take(event, name) {
      isPlain = isPiece = false;
      const type = stringOrNull(event["type"]) ?? name;
      if (type === "" && event["object"] === "response") whole = event;
      else takeEvent(event, type);
    },
    isPlain: () => isPlain,
    said(content) {
      if (content !== "" && isPiece) words(content);
    },
    words,
    isFull: scales.isFull,
    json({ model, created }, mask) {
      const about = { id: "", object: "response", created_at: created, status: "completed" };
      const given = { ...about, error: null, incomplete_details: null, model, ...top };
      const output = outputOf(top["output"], [...items], given.status);
      for (const [key, lists] of beside) addBeside(partIn(output, key), fieldsOf(JSON.parse(lists.json())));
      return writeMasked(whole ?? { ...given, output }, mask);
    },
  };
}

/** The output as the last event has it, and the items that it leaves out in their places. */
function outputOf(told: unknown, gathered: readonly (readonly [place: unknown, item: Fields])[], status: unknown) {
  const output: unknown[] = Array.isArray(told) ? [...told] : [];
  const known = new Set(output.map((item) => nameOf(fieldsOf(item))));
  for (const [place, item] of gathered) {
    if (output.length > 0 && (known.has(nameOf(item)) || nameOf(item) === "")) continue;
    const ended = item["status"] === "in_progress" ? { ...item, status } : item;
    output.splice(typeof place === "number" ? place : output.length, 0, ended);
  }
  return output;
}

function keyOf(output: unknown, content: unknown): string {
  return `${Number(output ?? 0)} ${Number(content ?? 0)}`;
}

function partIn(output: readonly unknown[], key: string): Fields {
  const [item = 0, part = 0] = key.split(" ").map(Number);
  const { content } = fieldsOf(output[item]);
  return Array.isArray(content) ? fieldsOf(content[part]) : {};
}

/** Adds lists that a part does not have itself. */
function addBeside(part: Fields, lists: Fields): void {
  if (part["type"] !== "output_text") return;
  for (const [name, list] of Object.entries(lists)) {
    const known = part[name];
    if (!Array.isArray(known) || known.length === 0) part[name] = list;
  }
}

/** A place in a list, or the next one. */
function indexIn(list: readonly unknown[], given: unknown, standard: number): number {
  const isPlace = typeof given === "number" && Number.isSafeInteger(given) && given >= 0;
  return isPlace ? Math.min(given, list.length) : standard;
}

/** What an item is known by. */
function nameOf({ id, call_id: callId }: Fields): string {
  return stringOrNull(callId) || (stringOrNull(id) ?? "");
}

function listIn(into: Fields, name: string): unknown[] {
  const known = into[name];
  if (Array.isArray(known)) return known;
  const list: unknown[] = [];
  into[name] = list;
  return list;
}

function partOf(value: unknown): string {
  return value === undefined || value === null ? "" : toText(value);
}
