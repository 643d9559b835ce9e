/** `bun run compile:all [TARGET…]`: one binary a target in dist/, its header checked, run where this machine can. */

import { scripts, version } from "../package.json" with { type: "json" };

type Target = { name: string; magic: string; machine: { at: number; is: string } };

// Machine numbers as they stand in the file: ELF e_machine, Mach-O cputype, PE Machine (its place follows from 0x3c).
const ELF = { magic: "7f454c46", at: 18 };
const MACHO = { magic: "cffaedfe", at: 4 };
const TARGETS: readonly Target[] = [
  { name: "linux-x64", magic: ELF.magic, machine: { at: ELF.at, is: "3e00" } },
  { name: "linux-arm64", magic: ELF.magic, machine: { at: ELF.at, is: "b700" } },
  { name: "linux-x64-musl", magic: ELF.magic, machine: { at: ELF.at, is: "3e00" } },
  { name: "linux-arm64-musl", magic: ELF.magic, machine: { at: ELF.at, is: "b700" } },
  { name: "darwin-x64", magic: MACHO.magic, machine: { at: MACHO.at, is: "07000001" } },
  { name: "darwin-arm64", magic: MACHO.magic, machine: { at: MACHO.at, is: "0c000001" } },
  { name: "windows-x64", magic: "4d5a", machine: { at: -1, is: "6486" } },
  { name: "windows-arm64", magic: "4d5a", machine: { at: -1, is: "64aa" } },
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !TARGETS.some((target) => target.name === name));
if (unknown.length > 0)
  throw new Error(`no such target: ${unknown.join(", ")}. There are ${TARGETS.map(({ name }) => name).join(", ")}.`);
for (const target of TARGETS) if (wanted.length === 0 || wanted.includes(target.name)) await compile(target);

/** Builds as `bun run build` does, for another machine, and says what came of it. */
async function compile(target: Target): Promise<void> {
  const file = `dist/llmaas-${version}-${target.name}${target.name.startsWith("windows") ? ".exe" : ""}`;
  const words = scripts.build
    .split(" ")
    .slice(1)
    .map((word) => (word === "dist/llmaas" ? file : word));
  const build = Bun.spawnSync([process.execPath, ...words, `--target=bun-${target.name}`], {
    stdout: "ignore",
    stderr: "pipe",
  });
  if (build.exitCode !== 0) throw new Error(`${target.name}: ${build.stderr.toString()}`);
  const header = Buffer.from(await Bun.file(file).slice(0, 4096).arrayBuffer());
  checkHeader(target, header);
  const size = `${(Bun.file(file).size / 1e6).toFixed(1)} MB`;
  console.log(`${target.name.padEnd(17)} ${size.padStart(9)}  header ok  ${tryToRun(target, file)}`);
}

function checkHeader({ name, magic, machine }: Target, header: Buffer): void {
  const at = machine.at >= 0 ? machine.at : header.readUInt32LE(0x3c) + 4;
  const found = {
    magic: header.toString("hex", 0, magic.length / 2),
    machine: header.toString("hex", at, at + machine.is.length / 2),
  };
  if (found.magic !== magic || found.machine !== machine.is)
    throw new Error(`${name}: the header says ${JSON.stringify(found)}`);
}

/** A foreign binary cannot be run here; the C library of musl may be missing. */
function tryToRun({ name }: Target, file: string): string {
  const here = `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  if (!name.startsWith(here)) return "not run: another machine";
  try {
    const { exitCode, stdout } = Bun.spawnSync([`./${file}`, "--version"], { stderr: "ignore" });
    return exitCode === 0 ? `ran: ${stdout.toString().trim()}` : `did not run here (exit ${exitCode})`;
  } catch (error) {
    return `not run: ${error instanceof Error ? error.message : String(error)}`;
  }
}
