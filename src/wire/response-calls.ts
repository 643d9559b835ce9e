import { BOUNDS } from "./bounds.ts";
import { stringOrNull, toText, type Fields } from "./fields.ts";
import type { ToolFragment } from "./tool-calls.ts";

/** Types of items that are calls, and where their arguments stand. */
const ITEMS: Readonly<Record<string, string>> = {
  function_call: "arguments",
  mcp_call: "arguments",
  custom_tool_call: "input",
  code_interpreter_call: "code",
  computer_call: "action",
  local_shell_call: "action",
  shell_call: "action",
  apply_patch_call: "operation",
};
/** Where the arguments are free text. */
const FREE = new Set(["input", "code"]);

/** The same of calls without a name. */
const UNNAMED = new Set(["code", "action", "operation"]);

type Call = { index: number; id: string | null; name: string | null; custom: boolean; told: boolean; named: boolean };

/** Whether an item of the output is a call. */
export function isCallItem(item: Fields): boolean {
  return Object.hasOwn(ITEMS, String(item["type"]));
}

/**
 * The calls of one answer of the responses API: to which of them an event or an item belongs, by its id or else by its
 * place in the output. A call is told with the first piece of its arguments, or where it ends without.
 */
export function createResponseCalls() {
  const calls: Call[] = [];
  /** By the ids of the call and of its item, and by the place of the last that began there. */
  const known = new Map<unknown, Call>();

  /** `item`: an item, or an event that speaks of one. */
  function begin(item: Fields, place: unknown, custom: boolean): Call {
    const { id, call_id: callId, item_id: itemId, name, type } = item;
    // Tools of the API itself have no name but their type.
    const called = stringOrNull(name) ?? (UNNAMED.has(ITEMS[String(type)] ?? "") ? stringOrNull(type) : null);
    const call = {
      index: calls.length,
      id: stringOrNull(callId ?? id),
      name: called,
      custom,
      told: false,
      named: false,
    };
    calls.push(call);
    for (const key of [id, itemId, callId, place]) if (key !== undefined && key !== null) known.set(key, call);
    return call;
  }

  function tell(call: Call, given: string): ToolFragment[] {
    const { index, told, named, custom, id, name } = call;
    if (told && given === "" && (named || name === null)) return [];
    call.told = true;
    call.named ||= name !== null;
    return [{ index, id: told ? null : id, name: named ? null : name, arguments: given, custom }];
  }

  /** The call that an item is, among those that came before it. */
  function callOf({ id: item, call_id: callId }: Fields, place: unknown): Call | undefined {
    const id = stringOrNull(callId);
    const near = known.get(id) ?? known.get(item) ?? known.get(place);
    return near === undefined || id === null || near.id === null || near.id === id ? near : undefined;
  }

  /** The rest of what is known of a call, whose arguments are all there. */
  function end(call: Call, { name }: Fields, given: unknown): ToolFragment[] {
    call.name ??= stringOrNull(name);
    return tell(call, call.told || given === undefined || given === null ? "" : toText(given));
  }

  return {
    /** An item of the output begins. */
    begin(item: Fields, place: unknown): void {
      begin(item, place, FREE.has(ITEMS[String(item["type"])] ?? ""));
    },
    /** A piece of arguments. */
    piece(event: Fields, custom: boolean): ToolFragment[] {
      const { item_id: item, output_index: place, delta } = event;
      const call = known.get(item) ?? known.get(place) ?? begin({ item_id: item }, place, custom);
      const given = delta === undefined || delta === null ? "" : toText(delta);
      return given === "" ? [] : tell(call, given);
    },
    /** All of the arguments. */
    whole(event: Fields, custom: boolean): ToolFragment[] {
      const { item_id: item, output_index: place, arguments: given, input, code } = event;
      const call = known.get(item) ?? known.get(place) ?? begin(event, place, custom);
      return end(call, event, given ?? input ?? code);
    },
    /** An item that is whole. */
    item(item: Fields, place: unknown): ToolFragment[] {
      const given = ITEMS[String(item["type"])] ?? "";
      return end(callOf(item, place) ?? begin(item, place, FREE.has(given)), item, item[given]);
    },
    /** The calls of which nothing was told. */
    untold: (): ToolFragment[] => calls.filter(({ told }) => !told).flatMap((call) => tell(call, "")),
    tooMany: (): boolean => calls.length > BOUNDS.tool_calls,
  };
}
