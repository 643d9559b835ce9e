import {
  addDelta,
  createLists,
  createScales,
  keepCounts,
  keepFirst,
  keepLast,
  writeMasked,
  type Assembler,
} from "./assembler.ts";
import { choiceOf, deltaOf, isWholeChoice } from "./choices.ts";
import { entriesOf, isFields, type Fields } from "./fields.ts";
import { isThought } from "./reasoning.ts";
import type { ToolDelta } from "./tool-calls.ts";

/** Fields of an event that are none of the whole answer, or stand elsewhere in it. */
const OF_EVENT = new Set(["choices", "object", "usage", "obfuscation"]);
const OF_CHOICE = new Set(["delta", "message", "text", "index", "logprobs", "usage"]);
/** Of a delta: words and calls are said once they are known to be new. */
const OF_DELTA = new Set(["content", "refusal", "tool_calls", "function_call", "usage"]);
const OF_CALL = new Set(["index", "id", "type", "function", "custom", "name", "arguments", "input", "parameters"]);
const ONCE = new Set(["id", "model", "created"]);

const NOTHING: readonly Fields[] = [];

/** How a body ends, up to its usage, where nothing is said of its probabilities. */
const NO_LOGPROBS = "null}]}";

type Call = { id: string | null; name: string; given: string; custom: boolean; more: Fields };

/** Puts chat completions together, or completions. */
export function createChoicesAssembler(object: "chat.completion" | "text_completion", several: boolean): Assembler {
  const scales = createScales();
  const top: Fields = {};
  const choice: Fields = {};
  const message: Fields = {};
  const calls = new Map<number, Call>();
  /** Most answers have none. */
  let logprobs: ReturnType<typeof createLists> | null = null;
  /** Parts of the content that are no text. */
  const parts: Fields = {};
  /** What the entries of the event at hand say of their calls beside what all say. */
  let beside: readonly Fields[] = [];
  let others = several;
  let usage: unknown = null;
  let content = "";
  let refusal = "";
  let isPlain = false;
  let isCall = false;
  let isSpoken = false;
  let whole: Fields | null = null;

  function news(value: unknown): void {
    isPlain = false;
    scales.add(value);
  }

  function takeUsage(told: unknown): void {
    if (!isFields(told)) return;
    isPlain = false;
    usage = keepCounts(usage, told);
  }

  function takeEvent(event: Fields): void {
    const { x_groq: groq } = event;
    for (const name in event) {
      const given = event[name];
      if (given === top[name] || OF_EVENT.has(name)) continue;
      const value = name === "x_groq" && isFields(groq) ? { ...groq, usage: undefined } : given;
      if ((ONCE.has(name) ? keepFirst : keepLast)(top, name, value)) news(value);
    }
    if (isFields(groq)) takeUsage(groq["usage"]);
    if (event["usage"] !== undefined) takeUsage(event["usage"]);
  }

  function takeChoice(said: Fields): void {
    for (const name in said) {
      const value = said[name];
      if (OF_CHOICE.has(name) || (value === null && choice[name] !== undefined)) continue;
      const before = choice[name];
      if (Array.isArray(value) && Array.isArray(before)) for (const entry of value) before.push(entry);
      else if (isFields(value) && isFields(before)) addDelta(choice, name, value, false);
      else if (!keepLast(choice, name, value)) continue;
      if (value !== null) news(value);
    }
    takeUsage(said["usage"]);
    if (!isFields(said["logprobs"])) return;
    isPlain = false;
    (logprobs ??= createLists(scales)).add(said["logprobs"]);
  }

  function takeDelta(delta: Fields, isWhole: boolean): void {
    for (const name in delta) {
      if (OF_DELTA.has(name)) continue;
      const value = delta[name];
      if (value === message[name] && name === "role") continue;
      if (value !== null) news(value);
      addDelta(message, name, value, isWhole);
    }
    const { content: said, tool_calls: listed, function_call: call, audio } = delta;
    takeUsage(delta["usage"]);
    if (delta["refusal"] !== undefined) message["refusal"] ??= null;
    if (isFields(audio) && typeof audio["transcript"] === "string" && !said) isSpoken = true;
    else if (said) isSpoken = false;
    if (isFields(call)) isCall ||= calls.size === 0;
    const thoughts = typeof said === "object" ? (entriesOf(said) ?? []).filter(isThought) : [];
    if (thoughts.length > 0) addDelta(parts, "parts", thoughts, isWhole);
    if (listed !== undefined && listed !== null) beside = (entriesOf(listed) ?? []).filter(isFields).map(moreOfCall);
    if (beside.length > 0) isCall = false;
    if (typeof said === "object" || beside.length > 0 || isFields(call)) news([thoughts, beside]);
  }

  function sayCalls(told: readonly ToolDelta[]): void {
    for (const [at, { index, id, name, arguments: given, custom }] of told.entries()) {
      const call = calls.get(index) ?? { id: null, name: "", given: "", custom, more: {} };
      calls.set(index, call);
      call.id ??= id;
      call.name += name ?? "";
      call.given += given;
      call.custom = custom;
      scales.add(given);
      for (const [key, value] of Object.entries(beside[at] ?? {})) addDelta(call.more, key, value, false);
    }
  }

  /** The message of a chat completion. */
  function messageOf(): Fields {
    const called = calls.size === 0 ? [] : [...calls.values()];
    const silent = content === "" && (called.length > 0 || refusal !== "");
    const thoughts = parts["parts"];
    const words = Array.isArray(thoughts) ? [...thoughts, { type: "text", text: content }] : content;
    const said: Fields = { role: "assistant", content: isSpoken || silent ? null : words, ...message };
    if (refusal !== "") said["refusal"] = refusal;
    return called.length === 0 ? said : { ...said, ...(isCall ? oldCall(called) : newCalls(called)) };
  }

  return {
    take(event) {
      isPlain = true;
      beside = NOTHING;
      if (!others && isPiece(event, top)) {
        isSpoken = false;
        return;
      }
      takeEvent(event);
      const choices = entriesOf(event["choices"]) ?? [];
      const said = choiceOf(choices, others);
      others ||= choices.length > 1;
      if (said === null || choices.length === 0) return;
      if (isWholeChoice(event, said)) whole = said;
      takeChoice(said);
      const delta = deltaOf(said);
      if (isFields(delta)) takeDelta(delta, delta === said["message"]);
    },
    isPlain: () => isPlain,
    said(words, refused, told) {
      content += words;
      scales.addText(words);
      if (refused !== "") {
        refusal += refused;
        scales.addText(refused);
      }
      if (told.length > 0) sayCalls(told);
    },
    words(text) {
      content += text;
      scales.addText(text);
    },
    isFull: scales.isFull,
    json({ model, created }, mask) {
      const about = { id: "", object, created, model, ...top };
      const told = object === "chat.completion" ? { message: messageOf() } : { text: content };
      const one = { index: 0, ...told, finish_reason: null, ...choice, logprobs: null };
      if (whole !== null || logprobs === null || logprobs.isEmpty())
        return writeMasked({ ...about, choices: [whole ?? one], usage }, mask);
      const head = writeMasked({ ...about, choices: [one] }, mask).slice(0, -NO_LOGPROBS.length);
      return `${head}${logprobs.json()}}],"usage":${writeMasked(usage, mask)}}`;
    },
  };
}

/**
 * Whether an event is one like most: a piece of the words, and who answers, as before. That it has as many fields as are
 * asked for here says that it has no other, which costs a quarter of a look at each.
 */
function isPiece(event: Fields, { id, created, model, system_fingerprint: fingerprint }: Fields): boolean {
  if (id === undefined || created === undefined || model === undefined) return false;
  if (event["id"] !== id || event["created"] !== created || event["model"] !== model) return false;
  if (event["system_fingerprint"] !== fingerprint || event["object"] === undefined) return false;
  if (Object.keys(event).length !== (fingerprint === undefined ? 5 : 6)) return false;
  const { choices } = event;
  const choice: unknown = Array.isArray(choices) && choices.length === 1 ? choices[0] : null;
  if (!isFields(choice) || choice["finish_reason"] !== null || choice["index"] === undefined) return false;
  const { delta, text, logprobs } = choice;
  if (Object.keys(choice).length !== (logprobs === null ? 4 : 3)) return false;
  if (delta === undefined) return typeof text === "string";
  return (
    isFields(delta) &&
    Object.keys(delta).length === 1 &&
    typeof delta["content"] === "string" &&
    delta["content"] !== ""
  );
}

function moreOfCall(entry: Fields): Fields {
  return Object.fromEntries(Object.entries(entry).filter(([name]) => !OF_CALL.has(name)));
}

/** A message that calls a function, as before there were tools. */
function oldCall([first]: readonly Call[]): Fields {
  return { function_call: { name: first?.name ?? "", arguments: first?.given ?? "" } };
}

function newCalls(calls: readonly Call[]): Fields {
  return { tool_calls: calls.map(writtenCall) };
}

function writtenCall({ id, name, given, custom, more }: Call): Fields {
  const called = custom
    ? { type: "custom", custom: { name, input: given } }
    : { type: "function", function: { name, arguments: given } };
  return { id: id ?? "", ...called, ...more };
}
