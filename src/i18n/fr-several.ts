import { frNumbers } from "./numbers.ts";
import type { SeveralWords } from "./several.ts";

export const frSeveral: SeveralWords = {
  comparison: {
    streams: "Flux",
    figure: {
      ttft: "Premier token",
      speed: "Tokens/s",
      steady: "Tokens/s établi",
      duration: "Durée",
      tokens: "Tokens",
      gap_p50: "Intervalle méd.",
      gap_p99: "Intervalle p99",
      stalls: "Blocages",
      cost: (currency) => `Coût (${currency})`,
    },
    amount: frNumbers.amount,
    percent: (share) => `${frNumbers.signedPercent(share)}\u00A0%`,
    mean: "moyenne de chaque mesure",
    best: "★ la meilleure",
    difference: "%\u00A0: écart avec la meilleure",
    partly: "(4/5)\u00A0: moyenne de 4 flux sur 5",
    estimated: "~\u00A0: compté par événements",
  },
  waterfall: {
    title: (streams) => `Où le temps est passé\u00A0: ${streams} flux`,
    left: (shown, streams, failed) =>
      `${shown} montrés sur ${streams}\u00A0: échecs, extrêmes et échantillon régulier${failed === null ? "" : ` (${failed} autres échecs)`}`,
    phase: { waiting: "attente", retrying: "attente d’un nouvel essai", thinking: "réflexion", stalled: "blocage" },
    tokens: (fastest) => (fastest === null ? "tokens" : `tokens, jusqu’à ${fastest}/s`),
    seconds: (value, digits) => `${value.toFixed(digits).replace(".", ",")}\u00A0s`,
  },
  concurrency: (asked, max, mean) => `Flux simultanés\u00A0: ${asked} demandés, ${max} au plus, ${mean} en moyenne`,
  short:
    "Moins de flux ont tourné que demandé\u00A0: cette machine n’a pas suivi, et ses chiffres sont plus lents que la réalité.",
  answersLeft: (count) =>
    `${count} autres réponses étaient trop longues pour attendre la fin\u00A0: --records les garde toutes.`,
};
