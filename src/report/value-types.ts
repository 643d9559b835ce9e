import * as v from "valibot";

/** What a shape must describe: each key of T once, and no other. */
export type Entries<T> = { readonly [K in keyof T]-?: v.GenericSchema<unknown, T[K]> };

/** A schema with the words that the JSON Schema shows beside the key. */
export function about<const S extends v.GenericSchema>(schema: S, words: string) {
  return v.pipe(schema, v.description<v.InferOutput<S>, string>(words));
}

/** How many: whole, not negative, exact. */
export const integer = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** A figure: any number that JSON can write. */
export const figure = v.pipe(v.number(), v.finite());

/** A length of time in ms. */
export const span = v.pipe(v.number(), v.finite(), v.minValue(0));

/** An instant in ms since the epoch, as far as `Date` reaches. */
export const instant = v.pipe(v.number(), v.minValue(0), v.maxValue(8.64e15));

/** An instant that `Date` can read. */
export const timestamp = v.pipe(
  v.string(),
  v.isoTimestamp(),
  v.check((written) => !Number.isNaN(Date.parse(written))),
);

/** `Intl` throws at any other currency. */
export const currency = v.pipe(v.string(), v.regex(/^[A-Z]{3}$/));

export const text = v.string();
export const texts = v.array(text);
export const flag = v.boolean();

/** `null` where the figure does not exist. */
export const maybe = v.nullable(figure);

/** How many, described, where the key is only there when there are any. */
export function some(words: string) {
  return v.exactOptional(count(words));
}

/** A number of the kind `whole`, described. */
export function count(words: string) {
  return about(integer, words);
}
