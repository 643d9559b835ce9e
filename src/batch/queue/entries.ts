/** What the engine answers with, as values of ours: its lists and objects come in two forms (RESP2 and RESP3). */

/** An entry of a stream; `fields`: name and value of each, one after the other. */
export type Entry = { entry: string; fields: readonly string[] };

/** A list of texts. */
export function textsOf(value: unknown): string[] {
  if (isTexts(value)) return value;
  return Array.isArray(value) ? value.map(String) : [];
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

/** Pairs stand one after the other in a list, or as an object. */
export function pairsOf(value: unknown): [string, string][] {
  if (value !== null && typeof value === "object" && !Array.isArray(value))
    return Object.entries(value).map(([name, each]) => [name, String(each)]);
  const texts = textsOf(value);
  return texts.flatMap((name, at) => (at % 2 === 0 ? [[name, texts[at + 1] ?? ""]] : []));
}

/** A list of entries. */
export function entriesOf(value: unknown): Entry[] {
  if (!Array.isArray(value)) return [];
  return value.filter(Array.isArray).map((each) => ({ entry: String(each[0]), fields: fieldsOf(each[1]) }));
}

function fieldsOf(value: unknown): string[] {
  return Array.isArray(value) ? textsOf(value) : pairsOf(value).flat();
}

/** A field of an entry; "" where it has none of this name. */
export function fieldOf({ fields }: Entry, name: string): string {
  for (let at = 0; at < fields.length; at += 2) if (fields[at] === name) return fields[at + 1] ?? "";
  return "";
}

/** What a read of several streams answers with: an object in RESP3, whose names are the streams'. */
export function streamsOf(value: unknown): [string, Entry[]][] {
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).map(([name, entries]) => [name, entriesOf(entries)]);
}

/** Whether one name of an entry comes behind another. */
export function isAfter(entry: string, other: string): boolean {
  const [one = 0, place = 0] = entry.split("-").map(Number);
  const [two = 0, than = 0] = other.split("-").map(Number);
  return one > two || (one === two && place > than);
}
