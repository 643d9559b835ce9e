import { withoutFooter } from "../fixtures/footer.ts";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CALLED, startProgram, type Program } from "../cli/program.ts";
import { commandsIn } from "../commands/shell.ts";
import { createEmulator } from "../render/emulator.ts";
import { blocksIn, fenced, functionIn, withBlocks, type Block } from "./blocks.ts";
import { SAMPLES, type Lang, type Sample } from "./sample-list.ts";
import { PAGES, type Page } from "./pages.ts";
import { faultsTable, figuresTable, outcomesTable, settingsTable } from "./tables.ts";

/**
 * `bun run readme [NAME…]`: runs the commands the pages for readers show, and copies there what came out, and the code they quote.
 * Names choose among the samples; `tables` is none of them: code and tables alone.
 */

const ROOT = new URL("../../", import.meta.url);

const SCREEN = { columns: 96, rows: 16 };
/** Where all of a result has room. */
const TALL = { columns: 96, rows: 60 };
/** Ms after which the longest of them is killed. */
const BOUND = 120_000;
/** What a live display ends each of its frames with. */
const FRAME_END = "\u001B[?2026l";
/** A word that is taken off the end of its line, to begin the next one. */
const TAKEN_BACK = /^(.*)\u001B\[(\d+)G\u001B\[K\r?$/gm;

/** What the program calls itself outside of the project, wherever a line of an answer was wrapped. */
const CALLED_WRAPPED = new RegExp(CALLED.split(" ").map(RegExp.escape).join("\\s+"), "g");
/** What a line of an answer has no room for, once it names the script of the project instead. */
const TOO_LONG = /^(?=[^\n]{101})([A-Z][^\n]{1,99}) /gm;

/** Runs a sample and gives its lines, each with all that came out, as a block. */
export async function runSample(name: string, lang: Lang): Promise<string> {
  const sample = SAMPLES[name];
  if (sample === undefined) throw new Error(`there is no sample ${name}`);
  const cwd = await mkdtemp(join(tmpdir(), "llmaas-readme-"));
  const parts: string[] = [];
  try {
    for (const [file, text] of Object.entries(sample.files?.[lang] ?? {})) await Bun.write(join(cwd, file), text);
    for (const line of sample.line[lang].split("\n"))
      parts.push(`$ ${line}\n${await outputOf(sample, line, { lang, cwd })}`);
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
  return fenced("console", parts.join("\n"));
}

type Place = { lang: Lang; cwd: string };

async function outputOf(sample: Sample, line: string, place: Place): Promise<string> {
  const program = await startSample(sample, line, place);
  if (sample.screen !== undefined) return screenOf(program, sample.screen[place.lang]);
  if (sample.until !== undefined) {
    await program.until(sample.until);
    program.signal("SIGINT");
  }
  const { stdout } = await program.ended;
  return sample.left === true ? screenAfter(stdout) : clean(stdout);
}

async function startSample(sample: Sample, line: string, { lang, cwd }: Place): Promise<Program> {
  const { env, args, rest } = await realCommand(line);
  const locale = lang === "fr" ? "fr_FR.UTF-8" : "en_US.UTF-8";
  const screen = sample.left === true ? TALL : sample.screen === undefined ? null : SCREEN;
  const size = screen === null ? "" : `stty cols ${screen.columns} rows ${screen.rows} && exec `;
  return startProgram(args, {
    cwd,
    // The pages show what `bun run` says.
    binary: "sources",
    env: { LLMAAS_LANG: "", LLMAAS_NO_KEEP: "1", LANG: locale, NO_COLOR: "1", TERM: "xterm", ...env },
    ...(sample.terminal || screen !== null ? { terminal: true } : {}),
    ...(rest + size === "" ? {} : { shell: `${size}"$@"${rest}` }),
    ...(sample.ofMachine ? { bound: BOUND } : {}),
  });
}

/** What a terminal shows when all is over. */
async function screenAfter(output: string): Promise<string> {
  const emulator = createEmulator(TALL);
  await emulator.write(output);
  return trimmed(emulator.text());
}

/** The first whole frame of a live display on which a text stands, as a terminal shows it. */
async function screenOf(program: Program, wanted: string): Promise<string> {
  let frame: string[] = [];
  while (!frame.join("\n").includes(wanted)) {
    await Promise.race([Bun.sleep(100), program.ended]);
    const output = program.stdout();
    const emulator = createEmulator(SCREEN);
    await emulator.write(output.slice(0, output.lastIndexOf(FRAME_END) + FRAME_END.length));
    frame = emulator.text();
  }
  program.signal("SIGINT");
  await program.ended;
  return trimmed(frame);
}

function trimmed(rows: readonly string[]): string {
  return rows
    .map((row) => row.trimEnd())
    .join("\n")
    .trimEnd();
}

/** What a shown line really runs: `bun run NAME` is the script of that name. */
async function realCommand(line: string): Promise<{ env: Record<string, string>; args: string[]; rest: string }> {
  const [words = []] = commandsIn(line);
  const rest = /(?:"[^"]*"|'[^']*'|[^"';|>])*?(?=(?:\s\d?>|\s\||;)|$)/.exec(line)?.[0] ?? line;
  const start = words.findIndex((word) => !/^[A-Z_]+=/.test(word));
  const env = Object.fromEntries(words.slice(0, start).map((word) => word.split("=", 2)));
  const [, , script = "", ...args] = words.slice(start);
  const { scripts } = await Bun.file(new URL("package.json", ROOT)).json();
  const [, own = ""] = String(scripts[script]).split("src/main.ts ");
  return { env, args: [...own.split(" ").filter(Boolean), ...args], rest: line.slice(rest.length) };
}

/** The text of a terminal, without what only a terminal understands. */
function clean(output: string): string {
  const whole = withoutFooter(output).replace(TAKEN_BACK, (_, line: string, column: string) =>
    Bun.stripANSI(line).slice(0, Number(column) - 1),
  );
  const text = Bun.stripANSI(whole).replaceAll("\r", "").replace(CALLED_WRAPPED, "bun run").replace(TOO_LONG, "$1\n");
  return text.replace(/\^C/g, "").replace(/ +$/gm, "").trimEnd();
}

async function quoteCode([file = "", name = ""]: readonly string[]): Promise<string> {
  return fenced("ts", functionIn(await Bun.file(new URL(file, ROOT)).text(), name));
}

/** What stands in a block now. */
export async function bodyOf({ kind, args }: Block, lang: Lang): Promise<string> {
  const [name = "", part = ""] = args;
  if (kind === "code") return quoteCode(args);
  if (kind === "sample") return runSample(name, lang);
  if (name === "settings") return settingsTable(lang);
  if (name === "faults") return faultsTable(lang);
  if (name === "outcomes") return outcomesTable(lang);
  if (name === "figures") return figuresTable(part, lang);
  throw new Error(`there is no table ${args.join(" ")}`);
}

async function rewrite({ lang, file, text }: Page, names: readonly string[]): Promise<void> {
  const blocks = blocksIn(text);
  const asked = ({ kind, args }: Block): boolean =>
    kind !== "sample" || names.length === 0 || names.includes(args[0] ?? "");
  const bodies: string[] = [];
  // One after another: none of them disturbs the figures of another.
  for (const block of blocks) bodies.push(asked(block) ? await bodyOf(block, lang) : `${block.body.trim()}\n`);
  await Bun.write(
    new URL(file, ROOT),
    withBlocks(text, () => bodies.shift() ?? ""),
  );
  if (blocks.length > 0) console.log(`${file}: ${blocks.filter(asked).length} of ${blocks.length} blocks`);
}

if (import.meta.main) {
  const names = Bun.argv.slice(2);
  const unknown = names.filter((name) => !Object.hasOwn(SAMPLES, name) && name !== "tables");
  if (unknown.length > 0) throw new Error(`there is no sample ${unknown.join(", ")}`);
  for (const page of PAGES) await rewrite(page, names);
}
