/** One thing the command line says: a positional, or an option as it was spelt. */
export type Word =
  | { kind: "positional"; value: string }
  /** `inline`: the value was written with the option, as in `--model=NAME` or `-mNAME`. */
  | { kind: "option"; name: string; rawName: string; value: string | undefined; inline: boolean };

/** What is known of an option: whether it takes a value, and its letter. */
export type Spelling = { name: string; short: string | undefined; takesValue: boolean };

/**
 * Reads a command line as `parseArgs` of node:util does with `tokens: true` and `strict: false` (a test holds them
 * together): loading that module takes 2 ms at start, a tenth of the whole.
 */
export function* readArgv(argv: readonly string[], spellings: readonly Spelling[]): Generator<Word> {
  const rest = [...argv];
  const byName = (name: string): Spelling | undefined => spellings.find((known) => known.name === name);
  const byLetter = (letter: string): Spelling | undefined => spellings.find((known) => known.short === letter);

  function option(name: string, rawName: string, known: Spelling | undefined): Word {
    const value = known?.takesValue === true ? rest.shift() : undefined;
    return { kind: "option", name, rawName, value, inline: false };
  }

  function* long(word: string): Generator<Word> {
    const equals = word.indexOf("=");
    const name = word.slice(2, equals < 3 ? undefined : equals);
    if (equals < 3) yield option(name, word, byName(name));
    else yield { kind: "option", name, rawName: `--${name}`, value: word.slice(equals + 1), inline: true };
  }

  /** Letters of switches may be joined; what follows the letter of an option with a value is that value. */
  function* short(letters: string): Generator<Word> {
    for (const [index, letter] of letters.split("").entries()) {
      const known = byLetter(letter);
      const name = known?.name ?? letter;
      const more = letters.slice(index + 1);
      if (more === "" || known?.takesValue !== true) {
        yield option(name, `-${letter}`, known);
      } else {
        yield { kind: "option", name, rawName: `-${letter}`, value: more, inline: true };
        return;
      }
    }
  }

  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--") break;
    if (word === "-" || !word.startsWith("-")) yield { kind: "positional", value: word };
    else if (word.startsWith("--")) yield* long(word);
    else yield* short(word.slice(1));
  }
  for (const value of rest) yield { kind: "positional", value };
}
