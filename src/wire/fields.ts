/** An object of JSON that nobody has looked into yet. */
export type Fields = Record<string, unknown>;

/** What stands for an object that is not there. */
export const NO_FIELDS: Fields = {};

/** Whether a value of JSON is an object. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An object, or what stands for one. */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : NO_FIELDS;
}

/**
 * The entries of a list. One object is the only entry of its list; one whose keys are numbers is a list, as PHP writes those
 * with gaps. `null` for anything else.
 */
export function entriesOf(value: unknown): readonly unknown[] | null {
  if (Array.isArray(value)) return value;
  if (!isFields(value)) return null;
  const keys = Object.keys(value);
  if (keys.length === 0) return null;
  return keys.every((key) => /^\d+$/.test(key)) ? Object.values(value) : [value];
}

/** A text, and `null` for anything else. */
export function stringOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** A text as it is, anything else as JSON. Bun 1.4 parses any depth, but cannot write more than some thousand levels. */
export function toText(value: unknown): string {
  if (typeof value === "string") return value;
  try {
    return JSON.stringify(value);
  } catch (error) {
    return String(error);
  }
}
