/** `bun run fuzz [NAME…] [--cases N] [--seed S]`: the properties of the suite, for as long as one likes. */
import { parseArgs } from "node:util";
import { PROPERTIES } from "./properties.ts";
import type { Property } from "./property.ts";

/** Cases between two lines that say how far it is. */
const ROUND = 10_000;

const { values, positionals } = parseArgs({
  options: { cases: { type: "string" }, seed: { type: "string" } },
  allowPositionals: true,
});
const names = PROPERTIES.map(({ name }) => name);
const cases = values.cases === undefined ? Infinity : Number(values.cases);
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
const unknown = positionals.find((name) => !names.includes(name));
if (unknown !== undefined || !(cases >= 1) || !Number.isInteger(seed)) {
  console.error(`Usage: bun run fuzz [NAME…] [--cases N] [--seed S]\nNames: ${names.join(", ")}`);
  process.exit(2);
}

const chosen = PROPERTIES.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
let failed = false;
for (let done = 0; done < cases && !failed; done += ROUND) {
  const round = { cases: Math.min(ROUND, cases - done), seed: seed + done / ROUND };
  for (const property of chosen) failed = !(await holds(property, round, done)) || failed;
}
process.exit(failed ? 1 : 0);

/** Tries one round, and says what came of it. */
async function holds(
  { name, check }: Property,
  round: { cases: number; seed: number },
  done: number,
): Promise<boolean> {
  const from = performance.now();
  try {
    await check(round);
  } catch (error) {
    console.error(`❌ ${name}\n${error instanceof Error ? error.message : String(error)}`);
    console.error(`Again: bun run fuzz ${name} --cases ${round.cases} --seed ${round.seed}`);
    return false;
  }
  const seconds = ((performance.now() - from) / 1000).toFixed(1);
  console.log(`✅ ${name}: ${done + round.cases} cases (seed ${round.seed}, ${seconds} s)`);
  return true;
}
