import { describe, expect, test } from "bun:test";
import { enBench } from "../../src/i18n/en/bench.ts";
import { frBench } from "../../src/i18n/fr/bench.ts";
import { CLIENT_CHECKS, type RunReport } from "../../src/metrics/report.ts";
import { DISTRIBUTIONS, FIGURES } from "../../src/metrics/figures.ts";
import { renderNumbers } from "../../src/render/bench/figures.ts";
import { createBenchLines } from "../../src/render/bench/live.ts";
import { sayPlan } from "../../src/render/bench/plan.ts";
import { renderResult, renderVerdict } from "../../src/render/bench/result.ts";
import { shapeOf } from "../../src/render/bench/figures.ts";
import { createPaint } from "../../src/text/paint.ts";
import { cellsOf } from "../../src/text/width.ts";
import { typographyProblems } from "../i18n/typography.ts";
import {
  around,
  client,
  column,
  ERRORS,
  progress,
  report,
  several,
  step,
  swept,
  threshold,
  troubled,
  USUAL_PLAN,
} from "./bench-samples.ts";
import { arriving, closed, playRun, sweep } from "../fixtures/report.ts";
import { en, fr } from "./words.ts";

const LANGS = { en: { messages: en, words: enBench }, fr: { messages: fr, words: frBench } };
const HOSTILE = 'gpt\u001B[31m\u202E\n</script><img onerror="x">';

function result(of: RunReport, lang: keyof typeof LANGS = "en", terminal = true): string {
  return renderResult(of, { ...LANGS[lang], paint: createPaint(false), terminal });
}

function firstLine(of: RunReport, lang: keyof typeof LANGS = "en"): string {
  return result(of, lang).split("\n")[0] ?? "";
}

function widest(text: string): number {
  return Math.max(...text.split("\n").map(cellsOf));
}

/** Every text, with the functions among them called with plain values. */
function textsOf(value: object): string[] {
  return Object.values(value).flatMap((child): string[] => {
    if (typeof child === "string") return [child];
    if (typeof child === "function") return [String(child(2, 3, 4))];
    return typeof child === "object" && child !== null ? textsOf(child) : [];
  });
}

const ASKED = {
  plan: USUAL_PLAN,
  endpoint: "https://api.ai.cloud-temple.com/v1",
  demo: false,
  models: ["granite3.3:2b"],
  prompts: 1,
  bounded: true,
};
const SWEEP_PLAN = {
  ...USUAL_PLAN,
  loads: [1, 4, 16].map(closed),
  requests: null,
  duration_ms: 30_000,
  warmup: { length_ms: 5000 },
  prompt_tokens: 500,
  retries: 2,
};
const RATE_PLAN = { ...USUAL_PLAN, loads: [arriving(2.5)], duration_ms: 60_000, warmup: null };

describe("what is about to be sent", () => {
  test.each(["en", "fr"] as const)("is said in %s, in few short lines", (lang) => {
    const options = { ...LANGS[lang], terminal: true };
    const texts = [
      sayPlan(ASKED, options),
      sayPlan({ ...ASKED, plan: SWEEP_PLAN, prompts: null, models: ["granite3.3:2b", "gemma3:4b"] }, options),
      sayPlan({ ...ASKED, plan: RATE_PLAN, demo: true, prompts: 12 }, options),
    ];
    expect(texts.join("\n")).toMatchSnapshot();
    expect(Math.max(...texts.map(widest))).toBeLessThanOrEqual(80);
  });

  test("has the most tokens that can come, warm-up included, and none where time alone ends it", () => {
    const options = { ...LANGS.en, terminal: true };
    expect(sayPlan(ASKED, options)).toContain("at most 61,200 output tokens");
    expect(sayPlan({ ...ASKED, plan: { ...USUAL_PLAN, loads: [closed(1), closed(2)] } }, options)).toContain("122,400");
    expect(sayPlan({ ...ASKED, plan: SWEEP_PLAN }, options)).not.toContain("output tokens");
  });

  test("calls prompts that nobody has counted the user's own", () => {
    const options = { ...LANGS.en, terminal: true };
    expect(sayPlan({ ...ASKED, prompts: null }, options)).toContain("Your prompts in turn · at most");
  });

  test("obeys no model's name", () => {
    const said = sayPlan({ ...ASKED, models: [HOSTILE] }, { ...LANGS.en, terminal: true });
    expect(said).toContain("gpt␛[31m⟨U+202E⟩␊</script>");
    expect(said).not.toMatch(/[\u001B\u202E]/);
  });
});

describe("the verdict", () => {
  test("is the first line: thresholds, streams and the client", () => {
    const passed = step({ results: [column({ thresholds: [threshold("p95(ttft) < 800ms", 340, 800, true)] })] });
    expect(firstLine(report([passed]))).toBe("✓ 1/1 threshold passed · 200 streams ok, 0 failed · client healthy");
    expect(firstLine(report([passed]), "fr")).toBe("✓ 1/1 seuil respecté · 200 flux réussis, 0 échec · mesure fiable");
  });

  test("has no tick where there are no thresholds", () => {
    expect(firstLine(report())).toBe("– no thresholds given · 200 streams ok, 0 failed · client healthy");
  });

  test("says in its first line that the client limits, and below it by what, by how much, and what to do", () => {
    const limited = report([step({ client: client({ cpu_per_thread: 0.93, worker_lag_p99_ms: 6.2 }) })]);
    expect(firstLine(limited)).toEndWith("0 failed · limited by the client");
    const [, ...below] = result(limited).split("\n\n")[0]?.split("\n") ?? [];
    expect(below.join(" ").replaceAll(/\s+/g, " ")).toBe(
      "Limited by the client (event loop, CPU): TTFT up to 7 ms too high. Use fewer streams or another machine, or run it again.",
    );
    expect(firstLine(limited, "fr")).toEndWith("mesure perturbée");
    expect(result(limited, "fr").replaceAll(/\s+/g, " ")).toContain(
      "Mesure perturbée par le poste de mesure (boucle d’événements, CPU) : TTFT trop élevé de 7 ms au plus. Réduisez le nombre de flux,",
    );
  });

  test("has unfinished streams, missed starts, and that the run is partial or its window too short", () => {
    const text = result(troubled()).split("\n\n")[0];
    for (const part of ["15 unfinished", "12 missed starts", "interrupted", "window too short"])
      expect(text).toContain(part);
  });

  test("has that the answers came in lumps, in its first line, and the trust block says whose the figures are then", () => {
    const lumpy = { reads: 9, lumps: true, slo: [] };
    const runs = [playRun(lumpy), playRun({ ...lumpy, loads: sweep(3) }), playRun({ ...lumpy, models: ["a", "b"] })];
    for (const [lang, first, below] of [
      ["en", "answers in lumps", "something on the way (a proxy, compression)"],
      ["fr", "réponses par paquets", "quelque chose en chemin (proxy, compression)"],
    ] as const) {
      for (const { report: held } of runs) {
        expect(firstLine(held, lang)).toContain(first);
        expect(result(held, lang).replaceAll(/\s+/g, " ")).toContain(below);
        expect(widest(result(held, lang))).toBeLessThanOrEqual(80);
      }
    }
  });

  test("stands alone on demand", () => {
    const options = { ...LANGS.en, paint: createPaint(false), terminal: true };
    expect(renderVerdict(report(), options)).toBe(`${firstLine(report())}\n`);
  });
});

describe("a narrow terminal", () => {
  const WIDTHS = [40, 41, 47, 52, 59, 60, 66, 72, 79, 80];

  test.each(["en", "fr"] as const)("shows every result within its width, in %s", (lang) => {
    for (const [name, make] of Object.entries(SAMPLES))
      for (const columns of WIDTHS) {
        const options = { ...LANGS[lang], paint: createPaint(false), terminal: true, columns };
        const text = renderResult(make(), options);
        expect({ name, columns, wide: text.split("\n").filter((line) => cellsOf(line) > columns) }).toEqual({
          name,
          columns,
          wide: [],
        });
        expect(widest(renderVerdict(make(), options))).toBeLessThanOrEqual(columns);
      }
  });

  test.each(["en", "fr"] as const)("says the plan within its width, in %s", (lang) => {
    for (const columns of WIDTHS)
      for (const plan of [USUAL_PLAN, SWEEP_PLAN, RATE_PLAN])
        expect(widest(sayPlan({ ...ASKED, plan }, { ...LANGS[lang], terminal: true, columns }))).toBeLessThanOrEqual(
          columns,
        );
  });

  test("loses no figure of a sweep, nor of a model", () => {
    const options = { ...LANGS.en, paint: createPaint(false), terminal: true, columns: 40 };
    const title = enBench.sweep.title;
    const headings = renderResult(swept(), options);
    for (const heading of [title.requests, title.tokens, title.ttft50, title.ttft95, title.errors])
      expect(headings).toContain(heading);
  });
});

const SAMPLES: Readonly<Record<string, () => RunReport>> = {
  plain: report,
  troubled,
  "of two models": () => several(["granite3.3:2b", "gemma3:4b"]),
  "of three models": () => several(["granite3.3:2b", "gemma3:4b", "qwen3:8b"]),
  "of a sweep": swept,
};

describe("a model that answered in the place of another", () => {
  const usual = { reads: 9, slo: [], answeredBy: HOSTILE };
  const runs = [playRun(usual), playRun({ ...usual, models: ["a", "b"] })];
  const sweeps = [playRun({ ...usual, models: ["a", "b"], loads: sweep(3) }), playRun({ ...usual, loads: sweep(3) })];

  test.each([
    ["en", "answered by", "Answered by"],
    ["fr", "réponses de", "Réponses de"],
  ] as const)("is named beside it, and nothing of its name is obeyed: %s", (lang, beside, above) => {
    for (const { report: replaced } of [...runs, ...sweeps]) {
      const text = result(replaced, lang);
      expect([beside, above].some((words) => text.includes(words))).toBe(true);
      expect(text).toContain("gpt");
      expect(text).not.toContain("\u001B[31m");
      expect(text).not.toContain("\u202E");
      expect(widest(text)).toBeLessThanOrEqual(80);
    }
  });

  test("is not spoken of where it was the one asked for", () => {
    expect(result(playRun({ reads: 9 }).report)).not.toContain("answered by");
  });
});

describe("the result", () => {
  test.each(Object.entries(SAMPLES))("%s is this, in both languages", (_, make) => {
    for (const lang of ["en", "fr"] as const) {
      expect(result(make(), lang)).toMatchSnapshot();
      expect(widest(result(make(), lang))).toBeLessThanOrEqual(80);
    }
  });

  test.each(["en", "fr"] as const)("in %s fits 80 cells whatever the figures", (lang) => {
    for (const extreme of extremes()) {
      const text = result(extreme, lang);
      expect(text.split("\n").filter((line) => cellsOf(line) > 80)).toEqual([]);
    }
  });

  test.each([
    [9, "–", "–"],
    [19, "–", "–"],
    [20, "p", "–"],
    [99, "p", "–"],
    [100, "p", "p"],
  ])("of %d values has only the percentiles that more than one value says", (count, p95, p99) => {
    const some = { distributions: { ttft_ms: around(212, count), tokens_per_second: around(46.2, count) } };
    const text = result(report([step({ results: [column(some)] })]));
    const cellsIn = (label: string): string[] =>
      (new RegExp(`^${label} +(.*)`, "m").exec(text)?.[1] ?? "").split(/ {2,}/).slice(0, 3);
    for (const label of ["First token \\(TTFT\\)", "Tokens/s"]) {
      const [p50 = "", second = "", third = ""] = cellsIn(label);
      expect([p50 === "–", second === "–", third === "–"]).toEqual([false, p95 === "–", p99 === "–"]);
    }
    // Several models, and steps, say the same.
    const columns = [column({ model: "a", ...some }), column({ model: "b", ...some })];
    const beside = result(report([step({ results: columns })]));
    expect(/^Tokens\/s .*–/m.test(beside)).toBe(p95 === "–");
    const swept = result(report([4, 8].map((load) => step({ load: closed(load), results: [column(some)] }))));
    expect(/^ *4 .*ms +– /m.test(swept)).toBe(p95 === "–");
  });

  test("judges speeds from their slow side", () => {
    for (const made of [report(), several(["a", "b"])]) {
      const lines = result(made).split("\n");
      const speeds = lines.findIndex((line) => line.startsWith("Tokens/s "));
      expect(lines[speeds - 1]).toMatch(/p50 +p5\b/);
      expect(lines.find((line) => /p50 +p95/.test(line))).toBeDefined();
    }
  });

  test("has a row a distribution, and a dash for what does not exist", () => {
    const empty = { ...around(1, 0), left_out: { unfinished: 1, failed: 2, no_value: 197 }, missing: 200 };
    const results = [column({ distributions: { ttfo_ms: empty } })];
    const text = result(report([step({ load: arriving(5), results })]));
    for (const name of DISTRIBUTIONS) expect(text).toContain(`\n${enBench.terms.figure[name].row} `);
    expect(text).toMatch(/\nFirst visible \(TTFO\) +– +– +–\n/);
    expect(text).toContain("2 failed, 1 unfinished, 197 without a value (TTFO)");
  });

  test("of a closed loop says nothing of due times: there a stream is due when it is sent", () => {
    const text = result(report([step()]));
    for (const name of ["latency_from_due_ms", "dispatch_delay_ms"] as const)
      expect(text).not.toContain(`\n${enBench.terms.figure[name].row} `);
  });

  test("marks with ~ what is counted by events, and says for how many streams", () => {
    const text = result(
      report([
        step({ results: [column({ trust: { tokens_source: { usage: 0, events: 200, whole_by_events: 200 } } })] }),
      ]),
    );
    expect(text).toContain("~702 (~760 in the best second)");
    expect(text).toMatch(/\nTokens\/s +~45\.6/);
    expect(text).toContain("by events, marked ~ (200 streams)");
  });

  test("marks no distribution of whole answers for streams that were cut before their usage came", () => {
    const text = result(
      report([
        step({ results: [column({ trust: { tokens_source: { usage: 190, events: 10, whole_by_events: 0 } } })] }),
      ]),
    );
    expect(text).toContain("~702 (~760 in the best second)");
    expect(text).toMatch(/\nTokens\/s +45\.6/);
  });

  test("says each threshold's value in the unit of its figure, and that no samples are no pass", () => {
    const text = result(troubled());
    for (const line of ["p95(ttft) < 800ms            ✓ 340 ms", "error_rate < 1%              ✗ 7.50%"])
      expect(text).toContain(line);
    expect(text).toContain("p50(tokens_per_second) > 30  ✓ 46.2");
    expect(text).toContain("p99(ttfo) < 2s               – no samples");
  });

  test("says from which attempt the first token counts, as soon as there was another", () => {
    expect(result(troubled())).toMatch(/7 \(8\.42 s waited\)\n +TTFT and TTFO count from the first attempt/);
    expect(result(report())).toMatch(/\nRetries +none\n/);
  });

  test("puts models side by side, and in several tables where there are many", () => {
    const heads = (names: readonly string[]) =>
      result(several(names))
        .split("\n")
        .filter((line) => /^ {8,}\S/.test(line) && !line.includes("p95") && names.some((name) => line.includes(name)));
    expect(heads(["alpha", "beta"])).toHaveLength(1);
    expect(heads(["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta"]).length).toBeGreaterThan(1);
  });

  test("names the models of which an error is", () => {
    expect(result(several(["granite3.3:2b", "gemma3:4b"]))).toContain("5 × http 503 (gemma3:4b)");
  });

  test("adds the errors of all steps of a sweep up, the most frequent first", () => {
    const steps = [1, 2].map((n) => step({ load: closed(n), results: [column({ errors: ERRORS })] }));
    const text = result(report(steps));
    expect(text).toMatch(/24 × http 429[\s\S]+ 6 × timeout idle/);
  });

  test("names the knee of a sweep and marks its row", () => {
    const text = result(swept());
    expect(text).toMatch(/\n +16 .*◀\n/);
    expect(text.match(/◀/g)).toHaveLength(2);
    expect(text).toContain("Knee: up to 16 at once");
    const none = { ...swept(), knee: null };
    expect(result({ ...none, steps: none.steps.slice(0, 3) })).toContain("No knee among these steps.");
    // 200 streams are less than 256 places, three times over.
    expect(result(none)).toContain("No knee can be told");
  });

  test("says in a sweep what share of each step met every objective, where there are objectives", () => {
    const shares = [1, 0.975, 0.5, 0, null];
    const steps = swept().steps.map((each, at) => {
      const share = shares[at] ?? null;
      const goodput = { met: 40, share, per_second: share === null ? null : 1.5 };
      return { ...each, results: each.results.map((one) => ({ ...one, goodput })) };
    });
    for (const lang of ["en", "fr"] as const) {
      const text = result({ ...swept(), steps }, lang);
      expect(text).toContain(lang === "en" ? " goodput " : " utile ");
      for (const share of lang === "en" ? ["100%", "97.5%", "50%", "0%"] : ["100 %", "97,5 %"])
        expect(text).toMatch(new RegExp(` ${share} +\\d/\\d `));
      expect(widest(text)).toBeLessThanOrEqual(80);
    }
    expect(result(swept())).not.toContain("goodput");
  });

  test("says under the table of a sweep which steps tried again, and what the first token counts from there", () => {
    const [first, ...others] = swept().steps;
    if (first === undefined) throw new Error("no step");
    const results = first.results.map((one) => ({
      ...one,
      trust: { ...one.trust, retries: 3, retry_wait_ms: 1200, ttft_from: "first_attempt" as const },
    }));
    const text = result({ ...swept(), steps: [{ ...first, results }, ...others] });
    expect(text.match(/Retries 3 \(1\.20 s waited\)\n +TTFT and TTFO count from the first attempt\n/g)).toHaveLength(1);
  });

  test("says under the table of a sweep what went wrong at which step", () => {
    const text = result(swept());
    expect(text).toContain("\n64 at once   ✗ p95(ttft) < 800ms (3.10 s)\n");
    expect(text).toContain("\n256 at once  CPU per thread 97% (limit 80%)");
  });

  test("obeys nothing that comes from outside, and in a pipe keeps it on its line", () => {
    const results = [column({ model: HOSTILE, errors: [{ kind: HOSTILE, count: 1, example: HOSTILE, stream: 0 }] })];
    const hostile = report([step({ results })], { endpoint: HOSTILE });
    expect(result(hostile)).not.toMatch(/[\u001B\u202E]/);
    expect(result(hostile)).toContain("gpt␛[31m⟨U+202E⟩␊</script>");
    expect(result(hostile, "en", false)).toContain('gpt\u001B[31m\u202E </script><img onerror="x">');
  });

  test("says the same with colours", () => {
    for (const make of Object.values(SAMPLES)) {
      const colored = renderResult(make(), { ...LANGS.en, paint: createPaint(true), terminal: true });
      expect(colored).toContain("\u001B[");
      const plain = Bun.stripANSI(colored).replaceAll(/ +\n/g, "\n");
      expect(plain).toBe(result(make()));
    }
  });
});

/** Reports whose every text is as long as it can be. */
function extremes(): RunReport[] {
  const long = "a-model-with-quite-a-name-".repeat(6);
  const text = `p99.99(decode_tokens_per_second) > ${"9".repeat(60)}`;
  const slow = column({
    model: long,
    slower: 3e4,
    failures: 199,
    streams: { warmup: 1e9, started: 4e9, ok: 1e9, failed: 1e9, unfinished: 1e9 },
    error_rate: 0.99999,
    goodput: { met: 1e9, share: 0.123456, per_second: 1e9 },
    requests_per_second: 1e9,
    output_tokens_per_second: 1e12,
    peak_tokens_per_second: 1e12,
    tokens: { output: 1e15, prompt: 1e15, reasoning: 1e15 },
    cost: { amount: 123_456_789, currency: "a currency of its own", streams: 1e9 },
    thresholds: [threshold(text, 1e12, 1, false), threshold("p95(ttft) < 1ms", 1e9, 1, false)],
    errors: Array.from({ length: 30 }, (_, at) => ({
      kind: `kind ${at} ${"日本".repeat(50)}`,
      count: 1e9 - at,
      example: "An example that goes on. ".repeat(40),
      stream: at,
    })),
    trust: {
      tokens_source: { usage: 1e9, events: 1e9, whole_by_events: 1e9 },
      retries: 1e9,
      retry_wait_ms: 1e12,
      stalls: 1e9,
      malformed: 1e9,
      held_ms: 1e12,
      notices: { adapted_max_tokens: 1e9, unknown_finish_reason: 1e9, done_without_reason: 1e9 },
    },
  });
  const broken = client(Object.fromEntries(CLIENT_CHECKS.map((name) => [name, 1e12])));
  const wish = {
    client: broken,
    missed_starts: 1e9,
    window_too_short: true,
    warmup: { streams: 1e9, length_ms: 1e12 },
    window: { start_ms: 0, length_ms: 1e12, drain_ms: 1e12 },
    concurrency: { asked: 65_535, max: 65_535, mean: 65_535, short: true },
  };
  const endpoint = `https://${"host.".repeat(40)}/v1`;
  const others = { endpoint, partial: "threshold" as const };
  const load = arriving(65_535.25);
  const models = [slow, { ...slow, model: "日本語のモデル".repeat(5) }, { ...slow, model: null }];
  return [
    report([step({ ...wish, load, results: [slow] })], others),
    report([step({ ...wish, load, results: models })], others),
    report(
      Array.from({ length: 30 }, () => step({ ...wish, load, results: models })),
      { ...others, knee: 3 },
    ),
  ];
}

describe("the shape of a distribution", () => {
  test("has a bar for each part from the smallest value to the largest, and gaps where nothing is", () => {
    const shape = shapeOf(around(200).hdr, 12);
    expect(cellsOf(shape)).toBe(12);
    expect(shape[0]).not.toBe(" ");
    expect(shape.at(-1)).not.toBe(" ");
    expect(shape).toContain("█");
  });

  test("is empty without values, without spread, and without room", () => {
    expect(shapeOf(null, 12)).toBe("");
    expect(shapeOf(around(200, 1).hdr, 12)).toBe("");
    expect(shapeOf(around(200).hdr, 0)).toBe("");
  });
});

describe("a run where nothing can be redrawn", () => {
  test.each(["en", "fr"] as const)("is told in %s in one plain line every ten seconds", async (lang) => {
    let time = 0;
    const written: string[] = [];
    const sink = { write: (text: string) => void written.push(text), terminal: false, color: false };
    const lines = createBenchLines({ sink, ...LANGS[lang], now: () => time });
    for (; time <= 31_000; time += 1000)
      await lines.progress(progress({ missed_starts: 2, client: client({ held_ms: 4 }) }));
    expect(written).toHaveLength(3);
    expect(written[0]).toMatchSnapshot();
    expect(written.filter((line) => /\u001B|\n./.test(line))).toEqual([]);
  });
});

describe("what a server says of its own work", () => {
  const told = { streams: 60, serverTells: true } as const;

  test.each(["en", "fr"] as const)("stands in %s beside what was measured, and what lies between", (lang) => {
    const text = result(playRun(told).report, lang);
    const said = text.match(/^(Prompt cache|Cache du prompt|Server|Serveur).*(\n {10}.*)*/gm)?.join("\n") ?? "";
    expect(said).toMatchSnapshot();
    if (lang === "fr") expect(typographyProblems(said.replaceAll(/ {2,}/g, "\n"))).toEqual([]);
    expect(widest(text)).toBeLessThanOrEqual(80);
  });

  test("stands apart for each model", () => {
    const text = result(playRun({ ...told, models: ["a", "b"] }).report);
    expect(text).toMatch(/^Server \(means\) +a · queue 15\.0 ms/m);
    expect(text).toMatch(/^Server \(means\) +b · queue 15\.0 ms/m);
    expect(text.match(/^Server/gm)).toHaveLength(2);
    expect(text).toMatch(/^Prompt cache +50% +50% +50%$/m);
  });

  test.each(["en", "fr"] as const)("has in %s a column for its queue in a sweep", (lang) => {
    const [with_, without] = [true, false].map((serverTells) =>
      result(playRun({ streams: 60, loads: sweep(3), serverTells }).report, lang),
    );
    const head = { en: "queue", fr: "file" }[lang];
    expect(with_).toContain(` ${head} `);
    expect(without).not.toContain(` ${head} `);
  });

  test("is said to be more than passed here where it is", () => {
    const { report } = playRun(told);
    const change = (network_and_client_ms: { mean: number; count: number } | null): RunReport => ({
      ...report,
      steps: report.steps.map((one) => ({
        ...one,
        results: one.results.map((of) => {
          const { server } = of;
          return server === null || server === undefined ? of : { ...of, server: { ...server, network_and_client_ms } };
        }),
      })),
    });
    expect(result(change({ mean: -3, count: 60 }))).toContain("it counts more than passed here");
    expect(result(change(null))).not.toMatch(/network|passed here/);
  });

  test("is not there where it says nothing", () => {
    expect(result(playRun({ streams: 60 }).report)).not.toMatch(/^(Server|Prompt cache)/m);
  });
});

describe("the API that was spoken", () => {
  test.each([
    ["en", "responses API"],
    ["fr", "API responses"],
  ] as const)("is named in %s where it is not chat", (lang, name) => {
    const { report } = playRun({ streams: 60 });
    expect(result({ ...report, api: "responses" }, lang)).toContain(name);
    expect(result({ ...report, api: "chat" }, lang)).toBe(result(report, lang));
    expect(result(report, lang)).not.toContain("API ");
    expect(result({ ...report, api: HOSTILE }, lang)).not.toMatch(/[\u001B\u202E]/);
    const plan = (api: "chat" | "messages"): string => sayPlan({ ...ASKED, api }, { ...LANGS[lang], terminal: true });
    expect(plan("messages")).toContain(lang === "fr" ? "API messages" : "messages API");
    expect(plan("chat")).toBe(sayPlan(ASKED, { ...LANGS[lang], terminal: true }));
  });
});

describe("the words of a measured load", () => {
  test("differ between the languages, but names that are the field's own", () => {
    const [english, french] = [textsOf(enBench), textsOf(frBench)];
    const same = english.filter((text, at) => text !== "" && text === french[at]);
    expect(new Set(same)).toMatchSnapshot();
    expect(french).toHaveLength(english.length);
  });

  test("in French keep the rules of French typography", () => {
    expect(textsOf(frBench).flatMap((text) => typographyProblems(text.trim()))).toEqual([]);
    for (const make of Object.values(SAMPLES)) {
      const prose = result(make(), "fr")
        .split("\n")
        .map((line) => line.trim().replaceAll(/ {2,}/g, "\t"));
      expect(
        prose
          .filter((line) => !/^(The|No) /.test(line))
          .flatMap((line) => typographyProblems(line.replaceAll("\t", " "))),
      ).toEqual([]);
    }
  });

  test("have labels that leave room for the figures", () => {
    for (const { row, terms } of [enBench, frBench]) {
      const labels = [...Object.values(row.label), ...Object.values(terms.figure).map((term) => term.row)];
      expect(labels.filter((label) => cellsOf(label) > 24)).toEqual([]);
    }
  });
});

describe("--help-numbers", () => {
  test.each(["en", "fr"] as const)("explains in %s every figure, in 80 cells", async (lang) => {
    const text = await renderNumbers(lang);
    expect(text).toMatchSnapshot();
    expect(widest(text)).toBeLessThanOrEqual(80);
    const client = text.slice(text.lastIndexOf("\n\n"));
    for (const name of CLIENT_CHECKS) expect(client).toContain(`\n  ${name} `);
    // What stands beside goodput is explained with it.
    const names = Object.keys(FIGURES).filter((name) => name !== "goodput_per_second");
    for (const name of names) expect(text).toContain(`\n  ${name} `);
  });

  test("in French keeps the rules of French typography", () => {
    expect(textsOf(frBench.terms.help).flatMap(typographyProblems)).toEqual([]);
  });
});
