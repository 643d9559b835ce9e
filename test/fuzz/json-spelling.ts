import type { Json } from "../../src/wire/request.ts";
import { createRandom } from "../render/random.ts";

/**
 * JSON as any server may write it: keys in whatever order, spaces where they are allowed, and escapes that need not be.
 * The same `style` gives the same text; 0 is JSON.stringify's.
 */
export function spell(value: Json, style: number): string {
  if (style === 0) return JSON.stringify(value);
  const random = createRandom(style);
  const space = (): string => (random() < 0.8 ? "" : random() < 0.5 ? " " : "\n\t");
  const text = (given: string): string =>
    JSON.stringify(given).replace(/[^\\"]|\\u[0-9a-f]{4}|\\./g, (character) => {
      if (character.length > 1 || random() > 0.05) return character;
      return character === "/" ? "\\/" : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
    });
  const write = (given: Json): string => {
    if (typeof given === "string") return text(given);
    if (typeof given !== "object" || given === null) return JSON.stringify(given);
    if (Array.isArray(given)) return `[${given.map((item) => space() + write(item) + space()).join(",")}]`;
    const pairs = Object.entries(given).map(([key, item]) => ({ at: random(), key, item }));
    const sorted = pairs.toSorted((a, b) => a.at - b.at);
    return `{${sorted.map(({ key, item }) => `${space()}${text(key)}${space()}:${space()}${write(item)}`).join(",")}}`;
  };
  return space() + write(value) + space();
}
