import { BOUNDS, createJsonScanner, parseJson } from "./bounds.ts";
import { entriesOf, isFields, stringOrNull, toText, type Fields } from "./fields.ts";
import { addPiece, createFingerprint, matches } from "./fingerprint.ts";

/** What one entry of a chunk says of a tool call; `custom`: its arguments are free text and no JSON. */
export type ToolFragment = {
  index: number | null;
  id: string | null;
  name: string | null;
  arguments: string;
  custom: boolean;
};

/** A fragment of the tool call of this number: those of one number belong together, and nothing in them is said twice. */
export type ToolDelta = ToolFragment & { index: number };

const NO_FRAGMENTS: readonly ToolFragment[] = [];
const DIGITS = /^\d{1,9}$/;

/** The tool calls that a delta or a message speaks of, in any of their forms. */
export function readToolFragments(delta: Fields): readonly ToolFragment[] {
  const { tool_calls: listed, function_call: call, content } = delta;
  const calls = listed === undefined || listed === null ? [] : (entriesOf(listed) ?? []);
  if (calls.length > 0) return toFragments(calls.filter(isFields));
  if (isFields(call)) return [toFragment({ function: call }, null)];
  return typeof content === "object" && content !== null
    ? toFragments((entriesOf(content) ?? []).filter(isCall))
    : NO_FRAGMENTS;
}

/** In one chunk the position separates calls whose index says nothing. */
function toFragments(calls: readonly Fields[]): readonly ToolFragment[] {
  return calls
    .slice(0, BOUNDS.tool_calls + 1)
    .map((call, position) => toFragment(call, calls.length > 1 ? position : null));
}

/** Whether a part of a `content` list is a call, as the messages API writes one. */
function isCall(part: unknown): part is Fields {
  return isFields(part) && part["type"] === "tool_use";
}

function toFragment(call: Fields, position: number | null): ToolFragment {
  const wrapped = isFields(call["custom"]) ? call["custom"] : null;
  const called = wrapped ?? (isFields(call["function"]) ? call["function"] : call);
  const custom = wrapped !== null || (called === call && call["type"] === "custom");
  const { arguments: given, input, parameters } = called;
  const said = custom ? (input ?? given) : (given ?? input ?? parameters);
  return {
    index: toIndex(call["index"]) ?? position,
    id: toId(call["id"]),
    name: stringOrNull(called["name"]) || null,
    arguments: said === undefined || said === null ? "" : toText(said),
    custom,
  };
}

/** Some servers number their calls. */
function toId(value: unknown): string | null {
  return typeof value === "number" ? String(value) : stringOrNull(value) || null;
}

function toIndex(value: unknown): number | null {
  if (typeof value === "number") return Number.isSafeInteger(value) && value >= 0 ? value : null;
  return typeof value === "string" && DIGITS.test(value) ? Number(value) : null;
}

type Call = {
  index: number;
  id: string | null;
  name: string;
  custom: boolean;
  /** Its name was said once more when all was said: arguments that follow are those of a next call of that name. */
  named: boolean;
  arguments: ReturnType<typeof createArguments>;
};

/** Says of each fragment which call of the answer it belongs to; the calls themselves are kept by nobody here. */
export function createToolCalls(): { resolve(fragments: readonly ToolFragment[]): ToolDelta[] } {
  const byId = new Map<string, Call>();
  const byIndex = new Map<number, Call>();
  let last: Call | undefined;
  let free = 0;

  function begin({ index, id, custom }: ToolFragment): Call {
    // A number that a call of its own has already is given to no other one.
    const own = index === null || byIndex.has(index) ? free : index;
    const call = { index: own, id, name: "", custom, named: false, arguments: createArguments() };
    free = Math.max(free, own + 1);
    byIndex.set(own, call);
    if (index !== null) byIndex.set(index, call);
    if (id !== null) byId.set(id, call);
    last = call;
    return call;
  }

  function find({ id, index, name }: ToolFragment): Call | undefined {
    const known = id === null ? undefined : byId.get(id);
    if (known !== undefined) return known;
    const near = index === null ? last : byIndex.get(index);
    if (id === null) return near;
    // The id of a call that began without one; with a name of its own it is another call.
    return near !== undefined && near.id === null && (name === null || near.name === "") ? near : undefined;
  }

  function resolve(fragment: ToolFragment, touched: ReadonlySet<Call>): { call: Call; delta: ToolDelta } {
    const found = find(fragment);
    const repeated = found !== undefined && !touched.has(found) && repeats(fragment, found);
    const next = found !== undefined && !repeated && isNext(fragment, found, touched.has(found));
    const call = found === undefined || next ? begin(fragment) : found;
    if (repeated) call.named = call.arguments.isWhole();
    if (fragment.id !== null && call.id === null) {
      call.id = fragment.id;
      byId.set(fragment.id, call);
    }
    const given = next ? (fragment.name ?? found.name) : fragment.name;
    const name = given === call.name ? null : given;
    const more = repeated ? "" : fragment.arguments;
    call.name += name ?? "";
    call.custom ||= fragment.custom;
    call.arguments.add(more);
    return { call, delta: { index: call.index, id: fragment.id, name, arguments: more, custom: call.custom } };
  }

  return {
    resolve(fragments) {
      const touched = new Set<Call>();
      return fragments.map((fragment) => {
        const { call, delta } = resolve(fragment, touched);
        touched.add(call);
        return delta;
      });
    },
  };
}

/** Whether a fragment says again what its call has said: its name, and no arguments or, with its id, the same. */
function repeats({ id, name, arguments: given }: ToolFragment, call: Call): boolean {
  if (name !== call.name || (id !== null && id !== call.id)) return false;
  return given === "" || (id !== null && call.arguments.isWhole() && call.arguments.are(given));
}

/** Whether a fragment begins the next call, although id and index do not say so. */
function isNext({ id, name, arguments: given, custom }: ToolFragment, call: Call, touched: boolean): boolean {
  if (name === null) return call.named && given.trim() !== "";
  if (call.name === "") return false;
  if (touched && id === null) return true;
  return custom ? name !== call.name && call.arguments.begun() : call.arguments.isWhole();
}

/** Longest text that is JSON without a bracket or a quote, such as `false`; what is longer has one. */
const BARE = 16;

/** The arguments of one call as they come: whether they are whole JSON by now, without keeping them. */
function createArguments() {
  const said = createFingerprint();
  const scanner = createJsonScanner();
  let start = "";

  return {
    add(piece: string): void {
      if (start.length < BARE) start += piece.slice(0, BARE);
      addPiece(said, piece);
      for (let i = 0; i < piece.length; i++) scanner.take(piece.charCodeAt(i));
    },
    begun: () => start !== "",
    isWhole: () => scanner.isClosed() || (start.length === said.length && parseJson(start) !== undefined),
    are: (text: string) => matches(said, text),
  };
}
