import { createRandom } from "../render/random.ts";

const PIECES = [
  "a",
  " ",
  "é",
  "e\u0301",
  "漢",
  "か\u3099",
  "👨‍👩‍👧",
  "🇫🇷",
  "👍🏽",
  "❤️",
  "1️⃣",
  "🏳️‍🌈",
  "क्षि",
  "\u200B",
  "\u200D",
  "\uD83D",
  "…",
];

/** Random texts of what is hard to measure. */
export function texts(count: number): string[] {
  const random = createRandom(count);
  const one = (): string => PIECES[Math.floor(random() * PIECES.length)] ?? "";
  return Array.from({ length: count }, () => Array.from({ length: 12 }, one).join(""));
}
