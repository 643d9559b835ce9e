import type { FailureOf } from "../../stream/event.ts";
import { frNumbers } from "../numbers.ts";
import { words, type Words } from "../say.ts";

const { count } = frNumbers;

const mebibytes = (units: number): string => `${units / 1024 / 1024} Mio`;

const SENTENCES: Record<FailureOf<"oversize">["reason"], (limit: number) => string> = {
  event: (limit) => `Le serveur a envoyé un événement de plus de ${mebibytes(limit)}.`,
  depth: (limit) => `Le serveur a envoyé du JSON imbriqué sur plus de ${count(limit)} niveaux.`,
  values: (limit) => `Le serveur a envoyé un événement de plus de ${count(limit)} valeurs JSON.`,
  tool_calls: (limit) => `La réponse contient plus de ${count(limit)} appels d’outils.`,
  arguments: (limit) => `Les arguments des appels d’outils de la réponse dépassent ${mebibytes(limit)}.`,
  refusal: (limit) => `Le refus dépasse ${mebibytes(limit)}.`,
};

/** What is said of an answer of which there is more than is read. */
export function oversize({ reason, limit }: FailureOf<"oversize">): Words {
  return words(SENTENCES[reason](limit), "La suite de la réponse n’est pas lue ; ce qui est arrivé est gardé.");
}
