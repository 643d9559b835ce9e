import type { Run } from "./child.ts";

export type Contestants<Name extends string> = Record<Name, () => Promise<Run>>;

/** All runs of each contestant, in the order in which they were made. */
export type Outcome<Name extends string> = Record<Name, Run[]>;

/** Lets contestants run in turn, so that whatever the machine does meanwhile falls on all of them alike. */
export async function alternate<Name extends string>(
  contestants: Contestants<Name>,
  { discarded, rounds }: { discarded: number; rounds: number },
): Promise<Outcome<Name>> {
  const names = Object.keys(contestants).filter((name): name is Name => Object.hasOwn(contestants, name));
  const runs = new Map<Name, Run[]>(names.map((name) => [name, []]));
  for (let round = -discarded; round < rounds; round++) {
    for (const name of names) {
      const run = await contestants[name]();
      if (round >= 0) runs.get(name)?.push(run);
    }
  }
  const outcome: Partial<Outcome<Name>> = {};
  for (const [name, list] of runs) outcome[name] = list;
  if (!isWhole(outcome, names)) throw new Error("a contestant has not run");
  return outcome;
}

function isWhole<Name extends string>(found: Partial<Outcome<Name>>, names: Name[]): found is Outcome<Name> {
  return names.every((name) => found[name] !== undefined);
}

/** The middle of the values; of an even number, the upper one of the two. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

export function least(values: readonly number[]): number {
  return Math.min(...values);
}
