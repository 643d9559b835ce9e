/** `bun run fuzz [NAME…] [--cases N] [--seed S]`: the properties of the suite, for as long as one likes. */
import { parseArgs } from "node:util";
import { PROPERTIES } from "./properties.ts";
import type { Property } from "./property.ts";

/** So many times the cases of the suite between two lines that say how far it is. */
const ROUND = 10;

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
for (let round = 0, left = chosen; left.length > 0 && !failed; round++) {
  for (const property of left) failed = !(await holds(property, round)) || failed;
  left = left.filter((property) => (round + 1) * ROUND * property.cases < cases);
}
process.exit(failed ? 1 : 0);

/** Tries one round, and says what came of it. */
async function holds({ name, cases: inSuite, check }: Property, round: number): Promise<boolean> {
  const from = performance.now();
  const done = round * ROUND * inSuite;
  const now = { cases: Math.min(ROUND * inSuite, cases - done), seed: seed + round };
  try {
    await check(now);
  } catch (error) {
    console.error(`❌ ${name}\n${error instanceof Error ? error.message : String(error)}`);
    console.error(`Again: bun run fuzz ${name} --cases ${now.cases} --seed ${now.seed}`);
    return false;
  }
  const seconds = ((performance.now() - from) / 1000).toFixed(1);
  console.log(`✅ ${name}: ${done + now.cases} cases (seed ${now.seed}, ${seconds} s)`);
  return true;
}
