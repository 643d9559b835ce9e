import type { enCompare } from "../en/compare.ts";
import { frNumbers } from "../numbers.ts";
import { frTerms } from "./terms.ts";
import { sayLoad, sayShifts, sourceOf } from "../say.ts";

const { count, counted, number, duration } = frNumbers;

function size(share: number): string {
  const percent = Math.abs(share) * 100;
  return percent < 9.95 ? percent.toFixed(1).replace(".", ",") : count(percent);
}

function share(of: number): string {
  return `${Math.round(of * 100)}\u202F%`;
}

const SOURCE = { usage: "usage", events: "événements" } as const;

export const frCompare = {
  number,
  count,
  duration,
  terms: frTerms,
  verdict: {
    better: (list) => `B est meilleur que A : ${list}`,
    worse: (list) => `B est moins bon que A : ${list}`,
    mixed: (better, worse) => `Résultat mitigé : B est meilleur que A pour ${better} ; moins bon pour ${worse}`,
    no_difference: "Aucune différence constatée entre A et B.",
    not_enough: (a, b) => `Trop peu pour conclure : il faut 30 flux par côté, A en a ${a} et B ${b}.`,
    not_judged: "Rien ne peut être jugé : mesures trop courtes ou trop peu nombreuses pour écarter le hasard.",
    nothing: "Rien à comparer : A et B n’ont aucune charge en commun avec un même modèle.",
  },
  mean: "moy.",
  thisRun: "cette mesure",
  side: (name, paths) => `${name} : ${paths}`,
  word: {
    better: "mieux",
    worse: "moins bien",
    no_difference: "pas d’écart",
    not_enough: "trop peu",
    not_judged: "non jugé",
  },
  doubtful: (word) => `${word} ?`,
  columns: { change: "écart", interval: "à 95 %" },
  percent: (share) => `${size(share)}\u202F%`,
  signed: (share) => (size(share) === "0,0" ? "0,0" : `${share < 0 ? "−" : "+"}${size(share)}`),
  unit: { relative: "\u202F%", points: "\u202Fpt" },
  streams: (a, b) => `${a} flux contre ${b}`,
  runs: (a, b) => `${counted(a, "mesure")} contre ${count(b)}`,
  method: {
    bootstrap: "intervalles par bootstrap sur des blocs de temps",
    welch: "intervalles par le t de Welch sur les mesures",
  },
  legend: {
    primary: "● ces chiffres décident du verdict",
    chance: "? parmi tant de chiffres, le hasard peut y suffire",
    left: (left) => (left === "1" ? "un autre chiffre : --all" : `les ${left} autres chiffres : --all`),
  },
  note: {
    same_run: ({ a, b }) =>
      a === b
        ? `${a} est des deux côtés : une mesure ne diffère pas d’elle-même.`
        : `${a} dans A et ${b} dans B sont la même mesure.`,
    one_run: () =>
      "Une mesure par côté : l’écart d’une mesure à l’autre est inconnu, et peut dépasser ces intervalles. Pour le savoir, faites trois mesures de chaque côté.",
    few_runs: ({ a, b }) =>
      `${counted(a, "mesure")} contre ${count(b)} : à partir de trois par côté, on sait combien les mesures diffèrent entre elles ; avec moins, leurs blocs de temps sont mis en commun.`,
    tokens_source: ({ by_events: { a, b } }) => {
      const [inA, inB] = [sourceOf(a), sourceOf(b)];
      const counted =
        inA === null || inB === null
          ? `par événements dans ${share(a)} des réponses de A et ${share(b)} de celles de B`
          : `par ${SOURCE[inA]} dans A et par ${SOURCE[inB]} dans B`;
      return `Les tokens sont comptés ${counted} : les débits en tokens et le TPOT ne se comparent pas.`;
    },
    in_lumps: ({ side }) =>
      `Les réponses de ${side.toUpperCase()} sont arrivées par paquets : quelque chose en chemin (proxy, compression) les a retenues, si bien que TTFT, intervalles et TPOT ne se comparent pas.`,
    plan_differs: ({ what, a, b }) => `Les mesures ne sont pas semblables : ${PLAN[what]} ${a} dans A, ${b} dans B.`,
    models_differ: ({ a, b }) => `Deux modèles sont comparés : A est ${a}, B est ${b}.`,
    other_model: ({ side, asked, answered }) =>
      `Dans ${side.toUpperCase()}, ${asked} était demandé, et ${answered.join(", ")} a répondu.`,
    load_alone: ({ side, load: asked }) =>
      `Seulement dans ${side.toUpperCase()}, non comparé : ${sayLoad(frTerms, asked)}.`,
    model_alone: ({ side, load: asked, model }) =>
      `Seulement dans ${side.toUpperCase()}, non comparé : ${model ?? frTerms.allModels}, ${sayLoad(frTerms, asked)}.`,
    partial: ({ side, why }) =>
      `Une mesure de ${side.toUpperCase()} s’est arrêtée avant la fin (${frTerms.partial[why].name}).`,
    missed_starts: ({ side, count: missed }) =>
      `${count(missed)} ${missed < 2 ? "départ manqué" : "départs manqués"} dans ${side.toUpperCase()} : la charge y était moindre que demandé.`,
    window_too_short: ({ side }) =>
      `La fenêtre de ${side.toUpperCase()} était trop courte : sa fin a coupé plus de 5\u202F% des flux, ou la plupart finissent après elle.`,
    client_limited: ({ side, by, disturbance = null }) =>
      `La mesure de ${side.toUpperCase()} a été perturbée par le poste de mesure${by.length === 0 ? "" : ` (${by.map((name) => frTerms.check[name].name).join(", ")})`}${disturbance === null ? "" : ` : ${sayShifts(frTerms, disturbance, frNumbers) ?? "ampleur inconnue"}`}. Ses chiffres décrivent ce poste plus que le service : réduisez le nombre de flux, changez de machine, ou recommencez.`,
    others_differ: ({ figures }) =>
      `Aucun des chiffres qui décident ne diffère, mais ceux-ci diffèrent, au-delà du hasard : ${figures.join(", ")}.`,
  },
  failIf: {
    line: (text, result) => `${text} : ${result}`,
    passed: (change) => `respecté : ${change}`,
    worse: (change) => `dépassé : ${change}`,
    undecided: (change) => `indécis : ${change} ; trop près de la limite, le poste ayant perturbé une mesure`,
    certain: (bound) => (bound === null ? "rien de certain (confiance 95 %)" : `au moins ${bound} (confiance 95 %)`),
    fromZero: { better: "mieux que 0", worse: "moins bien que 0" },
    why: {
      no_data: "non vérifié : il n’y a rien à comparer",
      not_enough: "non vérifié : moins de 30 flux de chaque côté",
      no_interval:
        "non vérifié : aucun intervalle de confiance ne peut être calculé ici ; --strict juge sur l’estimation",
    },
  },
} satisfies typeof enCompare;

const PLAN = {
  endpoint: "endpoint",
  api: "API",
  requests: "--requests",
  duration_ms: "--duration",
  max_tokens: "--max-tokens",
  prompt_tokens: "--prompt-tokens",
  retries: "--retries",
  warmup: "--warmup",
  arrival: "--arrival",
  max_in_flight: "--max-in-flight",
  objectives: "objectifs du débit utile (goodput)",
  machine: "machine",
  version: "version de llmaas",
} as const;
