import * as v from "valibot";

/** What a text from outside says, where it is JSON of this shape; `null` where it is not. */
export function readJson<T>(schema: v.GenericSchema<unknown, T>, text: string): T | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const read = v.safeParse(schema, value);
  return read.success ? read.output : null;
}
