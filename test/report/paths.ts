import { isObject } from "../../src/config/kinds.ts";

/** The dotted paths to all that lies inside a JSON value, whole objects and arrays included. */
export function pathsIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inside]) => [key, ...pathsIn(inside).map((path) => `${key}.${path}`)]);
}

/** A copy of a JSON value with what lies at a dotted path exchanged; `undefined` takes it out. */
export function withAt(value: unknown, path: string, put: unknown): unknown {
  const [key = "", ...rest] = path.split(".");
  const inside = rest.length === 0 ? put : withAt(at(value, key), rest.join("."), put);
  if (Array.isArray(value)) return value.with(Number(key), inside);
  if (!isObject(value)) throw new TypeError(`nothing at ${path}`);
  const { [key]: _, ...others } = value;
  return inside === undefined ? others : { ...value, [key]: inside };
}

/** What lies at a key of an object or array; `undefined` where there is none. */
export function at(value: unknown, key: string): unknown {
  if (Array.isArray(value)) return value[Number(key)];
  return isObject(value) ? value[key] : undefined;
}
