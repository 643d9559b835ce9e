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
