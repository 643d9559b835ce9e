import { availableParallelism, cpus, loadavg } from "node:os";
import { compareBatch } from "./batch.ts";
import { compareApis } from "./apis.ts";
import { compareBurst } from "./burst.ts";
import { showInstants } from "./instants.ts";
import { show, type Line } from "./lines.ts";
import { compareMany } from "./many.ts";
import { compareMemory } from "./memory.ts";
import { compareMeter } from "./meter.ts";
import { comparePaced } from "./paced.ts";
import { showSelftest } from "./selftest.ts";
import { build } from "./fixture.ts";
import { compareStart } from "./start.ts";

/** `bun run versus [start|burst|paced|memory|instants…]`: figures beside their floors; no figure fails anything. */

const COMPARISONS: Readonly<Record<string, { title: string; make: () => AsyncIterable<Line> }>> = {
  start: { title: "start: 50 tokens, whole process, median of 50 runs", make: compareStart },
  burst: { title: "burst: 1 000 000 tokens, whole process less one of 50 tokens, median of 5", make: compareBurst },
  paced: {
    title: "paced: 100 streams × 50 tokens/s, 10 s after 2 s of warm-up, one event a write, median of 3",
    make: comparePaced,
  },
  memory: { title: "memory: peak resident size of the whole process, median of 5", make: compareMemory },
  many: { title: "many: streams of 50 tokens/s, and 10 at full speed, median of 3", make: compareMany },
  meter: {
    title: "meter: 200 answers of 2 080 ms, 16 at once; the figures of 100 000 and of 1 000 000 streams",
    make: compareMeter,
  },
  batch: { title: "batch: 20 000 requests of 5 tokens, 64 at once, median of 3; a million lines", make: compareBatch },
  selftest: {
    title: "selftest: TTFT error of `llmaas selftest`, 50 tokens/s a stream, median of 3",
    make: showSelftest,
  },
  apis: { title: "apis: the same schedule in each API, median of 100 answers", make: compareApis },
  instants: { title: "instants: asked against measured, median of 5", make: showInstants },
};

const asked = Bun.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(COMPARISONS, name));
if (unknown.length > 0) {
  await Bun.write(
    Bun.stderr,
    `There is no ${unknown.join(", ")}; there are: ${Object.keys(COMPARISONS).join(", ")}.\n`,
  );
  process.exit(2);
}

const [load = 0] = loadavg();
const machine = `${availableParallelism()} × ${cpus()[0]?.model}, load ${load.toFixed(2)}`;
await Bun.write(Bun.stdout, `Bun ${Bun.version}, ${machine}\n\n`);
build();
for (const [name, { title, make }] of Object.entries(COMPARISONS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  await Bun.write(Bun.stdout, `${title}\n`);
  for await (const line of make()) await Bun.write(Bun.stdout, show(line));
  await Bun.write(Bun.stdout, "\n");
}
