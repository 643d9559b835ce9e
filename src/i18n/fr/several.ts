import type { enSeveral } from "../en/several.ts";
import { frTerms } from "./terms.ts";

export const frSeveral = {
  comparison: {
    streams: "Flux",
    answeredBy: "Réponses de",
    figure: frTerms.compared,
    mean: "moyenne de chaque chiffre",
    best: "★ le meilleur",
    difference: "% : écart avec le meilleur",
    unsure: "sans ★ : moins de 5 flux par modèle, moins de 2 % d’écart, ou un effet possible du hasard",
    partly: (count, streams) => `(${count}/${streams}) : moyenne de ${count} flux sur ${streams}`,
    estimated: "~ : compté par événements",
  },
  waterfall: {
    title: (streams) => `Chronologie de ${streams} flux`,
    left: (shown, streams, failed) =>
      `${shown} montrés sur ${streams} : échecs, extrêmes et échantillon régulier${failed === null ? "" : ` (${failed} autres échecs)`}`,
    phase: {
      waiting: "attente",
      retrying: "attente d’un nouvel essai",
      thinking: "réflexion",
      stalled: "pause longue",
    },
    tokens: (fastest) => (fastest === null ? "tokens" : `tokens, jusqu’à ${fastest}/s`),
  },
  panes: {
    state: { waiting: "attente", thinking: "réflexion", streaming: "réponse", stalled: "pause" },
    retrying: (attempt, wait) => `essai ${attempt} dans ${wait}`,
    tokens: (count) => `${count} tokens`,
    speed: (perSecond) => `${perSecond} tok/s`,
    ttft: (time) => `TTFT ${time}`,
    done: (count, total) => (total === null ? `${count} terminés` : `${count}/${total} terminés`),
    running: (count) => `${count} en cours`,
    failed: (count) => `${count} en échec`,
    left: (time) => `reste ~${time}`,
    columns: { number: "n°", model: "modèle", tokens: "tok", speed: "tok/s", pace: "débit", text: "derniers mots" },
  },
  concurrency: (asked, max, mean) =>
    `Requêtes simultanées : ${asked} ${asked === "1" ? "demandée" : "demandées"}, ${max} au plus, ${mean} en moyenne`,
  short:
    "Il y a eu moins de requêtes simultanées que demandé : le poste de mesure n’a pas suivi, et ses chiffres sont plus lents que la réalité.",
  total: (cost) => `Coût total : ${cost}`,
  inLumps: (lumpy, streams) =>
    `Réponses arrivées par paquets : ${lumpy} sur ${streams}. Quelque chose en chemin (proxy, compression) les retient : le premier token et les intervalles sont les siens, pas ceux du modèle.`,
  failures: {
    line: (who, what) => `${who}\u00A0: ${what}`,
    of: (count, streams) => `${count} sur ${streams}`,
    more: (count) => ` … et ${count} ${count === "1" ? "autre" : "autres"}`,
    left: (kinds) =>
      `… et ${kinds} ${kinds === "1" ? "autre sorte" : "autres sortes"} d’échecs : --records les a toutes.`,
  },
  answersLeft: (count) =>
    `${count} autres réponses étaient trop longues pour attendre la fin : --records les garde toutes.`,
} satisfies typeof enSeveral;
