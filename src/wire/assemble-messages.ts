import { addDelta, createScales, keepCounts, keepLast, writeMasked, type Assembler } from "./assembler.ts";
import { entriesOf, fieldsOf, isFields, stringOrNull, toText, type Fields } from "./fields.ts";

/** Types of deltas, and the block that each is a piece of. */
const BLOCKS: Readonly<Record<string, Fields>> = {
  text_delta: { type: "text", text: "" },
  citations_delta: { type: "text", text: "" },
  thinking_delta: { type: "thinking", thinking: "", signature: "" },
  signature_delta: { type: "thinking", thinking: "", signature: "" },
  input_json_delta: { type: "tool_use", id: "", name: "", input: {} },
};
/** Where the type of a delta is not told, what it holds tells it. */
const UNTYPED: Readonly<Record<string, string>> = {
  text: "text_delta",
  thinking: "thinking_delta",
  partial_json: "input_json_delta",
  signature: "signature_delta",
  citation: "citations_delta",
};
const IN_START = new Set(["content", "usage"]);
const IN_DELTA = new Set(["type", "delta", "usage"]);

/** Puts messages together: their blocks in order, each as it was told. */
export function createMessagesAssembler(): Assembler {
  const scales = createScales();
  const top: Fields = {};
  const blocks: Fields[] = [];
  const byIndex = new Map<unknown, Fields>();
  /** Inputs of tools that come in pieces, by their block. */
  const inputs = new Map<Fields, string>();
  let usage: unknown = null;
  /** The block of the last words. */
  let text: Fields | null = null;
  let isPlain = false;
  /** The words of the event at hand stand in a block that it brought. */
  let isTold = false;
  let whole: Fields | null = null;

  function begin(index: unknown, given: Fields): Fields {
    const block = { ...given };
    blocks.push(block);
    byIndex.set(index, block);
    scales.add(given);
    if (block["type"] === "text") text = block;
    isTold = true;
    return block;
  }

  function keep(said: Fields, others: ReadonlySet<string>): void {
    for (const [name, value] of Object.entries(said))
      if (!others.has(name) && keepLast(top, name, value)) scales.add(value);
    usage = keepCounts(usage, said["usage"] ?? null);
    // What was told at the beginning is no count of the answer.
    const { output_tokens: written } = fieldsOf(said["usage"]);
    if (isFields(usage) && typeof written === "number") usage["output_tokens"] = written;
  }

  function takeDelta(index: unknown, delta: Fields): void {
    const given = stringOrNull(delta["type"]) ?? "";
    const type = BLOCKS[given] === undefined ? (UNTYPED[given] ?? typeBy(delta) ?? given) : given;
    const block = byIndex.get(index) ?? begin(index, BLOCKS[type] ?? { type: type.replace(/_delta$/, "") });
    isTold = false;
    if (type === "text_delta") {
      isPlain = text === block;
      text = block;
      return;
    }
    scales.add(delta);
    if (type === "input_json_delta") inputs.set(block, (inputs.get(block) ?? "") + partOf(delta["partial_json"]));
    else if (type === "citations_delta") addDelta(block, "citations", [delta["citation"]], false);
    else for (const [name, value] of Object.entries(delta)) if (name !== "type") addDelta(block, name, value, false);
  }

  function takeMessage(message: Fields): void {
    keep(message, IN_START);
    const { content } = message;
    if (typeof content === "string" && content !== "") begin(undefined, { type: "text", text: content });
    for (const [index, block] of (typeof content === "string" ? [] : (entriesOf(content) ?? []))
      .filter(isFields)
      .entries())
      begin(index, block);
  }

  /** The blocks, whose last words are told. */
  function written(): Fields[] {
    return blocks.map((block) => {
      const input = inputs.get(block);
      return input === undefined || input === "" ? block : { ...block, input: inputOf(input) };
    });
  }

  function takeEvent(event: Fields, type: string): void {
    const { index } = event;
    switch (type) {
      case "message_start":
        return takeMessage(fieldsOf(event["message"]));
      case "content_block_start":
        return void begin(index, fieldsOf(event["content_block"]));
      case "content_block_delta":
        return takeDelta(index, fieldsOf(event["delta"]));
      case "message_delta":
        keep(fieldsOf(event["delta"]), IN_DELTA);
        return keep(event, IN_DELTA);
      case "message_stop":
        return void (event["stop_reason"] && keepLast(top, "stop_reason", event["stop_reason"]));
      case "message":
        whole = event;
    }
  }

  function words(more: string): void {
    text ??= begin(undefined, { type: "text", text: "" });
    text["text"] = `${partOf(text["text"])}${more}`;
    scales.addText(more);
  }

  return {
    take(event, name) {
      isPlain = isTold = false;
      const type = stringOrNull(event["type"]) ?? name;
      takeEvent(event, type === "" && event["role"] === "assistant" ? "message" : type);
    },
    isPlain: () => isPlain,
    said(content) {
      if (content !== "" && !isTold) words(content);
    },
    words,
    isFull: scales.isFull,
    json({ model }, mask) {
      const about = { id: "", type: "message", role: "assistant", model };
      const said = { ...about, stop_reason: null, stop_sequence: null, ...top, content: written(), usage };
      return writeMasked(whole ?? said, mask);
    },
  };
}

function typeBy(delta: Fields): string | undefined {
  return UNTYPED[Object.keys(UNTYPED).find((name) => delta[name] !== undefined) ?? ""];
}

function partOf(value: unknown): string {
  return value === undefined || value === null ? "" : toText(value);
}

/** What a tool is given; what is no JSON stays the text it is. */
function inputOf(text: string): unknown {
  try {
    return JSON.parse(text === "" ? "{}" : text);
  } catch {
    return text;
  }
}
