/** Short pieces that are kept apart: in memory each takes ten times its letters. */
const APART = 64;
/** From so many UTF-16 units on, joining a piece to others saves nothing. */
const LONG = 1024;

/** A text that comes in pieces, many and small as a rule; it takes little more memory than its letters. */
export type GrowingText = { add(piece: string): void; text(): string };

export function createGrowingText(): GrowingText {
  const joined: string[] = [];
  let apart: string[] = [];

  function join(): void {
    if (apart.length > 0) joined.push(apart.join(""));
    apart = [];
  }

  return {
    add(piece) {
      if (piece.length < LONG) apart.push(piece);
      if (piece.length < LONG && apart.length < APART) return;
      join();
      if (piece.length >= LONG) joined.push(piece);
    },
    text: () => joined.join("") + apart.join(""),
  };
}
