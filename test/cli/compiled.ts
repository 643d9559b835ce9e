import { Glob } from "bun";
import { closeSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { mkdir, rename, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { scripts } from "../../package.json";

const ROOT = join(import.meta.dir, "../..");
/** What the project's own build script writes. */
const OUTFILE = "dist/llmaas";
const LOCK = join(ROOT, "dist/.building");

/** Runs the project's own build script in `cwd`, into another file; `change` edits its words. */
export async function build(
  cwd: string,
  outfile: string,
  change = (words: string[]): string[] => words,
): Promise<void> {
  const words = scripts.build.split(" ").slice(1);
  const own = words.map((word) => (word === OUTFILE ? outfile : word));
  const child = Bun.spawn([process.execPath, ...change(own)], { cwd, stdout: "ignore", stderr: "pipe" });
  const said = await new Response(child.stderr).text();
  if ((await child.exited) !== 0) throw new Error(said);
}

/** The binary of this path from the root of the project; the project's own is made where it is not there, or not fresh. */
export async function binaryAt(path: string): Promise<string> {
  return path === OUTFILE ? compiledBinary() : resolve(ROOT, path);
}

let fresh: Promise<string> | null = null;

/** The path of the compiled binary; where a source is newer than it, it is built, once for all test processes. */
export function compiledBinary(): Promise<string> {
  return (fresh ??= makeFresh());
}

async function makeFresh(): Promise<string> {
  const binary = join(ROOT, OUTFILE);
  await mkdir(join(ROOT, "dist"), { recursive: true });
  while (!(await isFresh(binary))) {
    if (!lock()) {
      await Bun.sleep(100);
      continue;
    }
    try {
      // A build that ended meanwhile is as good as one of our own.
      if (await isFresh(binary)) break;
      const building = join(ROOT, `dist/.llmaas-${process.pid}`);
      await build(ROOT, building);
      await rename(building, binary);
    } finally {
      rmSync(LOCK, { force: true });
    }
  }
  return binary;
}

async function isFresh(binary: string): Promise<boolean> {
  const built = await timeOf(binary);
  const sources = ["package.json", "bun.lock", ...new Glob("src/**/*").scanSync(ROOT)];
  const times = await Promise.all(sources.map((file) => timeOf(join(ROOT, file))));
  return built > Math.max(...times);
}

async function timeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

/** Whether this process may build; a lock whose owner is gone is nobody's. */
function lock(): boolean {
  try {
    const file = openSync(LOCK, "wx");
    writeSync(file, String(process.pid));
    closeSync(file);
    return true;
  } catch {
    if (!ownerLives()) rmSync(LOCK, { force: true });
    return false;
  }
}

function ownerLives(): boolean {
  try {
    const owner = Number(readFileSync(LOCK, "utf8"));
    // Made and not yet written: its owner is at it.
    if (owner === 0) return true;
    process.kill(owner, 0);
    return true;
  } catch {
    return false;
  }
}
