import * as v from "valibot";

/** What the schemas of our JSON are made of, each key with its words. */

/** A schema with the words that the JSON Schema shows beside the key. */
export function about<const S extends v.GenericSchema>(schema: S, words: string) {
  return v.pipe(schema, v.description<v.InferOutput<S>, string>(words));
}

/** How many: whole, not negative, exact. */
export const integer = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** Any number that JSON can write. */
export const number = v.pipe(v.number(), v.finite());

/** `null` where the figure does not exist. */
export const maybe = v.nullable(number);

/** A length of time in ms. */
export const span = v.pipe(v.number(), v.finite(), v.minValue(0));

export const text = v.string();
export const texts = v.array(text);
export const flag = v.boolean();

/** How many, described. */
export function count(words: string) {
  return about(integer, words);
}

/** The same where the key is only there when there are any. */
export function some(words: string) {
  return v.exactOptional(count(words));
}
