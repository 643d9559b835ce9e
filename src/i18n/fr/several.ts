import type { enSeveral } from "../en/several.ts";
import { frTerms } from "./terms.ts";

export const frSeveral = {
  comparison: {
    streams: "Flux",
    answeredBy: "Réponses de",
    figure: frTerms.compared,
    mean: "moyenne de chaque mesure",
    best: "★ la meilleure",
    difference: "%\u00A0: écart avec la meilleure",
    partly: (count, streams) => `(${count}/${streams})\u00A0: moyenne de ${count} flux sur ${streams}`,
    estimated: "~\u00A0: compté par événements",
  },
  waterfall: {
    title: (streams) => `Où le temps est passé\u00A0: ${streams} flux`,
    left: (shown, streams, failed) =>
      `${shown} montrés sur ${streams}\u00A0: échecs, extrêmes et échantillon régulier${failed === null ? "" : ` (${failed} autres échecs)`}`,
    phase: { waiting: "attente", retrying: "attente d’un nouvel essai", thinking: "réflexion", stalled: "blocage" },
    tokens: (fastest) => (fastest === null ? "tokens" : `tokens, jusqu’à ${fastest}/s`),
  },
  panes: {
    state: { waiting: "attente", thinking: "réflexion", streaming: "réponse", stalled: "blocage" },
    retrying: (attempt, wait) => `essai ${attempt} dans ${wait}`,
    tokens: (count) => `${count} tokens`,
    speed: (perSecond) => `${perSecond} tok/s`,
    ttft: (time) => `1er token ${time}`,
    done: (count, total) => (total === null ? `${count} terminés` : `${count}/${total} terminés`),
    running: (count) => `${count} en cours`,
    failed: (count) => `${count} en échec`,
    left: (time) => `reste ~${time}`,
    columns: { number: "n°", model: "modèle", tokens: "tok", speed: "tok/s", pace: "débit", text: "derniers mots" },
  },
  concurrency: (asked, max, mean) =>
    `Flux simultanés\u00A0: ${asked} ${asked === "1" ? "demandé" : "demandés"}, ${max} au plus, ${mean} en moyenne`,
  short:
    "Moins de flux ont tourné que demandé\u00A0: cette machine n’a pas suivi, et ses chiffres sont plus lents que la réalité.",
  total: (cost) => `Coût total : ${cost}`,
  inLumps: (lumpy, streams) =>
    `Réponses arrivées par paquets : ${lumpy} sur ${streams}. Quelque chose en chemin (proxy, compression) les retient : le premier token et les intervalles sont les siens, pas ceux du modèle.`,
  notesLeft: (count) => `… et ${count} autres du même genre : --records les a tous.`,
  answersLeft: (count) =>
    `${count} autres réponses étaient trop longues pour attendre la fin\u00A0: --records les garde toutes.`,
} satisfies typeof enSeveral;
