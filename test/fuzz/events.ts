import { expect } from "bun:test";
import fc from "fast-check";
import { createSseDecoder } from "../../src/wire/sse.ts";
import { cutAt, cuts, define } from "./property.ts";

type Event = [data: string, name: string];

const end = fc.constantFrom("\n", "\r\n", "\r");
const field = fc.constantFrom(
  "data",
  "data",
  "data",
  "event",
  "id",
  "retry",
  "",
  "dat",
  "Data",
  "data ",
  "\uFEFFdata",
  "foo",
);
const value = fc.oneof(
  fc.constantFrom("", " ", "a", " a", "  b", ":", "é", "𝄞", "{", "\uFEFF", "\u2028", "\u0085", "\u0000"),
  fc.string({ unit: "grapheme", maxLength: 6 }),
);
const line = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(field, fc.constantFrom(":", ": ", ""), value, end).map((parts) => parts.join("")) },
  { weight: 3, arbitrary: end },
  fc.tuple(value, end).map((parts) => parts.join("")),
);
const body = fc
  .tuple(fc.constantFrom("", "", "\uFEFF", "\uFEFF\uFEFF"), fc.array(line, { maxLength: 12 }), fc.boolean())
  .map(([mark, lines, whole]) => mark + (whole ? lines.join("") : lines.join("").slice(0, -1)));

/** The format as its standard tells it, a line after the other; an event at the end may lack its blank line. */
function readSimply(text: string): Event[] {
  const events: Event[] = [];
  let data: string[] = [];
  let name = "";
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/);
  for (const one of [...lines, ""]) {
    if (one === "") {
      if (data.length > 0) events.push([data.join("\n"), name]);
      data = [];
      name = "";
      continue;
    }
    const colon = one.indexOf(":");
    const key = colon < 0 ? one : one.slice(0, colon);
    const given = colon < 0 ? "" : one.slice(colon + 1).replace(/^ /, "");
    if (key === "data") data.push(given);
    if (key === "event") name = given;
  }
  return events;
}

export const eventsProperty = define(
  "events",
  "the decoder of event streams says what the format says, however the bytes are split",
  2000,
  fc.property(body, cuts, (text, shares) => {
    const bytes = new Uint8Array(Buffer.from(text));
    for (const pieces of [[bytes], cutAt(bytes, shares), [...bytes].map((byte) => Uint8Array.of(byte))]) {
      const events: Event[] = [];
      const decoder = createSseDecoder({ onEvent: (data, name) => events.push([data, name]), onOversize: () => {} });
      for (const piece of pieces) decoder.push(piece);
      decoder.end();
      expect(events).toEqual(
        readSimply(bytes.length === 0 ? "" : new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes)),
      );
    }
  }),
);
