export type Lang = "en" | "fr";

/** A command as it is shown, without what makes it a shell line of its own. */
export type Sample = {
  /** One line, or several that run one after the other in the same folder. */
  line: Record<Lang, string>;
  /** Files of the folder in which it runs, by name. */
  files?: Record<Lang, Record<string, string>>;
  /** A person looks at it: stdout and stderr are one pseudo-terminal. */
  terminal?: true;
  /** Runs until this is said, then gets a Ctrl+C. */
  until?: string;
  /** The screen is redrawn: what stands on it as soon as this does, then a Ctrl+C. */
  screen?: Record<Lang, string>;
  /** The screen is redrawn meanwhile: what is left on it at the end. */
  left?: true;
  /** It takes long, and tells of the machine it ran on: no test runs it again. */
  ofMachine?: true;
};

const SKY = { en: '"Why is the sky blue?"', fr: '"Pourquoi le ciel est-il bleu ?"' };

const THREE = "--model granite3.3:2b,gemma3:4b,qwen3:8b";

const both = (line: string): Record<Lang, string> => ({ en: line, fr: line });

const TOLD = { en: '"Tell me a story"', fr: '"Raconte une histoire"' };

/** One command in both languages, with the prompt of each. */
const asking = (line: (prompt: string) => string): Record<Lang, string> => ({ en: line(TOLD.en), fr: line(TOLD.fr) });

/** Two runs of which the second has a slower server, and what is said of them. */
function comparing(prompt: string, [before, after, verdict]: readonly [string, string, string]): string {
  const bench = "bun run bench --demo --quiet -j 8 --requests 64 --max-tokens 10";
  return [
    `${bench} --report ${before} ${prompt}`,
    `${bench} --param 'simulate={"ttft_ms":600}' --report ${after} ${prompt}`,
    `bun run compare ${before} ${after} --fail-if 'p95(ttft) +10%' | grep -e '^${verdict}' -e ● -e ✗`,
  ].join("\n");
}

/** A batch that is looked at first, run, and run again. */
function answering(results: string): string {
  const run = `bun run llmaas batch run prompts.jsonl --out ${results} --demo`;
  return [`${run} --dry-run`, run, run].join("\n");
}

/** Four prompts, one a line. */
function promptsFile(prompt: string): Record<string, string> {
  const lines = [1, 2, 3, 4].map((at) => JSON.stringify({ prompt: `${prompt} ${at}`, max_tokens: 20 }));
  return { "prompts.jsonl": `${lines.join("\n")}\n` };
}

const SLO = "--slo 'p95(ttft) < 800ms' --slo 'error_rate < 1%' --slo 'ttft < 500ms'";

/** The commands that the READMEs show with what comes out, by name. */
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
  bench: {
    line: asking((prompt) => `bun run bench --demo --requests 40 --warmup 4 --max-tokens 30 ${SLO} ${prompt}`),
    left: true,
  },
  sweep: {
    line: asking(
      (prompt) => `bun run bench --demo --rate 5,20,50 --arrival poisson --duration 2s --max-tokens 15 ${prompt}`,
    ),
    left: true,
  },
  compare: {
    line: {
      en: comparing(TOLD.en, ["before.json", "after.json", "B is"]),
      fr: comparing(TOLD.fr, ["avant.json", "apres.json", "B est"]),
    },
  },
  batch: {
    line: { en: answering("answers.jsonl"), fr: answering("reponses.jsonl") },
    files: { en: promptsFile("Tell me story"), fr: promptsFile("Raconte l’histoire") },
    left: true,
  },
  selftest: { line: both("bun run selftest -j 1,10,100 --duration 2s"), ofMachine: true },
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
