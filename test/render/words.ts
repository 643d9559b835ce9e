import { en as enMessages } from "../../src/i18n/en.ts";
import { fr as frMessages } from "../../src/i18n/fr.ts";
import type { Numbers } from "../../src/i18n/numbers.ts";
import type { ComparisonWords } from "../../src/render/comparison-rows.ts";
import type { WaterfallWords } from "../../src/render/waterfall.ts";

function amount({ number }: Numbers, decimal: string): (value: number) => string {
  return (value) => {
    if (value === 0 || value >= 0.1) return value === 0 ? "0" : number(value);
    return value.toFixed(Math.min(12, 2 - Math.floor(Math.log10(value)))).replace(".", decimal);
  };
}

/** `+12` or `−12`, with the minus sign of mathematics. */
function signed({ count }: Numbers, decimal: string, share: number): string {
  const size = Math.abs(share) * 100;
  return `${share < 0 ? "−" : "+"}${size < 0.95 ? size.toFixed(1).replace(".", decimal) : count(size)}`;
}

const enComparison: ComparisonWords = {
  streams: "Streams",
  figure: {
    ttft: "First token",
    speed: "Tokens/s",
    steady: "Steady tokens/s",
    duration: "Duration",
    tokens: "Tokens",
    gap_p50: "Gap, median",
    gap_p99: "Gap, p99",
    stalls: "Stalls",
    cost: (currency) => `Cost (${currency})`,
  },
  amount: amount(enMessages, "."),
  percent: (share) => `${signed(enMessages, ".", share)}%`,
  mean: "mean of each figure",
  best: "★ the best",
  difference: "%: difference from the best",
  partly: "(4/5): mean of 4 streams out of 5",
  estimated: "~: counted by events",
};

const frComparison: ComparisonWords = {
  streams: "Streams",
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
  amount: amount(frMessages, ","),
  percent: (share) => `${signed(frMessages, ",", share)}\u00A0%`,
  mean: "moyenne de chaque mesure",
  best: "★ la meilleure",
  difference: "%\u00A0: écart avec la meilleure",
  partly: "(4/5)\u00A0: moyenne de 4 streams sur 5",
  estimated: "~\u00A0: compté par événements",
};

const enWaterfall: WaterfallWords = {
  title: (streams) => `Where the time went: ${streams} streams`,
  left: (shown, streams, failed) =>
    `${shown} of ${streams} shown: failures, extremes, an even sample${failed === null ? "" : ` (${failed} more failed)`}`,
  phase: { waiting: "waiting", retrying: "wait before a retry", thinking: "thinking", stalled: "stall" },
  tokens: (fastest) => (fastest === null ? "tokens" : `tokens, up to ${fastest}/s`),
  seconds: (value, digits) => `${value.toFixed(digits)} s`,
};

const frWaterfall: WaterfallWords = {
  title: (streams) => `Où le temps est passé\u00A0: ${streams} streams`,
  left: (shown, streams, failed) =>
    `${shown} montrés sur ${streams}\u00A0: échecs, extrêmes et échantillon régulier${failed === null ? "" : ` (${failed} autres échecs)`}`,
  phase: { waiting: "attente", retrying: "attente d’un nouvel essai", thinking: "réflexion", stalled: "blocage" },
  tokens: (fastest) => (fastest === null ? "tokens" : `tokens, jusqu’à ${fastest}/s`),
  seconds: (value, digits) => `${value.toFixed(digits).replace(".", ",")}\u00A0s`,
};

export const en = { ...enMessages, comparison: enComparison, waterfall: enWaterfall };
export const fr = { ...frMessages, comparison: frComparison, waterfall: frWaterfall };
