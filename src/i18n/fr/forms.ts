import { frNumbers } from "../numbers.ts";
import type { enForms } from "../en/forms.ts";

const { counted } = frNumbers;

/** The other forms of a report in French. */
export const frForms = {
  broken: (threshold, value, samples) =>
    `${threshold} : seuil dépassé, ${value} mesuré (${counted(samples, "valeur")}).`,
  answers: "au moins une réponse complète",
  more: (rows) => `… et ${rows} autres lignes : les rapports .json et .csv les ont toutes.`,
} satisfies typeof enForms;
