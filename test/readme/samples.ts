import { startProgram, type Program } from "../cli/program.ts";
import { commandsIn } from "../commands/shell.ts";
import { createEmulator } from "../render/emulator.ts";
import { blocksIn, fenced, functionIn, withBlocks, type Block } from "./blocks.ts";
import { settingsTable } from "./tables.ts";

/** `bun run readme`: runs the commands the READMEs show, and copies there what came out, and the code they quote. */

const ROOT = new URL("../../", import.meta.url);

export type Lang = "en" | "fr";

export const READMES: readonly { lang: Lang; file: string }[] = [
  { lang: "en", file: "README.md" },
  { lang: "fr", file: "README.fr.md" },
];

/** A command as it is shown, without what makes it a shell line of its own. */
type Sample = {
  line: Record<Lang, string>;
  /** A person looks at it: stdout and stderr are one pseudo-terminal. */
  terminal?: true;
  /** Runs until this is said, then gets a Ctrl+C. */
  until?: string;
  /** The screen is redrawn: what stands on it as soon as this does, then a Ctrl+C. */
  screen?: Record<Lang, string>;
};

const SCREEN = { columns: 96, rows: 16 };
/** What a live display ends each of its frames with. */
const FRAME_END = "\u001B[?2026l";

const SKY = { en: '"Why is the sky blue?"', fr: '"Pourquoi le ciel est-il bleu ?"' };

const THREE = "--model granite3.3:2b,gemma3:4b,qwen3:8b";

const both = (line: string): Record<Lang, string> => ({ en: line, fr: line });

export const SAMPLES: Readonly<Record<string, Sample>> = {
  first: { line: { en: `bun run stream ${SKY.en}`, fr: `bun run stream ${SKY.fr}` }, terminal: true },
  debug: {
    line: {
      en: 'bun run stream --debug --max-tokens 2 "Hello" 2>&1 >/dev/null | grep "🔍" | cut -c1-90',
      fr: 'bun run stream --debug --max-tokens 2 "Bonjour" 2>&1 >/dev/null | grep "🔍" | cut -c1-90',
    },
  },
  fault: {
    line: {
      en: `bun run stream --param 'simulate={"fault":"close","at":30}' "Hello"; echo "exit code $?"`,
      fr: `bun run stream --param 'simulate={"fault":"close","at":30}' "Bonjour"; echo "code de sortie $?"`,
    },
    terminal: true,
  },
  live: {
    line: {
      en: `bun run stream --demo ${THREE} "Tell me a story"`,
      fr: `bun run stream --demo ${THREE} "Raconte une histoire"`,
    },
    screen: { en: "pebbles", fr: "galets" },
  },
  several: {
    line: {
      en: `bun run stream --demo ${THREE} "Tell me a story" "Tell me a joke" > answers.txt`,
      fr: `bun run stream --demo ${THREE} "Raconte une histoire" "Et une blague" > reponses.txt`,
    },
    terminal: true,
  },
  models: { line: both("bun run models"), terminal: true },
  simulate: {
    line: {
      en: "bun run simulate --port 0 --models fast=500,slow=5",
      fr: "bun run simulate --port 0 --models rapide=500,lent=5",
    },
    terminal: true,
    until: "Ctrl+C",
  },
  config: { line: both("LLMAAS_MODEL=qwen3:8b bun run config show --endpoint https://llm.example/v1"), terminal: true },
  json: {
    line: {
      en: 'bun run stream --json --max-tokens 2 "Hello" | cut -c1-90',
      fr: 'bun run stream --json --max-tokens 2 "Bonjour" | cut -c1-90',
    },
  },
};

/** Runs a sample and gives the line and all that came out, as a block. */
export async function runSample(name: string, lang: Lang): Promise<string> {
  const sample = SAMPLES[name];
  if (sample === undefined) throw new Error(`there is no sample ${name}`);
  const line = sample.line[lang];
  const program = await startSample(sample, line, lang);
  if (sample.screen !== undefined)
    return fenced("console", `$ ${line}\n${await screenOf(program, sample.screen[lang])}`);
  if (sample.until !== undefined) {
    await program.until(sample.until);
    program.signal("SIGINT");
  }
  const { stdout } = await program.ended;
  return fenced("console", `$ ${line}\n${clean(stdout)}`);
}

async function startSample({ terminal, screen }: Sample, line: string, lang: Lang): Promise<Program> {
  const { env, args, rest } = await realCommand(line);
  const locale = lang === "fr" ? "fr_FR.UTF-8" : "en_US.UTF-8";
  const size = screen === undefined ? "" : `stty cols ${SCREEN.columns} rows ${SCREEN.rows} && exec `;
  return startProgram(args, {
    env: { LLMAAS_LANG: "", LANG: locale, NO_COLOR: "1", TERM: "xterm", ...env },
    ...(terminal || screen !== undefined ? { terminal: true } : {}),
    ...(rest + size === "" ? {} : { shell: `${size}"$@"${rest}` }),
  });
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
  return frame
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
  return { env, args: [...own.split(" "), ...args], rest: line.slice(rest.length) };
}

/** The text of a terminal, without what only a terminal understands. */
function clean(output: string): string {
  return Bun.stripANSI(output).replaceAll("\r", "").replace(/\^C/g, "").replace(/ +$/gm, "").trimEnd();
}

async function quoteCode([file = "", name = ""]: readonly string[]): Promise<string> {
  return fenced("ts", functionIn(await Bun.file(new URL(file, ROOT)).text(), name));
}

/** What stands in a block now. */
export async function bodyOf({ kind, args }: Block, lang: Lang): Promise<string> {
  if (kind === "code") return quoteCode(args);
  return kind === "table" ? settingsTable(lang) : runSample(args[0] ?? "", lang);
}

async function rewrite({ lang, file }: (typeof READMES)[number]): Promise<void> {
  const path = new URL(file, ROOT);
  const markdown = await Bun.file(path).text();
  const blocks = blocksIn(markdown);
  const bodies: string[] = [];
  // One after another: none of them disturbs the figures of another.
  for (const block of blocks) bodies.push(await bodyOf(block, lang));
  await Bun.write(
    path,
    withBlocks(markdown, () => bodies.shift() ?? ""),
  );
  console.log(`${file}: ${blocks.length} blocks`);
}

if (import.meta.main) for (const readme of READMES) await rewrite(readme);
