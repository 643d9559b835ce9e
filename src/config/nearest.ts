// Enough for any option or model name, and keeps a hostile word from costing quadratic time.
const MAX_LENGTH = 64;

/** Candidates that are looked at: an endpoint may list any number, and each costs up to 20 µs. */
const MOST_CANDIDATES = 2000;

/** Letters of a word that is called short. */
const MOST_LETTERS = 3;

/** The candidate somebody who typed `word` most likely meant; `null` when none is near. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  const typed = plain(word);
  if (typed === "") return null;
  let best: string | null = null;
  let least = Infinity;
  for (const candidate of candidates.slice(0, MOST_CANDIDATES)) {
    const distance = Math.min(farness(typed, plain(candidate)), farnessOfName(typed, candidate));
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** The model somebody most likely meant: of a word too short to be near any, the one that it begins, or that holds it. */
export function nearestModel(word: string, models: readonly string[]): string | null {
  const near = nearest(word, models);
  const typed = plain(word);
  if (near !== null || typed === "" || typed.length > MOST_LETTERS) return near;
  const names = models.slice(0, MOST_CANDIDATES).map((model) => ({ model, name: plain(model) }));
  const fits: ((name: string) => boolean)[] = [
    (name) => name.startsWith(typed),
    (name) => name.includes(typed),
    (name) => abbreviates(typed, name),
  ];
  for (const fit of fits) {
    const found = names.find(({ name }) => fit(name));
    if (found !== undefined) return found.model;
  }
  return null;
}

/** Whether two names are of one model: the case does not tell models apart, nor the tag that stands for none. */
export function isSameModel(a: string, b: string): boolean {
  return bare(a) === bare(b);
}

function bare(model: string): string {
  return model
    .trim()
    .toLowerCase()
    .replace(/^models\//, "")
    .replace(/:latest$/, "");
}

/** Whether all letters of a word stand in a name, in their order. */
function abbreviates(word: string, name: string): boolean {
  let at = 0;
  for (const letter of name) if (letter === word[at]) at++;
  return at === word.length;
}

/** A model is often typed without its tag: "gema3" for "gemma3:4b". Behind a whole name that is as near. */
function farnessOfName(typed: string, candidate: string): number {
  const [name = "", tag] = candidate.split(":", 2);
  return tag === undefined || typed.includes(":") ? Infinity : farness(typed, plain(name)) + 1 / MAX_LENGTH;
}

/** Infinity when too far to be worth suggesting. */
function farness(typed: string, candidate: string): number {
  const length = Math.max(typed.length, candidate.length);
  const distance = editDistance(typed, candidate);
  // Of one letter nothing would be left.
  if (distance < length && distance <= Math.max(1, Math.floor(length / 3))) return distance / length;
  // The beginning of a long name, such as "granite" for "granite3.3:2b"; behind every real misspelling.
  const begins = typed.length >= 3 && candidate.startsWith(typed);
  return begins ? 1 + distance / length : Infinity;
}

/** Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous: number[] = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(cell(previous, j) + 1, cell(row, j - 1) + 1, cell(previous, j - 1) + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) cost = Math.min(cost, cell(before, j - 2) + 1);
      row.push(cost);
    }
    [before, previous] = [previous, row];
  }
  return cell(previous, b.length);
}

function cell(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}

// `maxTokens`, `max-tokens` and `max_tokens` are the same word to whoever types them.
function plain(word: string): string {
  return word
    .slice(0, 4 * MAX_LENGTH)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "")
    .slice(0, MAX_LENGTH);
}
